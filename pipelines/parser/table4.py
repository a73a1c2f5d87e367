"""Table four of forms C and D: administrative review and litigation, fifteen numbers in one row.

Some split it into three tables of five. Without a header, fifteen numbers that follow table three
and add up in all three groups are still table four.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

from crawler.items import Issue
from crawler.text import squeeze
from pipelines.parser.cells import read_cell
from pipelines.parser.glued import only_split
from pipelines.parser.grid import Row, Run, cell_below, label
from pipelines.parser.labels import T4_COLUMNS, T4_GROUPS
from pipelines.parser.model import Figure, Spot
from pipelines.parser.reading import Reading
from pipelines.parser.table3_rows import knows
from pipelines.parser.totals import with_total

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipelines.parser.columns import Whose

_KEYS = tuple((group.key, column.key) for group in T4_GROUPS for column in T4_COLUMNS)
_SIZE = len(T4_COLUMNS)
_SIZES = (_SIZE,) * len(T4_GROUPS)
_Cells = dict[tuple[str, str], Run]


def read_table4(rows: Sequence[Row], whose: Whose) -> Reading:
    """Figures `t4.<group>.<outcome>`; an empty `Reading` when no row looks like table four."""
    heads = list(_heads(rows))
    if not heads:
        return _without_header(rows)
    whole = Reading()
    unnamed: list[tuple[Row, list[Run]]] = []
    for header, after in heads:
        data = [row for row in after if _is_data(row)]
        if len(data) > 1 and all(re.search(r"20\d\d", row.texts[0]) for row in data):
            data = [row for row in data if whose.is_named(row.texts[0])]
        if not data:
            says = "table four has a header and no row of values of this year"
            whole += Reading(issues=(Issue("no_values", says),))
        named = [row for row in data if _own_group(row)]
        for row in named or data[:1]:
            cells = _cells(header, row)
            if not cells and len(_values(row)) == _SIZE:
                unnamed.append((row, _values(row)))
            else:
                whole += _reading(row, cells)
    return whole + _by_sequence(unnamed)


def _heads(rows: Sequence[Row]) -> Iterator[tuple[Sequence[Row], Sequence[Row]]]:
    """Each header of the table: its rows, with the two above, and the rows after it."""
    naming = [i for i, row in enumerate(rows) if _names_outcomes(row)]
    for _, block in groupby(enumerate(naming), key=lambda each: each[1] - each[0]):
        places = [place for _, place in block]
        first, last = places[0], places[-1]
        table = rows[last].table
        header = [row for row in rows[max(0, first - 2) : last + 1] if row.table == table]
        after = rows[last + 1 : last + 4]
        named = [row for row in after if row.table == table and _own_group(row)]
        yield header, named or after[:2]


def _names_outcomes(row: Row) -> bool:
    return "结果维持" in row.labels or {"尚未审结", "结果纠正"} <= set(row.labels)


def _is_data(row: Row) -> bool:
    """At least five cells of values, or one that is fifteen of them glued together."""
    values = [read_cell(run.text) for run in _values(row)]
    glued = len(values) == 1 and len(values[0].raw) >= len(_KEYS)
    read = all(value.status != "unparsed" for value in values)
    return glued or (len(values) >= _SIZE and read)


def _values(row: Row) -> list[Run]:
    """The cells of a row of values, without a label before or blanks that pad it after."""
    runs = list(row.runs)
    while len(runs) > 1 and read_cell(runs[0].text).status == "unparsed":
        del runs[0]
    size = next((size for size in (len(_KEYS), _SIZE) if len(runs) >= size), 1)
    while len(runs) > size and not runs[-1].text.strip():
        runs.pop()
    return runs


def _own_group(row: Row) -> list[str]:
    """The group that a row of five values names itself, before them."""
    named = [g.key for name in row.labels[:3] for g in T4_GROUPS if g.pattern.search(name)]
    return named[-1:]


def _cells(header: Sequence[Row], row: Row) -> _Cells:
    """The cell of each key: by order where there are fifteen, else by what stands above it."""
    above: _Cells = {}
    own = _own_group(row)
    for column in range(len(row.cells)):
        names = [each.labels[column] for each in header if column < len(each.cells)]
        groups = [g.key for g in T4_GROUPS for name in names if g.pattern.search(name)]
        groups = own or groups
        found = [c.key for c in T4_COLUMNS for name in names if c.pattern.search(name)]
        if groups and found:
            above.setdefault((groups[-1], found[0]), Run("", column, column + 1))
    runs = _values(row)
    if len(runs) == len(_KEYS) and (len(above) < len(_KEYS) or list(above) == list(_KEYS)):
        keys = _printed_order(header)
        return dict(zip(keys, runs, strict=True)) if keys else {}
    if len(runs) == 1 and (parts := only_split(squeeze(runs[0].text), _SIZES)):
        start, end = runs[0].start, runs[0].end
        return {key: Run(part, start, end) for key, part in zip(_KEYS, parts, strict=True)}
    if len(above) not in {_SIZE, len(_KEYS)}:
        return {}
    starts = [run.start for run in above.values()]
    ends = [*starts[1:], len(row.cells)]
    below = [cell_below(row, a, b) for a, b in zip(starts, ends, strict=True)]
    return {key: run for key, run in zip(above, below, strict=True) if run is not None}


def _printed_order(header: Sequence[Row]) -> Sequence[tuple[str, str]]:
    """The fifteen keys as a header that names every outcome orders them, () where it repeats one.

    A header that lost names says nothing against the form's own order.
    """
    printed = [
        [c.key for run in each.runs for c in T4_COLUMNS if c.pattern.search(label(run.text))]
        for each in header
    ]
    outcomes = max(printed, key=len)
    if len(outcomes) != len(_KEYS):
        return _KEYS
    groups = [outcomes[at : at + _SIZE] for at in range(0, len(_KEYS), _SIZE)]
    if any(len(set(group)) < _SIZE for group in groups):
        return ()
    return [(g.key, key) for g, group in zip(T4_GROUPS, groups, strict=True) for key in group]


def _reading(row: Row, cells: _Cells) -> Reading:
    if not cells:
        says = f"table four has {len(row.cells)} columns and a header that names other than fifteen"
        return Reading(issues=(Issue("unknown_columns", says),))
    figures: list[Figure] = []
    for group in T4_GROUPS:
        runs = {key: run for key, run in cells.items() if key[0] == group.key}
        values = [read_cell(run.text) for run in runs.values()]
        if len(values) == _SIZE and list(runs)[-1][1] == "total":
            values = with_total(values)
        for (key, run), value in zip(runs.items(), values, strict=True):
            spot = Spot(row.table, row.row, run.start)
            figures.append(value.figure(f"t4.{'.'.join(key)}", "件", spot))
    lost = len(cells) % _SIZE
    says = f"row {row.row} of table {row.table} has other cells than its header"
    return Reading(tuple(figures), (), (Issue("row_misaligned", says),) if lost else ())


def _by_sequence(rows: Sequence[tuple[Row, list[Run]]]) -> Reading:
    """Three tables of five numbers each that name no group stand in the order of the form."""
    whole = Reading()
    for (row, runs), group in zip(rows, T4_GROUPS, strict=False):
        if len(rows) == len(T4_GROUPS):
            keys = [(group.key, column.key) for column in T4_COLUMNS]
            whole += _reading(row, dict(zip(keys, runs, strict=True)))
        else:
            whole += _reading(row, {})
    return whole


def _without_header(rows: Sequence[Row]) -> Reading:
    """The first row after table three that is fifteen numbers, each group with its right sum."""
    last = max((i for i, row in enumerate(rows) if knows(row)), default=len(rows))
    for row in rows[last + 1 :]:
        runs = _values(row)
        if len(runs) == 1:
            parts = only_split(squeeze(runs[0].text), _SIZES) or ()
            runs = [Run(part, runs[0].start, runs[0].end) for part in parts]
        numbers = [read_cell(run.text).value for run in runs]
        known = [number for number in numbers if number is not None]
        if len(numbers) == len(known) == len(_KEYS) and all(
            sum(known[a : a + _SIZE - 1]) == known[a + _SIZE - 1]
            for a in range(0, len(_KEYS), _SIZE)
        ):
            says = "fifteen numbers after table three are taken as table four, which has no header"
            found = _reading(row, dict(zip(_KEYS, runs, strict=True)))
            return found + Reading(issues=(Issue("header_lost", says),))
    return Reading()
