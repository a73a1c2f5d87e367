"""Tables without ruled lines: rows by their numbers, columns by where the numbers stand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.items import Cell, Table
from pipelines.attachments.sheet import Char, Line, rows, spaced
from pipelines.attachments.sheet_grid import Ruled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_WORDS = re.compile("商业企业|科研机构|结果维持|尚未审结|本年新收|统计指标|指标名称|信息内容")
_NUMBER = re.compile(r"[-+－]?[\d０-９][\d０-９,，.．]*|[/／—]")
_GAP = 0.6  # glyph sizes between two cells of a row
_HEADER = 6  # lines above the first row of numbers that may head its columns


@dataclass(frozen=True, slots=True)
class _Word:
    """A run of glyphs without a gap; a cell, or a part of a label."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float

    @property
    def middle(self) -> float:
        return (self.x0 + self.x1) / 2

    @property
    def is_number(self) -> bool:
        return _NUMBER.fullmatch(self.text) is not None


def loose_tables(found: Sequence[Line], chars: Sequence[Char]) -> list[Ruled]:
    """The one table that a page's lines show by their words; [] where they show none."""
    if not any(_WORDS.search(line.text.replace(" ", "")) for line in found):
        return []
    words = [list(_words(row)) for row in rows(chars)]
    data = [i for i, row in enumerate(words) if sum(word.is_number for word in row) >= 2]
    if len(data) < 2:
        return []
    columns = _columns([word for i in data for word in words[i] if word.is_number])
    first = _first(data[0], words, columns)
    body = words[first : _last(data[-1], words, columns) + 1]
    grid = [*_header(words[first : data[0]], columns), *_body(words, data, columns)]
    top = min(word.top for row in body for word in row)
    bottom = max(word.bottom for row in body for word in row)
    table = Table(tuple(tuple(map(Cell, row)) for row in grid))
    return [Ruled(table, (0.0, columns[-1]), (top, bottom))]


def _words(row: list[Char]) -> Iterator[_Word]:
    start = 0
    for end in range(1, len(row) + 1):
        gap = row[end].x0 - row[end - 1].x1 if end < len(row) else float("inf")
        if gap > _GAP * row[end - 1].size:
            part = row[start:end]
            tops, bottoms = [c.top for c in part], [c.bottom for c in part]
            yield _Word(spaced(part), part[0].x0, part[-1].x1, min(tops), max(bottoms))
            start = end


def _columns(numbers: list[_Word]) -> list[float]:
    """The middles of the columns: numbers less than two glyphs apart share one."""
    middles: list[list[float]] = []
    size = max(word.bottom - word.top for word in numbers)
    for word in sorted(numbers, key=lambda w: w.middle):
        if not middles or word.middle - middles[-1][-1] > 1.2 * size:
            middles.append([])
        middles[-1].append(word.middle)
    return [sum(group) / len(group) for group in middles]


def _first(at: int, words: list[list[_Word]], columns: list[float]) -> int:
    """The first line of the header: those above whose words stand over the columns."""
    start = at
    for i in range(at - 1, max(-1, at - 1 - _HEADER), -1):
        if (
            any(word.x0 > columns[0] - (word.x1 - word.x0) for word in words[i])
            or len(words[i]) > 1
        ):
            start = i
    return start


def _last(at: int, words: list[list[_Word]], columns: list[float]) -> int:
    """A label's last line may stand below its numbers."""
    beyond = at + 1
    if beyond < len(words) and all(word.x1 < columns[0] for word in words[beyond]):
        close = words[beyond][0].top - words[at][0].bottom < 0.6 * (
            words[at][0].bottom - words[at][0].top
        )
        return beyond if close else at
    return at


def _header(lines: list[list[_Word]], columns: list[float]) -> Iterator[list[str]]:
    """One row: what stands above each column, from top to bottom; the rest is the label's."""
    names = [""] * (len(columns) + 1)
    for row in lines:
        for word in row:
            near = _nearest(word, columns)
            place = near + 1 if near is not None else 0
            names[place] += word.text.replace(" ", "")
    if any(names):
        yield names


def _nearest(word: _Word, columns: list[float]) -> int | None:
    """The column that a word stands over; None for one left of them all."""
    best = min(range(len(columns)), key=lambda i: abs(columns[i] - word.middle))
    reach = columns[1] - columns[0] if len(columns) > 1 else word.x1 - word.x0
    return best if abs(columns[best] - word.middle) < 0.75 * reach else None


def _body(words: list[list[_Word]], data: list[int], columns: list[float]) -> Iterator[list[str]]:
    """A row for each line of numbers; lines of words alone belong to the nearest one."""
    labels: dict[int, list[str]] = {i: [] for i in data}
    for i in range(data[0], data[-1] + 1):
        owner = min(data, key=lambda j: abs(_center(words[j]) - _center(words[i])))
        labels[owner] += [w.text for w in words[i] if not (i in labels and w.is_number)]
    for i in data:
        row = [""] * len(columns)
        for word in words[i]:
            if word.is_number and (near := _nearest(word, columns)) is not None:
                row[near] = word.text
        yield ["".join(labels[i]), *row]


def _center(row: list[_Word]) -> float:
    return sum(word.top + word.bottom for word in row) / (2 * len(row))
