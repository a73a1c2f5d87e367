"""Table two of forms C and D: what was published, by the items of article 20.

A row is known by its label, and so is its block; the block's header says which form it is and what
the columns are. Data rows often use other column spans than their header, so values are matched by
their order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crawler.items import Issue
from crawler.text import squeeze
from pipelines.parser.cells import read_cell, read_change, read_money
from pipelines.parser.columns import OTHER_YEARS
from pipelines.parser.grid import Row, Run, label
from pipelines.parser.labels import T2_ARTICLES, T2_BLOCKS, T2_FORM, Block, Wanted
from pipelines.parser.model import Figure, Form, Spot
from pipelines.parser.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Sequence

_ARTICLE = re.compile(r"第二十条第?\(?([一二三四五六七八九])\)?项")
_HEADER = "信息内容"
_MONEY = re.compile(r"\((?:单位[:为]?)?(亿元|万元|元)\)")
_BLOCKS = {block.key: block for block in T2_BLOCKS}
_FORMS: tuple[Form, ...] = ("C", "D")
_ENDS = {"自然人", "申请人情况", "结果维持", "行政复议"}


@dataclass(slots=True)
class _State:
    """Where in the table we are: the block, its header, how many of its rows were seen."""

    form: Form
    block: Block | None = None
    header: tuple[Run, ...] = ()
    seen: int = 0
    inside: bool = False
    figures: list[Figure] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)

    def problem(self, code: str, says: str) -> None:
        self.issues.append(Issue(code, says))


def read_table2(rows: Sequence[Row]) -> Reading:
    """Figures `t2.<block>.<row>.<column>`; an empty `Reading` when there is no table two."""
    if not any(_article(row) or _is_header(row) for row in rows):
        return Reading()
    state = _State(_form_of(rows))
    for row in rows:
        article = _article(row)
        if article:
            state.block = _BLOCKS.get(T2_ARTICLES.get(article, ""))
            state.header, state.seen, state.inside = (), 0, True
        if _is_header(row):
            names = row.runs[next(n for n, r in enumerate(row.runs) if _is_name(r)) + 1 :]
            state.header = tuple(run for run in names if label(run.text))
            state.inside = True
        elif any(text in _ENDS for text in row.texts):
            state.block, state.inside = None, False
        elif state.inside and not article:
            _read_row(row, state)
    forms = (state.form,) if state.figures else ()
    return Reading(tuple(state.figures), forms, tuple(state.issues))


def _article(row: Row) -> str | None:
    """The item that begins in this row, in a cell of its own or merged at the left."""
    return _item(row.cells[0].text) if row.cells[0].origin else None


def _item(text: str) -> str | None:
    flat = squeeze(text)
    match = _ARTICLE.match(flat)
    return match[1] if match and len(flat) <= 14 else None


def _is_header(row: Row) -> bool:
    return any(map(_is_name, row.runs)) and any(
        each.search(name) for each in T2_FORM.values() for name in row.labels
    )


def _is_name(run: Run) -> bool:
    return label(run.text) == _HEADER


def _form_of(rows: Sequence[Row]) -> Form:
    """The form most header cells speak for; only headers that name their columns vote."""
    votes = dict.fromkeys(_FORMS, 0)
    for row in filter(_is_header, rows):
        for form in _FORMS:
            votes[form] += sum(bool(T2_FORM[form].search(label(r.text))) for r in row.runs)
    return max(_FORMS, key=lambda form: votes[form])


def _read_row(row: Row, state: _State) -> None:
    runs = row.runs[1:] if _item(row.runs[0].text) and len(row.runs) > 1 else row.runs
    place = next((n for n, run in enumerate(runs[:3]) if label(run.text)), 0)
    name, values = label(runs[place].text), runs[place + 1 :]
    block, wanted = _wanted(name, state.block)
    if block is not None and block is not state.block:
        state.block, state.seen = block, 0
    if wanted is None and not _told(values):
        return
    if wanted is None and state.block is not None and not runs[0].text.strip():
        wanted, values = _by_position(state), runs[1:]
    if wanted is None:
        if name:
            state.problem("unknown_label", f"{name} is no row of table two")
        return
    state.seen += 1
    header, told = _of_this_year(state.header, values)
    columns = _columns(state, header, told)
    if columns is None:
        says = f"{wanted.key} has {len(told)} values under {len(header)} columns"
        state.problem("unknown_columns", says)
        return
    for run, column in zip(told, columns, strict=False):
        assert state.block is not None
        key = f"t2.{state.block.key}.{wanted.key}.{column.key}"
        spot = Spot(row.table, row.row, run.start)
        state.figures.append(_figure(run.text, state, key, column, spot))


def _told(values: Sequence[Run]) -> bool:
    return any(read_cell(value.text).value is not None for value in values)


def _wanted(name: str, block: Block | None) -> tuple[Block | None, Wanted | None]:
    """The row of this label, and its block: no label stands in two."""
    for each in (*filter(None, [block]), *T2_BLOCKS):
        for row in each.rows:
            if row.pattern.search(name):
                return each, row
    return None, None


def _by_position(state: _State) -> Wanted | None:
    """The row whose label is lost, when its block leaves no doubt which one it is."""
    assert state.block is not None
    rows = [row for row in state.block.rows if state.form == "C" or row.key != "other_services"]
    if state.seen >= len(rows):
        return None
    row = rows[state.seen]
    says = f"a row of {state.block.key} has no label; taken as {row.key} by its position"
    state.problem("label_lost", says)
    return row


def _of_this_year(names: Sequence[Run], values: Sequence[Run]) -> tuple[list[str], Sequence[Run]]:
    """The header's labels and the values without what is told for comparison."""
    header = [label(run.text) for run in names]
    if len(header) != len(values) or not any(map(OTHER_YEARS.search, header)):
        return header, values
    kept = [n for n, name in enumerate(header) if not OTHER_YEARS.search(name)]
    return [header[n] for n in kept], [values[n] for n in kept]


