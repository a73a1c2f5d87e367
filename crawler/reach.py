"""How far portals were reached, and by which way: what cannot be reached from here is not gone.

A journal has the outcome of every attempt. `of_lines` sums them up for one crawl, which keeps it in
its `summary.json`; `history` reads those of a store.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# What one attempt says of the portal, most telling first; of others the one met most often.
TELLING = ("ok", "moved", "gone", "challenge", "error")
STATES = {
    **dict.fromkeys(("ok", "moved", "gone", "error", "egress"), ""),
    "challenge": "blocked",
}


def state_of(outcome: str) -> str:
    """ok, moved, gone, blocked, error, egress, or unreachable for all that never answered."""
    return STATES.get(outcome, "unreachable") or outcome


@dataclass(frozen=True, slots=True)
class Reach:
    """What became of the attempts at one portal by one way, in one crawl or several alike."""

    egress: str
    outcome: str  # of the portal as a whole: ok, moved, gone, challenge, error, egress, dns, …
    since: str  # RFC 3339, UTC: the first attempt with an outcome of this state
    tried: str  # the last attempt
    attempts: Mapping[str, int]  # of the last crawl, by outcome

    @property
    def state(self) -> str:
        return state_of(self.outcome)

    @property
    def away(self) -> bool:
        """Whether nothing can be said of what the portal shows today."""
        return self.state not in {"ok", "moved", "gone"}


def of_lines(lines: Iterable[Mapping[str, Any]]) -> dict[str, list[Reach]]:
    """By portal, from the lines of a journal; the way that was tried last stands last."""
    tries: dict[tuple[str, str], _Tries] = {}
    for line in lines:
        if line.get("outcome"):
            key = line["portal"], line["egress"]
            tries.setdefault(key, _Tries(line["settled"])).add(line)
    found: defaultdict[str, list[Reach]] = defaultdict(list)
    for (portal, egress), made in sorted(tries.items(), key=lambda one: one[1].last):
        attempts = dict(made.robots + made.pages)
        found[portal].append(Reach(egress, made.outcome, made.first, made.last, attempts))
    return dict(found)


@dataclass(slots=True)
class _Tries:
    first: str
    last: str = ""
    robots: Counter[str] = field(default_factory=Counter)
    pages: Counter[str] = field(default_factory=Counter)

    def add(self, line: Mapping[str, Any]) -> None:
        self.last = line["settled"]
        (self.robots if line["kind"] == "robots" else self.pages)[line["outcome"]] += 1

    @property
    def outcome(self) -> str:
        """Of the portal as a whole: a robots.txt alone says only that it answers."""
        outcomes = self.pages or self.robots
        telling = next((one for one in TELLING if one in outcomes), "")
        return telling or outcomes.most_common(1)[0][0]


def history(summaries: Iterable[Mapping[str, Any]]) -> dict[str, list[Reach]]:
    """By portal, from what crawls came to, in whatever order; the way tried last stands last."""
    tries: defaultdict[tuple[str, str], list[Reach]] = defaultdict(list)
    for said in summaries:
        for run in said["portals"]:
            for one in run.get("reach", ()):
                tries[run["portal"], one["egress"]].append(Reach(**one))
    found: defaultdict[str, list[Reach]] = defaultdict(list)
    for (portal, _), made in tries.items():
        found[portal].append(_joined(sorted(made, key=lambda one: one.tried)))
    return {name: sorted(ways, key=lambda one: one.tried) for name, ways in found.items()}


def _joined(made: list[Reach]) -> Reach:
    """The last, since when it has been so."""
    last = made[-1]
    since = last.since
    for earlier in reversed(made):
        if earlier.state != last.state:
            break
        since = earlier.since
    return Reach(last.egress, last.outcome, since, last.tried, last.attempts)
