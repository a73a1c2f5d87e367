"""Table three out of running text, where blank cells are lost and columns no longer stand.

Seven numbers after the label are the seven columns. Of fewer, only the last can be told (总计), and
only in a table that shows it fills its totals: one row at least ends in the sum of its others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crawler.items import Issue
from crawler.text import squeeze
from pipelines.parser.cells import Value, read_cell
from pipelines.parser.glued import only_split
from pipelines.parser.grid import Row, label
from pipelines.parser.labels import T3_COLUMNS
from pipelines.parser.model import Figure, Spot

if TYPE_CHECKING:
    from collections.abc import Sequence

_TOTAL = len(T3_COLUMNS) - 1


@dataclass(frozen=True, slots=True)
class FlatRow:
    """A row of the flattened table: its last label, and the (grid column, value) after it."""

    row: Row
    name: str
    values: tuple[tuple[int, Value], ...]
    glued: bool = False  # they were printed as one run of digits

    @property
    def ends_in_sum(self) -> bool:
        """The last of several numbers is the sum of the others: it is the total."""
        numbers = [value.value or 0 for _, value in self.values]
        return len(numbers) > 1 and sum(numbers[:-1]) == numbers[-1] > 0


def flat_row(row: Row) -> FlatRow:
    """Split a row at its first number; what follows that is no number counts as a label again."""
    name, values = "", []
    for column, cell in enumerate(row.cells):
        value = read_cell(cell.text)
        if value.status == "number" or (name and value.status == "not_applicable"):
            values.append((column, value))
        elif value.status != "blank":
            name, values = label(cell.text), []
    if len(values) == 1:
        column, value = values[0]
        if parts := only_split(squeeze(value.raw), (len(T3_COLUMNS),)):
            return FlatRow(row, name, tuple((column, read_cell(p)) for p in parts), glued=True)
        if len(value.raw) >= len(T3_COLUMNS):  # digits of several numbers, and of no single one
            return FlatRow(row, name, ((column, replace(value, value=None)),))
    return FlatRow(row, name, tuple(values))


def flat_figures(flat: FlatRow, key: str, *, totals_filled: bool) -> list[Figure]:
    """All seven figures, or the total alone, or nothing."""
    row = flat.row
    kinds = [kind.key for kind in T3_COLUMNS]
    if len(flat.values) == len(kinds):
        return [
            value.figure(f"t3.{key}.{kind}", "件", Spot(row.table, row.row, column))
            for kind, (column, value) in zip(kinds, flat.values, strict=True)
        ]
    only = len(flat.values) == 1 or flat.ends_in_sum
    if not totals_filled or not only or flat.values[-1][1].value is None:
        return []
    column, value = flat.values[-1]
    return [value.figure(f"t3.{key}.{kinds[_TOTAL]}", "件", Spot(row.table, row.row, column))]


def flattened(rows: Sequence[FlatRow]) -> list[Issue]:
    """What tells readers why applicants' columns are missing, or how their digits were parted."""
    short = sum(1 for flat in rows if 0 < len(flat.values) < len(T3_COLUMNS))
    glued = sum(flat.glued for flat in rows)
    issues = []
    if short:
        says = f"{short} rows of table three lost their blank cells; at most their total is read"
        issues.append(Issue("cells_lost", says))
    if glued:
        says = f"{glued} rows of table three are parted in the only way that adds up"
        issues.append(Issue("digits_glued", says))
    return issues
