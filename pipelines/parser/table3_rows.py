"""A row of table three taken apart: its label and its seven cells.

The header says where the seven stand. A row whose cells are merged otherwise, or whose first cells
are gone where a page breaks the table, is read from its label on, if then exactly seven are left.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import takewhile
from typing import TYPE_CHECKING

from pipelines.parser.cells import read_cell
from pipelines.parser.grid import Row, Run, cell_below, label
from pipelines.parser.labels import T3_GROUPS, T3_ROWS

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONGEST = 60  # characters of a label
_ROWS = tuple({row.key: row for form in T3_ROWS.values() for row in form}.values())
# Labels of one word prove nothing about a row outside table three.
_PROVING = [row for row in _ROWS if row.key not in {"other.other_reasons", "total_processed"}]


@dataclass(frozen=True, slots=True)
class Parted:
    """A row's label and cells; None for a cell that nobody can tell: merged, or one of too few."""

    row: Row
    name: str  # "" where the label is lost; a group's where that stands in its place
    cells: tuple[Run | None, ...]

    @property
    def empty(self) -> bool:
        """Nothing is printed in any of the cells."""
        return not any(run is None or run.text.strip() for run in self.cells)


def knows(row: Row) -> bool:
    """The row has a label that no other table has, and is not a sentence."""
    return any(
        0 < len(name) <= _LONGEST and any(each.pattern.search(name) for each in _PROVING)
        for name in row.labels[:4]
    )


def part(row: Row, columns: Sequence[int]) -> Parted:
    """Take a row apart; `columns` are the grid columns that the header names.

    Where only some of its cells stand below their names, those are read if the row's label ends
    where the header's does.
    """
    runs = row.runs
    left = [run for run in runs if run.start < columns[0]]
    cells = _below(row, columns)
    shifted = not cells or any(run.text.strip().isdigit() for run in left)
    shifted = shifted or (cells[0] is not None and is_label(cells[0].text))
    if not shifted and None not in cells:
        return Parted(row, _name(left), cells)
    words, rest = _after_label(runs, len(columns))
    if len(rest) == len(columns):
        return Parted(row, _name(words), tuple(rest))
    aligned = not shifted and any(run.start == columns[0] for run in runs)
    return Parted(row, _name(left), cells if aligned else (None,) * len(columns))


def _below(row: Row, columns: Sequence[int]) -> tuple[Run | None, ...]:
    """The cells right below the header's; () where the row is narrower than the header."""
    width = len(row.cells)
    if columns[-1] >= width:
        return ()
    ends = [*columns[1:], width]
    return tuple(cell_below(row, a, b) for a, b in zip(columns, ends, strict=True))


def _after_label(runs: Sequence[Run], size: int) -> tuple[Sequence[Run], Sequence[Run]]:
    """The runs up to the last label; `size` or more after it, without blanks that pad the row."""
    leading = takewhile(lambda run: read_cell(run.text).status in {"blank", "unparsed"}, runs)
    words = max((n for n, run in enumerate(leading, 1) if run.text.strip()), default=0)
    first = max((n for n, run in enumerate(runs, 1) if is_label(run.text)), default=0)
    first = max(first, words)
    rest = list(runs[first:])
    while len(rest) > size and not rest[-1].text.strip():
        rest.pop()
    return runs[:first], rest


def is_label(text: str) -> bool:
    """Words of this table: no clerk's remark in a cell is taken for one."""
    name = label(text)
    return bool(T3_GROUPS.match(name)) or any(each.pattern.search(name) for each in _ROWS)


def _name(words: Sequence[Run]) -> str:
    """The label nearest to the values; "" where that cell is blank though a group is named."""
    names = [label(run.text) for run in words]
    if not names:
        return ""
    if names[-1] and (is_label(names[-1]) or len(names) == 1):
        return names[-1]
    # Without a group, a label may stand in the first column with blanks after it; a label may also
    # be cut in two by a cell's border.
    others = [name for name in names if name and not T3_GROUPS.match(name)]
    whole = "".join(others)
    if not names[-1]:
        return others[-1] if others else ""
    return whole if is_label(whole) else names[-1]


def join_torn(rows: Sequence[Parted]) -> list[Parted]:
    """Rows whose label runs on in the row below, as page breaks leave it, joined to one."""
    joined: list[Parted] = []
    for each in rows:
        before = joined[-1] if joined else None
        if before and before.empty and before.name and each.name and not is_label(each.name):
            whole = before.name + each.name
            if is_label(whole):
                joined[-1] = replace(each, name=whole)
                continue
        joined.append(each)
    return joined
