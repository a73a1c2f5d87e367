"""A page as glyphs and ruled lines, whatever made it: PDF, OFD, or eyes on a picture.

Coordinates run from the top left, in points.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_ASCII_GAP = 0.2  # of a glyph's size: words of Latin letters and columns of digits part here
_MIXED_GAP = 0.6  # justified lines put a quarter between a digit and a character
_WIDE_GAP = 0.9  # and stretch the space between characters
_ALIGNED, _FAR = 0.3, 2.5  # glyph sizes: the next glyph of a line stands at least, at most so far
_LINE = 9  # steps in one direction; a label set upright in a narrow cell is shorter


class Char(NamedTuple):
    """One glyph, or a few that a font holds as one."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float

    @property
    def size(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> tuple[float, float]:
        return (self.x0 + self.x1) / 2, (self.top + self.bottom) / 2


class Edge(NamedTuple):
    """A ruled line, horizontal (`top == bottom`) or vertical (`x0 == x1`)."""

    x0: float
    top: float
    x1: float
    bottom: float


@dataclass(slots=True)
class Sheet:
    """One page."""

    width: float
    height: float
    chars: list[Char] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)


def upright(sheet: Sheet) -> Sheet:
    """The page turned so that its text runs to the right; vertical writing becomes level lines.

    Where most glyphs stand to the one that was set before them tells. It must: a number read
    against its direction is another number.
    """
    runs = [(quarter, len(list(run))) for quarter, run in groupby(_steps(sheet.chars))]
    quarters = Counter(quarter for quarter, length in runs for _ in range(length))
    quarter = max(quarters, key=lambda q: (quarters[q], -q), default=0)
    if not quarter or max(length for q, length in runs if q == quarter) < _LINE:
        return sheet
    wide, high = sheet.width, sheet.height

    def turned(x: float, y: float) -> tuple[float, float]:
        return ((high - y, x), (wide - x, high - y), (y, wide - x))[quarter - 1]

    made = Sheet(wide, high) if quarter == 2 else Sheet(high, wide)
    for char in sheet.chars:
        (xs, ys) = zip(turned(char.x0, char.top), turned(char.x1, char.bottom), strict=True)
        made.chars.append(Char(char.text, min(xs), max(xs), min(ys), max(ys)))
    for edge in sheet.edges:
        (xs, ys) = zip(turned(edge.x0, edge.top), turned(edge.x1, edge.bottom), strict=True)
        made.edges.append(Edge(min(xs), min(ys), max(xs), max(ys)))
    return made


def _steps(chars: list[Char]) -> Iterator[int]:
    """0: the next glyph stands to the right, 1: above, 2: to the left, 3: below."""
    for one, other in pairwise(chars):
        size = max(one.size, one.x1 - one.x0, 0.1)
        across = (other.middle[0] - one.middle[0]) / size
        down = (other.middle[1] - one.middle[1]) / size
        if abs(down) < _ALIGNED < abs(across) < _FAR:
            yield 0 if across > 0 else 2
        elif abs(across) < _ALIGNED < abs(down) < _FAR:
            yield 3 if down > 0 else 1


@dataclass(frozen=True, slots=True)
class Line:
    """Glyphs that stand on one line, left to right."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float

    @property
    def size(self) -> float:
        return self.bottom - self.top


def lines(chars: Iterable[Char]) -> list[Line]:
    """The lines of some glyphs, from top to bottom."""
    return [_line(row) for row in rows(chars)]


def rows(chars: Iterable[Char]) -> Iterator[list[Char]]:
    """Glyphs by line: those whose middle lies within the line that the first one opens."""
    found: list[list[Char]] = []
    bottom = float("-inf")
    for char in sorted(_visible(chars), key=lambda c: c.middle[1]):
        # Half of a glyph's height: a small one may sit low on the line of a large one.
        if not found or char.middle[1] > bottom:
            found.append([])
            bottom = char.middle[1] + char.size * 0.5
        found[-1].append(char)
    for row in found:
        yield sorted(row, key=lambda c: c.x0)


def _visible(chars: Iterable[Char]) -> Iterator[Char]:
    return (char for char in chars if char.text.strip())


def _line(row: list[Char]) -> Line:
    return Line(
        spaced(row),
        row[0].x0,
        max(char.x1 for char in row),
        min(char.top for char in row),
        max(char.bottom for char in row),
    )


def spaced(row: list[Char]) -> str:
    """The text of one line; a space where the gap is wider than setting type explains."""
    parts = [row[0].text]
    for left, right in pairwise(row):
        if right.x0 - left.x1 > gap_between(left, right) * max(left.size, right.size):
            parts.append(" ")
        parts.append(right.text)
    return "".join(parts).strip()


def gap_between(left: Char, right: Char) -> float:
    """The widest gap, in glyph sizes, that still belongs to one word."""
    narrow = left.text[-1:].isascii(), right.text[:1].isascii()
    return _ASCII_GAP if all(narrow) else _MIXED_GAP if any(narrow) else _WIDE_GAP