def _columns(
    state: _State, header: Sequence[str], values: Sequence[Run]
) -> tuple[Wanted, ...] | None:
    """The columns of the values: by the header where it names all, else by their order.

    A header that names a column of one form keeps the other form out.
    """
    assert state.block is not None
    known = state.block.columns
    forms = dict.fromkeys(form for form in (state.form, *_FORMS) if form in known)
    places = {form: [_place(name, known[form]) for name in header] for form in forms}
    told = {form: [n for n in places[form] if n is not None] for form in forms}
    best = max(forms, key=lambda form: len(told[form]))
    columns, named = known[best], told[best]
    if len(set(named)) == len(header) == _count(values, len(named)) > 0:
        return tuple(columns[place] for place in named)
    if named:
        whole = named == sorted(set(named)) and _count(values, len(columns)) == len(columns)
        return columns if whole else None
    if any(each.search(name) for each in T2_FORM.values() for name in header):
        return None  # the header of another block: this one's is lost
    return next((known[f] for f in forms if _count(values, len(known[f])) == len(known[f])), None)


def _place(name: str, columns: tuple[Wanted, ...]) -> int | None:
    return next((n for n, each in enumerate(columns) if each.pattern.search(name)), None)


def _count(values: Sequence[Run], expected: int) -> int:
    """How many values a row has, not counting blank cells that pad it beyond `expected`."""
    count = len(values)
    while count > expected and not values[count - 1].text.strip():
        count -= 1
    return count


def _figure(text: str, state: _State, key: str, column: Wanted, spot: Spot) -> Figure:
    if column.key == "items_change":
        return read_change(text).figure(key, column.unit, spot)
    if column.key not in {"amount", "amount_wan_yuan"}:
        return read_cell(text).figure(key, column.unit, spot)
    value = read_money(text)
    unit = value.unit or _unit_of_header(state, column) or column.unit
    if column.unit and unit != column.unit and value.value is not None:
        state.problem("unit_mismatch", f"{key} is printed in {unit}, not in {column.unit}")
    return value.figure(key, unit, spot)


def _unit_of_header(state: _State, column: Wanted) -> str:
    """The unit of money that the header gives: （单位：万元）."""
    for run in state.header:
        match = _MONEY.search(squeeze(run.text))
        if match and column.pattern.search(label(run.text)):
            return match[1]
    return ""
