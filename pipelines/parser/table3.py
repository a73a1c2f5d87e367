"""Table three of forms C and D: applications received and how they were settled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.items import Issue
from pipelines.parser.align import align
from pipelines.parser.cells import read_cell
from pipelines.parser.grid import Row, is_blank
from pipelines.parser.labels import T3_COLUMNS, T3_GROUPS, T3_HEADER, T3_ONLY_D, T3_ROWS, Wanted
from pipelines.parser.model import Figure, Form, Spot
from pipelines.parser.reading import Reading
from pipelines.parser.table3_flat import flat_figures, flat_row, flattened
from pipelines.parser.table3_rows import Parted, join_torn, knows, part
from pipelines.parser.totals import seems_shifted, with_total

if TYPE_CHECKING:
    from collections.abc import Sequence

_END = ("结果维持", "第二十条第")
_FEWEST = 6  # known rows that make a table three of a table whose header is lost


@dataclass(frozen=True, slots=True)
class _Body:
    """The data rows of table three; its value columns are () where the header does not tell."""

    rows: tuple[Row, ...]
    columns: tuple[int, ...]
    disordered: bool = False  # the header names all seven, but not in the form's order


def read_table3(rows: Sequence[Row]) -> Reading:
    """Figures `t3.<row>.<column>`; an empty `Reading` when no row looks like table three.

    A second table three, as governments print that of their own office, is read after the first.
    """
    whole = Reading()
    while (body := _find(rows)) is not None:
        whole += _read(body)
        rows = rows[rows.index(body.rows[-1]) + 1 :] if body.rows else ()
        if not any(map(_names_applicants, rows)):
            break
    return whole


def _read(body: _Body) -> Reading:
    if body.disordered:
        return Reading(
            (), (), (Issue("unknown_columns", "table three has its columns in another order"),)
        )
    parted: list[Parted] = []
    if body.columns:
        parted = join_torn([part(row, body.columns) for row in body.rows])
        parted = [each for each in parted if not _is_group_only(each)]
        names = [each.name for each in parted]
        data = [each.row for each in parted]
    else:
        flat = [each for row in body.rows if (each := flat_row(row)).values]
        names, data = [each.name for each in flat], [each.row for each in flat]
    form = _form(names)
    names = [_row_name(name, form) for name in names]
    placed = align(names, T3_ROWS[form])
    places = [None if place is None else T3_ROWS[form][place] for place in placed.places]
    reading = _values(parted, places) if body.columns else _flat(data, places)
    issues = list(reading.issues)
    if placed.lost:
        says = f"{len(placed.lost)} of {len(data)} rows of table three have no label"
        issues.append(Issue("label_lost", f"{says}; aligned by position"))
    for index in placed.unplaced:
        row, name = data[index], names[index] or "no label"
        says = f"row {row.row} of table {row.table} ({name}) is no row of table three"
        issues.append(Issue("unknown_label", says))
    return Reading(reading.figures, (form,), tuple(issues))


def _row_name(name: str, form: Form) -> str:
    """The label to align by: "" for a group's, which stands where a lost label should."""
    is_row = form == "C" and name == "其他处理"
    return "" if T3_GROUPS.match(name) and not is_row else name


def _values(rows: Sequence[Parted], places: Sequence[Wanted | None]) -> Reading:
    figures: list[Figure] = []
    issues: list[Issue] = []
    for parted, place in zip(rows, places, strict=True):
        if place is None:
            continue
        row = parted.row
        cells = [run for run in parted.cells if run is not None]
        values = [read_cell(run.text) for run in cells]
        whole = len(cells) == len(T3_COLUMNS)
        if not whole or seems_shifted(values):
            says = f"row {row.row} of table {row.table} has other cells than its header"
            issues.append(Issue("row_misaligned", says))
        if whole:
            values = [] if seems_shifted(values) else with_total(values)
        kinds = [k for k, run in zip(T3_COLUMNS, parted.cells, strict=True) if run is not None]
        for run, kind, value in zip(cells, kinds, values, strict=False):
            spot = Spot(row.table, row.row, run.start)
            figures.append(value.figure(f"t3.{place.key}.{kind.key}", "件", spot))
    return Reading(tuple(figures), (), tuple(issues))


