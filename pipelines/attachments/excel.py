"""XLS, ET, XLSX and ODS: every sheet a table, cells and numbers as a person sees them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from io import BytesIO
from itertools import islice, product
from typing import TYPE_CHECKING

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

from crawler.items import Block, Cell, Issue
from pipelines.attachments.reading import Content, UnreadableError
from pipelines.attachments.worksheets import Facts, facts_of, sheets_of_xml
from pipelines.grid import MAX_COLUMNS, MAX_ROWS, rectangle, squeeze

if TYPE_CHECKING:
    from collections.abc import Iterator

    from python_calamine import CalamineSheet

    from pipelines.attachments.reading import Kind

MOST_SHEETS = 100
Value = int | float | str | bool | date | datetime | time | timedelta


def read_workbook(body: bytes, kind: Kind) -> Content:
    """Raises UnreadableError for what is no workbook, or is encrypted."""
    facts = facts_of(body, kind)
    reading = _Reading()
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(body))
        for each in book.sheets_metadata[:MOST_SHEETS]:
            if each.visible == SheetVisibleEnum.Visible:
                reading.calamine(book.get_sheet_by_name(each.name), facts.get(each.name, Facts()))
            else:
                reading.hidden["sheet"] += 1
    except PasswordError as error:
        raise UnreadableError("file_encrypted", "the workbook needs a password") from error
    except (CalamineError, OSError, ValueError) as error:
        raise UnreadableError("file_damaged", f"no workbook: {error!r:.200}") from error
    return reading.content(kind)


def read_xml_workbook(body: bytes) -> Content:
    """Excel's one XML file of 2003. Raises UnreadableError."""
    reading = _Reading()
    for sheet in islice(sheets_of_xml(body), MOST_SHEETS):
        if sheet is None:
            reading.hidden["sheet"] += 1
        else:
            reading.add(*sheet)
    return reading.content("xml")


@dataclass(slots=True)
class _Reading:
    """What was read of a workbook up to here, and how much of it nobody sees."""

    blocks: list[Block] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    hidden: Counter[str] = field(default_factory=lambda: Counter(sheet=0, row=0, column=0))

    def content(self, kind: Kind) -> Content:
        if unseen := +self.hidden:
            many = (f"{n} {what}{'s' if n > 1 else ''}" for what, n in unseen.items())
            self.issues.append(Issue("sheet_hidden", f"{', '.join(many)} hidden: not read"))
        return Content(kind, tuple(self.blocks), tuple(self.issues))

    def calamine(self, sheet: CalamineSheet, facts: Facts) -> None:
        if sheet.total_height > MAX_ROWS or sheet.total_width > MAX_COLUMNS:
            size = f"{sheet.total_height} rows, {sheet.total_width} columns"
            self.issues.append(Issue("table_too_large", f"sheet {sheet.name} of {size}: not read"))
            return
        facts.merged += sheet.merged_cell_ranges or ()
        rows = sheet.to_python(skip_empty_area=False)
        self.add([[_printed(value) for value in row] for row in rows], facts)

    def add(self, rows: list[list[str]], facts: Facts) -> None:
        """A sheet as people see it."""
        cells = {(y, x): Cell(squeeze(t)) for y, row in enumerate(rows) for x, t in enumerate(row)}
        width = max(map(len, rows), default=0)
        ys = [y for y in range(len(rows)) if y not in facts.rows]
        xs = [x for x in range(width) if x not in facts.columns]
        self.hidden["row"] += sum(y in facts.rows and any(row) for y, row in enumerate(rows))
        self.hidden["column"] += sum(
            any(row[x : x + 1] != [""] for row in rows if x < len(row)) for x in facts.columns
        )
        for (top, left), (bottom, right) in facts.merged:
            text = cells.get((top, left), Cell("")).text
            shown = product(_between(ys, top, bottom), _between(xs, left, right))
            for number, at in enumerate(shown):
                cells[at] = Cell(text, origin=number == 0)
        self.blocks += _blocks([[cells.get((y, x), Cell("")) for x in xs] for y in ys])


def _between(axis: list[int], first: int, last: int) -> list[int]:
    return axis[bisect_left(axis, first) : bisect_right(axis, last)]


def _blocks(grid: list[list[Cell]]) -> Iterator[Block]:
    """Titles above the table as lines, the table, and notes below it as lines."""
    filled = [y for y, row in enumerate(grid) if _is_of_table(row)]
    first, last = (filled[0], filled[-1]) if filled else (len(grid), -1)
    # The form's own titles of parts stand in one merged cell, right above its header.
    while 0 < first <= last and any(c.text.startswith("第二十条") for c in grid[first - 1]):
        first -= 1
    yield from _told(grid[:first])
    if first <= last and (table := rectangle(_narrow(grid[first : last + 1]))):
        yield Block(table=table)
    yield from _told(grid[max(first, last + 1) :])


def _is_of_table(row: list[Cell]) -> bool:
    """Two cells with words; one of them may go on from above."""
    own = sum(bool(cell.text) and cell.origin for cell in row)
    return own > 1 or (own == 1 and len({cell.text for cell in row if cell.text}) > 1)


def _told(grid: list[list[Cell]]) -> Iterator[Block]:
    for row in grid:
        if text := " ".join(cell.text for cell in row if cell.text and cell.origin):
            yield Block(text)


def _narrow(grid: list[list[Cell]]) -> list[list[Cell]]:
    """Without the columns at the left that nobody used."""
    used = [x for x in range(len(grid[0])) if any(row[x].text for row in grid)]
    return [row[used[0] :] for row in grid] if used else grid


def _printed(value: Value) -> str:
    """23.0 is 23, a float without the noise of binary fractions, a date as ISO."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return f"{value:.15g}" if abs(value) < 1e15 else f"{value:.0f}"
    if isinstance(value, datetime):
        return value.isoformat(" ") if value.time() != time() else value.date().isoformat()
    return str(value)
