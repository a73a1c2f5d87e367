"""Rows of all data tables of a document as one stream, so that a table split in two still reads."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from crawler.items import Cell
from crawler.text import squeeze

if TYPE_CHECKING:
    from collections.abc import Container

    from crawler.items import Table

MAX_ROWS, MAX_COLUMNS = 2000, 200
_SHORT = 100
_BLANK = Cell("")
_PUNCTUATION = re.compile(r"[\"'《》〈〉<>「」、,.:;。-]")
_ENUMERATOR = re.compile(
    r"(?:其中:?|第?[一二三四五六七八九十]{1,3}[、.]|\([一二三四五六七八九十\d]{1,3}\)|\d{1,2}[.、](?!\d))"
)
PAGE_NUMBER = re.compile(r"^-\d{1,3}-|-\d{1,3}-$")  # of print, caught in a cell


@dataclass(frozen=True, slots=True)
class Run:
    """One printed cell: its text and the grid columns it covers, `start` to `end` exclusive."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)  # no slots: what is worked out of a row is kept with it
class Row:
    """One grid row and where it stands in the document's tables."""

    table: int
    row: int
    cells: tuple[Cell, ...]
    loose: bool = False  # pieces of running text: blank cells are lost, columns do not stand

    @property
    def place(self) -> tuple[int, int]:
        """Which row of which table it is."""
        return self.table, self.row

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """Squeezed cell texts, merged copies repeated."""
        return tuple(squeeze(cell.text) for cell in self.cells)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The cells as labels, merged copies repeated."""
        return tuple(label(cell.text) for cell in self.cells)

    @cached_property
    def runs(self) -> tuple[Run, ...]:
        """The printed cells from left to right; copies from the row above count as printed."""
        runs: list[Run] = []
        for column, cell in enumerate(self.cells):
            previous = runs[-1] if runs else None
            if not cell.origin and previous and previous.text == cell.text:
                runs[-1] = Run(previous.text, previous.start, column + 1)
            else:
                runs.append(Run(cell.text, column, column + 1))
        return tuple(runs)

    def only(self, columns: Container[int]) -> Row:
        """The row with nothing printed outside of `columns`; these keep their places."""
        cells = tuple(cell if n in columns else _BLANK for n, cell in enumerate(self.cells))
        return replace(self, cells=cells)


def cell_below(row: Row, column: int, end: int) -> Run | None:
    """The cell below a header's from `column` to `end`, exclusive; blank ones may be merged.

    None where a number is merged over several columns or rows: whose it is, nobody can tell.
    """
    run = next(run for run in row.runs if run.start <= column < run.end)
    if not run.text.strip():
        return Run("", column, column + 1)
    alone = run.start == column and run.end <= end and row.cells[column].origin
    return run if alone else None


def is_blank(row: Row) -> bool:
    """Nothing is printed in the row but page numbers."""
    return all(not text or PAGE_NUMBER.fullmatch(text) for text in row.texts)


def too_large(table: Table) -> bool:
    """No form has this many cells; reading one would take minutes and mean nothing."""
    width = len(table.rows[0]) if table.rows else 0
    return len(table.rows) > MAX_ROWS or width > MAX_COLUMNS


def stream(tables: tuple[Table, ...]) -> tuple[Row, ...]:
    """All rows of all tables in order."""
    return tuple(
        Row(number, index, cells)
        for number, table in enumerate(tables)
        for index, cells in enumerate(table.rows)
        if cells
    )


def label(text: str) -> str:
    """A row label without enumerators, quotes and punctuation: what labels are matched by."""
    return _label(text) if len(text) <= _SHORT else _stripped(text)


def _stripped(text: str) -> str:
    # Text copies of a page glue the font-size switch to the first cell after it.
    flat = squeeze(text).removeprefix("大中小")
    if flat[:1] == "-" or flat[-1:] == "-":
        flat = PAGE_NUMBER.sub("", flat)
    while match := _ENUMERATOR.match(flat):
        flat = flat[match.end() :]
    return _PUNCTUATION.sub("", flat)


_label = lru_cache(maxsize=8192)(_stripped)  # every report prints the same labels
