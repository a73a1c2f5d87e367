"""Table three out of running text, where blank cells are lost and columns no longer stand.

Seven numbers after the label are the seven columns. Of fewer, only the last can be told (总计), and
only in a table that shows it fills its totals: one row at least ends in the sum of its others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.items import Issue
from pipelines.parser.cells import Value, read_cell
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
        if value.status == "number":
            values.append((column, value))
        elif value.status != "blank":
            name, values = label(cell.text), []
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
    if not totals_filled or not flat.values or not only:
        return []
    column, value = flat.values[-1]
    return [value.figure(f"t3.{key}.{kinds[_TOTAL]}", "件", Spot(row.table, row.row, column))]


def flattened(rows: Sequence[FlatRow]) -> list[Issue]:
    """The issue that tells readers why applicants' columns are missing."""
    short = sum(1 for flat in rows if 0 < len(flat.values) < len(T3_COLUMNS))
    if not short:
        return []
    says = f"{short} rows of table three lost their blank cells; at most their total is read"
    return [Issue("cells_lost", says)]