def _flat(rows: list[Row], places: list[Wanted | None]) -> Reading:
    flat = [flat_row(row) for row in rows]
    totals = any(each.ends_in_sum for each in flat)
    figures = [
        figure
        for each, place in zip(flat, places, strict=True)
        if place is not None
        for figure in flat_figures(each, place.key, totals_filled=totals)
    ]
    return Reading(tuple(figures), (), tuple(flattened(flat)))


def _find(rows: Sequence[Row]) -> _Body | None:
    """The rows after the header up to 结转下年度, with the grid columns the header names."""
    header = next((i for i, row in enumerate(rows) if _names_applicants(row)), None)
    if header is None:
        return _without_header(rows)
    named = _named_columns(rows, header)
    known = [column for column in named if column is not None]
    disordered = len(known) == len(named) and known != sorted(known)
    columns = _columns(rows[header], named)
    return _Body(_until_the_end(rows[header + 1 :]), columns, disordered)


def _without_header(rows: Sequence[Row]) -> _Body | None:
    """Rows that only table three has, below a header that is lost: no column is known."""
    known = [i for i, row in enumerate(rows) if knows(row)]
    if len(known) < _FEWEST:
        return None
    return _Body(_until_the_end(rows[known[0] :]), ())


def _until_the_end(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Data rows; the header printed again, page numbers and blank rows are none.

    Past the last table that has a row of table three, other tables of the report begin.
    """
    tables = {row.table for row in rows if knows(row)} | {row.table for row in rows[:1]}
    body: list[Row] = []
    for row in rows:
        texts = row.texts
        if row.table not in tables or any(text.startswith(_END) for text in texts):
            break
        if is_blank(row) or _is_header(row):
            continue
        if not any(text.isdigit() for text in texts) and "行政复议" in texts:
            break
        body.append(row)
        if any("结转下" in text for text in texts):
            break
    return tuple(body)


def _is_header(row: Row) -> bool:
    named = any(T3_HEADER.search(text) for text in row.texts)
    return named and not any(read_cell(text).status == "number" for text in row.texts)


def _names_applicants(row: Row) -> bool:
    names = set(row.labels)
    return bool(names & {"科研机构", "法律服务机构", "商业企业"})


def _named_columns(rows: Sequence[Row], header: int) -> list[int | None]:
    """Where the header row and those above name the seven value columns."""
    if rows[header].loose:
        return [None] * len(T3_COLUMNS)
    found: dict[str, int] = {}
    above = [row for row in rows[max(0, header - 2) : header] if row.table == rows[header].table]
    for row in (rows[header], *reversed(above)):
        for column, name in enumerate(row.labels):
            for kind in T3_COLUMNS:
                if kind.pattern.search(name) and column not in found.values():
                    found.setdefault(kind.key, column)
    return [found.get(kind.key) for kind in T3_COLUMNS]


def _columns(header: Row, columns: Sequence[int | None]) -> tuple[int, ...]:
    """The seven value columns; () when not all are known."""
    if None in columns and not header.loose:
        columns = _by_order(header, columns)
    known = [column for column in columns if column is not None]
    if len(known) < len(T3_COLUMNS) or known != sorted(known) or known[0] == 0:
        return ()
    return tuple(known)


def _by_order(header: Row, columns: Sequence[int | None]) -> list[int | None]:
    """A header with some names lost: the others say which of its seven last cells is which."""
    runs = header.runs
    starts = {run.start: place for place, run in enumerate(runs)}
    firsts = {
        starts[column] - kind
        for kind, column in enumerate(columns)
        if column is not None and column in starts
    }
    known = sum(column is not None for column in columns)
    first = firsts.pop() if len(firsts) == 1 else 0
    if known < 4 or first < 1 or first + len(columns) > len(runs):
        return [None]
    return [run.start for run in runs[first : first + len(columns)]]


def _is_group_only(parted: Parted) -> bool:
    name = parted.name
    return parted.empty and (not name or (bool(T3_GROUPS.match(name)) and name != "其他处理"))


def _form(names: list[str]) -> Form:
    if any(T3_ONLY_D.search(name) for name in names):
        return "D"
    if len(names) == len(T3_ROWS["D"]):
        return "D"
    return "C"
