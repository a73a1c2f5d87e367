"""Forms as running text: cells parted by spaces or lines, as copies out of files leave them.

Blank cells leave no trace, so a row counts only where all of its numbers are there. The words
before a row of numbers are its label, as far as a form knows them, and the header before that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.items import Cell
from pipelines.parser import form2008, form2014
from pipelines.parser.cells import UNITS, read_cell
from pipelines.parser.grid import Row, label
from pipelines.parser.labels import T2_BLOCKS, T3_ROWS
from pipelines.parser.model import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipelines.parser.flow import Line

_START = re.compile(
    r"指 ?标(?: ?名 ?称)? .*单 ?位|^(?:统 ?计 ?)?指 ?标(?: ?名 ?称)?$"
    r"|商业 ?企业|科研 ?机构|法律 ?服务 ?机构|结果 ?维持|信息 ?内容(?: |$)"
)
_LONGEST = 120  # characters of a line; more is a sentence
_HAN = "[\u4e00-\u9fff]"
_WORD = re.compile(rf"(?<!\S){_HAN}(?: {_HAN})+(?!\S)|\S+")  # spread words are one: 统 计 指 标
_UNIT = re.compile(UNITS)
_VALUES = {"number", "not_applicable"}
_TORN = 5  # pieces that a label may be torn into
_KNOWN = (
    *(row.pattern for form in T3_ROWS.values() for row in form),
    *(row.pattern for block in T2_BLOCKS for row in block.rows),
    *(line.pattern for line in (*form2008.TEMPLATE, *form2014.TEMPLATE) if line.key),
)


@dataclass(frozen=True, slots=True)
class _Token:
    """A piece of text between spaces, and where it stands in the document's text."""

    text: str
    start: int
    is_word: bool


@dataclass(frozen=True, slots=True)
class Region:
    """Lines that are a form, as rows of cells; `places` say where each cell stood."""

    lines: frozenset[int]  # where they start
    rows: tuple[Row, ...]
    places: tuple[tuple[Span, ...], ...]


def regions(lines: Sequence[Line]) -> Iterator[Region]:
    """Runs of short lines that begin with a form's header."""
    run: list[Line] = []
    for each in lines:
        short = len(each.text) <= _LONGEST and "。" not in each.text
        if short and (run or _START.search(each.flat)):
            run.append(each)
        elif run:
            yield _region(run)
            run = []
    if run:
        yield _region(run)


def _region(lines: Sequence[Line]) -> Region:
    """The pieces of the lines as rows: header words; a label, its unit and its values."""
    rows: list[list[Sequence[_Token]]] = []
    words: list[_Token] = []
    values: list[_Token] = []
    for token in (token for line in lines for token in _tokens(line)):
        if token.is_word and values:
            rows += _split(words, values)
            words, values = [], []
        (words if token.is_word else values).append(token)
    rows += _split(words, values)
    cells = [tuple(Cell("".join(token.text for token in cell)) for cell in row) for row in rows]
    return Region(
        frozenset(line.start for line in lines),
        tuple(Row(0, number, row, loose=True) for number, row in enumerate(cells)),
        tuple(tuple(_span(cell) for cell in row) for row in rows),
    )


def _tokens(line: Line) -> Iterator[_Token]:
    for match in _WORD.finditer(line.flat):
        text = line.text[match.start() : match.end()]
        value = _UNIT.fullmatch(match[0]) or read_cell(text).status in _VALUES
        yield _Token(text, line.start + match.start(), not value)


def _split(words: Sequence[_Token], values: Sequence[_Token]) -> list[list[Sequence[_Token]]]:
    """Header words, one a cell, and the row that the last of the words are the label of."""
    size = _label_size(words) if values else 0
    head, name = words[: len(words) - size], words[len(words) - size :]
    header: list[Sequence[_Token]] = [[word] for word in head]
    row: list[Sequence[_Token]] = [name, *([value] for value in values)]
    return [each for each in (header, row if name else []) if each]


def _label_size(words: Sequence[_Token]) -> int:
    """How many of the last words are a label that a form knows; 1 where none knows it."""
    for size in range(1, min(_TORN, len(words)) + 1):
        name = label("".join(word.text for word in words[-size:]))
        if any(pattern.search(name) for pattern in _KNOWN):
            return size
    return min(1, len(words))


def _span(cell: Sequence[_Token]) -> Span:
    return Span(cell[0].start, cell[-1].start + len(cell[-1].text))
