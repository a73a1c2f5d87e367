"""A page as glyphs and ruled lines, whatever made it: PDF, OFD, or eyes on a picture.

Coordinates run from the top left, in points.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_ASCII_GAP = 0.2  # of a glyph's size: words of Latin letters and columns of digits part here
_MIXED_GAP = 0.6  # justified lines put a quarter between a digit and a character
_WIDE_GAP = 0.9  # and stretch the space between characters


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
