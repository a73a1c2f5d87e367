"""How a crawl stands: its groups summed up, and how long what waits takes at least."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crawler.frontier.state import GroupState

AT_REST = {"exhausted", "retired", "blocked", "paused"}  # not leased from before someone acts


@dataclass(frozen=True, slots=True)
class Outlook:
    """A crawl's groups, summed up."""

    states: Counter[str]  # groups by their state
    waiting: int  # records queued, delayed or in flight
    seconds: float  # at least so long; links may be found, and servers may be slow

    @classmethod
    def of(cls, groups: Iterable[GroupState]) -> Outlook:
        """Groups are fetched side by side, so the slowest decides how long all take."""
        states, waiting, longest = Counter[str](), 0, 0.0
        for group in groups:
            left = pending(group)
            states[group.state] += 1
            waiting += left
            if group.state not in AT_REST:
                longest = max(longest, _seconds(group, left))
        return cls(states, waiting, longest)


def pending(group: GroupState) -> int:
    """Records of a group that are queued, delayed or in flight."""
    return sum(group.queued) + group.delayed + len(group.leases)


def _seconds(group: GroupState, left: int) -> float:
    each = max(group.delay_ms, group.average_ms) / max(1, group.concurrency)
    return (max(0, group.until_ms - group.now_ms) + left * each) / 1000


def spell(seconds: float) -> str:
    """`42s`, `2m41s`, `3h05m`."""
    minutes, rest = divmod(round(seconds), 60)
    if minutes >= 60:
        return f"{minutes // 60}h{minutes % 60:02}m"
    return f"{minutes}m{rest:02}s" if minutes else f"{rest}s"
