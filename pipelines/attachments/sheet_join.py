"""One table out of the pieces that page breaks make of it."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import pairwise
from typing import TYPE_CHECKING

from crawler.items import Cell, Table
from pipelines.attachments.sheet_grid import TOLERANCE, Ruled

if TYPE_CHECKING:
    from collections.abc import Sequence

_STARTS = re.compile(
    r"[一二三四五六七八九十]{1,3}[、．.]|[（(]|\d{1,2}[.．、]|第二十条|信息内容|其中"
)
_NUMBER = re.compile(r"[-+－]?[\d０-９][\d０-９,，.．]*%?|[/／—-]")
_CLOSE = 2 * TOLERANCE
_TAIL = 3  # characters

_Row = tuple[Cell, ...]


def below(above: Ruled, piece: Ruled) -> Ruled | None:
    """A table that goes on at the top of the next page; None if the two only follow each other.

    The pieces have the same sides. Their columns may differ: a piece without sub-labels does not
    show the line between label and sub-label.
    """
    if abs(above.x0 - piece.x0) > _CLOSE or abs(above.x1 - piece.x1) > _CLOSE:
        return None
    xs = _union(above.xs, piece.xs)
    if len(xs) > max(len(above.xs), len(piece.xs)) + 2:
        return None
    rows = _stretched(above, xs)
    more = _stretched(piece, xs)
    said = 0
    while said < min(len(rows), len(more) - 1) and _same(more[said], rows[said]):
        said += 1
    more = _with_groups(rows[-1], more[said:])
    if whole := _rejoined(rows[-1], more[0]):
        rows[-1] = whole
        more.pop(0)
    return Ruled(Table((*rows, *more)), xs, above.ys)


def _union(xs: Sequence[float], more: Sequence[float]) -> tuple[float, ...]:
    """The lines of both, those that nearly coincide once."""
    found: list[float] = []
    for x in sorted((*xs, *more)):
        if not found or x - found[-1] > _CLOSE:
            found.append(x)
    return tuple(found)


def _stretched(ruled: Ruled, xs: Sequence[float]) -> list[_Row]:
    """The rows on more columns: a cell that covers several is repeated, as merged cells are."""
    middles = [(a + b) / 2 for a, b in pairwise(xs)]
    last = len(ruled.xs) - 2
    places = [min(max(bisect_right(ruled.xs, x) - 1, 0), last) for x in middles]
    return [
        tuple(
            row[at] if number == 0 or places[number - 1] != at else Cell(row[at].text, origin=False)
            for number, at in enumerate(places)
        )
        for row in ruled.table.rows
    ]


def _same(row: _Row, other: _Row) -> bool:
    """A header repeated: the same words in the same place, and no number."""
    texts = [cell.text for cell in row]
    filled = [text for text in texts if text]
    words = [text for text in filled if not _NUMBER.fullmatch(text)]
    return texts == [cell.text for cell in other] and len(words) == len(filled) > 0


def _with_groups(above: _Row, rows: list[_Row]) -> list[_Row]:
    """The rows with the group labels that go on over the page: printed above, blank below."""
    last_label = max((x for x, c in enumerate(rows[0]) if _is_words(c.text)), default=0)
    filled = [list(row) for row in rows]
    for x in range(last_label):
        if not _is_words(above[x].text) or any(cell.text for cell in rows[0][: x + 1]):
            continue
        for y, row in enumerate(rows):
            if row[x].text or (y and row[x].origin):
                break
            filled[y][x] = Cell(above[x].text, origin=False)
    return [tuple(row) for row in filled]


def _is_words(text: str) -> bool:
    return bool(text) and _NUMBER.fullmatch(text) is None


def _rejoined(above: _Row, piece: _Row) -> _Row | None:
    """One row from the two halves that a page break made of it; None if they are two rows."""
    pairs = [(a.text, b.text) for a, b in zip(above, piece, strict=True) if b.text]
    told, more = (sum(bool(_NUMBER.fullmatch(c.text)) for c in row) for row in (above, piece))
    label = next((cell.text for cell in reversed(piece) if cell.text and cell.origin), "")
    if not told and not more:  # the last characters of narrow header cells
        joins = bool(pairs) and all(a and len(b) <= _TAIL for a, b in pairs)
    elif not more:  # the label ran on
        joins = bool(pairs) and _STARTS.match(label) is None
    else:  # the label stands above, the numbers below
        joins = not told and all(not a and _NUMBER.fullmatch(b) for a, b in pairs)
    if not joins:
        return None
    return tuple(Cell(a.text + b.text, a.origin) for a, b in zip(above, piece, strict=True))
