"""Blocks laid out as the document's `text`, each line knowing where it came from.

Tables that only arrange text on the page (the whole article in one cell) are text; tables that hold
data keep their grid and appear in the text as rows `a | b | c`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from crawler.items import Block, Cell, Issue, Table
from crawler.text import plain, squeeze
from pipelines.parser.grid import Row, too_large

if TYPE_CHECKING:
    from collections.abc import Iterator

_FORM_CELL = re.compile(
    r"第二十条第\([一二三四五六七八九十]\)项|统计指标|指标名称|统计数|本年累计|累计数|自然人|商业企业"
    r"|结果维持|信息内容|计量单位|单位"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the text: prose, or a row of table `table`; `flat` is its plain text."""

    start: int
    text: str
    flat: str
    kind: Literal["text", "row"]
    heading: int = 0
    table: int | None = None

    @property
    def end(self) -> int:
        """The offset after the line's last character."""
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Laid:
    """A document's text, its lines, and its data tables in order."""

    text: str
    lines: tuple[Line, ...]
    tables: tuple[Table, ...]
    issues: tuple[Issue, ...] = ()

    @property
    def prose(self) -> tuple[Line, ...]:
        """The lines people wrote as sentences and headings."""
        return tuple(line for line in self.lines if line.kind == "text")


@dataclass(slots=True)
class _Writer:
    lines: list[Line]
    at: int = 0

    def add(
        self, text: str, kind: Literal["text", "row"], heading: int = 0, table: int | None = None
    ) -> None:
        if text:
            self.lines.append(Line(self.at, text, plain(text), kind, heading, table))
            self.at += len(text) + 1


def lay(blocks: tuple[Block, ...]) -> Laid:
    """Lay the blocks of one document out; blank lines vanish."""
    writer = _Writer([])
    tables: list[Table] = []
    issues: list[Issue] = []
    for block in blocks:
        if block.table is None:
            for piece in block.text.split("\n"):
                writer.add(piece.strip(), "text", block.heading)
        elif is_layout(block.table):
            for text in layout_texts(block.table):
                writer.add(text, "text")
        elif too_large(block.table):
            size = f"{len(block.table.rows)} rows, {len(block.table.rows[0])} columns"
            issues.append(Issue("table_too_large", f"a table of {size} is kept as text only"))
            _write_rows(writer, block.table, None)
        else:
            _write_rows(writer, block.table, len(tables))
            tables.append(block.table)
    text = "\n".join(line.text for line in writer.lines)
    return Laid(text, tuple(writer.lines), tuple(tables), tuple(issues))


def _write_rows(writer: _Writer, table: Table, number: int | None) -> None:
    for index, cells in enumerate(table.rows):
        row = Row(number or 0, index, cells)
        texts = [" ".join(cell.text.split()) for cell in cells if cell.origin]
        filled = [text for text in texts if text]
        told = len(filled) == 1 and _is_told(filled[0])
        line = filled[0] if told else " | ".join(texts) if filled else ""
        writer.add(line, "text" if told else "row", table=None if told else row.table)


def _is_told(text: str) -> bool:
    """A report told in a cell of its own, not a caption or group label."""
    return len(text) > 30 and bool(re.search(r"[。;,]", plain(text)))


def is_layout(table: Table) -> bool:
    """True for a table that arranges text: one cell a row, or an article squeezed into a cell."""
    if any(_FORM_CELL.fullmatch(squeeze(cell.text)) for cell in _first_cells(table)):
        return False
    widest = max((_filled(row) for row in table.rows), default=0)
    longest = max((len(cell.text) for cell in _first_cells(table)), default=0)
    return widest <= 1 or longest > 400


def layout_texts(table: Table) -> Iterator[str]:
    """The texts of a layout table in reading order."""
    for cell in _first_cells(table):
        for piece in cell.text.split("\n"):
            yield piece.strip()


def _first_cells(table: Table) -> Iterator[Cell]:
    return (cell for row in table.rows for cell in row if cell.origin)


def _filled(row: tuple[Cell, ...]) -> int:
    return sum(1 for cell in row if cell.origin and cell.text.strip())
