"""Table two of forms C and D: what was published, by the items of article 20.

A row is known by its label; its block's header says which form it is and what the columns are.
Data rows often use other column spans than their header, so values are matched by their order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crawler.items import Issue
from pipelines.parser.cells import Value, read_cell
from pipelines.parser.grid import Row, Run, label
from pipelines.parser.labels import T2_ARTICLES, T2_BLOCKS, T2_FORM, Block, Wanted
from pipelines.parser.model import Figure, Form, Spot
from pipelines.parser.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Sequence

_ARTICLE = re.compile(r"第二十条第?\(?([一二三四五六七八九])\)?项")
_BLOCKS = {block.key: block for block in T2_BLOCKS}
_FORMS: tuple[Form, ...] = ("C", "D")


@dataclass(slots=True)
class _State:
    """Where in the table we are: the block, its header, how many of its rows were seen."""

    block: Block | None = None
    header: tuple[str, ...] = ()
    seen: int = 0
    figures: list[Figure] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)


def read_table2(rows: Sequence[Row]) -> Reading:
    """Figures `t2.<block>.<row>.<column>`; an empty `Reading` when there is no table two."""
    if not any(_article(row) for row in rows):
        return Reading()
    form = _form_of(rows)
    state = _State()
    for row in rows:
        article = _article(row)
        if article:
            state.block = _BLOCKS.get(T2_ARTICLES.get(article, ""))
            state.header, state.seen = (), 0
        elif "信息内容" in row.texts:
            names = tuple(label(run.text) for run in row.runs[1:])
            state.header = tuple(name for name in names if name)
        elif _ends(row):
            state.block = None
        elif state.block is not None:
            _read_row(row, state, form)
    return Reading(tuple(state.figures), (form,), tuple(state.issues))


def _article(row: Row) -> str | None:
    match = _ARTICLE.match(row.texts[0]) if row.texts else None
    return match[1] if match and len(row.texts[0]) <= 14 else None


def _ends(row: Row) -> bool:
    return any(text in {"自然人", "申请人情况", "结果维持", "行政复议"} for text in row.texts)


def _form_of(rows: Sequence[Row]) -> Form:
    """The form most header cells speak for; only headers that name their columns vote."""
    votes = dict.fromkeys(_FORMS, 0)
    for row in rows:
        if "信息内容" not in row.texts:
            continue
        for form in _FORMS:
            votes[form] += sum(bool(T2_FORM[form].search(label(r.text))) for r in row.runs)
    return max(_FORMS, key=lambda form: votes[form])


def _read_row(row: Row, state: _State, form: Form) -> None:
    block = state.block
    assert block is not None
    name = label(row.cells[0].text)
    values = row.runs[1:]
    wanted = next((each for each in block.rows if each.pattern.search(name)), None)
    told = any(read_cell(value.text).value is not None for value in values)
    if wanted is None and not name and told:
        wanted = _by_position(state, form)
    if wanted is None:
        if name and told:
            says = f"{name} is no row of {block.key}"
            state.issues.append(Issue("unknown_label", says))
        return
    state.seen += 1
    columns = _columns(block, state.header, form, values)
    if columns is None:
        says = f"{name} has {len(values)} values under {len(state.header)} columns"
        state.issues.append(Issue("unknown_columns", says))
        return
    for run, column in zip(values, columns, strict=False):
        key = f"t2.{block.key}.{wanted.key}.{column.key}"
        spot = Spot(row.table, row.row, run.start)
        state.figures.append(_value(run.text, state, key).figure(key, column.unit, spot))


def _by_position(state: _State, form: Form) -> Wanted | None:
    """The row whose label is lost, when its block leaves no doubt which one it is."""
    assert state.block is not None
    rows = [row for row in state.block.rows if form == "C" or row.key != "other_services"]
    if state.seen >= len(rows):
        return None
    row = rows[state.seen]
    says = f"a row of {state.block.key} has no label; taken as {row.key} by its position"
    state.issues.append(Issue("label_lost", says))
    return row


def _columns(
    block: Block, header: tuple[str, ...], form: Form, values: Sequence[Run]
) -> tuple[Wanted, ...] | None:
    """The columns of the values: by the header where it names all, else by their order."""
    options = [block.columns[each] for each in (form, *_FORMS) if each in block.columns]
    for columns in options:
        named = [_named(name, columns) for name in header]
        known = tuple(each for each in named if each is not None)
        if len({each.key for each in known}) == len(header) == _count(values, len(known)):
            return known
    return next((each for each in options if _count(values, len(each)) == len(each)), None)


def _named(name: str, columns: tuple[Wanted, ...]) -> Wanted | None:
    return next((each for each in columns if each.pattern.search(name)), None)


def _count(values: Sequence[Run], expected: int) -> int:
    """How many values a row has, not counting blank cells that pad it beyond `expected`."""
    count = len(values)
    while count > expected and not values[count - 1].text.strip():
        count -= 1
    return count


def _value(text: str, state: _State, key: str) -> Value:
    value = read_cell(text)
    if key.endswith("_wan_yuan") and value.unit and value.unit != "万元":
        says = f"{key} is printed in {value.unit}, not in 万元"
        state.issues.append(Issue("unit_mismatch", says))
    return value
