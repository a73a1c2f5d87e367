"""Table three of forms C and D: applications received and how they were settled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.items import Issue
from pipelines.parser.align import align
from pipelines.parser.cells import read_cell
from pipelines.parser.grid import Row, label
from pipelines.parser.labels import T3_COLUMNS, T3_GROUPS, T3_ONLY_D, T3_ROWS, Wanted
from pipelines.parser.model import Figure, Form, Spot
from pipelines.parser.reading import Reading
from pipelines.parser.table3_flat import flat_figures, flat_row, flattened

if TYPE_CHECKING:
    from collections.abc import Sequence

_END = ("结果维持", "第二十条第")


@dataclass(frozen=True, slots=True)
class _Body:
    """The data rows of table three; its value columns are () where the header does not tell."""

    rows: tuple[Row, ...]
    columns: tuple[int, ...]


def read_table3(rows: Sequence[Row]) -> Reading:
    """Figures `t3.<row>.<column>`; an empty `Reading` when no row looks like table three."""
    body = _find(rows)
    if body is None:
        return Reading()
    if body.columns:
        named = [(row, _leaf(row, body.columns[0])) for row in body.rows]
        named = [(row, name) for row, name in named if not _is_group_only(row, name, body)]
    else:
        flat = [flat_row(row) for row in body.rows]
        named = [(each.row, each.name) for each in flat if each.values]
    form = _form([name for _, name in named])
    names = [_row_name(name, form) for _, name in named]
    placed = align(names, T3_ROWS[form])
    data = [row for row, _ in named]
    places = [None if place is None else T3_ROWS[form][place] for place in placed.places]
    reading = _values(data, places, body.columns) if body.columns else _flat(data, places)
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


def _values(rows: list[Row], places: list[Wanted | None], columns: tuple[int, ...]) -> Reading:
    figures: list[Figure] = []
    issues: list[Issue] = []
    for row, place in zip(rows, places, strict=True):
        if place is None:
            continue
        if _is_shifted(row, columns[0]):
            says = f"row {row.row} of table {row.table} has numbers where its label should be"
            issues.append(Issue("row_misaligned", says))
            continue
        for column, kind in zip(columns, T3_COLUMNS, strict=True):
            value = read_cell(row.own(column))
            spot = Spot(row.table, row.row, column)
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


def _is_shifted(row: Row, first_value: int) -> bool:
    return any(row.own(column).strip().isdigit() for column in range(first_value))


def _find(rows: Sequence[Row]) -> _Body | None:
    """The rows after the header up to 结转下年度, with the grid columns the header names."""
    header = next((i for i, row in enumerate(rows) if _names_applicants(row)), None)
    if header is None:
        return None
    columns = _columns(rows, header)
    last, wide = (columns[0], columns[-1]) if columns else (2, 1)
    body: list[Row] = []
    for row in rows[header + 1 :]:
        texts = row.texts
        if len(row.cells) <= wide or any(text.startswith(_END) for text in texts):
            break
        if _names_applicants(row):  # the header again, on the next page of a split table
            continue
        body.append(row)
        if any("结转下" in text for text in texts[:last]):
            break
    return _Body(tuple(body), columns)


def _names_applicants(row: Row) -> bool:
    names = {label(cell.text) for cell in row.cells}
    return bool(names & {"科研机构", "法律服务机构", "商业企业"})


def _columns(rows: Sequence[Row], header: int) -> tuple[int, ...]:
    """The seven value columns, from the header row and those above; () when not all are known."""
    found: dict[str, int] = {}
    above = [row for row in rows[max(0, header - 2) : header] if row.table == rows[header].table]
    for row in (rows[header], *reversed(above)):
        for column, cell in enumerate(row.cells):
            name = label(cell.text)
            for kind in T3_COLUMNS:
                if kind.pattern.search(name) and column not in found.values():
                    found.setdefault(kind.key, column)
    columns = [found.get(kind.key) for kind in T3_COLUMNS]
    if columns[0] is None and columns[1] and columns[1] > 1:
        columns[0] = columns[1] - 1
    known = [column for column in columns if column is not None]
    if len(known) < 7 or known != sorted(known) or known[0] == 0:
        return ()
    return tuple(known)


def _leaf(row: Row, first_value: int) -> str:
    """The label nearest to the values; "" where that cell is blank though a group is named."""
    name = label(row.cells[first_value - 1].text)
    if name or first_value == 1:
        return name
    # Without a group, a label may stand in the first column with blanks after it.
    others = [label(cell.text) for cell in row.cells[: first_value - 1]]
    return next((each for each in reversed(others) if each and not T3_GROUPS.match(each)), "")


def _is_group_only(row: Row, name: str, body: _Body) -> bool:
    values = [row.own(column).strip() for column in body.columns]
    return not any(values) and (not name or (bool(T3_GROUPS.match(name)) and name != "其他处理"))


def _form(names: list[str]) -> Form:
    if any(T3_ONLY_D.search(name) for name in names):
        return "D"
    if len(names) == len(T3_ROWS["D"]):
        return "D"
    return "C"
