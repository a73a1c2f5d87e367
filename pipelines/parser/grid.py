"""Rows of all data tables of a document as one stream, so that a table split in two still reads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.text import squeeze

if TYPE_CHECKING:
    from crawler.items import Cell, Table

MAX_ROWS, MAX_COLUMNS = 2000, 200
_ENUMERATOR = re.compile(
    r"(?:其中:?|第?[一二三四五六七八九十]{1,3}[、.]|\([一二三四五六七八九十\d]{1,3}\)|\d{1,2}[.、](?!\d))"
)


@dataclass(frozen=True, slots=True)
class Run:
    """One printed cell: its text and the grid columns it covers, `start` to `end` exclusive."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Row:
    """One grid row and where it stands in the document's tables."""

    table: int
    row: int
    cells: tuple[Cell, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """Squeezed cell texts, merged copies repeated."""
        return tuple(squeeze(cell.text) for cell in self.cells)

    @property
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

    def own(self, column: int) -> str:
        """The text printed in this very cell: "" for a copy of a merged neighbour."""
        cell = self.cells[column]
        return cell.text if cell.origin else ""


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
    )


def label(text: str) -> str:
    """A row label without enumerators, quotes and punctuation: what labels are matched by."""
    # Text copies of a page glue the font-size switch to the first cell after it.
    flat = squeeze(text).removeprefix("大中小")
    while match := _ENUMERATOR.match(flat):
        flat = flat[match.end() :]
    return re.sub(r"[\"'《》〈〉<>「」、,.:;。-]", "", flat)
