"""Chains of listings that have stopped leading anywhere.

Every listing that a server could make up for ever (`canon.pattern_of`) notes in its hops whether
the page that led to it had anything new: "L" if so, "B", barren, if not. A chain may be barren for
`MOST` pages, as where two listings show the same documents for a while; then it is not followed
any further. That a pattern may have so many members and no more is the frontier's own last guard.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from crawler.frontier.canon import pattern_of
from crawler.frontier.record import Outcome, Record
from crawler.items import Issue, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

BARREN, FRUITFUL = "B", "L"
MOST = 30


def parted(records: Iterable[Record]) -> tuple[list[Record], list[Record]]:
    """What is queued in any case, and the listings whose turn depends on what came of that."""
    sure: list[Record] = []
    doubtful: list[Record] = []
    for record in records:
        linked = record.kind == Kind.LISTING and record.hops.endswith(FRUITFUL)
        (doubtful if linked and record.pattern() else sure).append(record)
    return sure, doubtful


def onward(
    sure: Sequence[Record], outcomes: Sequence[Outcome], doubtful: Sequence[Record]
) -> tuple[list[Record], list[Issue]]:
    """Which doubtful listings of a page are queued as well, and the traps that the others are."""
    if any(map(_is_fruit, sure, outcomes)):
        return list(doubtful), []
    barren = [_after_barren(record) for record in doubtful]
    says = f"{MOST} pages in a row led to nothing new: no further one is followed"
    cut = [record for record in barren if _barren_pages(record) > MOST]
    return [record for record in barren if _barren_pages(record) <= MOST], _traps(cut, says)


def full(records: Sequence[Record], outcomes: Sequence[Outcome]) -> list[Issue]:
    """The traps among records that were refused because so many of their kind are known."""
    cut = [r for r, said in zip(records, outcomes, strict=True) if said == Outcome.TRAP]
    return _traps(cut, "there are too many of them: no further one is followed")


def _traps(cut: Iterable[Record], says: str) -> list[Issue]:
    patterns = dict.fromkeys(record.pattern() for record in cut)
    return [Issue("trap", says, f"http://{pattern}") for pattern in patterns]


def _is_fruit(record: Record, outcome: Outcome) -> bool:
    """Something new, other than robots.txt and what a trap may make up as it makes up listings."""
    if outcome not in {Outcome.NEW, Outcome.SPILL} or record.kind == Kind.ROBOTS:
        return False
    return not pattern_of(record.url)


def _after_barren(record: Record) -> Record:
    hops = record.hops.removesuffix(FRUITFUL) + BARREN
    return msgspec.structs.replace(record, hops=hops)


def _barren_pages(record: Record) -> int:
    """How many pages before this one, without a fruitful one between, led to nothing new."""
    hops = record.hops.replace("R", "")
    return len(hops) - len(hops.rstrip(BARREN))
