"""Table three of forms C and D: applications received and how they were settled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.items import Issue
from pipelines.parser.align import align
from pipelines.parser.cells import read_cell
from pipelines.parser.labels import T3_COLUMNS, T3_GROUPS, T3_ONLY_D, T3_ROWS, Wanted
from pipelines.parser.model import Figure, Form, Spot
from pipelines.parser.reading import Reading
from pipelines.parser.table3_body import Body, find_body, names_applicants
from pipelines.parser.table3_flat import flat_figures, flat_row, flattened
from pipelines.parser.table3_rows import Parted, join_torn, part
from pipelines.parser.table3_stacked import unstacked
from pipelines.parser.totals import seems_shifted, with_total

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.parser.columns import Whose
    from pipelines.parser.grid import Row


def read_table3(rows: Sequence[Row], whose: Whose) -> Reading:
    """Figures `t3.<row>.<column>`; an empty `Reading` when no row looks like table three.

    A second table three, as governments print that of their own office, is read after the first.
    """
    whole = Reading()
    while (body := find_body(rows, whose)) is not None:
        whole += _read(body)
        rows = [row for row in rows if body.rows and row.place > body.rows[-1].place]
        if not any(map(names_applicants, rows)):
            break
    return whole


def _read(body: Body) -> Reading:
    parted: list[Parted] = []
    if not body.kinds:
        says = "table three has several years side by side and nothing says which is the report's"
        return Reading((), (), (Issue("unknown_columns", says),))
    if body.columns:
        found = (each for row in body.rows for each in unstacked(part(row, body.columns)))
        parted = join_torn([*found])
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
    if body.kinds != T3_COLUMNS and len(body.kinds) == len(T3_COLUMNS):
        proven = _adds_up(parted, body.kinds)
        if not proven:
            says = "table three has its columns in another order, which its sums do not confirm"
            return Reading((), (), (Issue("unknown_columns", says),))
    reading = _values(parted, places, body.kinds) if body.columns else _flat(data, places)
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


def _adds_up(rows: Sequence[Parted], kinds: Sequence[Wanted]) -> bool:
    """Every whole row has its sum where the header puts it, and one at least is not nothing."""
    at = [kind.key for kind in kinds].index("total")
    sums: list[bool] = []
    for parted in rows:
        numbers = [read_cell(run.text).value for run in parted.cells if run is not None]
        known = [number for number in numbers if number is not None]
        if len(known) == len(kinds) and any(known):
            sums.append(sum(known) == 2 * known[at])
    return bool(sums) and all(sums)


def _values(
    rows: Sequence[Parted], places: Sequence[Wanted | None], kinds: Sequence[Wanted]
) -> Reading:
    figures: list[Figure] = []
    issues: list[Issue] = []
    for parted, place in zip(rows, places, strict=True):
        if place is None:
            continue
        row = parted.row
        cells = [run for run in parted.cells if run is not None]
        values = [read_cell(run.text) for run in cells]
        whole = len(cells) == len(kinds)
        shifted = whole and kinds == T3_COLUMNS and seems_shifted(values)
        if not whole or shifted:
            says = f"row {row.row} of table {row.table} has other cells than its header"
            issues.append(Issue("row_misaligned", says))
        if whole and kinds == T3_COLUMNS:
            values = [] if shifted else with_total(values)
        told = [kind for kind, run in zip(kinds, parted.cells, strict=True) if run is not None]
        for run, kind, value in zip(cells, told, values, strict=False):
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


def _is_group_only(parted: Parted) -> bool:
    name = parted.name
    return parted.empty and (not name or (bool(T3_GROUPS.match(name)) and name != "其他处理"))


def _form(names: list[str]) -> Form:
    if any(T3_ONLY_D.search(name) for name in names):
        return "D"
    if len(names) == len(T3_ROWS["D"]):
        return "D"
    return "C"
