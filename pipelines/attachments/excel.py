"""XLS, ET, XLSX and ODS: every visible sheet a table, numbers as a person sees them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import TYPE_CHECKING

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

from crawler.items import Block, Cell, Issue
from pipelines.attachments.reading import Content, UnreadableError
from pipelines.attachments.zips import Package
from pipelines.grid import MAX_COLUMNS, MAX_ROWS, rectangle, squeeze

if TYPE_CHECKING:
    from collections.abc import Iterator

    from python_calamine import CalamineSheet

    from pipelines.attachments.reading import Kind

MOST_SHEETS = 100
Value = int | float | str | bool | date | datetime | time | timedelta


def read_workbook(body: bytes, kind: Kind) -> Content:
    """Raises UnreadableError for what is no workbook, or is encrypted."""
    if kind in {"xlsx", "ods"}:
        package = Package(body)
        for name in package.names:  # a bomb is found before anything else opens it
            package.read(name)
    parts: list[Block | Issue] = []
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(body))
        for facts in book.sheets_metadata[:MOST_SHEETS]:
            if facts.visible == SheetVisibleEnum.Visible:
                parts += _sheet(book.get_sheet_by_name(facts.name))
    except PasswordError as error:
        raise UnreadableError("file_encrypted", "the workbook needs a password") from error
    except (CalamineError, OSError, ValueError) as error:
        raise UnreadableError("file_damaged", f"no workbook: {error!r:.200}") from error
    blocks = tuple(part for part in parts if isinstance(part, Block))
    return Content(kind, blocks, tuple(part for part in parts if isinstance(part, Issue)))


def _sheet(sheet: CalamineSheet) -> Iterator[Block | Issue]:
    """Titles above the table as lines, the table, and notes below it as lines."""
    if sheet.total_height > MAX_ROWS or sheet.total_width > MAX_COLUMNS:
        size = f"{sheet.total_height} rows, {sheet.total_width} columns"
        says = f"sheet {sheet.name} of {size}: not read"
        yield Issue("table_too_large", says)
        return
    rows = [
        [squeeze(_printed(value)) for value in row]
        for row in sheet.to_python(skip_empty_area=False)
    ]
    covers = _covers(sheet)
    grid = [
        [_cell(rows, (y, x), covers.get((y, x), (y, x))) for x in range(len(row))]
        for y, row in enumerate(rows)
    ]
    filled = [y for y, row in enumerate(grid) if sum(bool(c.text) and c.origin for c in row) > 1]
    first, last = (filled[0], filled[-1]) if filled else (len(grid), -1)
    # The form's own titles of parts stand in one merged cell, right above its header.
    while 0 < first <= last and any(c.text.startswith("第二十条") for c in grid[first - 1]):
        first -= 1
    yield from _told(grid[:first])
    if first <= last and (table := rectangle(_narrow(grid[first : last + 1]))):
        yield Block(table=table)
    yield from _told(grid[max(first, last + 1) :])


def _told(grid: list[list[Cell]]) -> Iterator[Block]:
    for row in grid:
        if text := " ".join(cell.text for cell in row if cell.text and cell.origin):
            yield Block(text)


def _narrow(grid: list[list[Cell]]) -> list[list[Cell]]:
    """Without the columns at the left that nobody used."""
    used = [x for x in range(len(grid[0])) if any(row[x].text for row in grid)]
    return [row[used[0] :] for row in grid] if used else grid


def _covers(sheet: CalamineSheet) -> dict[tuple[int, int], tuple[int, int]]:
    """Cell → top-left cell of the merged range it lies in."""
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        if (bottom - top + 1) * (right - left + 1) <= MAX_ROWS * MAX_COLUMNS:
            for y in range(top, min(bottom, sheet.total_height) + 1):
                for x in range(left, min(right, sheet.total_width) + 1):
                    found[y, x] = (top, left)
    return found


def _cell(rows: list[list[str]], at: tuple[int, int], origin: tuple[int, int]) -> Cell:
    y, x = origin
    text = rows[y][x] if y < len(rows) and x < len(rows[y]) else ""
    return Cell(text, origin=at == origin)


def _printed(value: Value) -> str:
    """23.0 is 23, a float without the noise of binary fractions, a date as ISO."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return f"{value:.15g}" if abs(value) < 1e15 else f"{value:.0f}"
    if isinstance(value, datetime):
        return value.isoformat(" ") if value.time() != time() else value.date().isoformat()
    return str(value)
