"""Table four of forms C and D: administrative review and litigation, fifteen numbers in one row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.items import Issue
from pipelines.parser.cells import read_cell
from pipelines.parser.grid import Row, label
from pipelines.parser.labels import T4_COLUMNS, T4_GROUPS
from pipelines.parser.model import Figure, Spot
from pipelines.parser.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Sequence

_KEYS = tuple(f"t4.{group.key}.{column.key}" for group in T4_GROUPS for column in T4_COLUMNS)


def read_table4(rows: Sequence[Row]) -> Reading:
    """Figures `t4.<group>.<outcome>`; an empty `Reading` when no row looks like table four."""
    head = [i for i, row in enumerate(rows) if _names_outcomes(row)]
    if not head:
        return Reading()
    last = head[-1]
    header = [row for row in rows[max(0, head[0] - 2) : last + 1] if row.table == rows[last].table]
    row = next((row for row in rows[last + 1 : last + 3] if _is_data(row)), None)
    if row is None:
        return Reading(issues=(Issue("no_values", "table four has a header and no row of values"),))
    columns = _columns(header, row)
    if columns is None:
        says = f"table four has {len(row.cells)} columns and a header that names other than fifteen"
        return Reading(issues=(Issue("unknown_columns", says),))
    return Reading(tuple(_figures(row, columns)))


def _names_outcomes(row: Row) -> bool:
    names = [label(cell.text) for cell in row.cells]
    return "结果维持" in names or ("尚未审结" in names and "结果纠正" in names)


def _is_data(row: Row) -> bool:
    """At least ten cells, none of them words: a blank row is data too, as printed."""
    statuses = [read_cell(row.own(column)).status for column in range(len(row.cells))]
    return len(statuses) >= 10 and statuses.count("unparsed") <= 1


def _columns(header: list[Row], row: Row) -> dict[str, int] | None:
    """Key → grid column, by what the header says above each; by order when it says too little."""
    found: dict[str, int] = {}
    for column in range(len(row.cells)):
        names = [label(each.cells[column].text) for each in header if column < len(each.cells)]
        groups = [g.key for g in T4_GROUPS for name in names if g.pattern.search(name)]
        outcomes = [c.key for c in T4_COLUMNS for name in names if c.pattern.search(name)]
        if groups and outcomes:
            found.setdefault(f"t4.{groups[-1]}.{outcomes[0]}", column)
    if len(found) == len(_KEYS):
        return found
    filled = [c for c in range(len(row.cells)) if c < 15 or row.own(c).strip()]
    return dict(zip(_KEYS, filled, strict=True)) if len(filled) == len(_KEYS) else None


def _figures(row: Row, columns: dict[str, int]) -> list[Figure]:
    return [
        read_cell(row.own(columns[key])).figure(key, "件", Spot(row.table, row.row, columns[key]))
        for key in _KEYS
    ]
