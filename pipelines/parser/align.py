"""Rows whose labels are lost, placed by their position between rows whose labels are not."""

from __future__ import annotations

import itertools
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.parser.labels import Wanted


@dataclass(frozen=True, slots=True)
class Alignment:
    """For each row the index of its template row, or None; `lost` rows were placed by position."""

    places: tuple[int | None, ...]
    lost: tuple[int, ...]
    unplaced: tuple[int, ...]


def align(labels: Sequence[str], template: Sequence[Wanted]) -> Alignment:
    """Place `labels` ("" where lost) in `template`: anchors first, then what lies between them.

    Between two anchors, as many lost labels as there are unused template rows are assigned in
    order; any other number is left alone, because then nobody can tell which row is missing.
    """
    places: list[int | None] = [_match(label, template) for label in labels]
    _keep_monotone(places)
    anchors = [-1, *(row for row, place in enumerate(places) if place is not None), len(labels)]
    lost: list[int] = []
    for before, after in itertools.pairwise(anchors):
        first = 0 if before < 0 else (places[before] or 0) + 1
        end = places[after] if after < len(labels) else len(template)
        rows = range(before + 1, after)
        if rows and end is not None and len(rows) == end - first:
            lost.extend(rows)
            places[before + 1 : after] = range(first, end)
    if not lost:
        _place_strays(places, labels, template)
    unplaced = tuple(row for row, place in enumerate(places) if place is None)
    return Alignment(tuple(places), tuple(lost), unplaced)


def _place_strays(
    places: list[int | None], labels: Sequence[str], template: Sequence[Wanted]
) -> None:
    """Rows in another order than the form's: a label that is nobody else's says which it is."""
    named = [_match(label, template) for label in labels]
    for row, place in enumerate(named):
        if places[row] is None and place not in places and named.count(place) == 1:
            places[row] = place


def _match(label: str, template: Sequence[Wanted]) -> int | None:
    if not label:
        return None
    for index, row in enumerate(template):
        if row.pattern.search(label):
            return index
    return None


def _keep_monotone(places: list[int | None]) -> None:
    """Drop the fewest anchors so that the rest increase: a row out of order proves nothing."""
    tails: list[int] = []
    chain: list[list[int]] = []
    for row, place in enumerate(places):
        if place is None:
            continue
        length = bisect_left(tails, place)
        before = chain[length - 1] if length else []
        if length == len(tails):
            tails.append(place)
            chain.append([*before, row])
        else:
            tails[length] = place
            chain[length] = [*before, row]
    kept = set(chain[-1]) if chain else set()
    for row in range(len(places)):
        if row not in kept:
            places[row] = None
