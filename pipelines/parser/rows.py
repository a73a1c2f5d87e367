"""Forms A and B: one labelled row, one number. Rows are known by label, never by numeral.

Local variants insert and renumber rows, so a template is a list of labels with the group in which
each of them means what it says: 维持具体行政行为 is said of reviews, lawsuits and complaints alike.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.items import Issue
from crawler.text import squeeze
from pipelines.parser.cells import UNITS, YUAN, Value, read_cell
from pipelines.parser.grid import Row, Run, label
from pipelines.parser.model import Figure, Form, Spot
from pipelines.parser.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipelines.parser.columns import Columns

_UNIT = re.compile(UNITS)
_SUM = re.compile(r"总数量?|数量|合计|总计|小计|件数|次数")  # only the group's own number
_NUMBERING = re.compile(r"甲$")  # a row that numbers the columns: 甲 乙 丙 1 2
_ENUMERATED = re.compile(r"(?<!\d)\d{1,2}[.、](?!\d)")  # twice in a cell: two rows in one
_SERIAL = re.compile(r"\(?(?:\d{1,4}|[一二三四五六七八九十]{1,3})\)?[、.]?")
_LONGEST = 70  # characters of a label; more is a sentence
_PIECES = {"条", "件", "份", "次", "篇", "个", "人次"}


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a form. `within` limits it to some groups; `opens` names the group it begins.

    A `local` line stands in some variants only: its absence does not tell that a label is lost.
    """

    key: str  # "" for a heading that only opens a group
    pattern: re.Pattern[str]
    unit: str = ""
    within: str = ""
    opens: str = ""
    local: bool = False


def line(
    key: str,
    pattern: str,
    unit: str = "",
    within: str = "",
    opens: str = "",
    *,
    local: bool = False,
) -> Line:
    """A `Line` from a pattern as text, searched in `grid.label()` text."""
    return Line(key, re.compile(pattern), unit, within, opens, local)


@dataclass(slots=True)
class _Entry:
    """A row taken apart: the labels above its own in merged cells, its unit and its number."""

    row: Row
    above: tuple[str, ...]
    name: str
    unit: str
    cell: Run | None  # None: merged with its unit or its label
    column: int  # where the number stands, or should
    line: Line | None = None

    @property
    def value(self) -> Value:
        return read_cell(self.cell.text if self.cell else "")


def read_rows(
    rows: Sequence[Row], columns: Columns, template: Sequence[Line], form: Form
) -> Reading:
    """Figures `a.…` or `b.…`. Each key once: a second row of the same label is an issue."""
    entries = [_entry(row, columns) for row in rows if _is_readable(row, columns)]
    _name(entries, template)
    issues = [*_place_lost(entries, template, form)]
    figures: dict[str, Figure] = {}
    for entry in entries:
        known = entry.line
        if known is None:
            if entry.value.value is not None and (entry.name or entry.unit):
                says = f"{entry.name or 'a row without label'} is no row of form {form}"
                issues.append(Issue("unknown_label", says))
            continue
        key = f"{form.lower()}.{known.key}"
        if not known.key:
            continue
        if key in figures:
            says = f"{entry.name} stands in two rows of form {form}"
            issues.append(Issue("repeated_label", says))
            continue
        unit, problem = _unit(entry, known, key)
        issues += problem
        spot = Spot(entry.row.table, entry.row.row, entry.column)
        figures[key] = entry.value.figure(key, unit, spot)
    return Reading(tuple(figures.values()), (form,) if figures else (), tuple(issues))


def _is_readable(row: Row, columns: Columns) -> bool:
    """No row that numbers the columns, nor rows that share one; in running text, as many values
    as follow the unit."""
    if row.loose:
        if columns.after_unit == 1:
            return len(row.cells) <= columns.value - columns.label + 1
        units = [n for n, text in enumerate(row.texts) if _UNIT.fullmatch(text)]
        return [len(row.cells) - 1 - n for n in units] == [columns.behind_unit]
    stacked = any(len(_ENUMERATED.findall(text)) > 1 for text in row.texts[: columns.value])
    return _NUMBERING.match(row.texts[0]) is None and not stacked


def known_rows(rows: Sequence[Row], template: Sequence[Line]) -> int:
    """How many of `rows` have a label that the form knows, without asking for its group."""
    return sum(any(_find(name, template, None) for name in set(row.labels)) for row in rows)


def _entry(row: Row, columns: Columns) -> _Entry:
    """Take a row apart by its unit, which only one of its cells can be; else by the header."""
    runs = row.runs
    units = [n for n, run in enumerate(runs) if _UNIT.fullmatch(squeeze(run.text))]
    cell: Run | None
    words: Sequence[Run]
    if columns.unit is not None and len(units) == 1:
        unit, words = squeeze(runs[units[0]].text), runs[: units[0]]
        cells = runs[units[0] + columns.after_unit :]
        merged = columns.value < runs[units[0]].end and len(cells) == 0
        cell = cells[0] if cells and not merged else None
    else:
        unit, words = "", tuple(run for run in runs if run.start <= columns.label)
        first = columns.label if columns.unit is None else columns.unit
        at_value = (run for run in runs if run.start <= columns.value < run.end)
        cell = next((run for run in at_value if run.start > first), None)
    if cell and not row.cells[cell.start].origin:
        cell = None  # a number that is merged over several rows is the first one's at most
    words = [run for run in words if not _SERIAL.fullmatch(squeeze(run.text))]
    column = cell.start if cell else min(columns.value, len(row.cells) - 1)
    above, name = _names(row, words)
    return _Entry(row, above, name, unit, cell, column)


def _names(row: Row, words: Sequence[Run]) -> tuple[tuple[str, ...], str]:
    """The labels of merged cells to the left, and the row's own; "" where that is lost."""
    named = [(label(run.text), row.cells[run.start].origin) for run in words]
    if named and not named[-1][0]:
        # Without a group to its left, a label may stand in the first column, blanks after it.
        named = [(name, own) for name, own in named if name and own] or [("", True)]
    filled = [name for name, _ in named if name]
    if len(filled) > 1 and _SUM.fullmatch(filled[-1]):
        filled.pop()
    return tuple(filled[:-1]), filled[-1] if filled else ""


def _name(entries: Sequence[_Entry], template: Sequence[Line]) -> None:
    """Find each row's line, in the group that the rows before it have opened.

    Where rows that several groups have begin anew, the row that opened the next group is lost: they
    are nobody's until another opens.
    """
    group = ""
    shared = Counter(each.pattern.pattern for each in template)
    last: Line | None = None  # of the group, among the shared lines
    for index, entry in enumerate(entries):
        for name in entry.above:
            known = _find(name, template, group)
            group, last = (known.opens, None) if known and known.opens else (group, last)
        entry.line = _find(entry.name, template, group)
        if entry.line and shared[entry.line.pattern.pattern] > 1:
            if (
                last
                and last is not entry.line
                and template.index(last) > template.index(entry.line)
            ):
                entry.line, group = None, ""
            last = entry.line
        before = entries[index - 1] if index else None
        if entry.line is None and before is not None and _is_torn(before, entry):
            whole = _find(before.name + entry.name, template, group)
            if whole is not None and before.line in (None, whole):
                before.line, entry.line = None, whole
        if entry.line and entry.line.opens:
            group, last = entry.line.opens, None


def _is_torn(before: _Entry, entry: _Entry) -> bool:
    """A label that runs on in the next row, as page breaks leave it: unit and number follow it."""
    return bool(before.name and entry.name and entry.unit and not before.unit) and (
        before.value.status == "blank"
    )


def _find(name: str, template: Sequence[Line], group: str | None) -> Line | None:
    """The line a label means in `group`; None asks for no group."""
    if not 0 < len(name) <= _LONGEST:
        return None
    for each in template:
        inside = group is None or not each.within or group in each.within.split()
        if inside and each.pattern.search(name):
            return each
    return None


def _place_lost(entries: Sequence[_Entry], template: Sequence[Line], form: Form) -> Iterator[Issue]:
    """Rows without a label, where the rows around them leave no doubt which they are."""
    order = {id(each): place for place, each in enumerate(template)}
    known = [(n, entry.line) for n, entry in enumerate(entries) if entry.line and entry.line.key]
    for (a, before), (b, after) in itertools.pairwise(known):
        lost = [e for e in entries[a + 1 : b] if e.line is None and (e.unit or e.value.raw)]
        if not lost or any(entry.name for entry in lost):
            continue
        missing = template[order[id(before)] + 1 : order[id(after)]]
        missing = [each for each in missing if each.key and not each.local]
        fits = [entry.unit in {"", each.unit} for entry, each in zip(lost, missing, strict=False)]
        if len(missing) == len(lost) and all(fits):
            for entry, each in zip(lost, missing, strict=True):
                entry.line = each
            says = f"{len(lost)} rows of form {form} have no label; taken by their position"
            yield Issue("label_lost", says)


def _unit(entry: _Entry, known: Line, key: str) -> tuple[str, list[Issue]]:
    """The unit a number counts in: money keeps the printed one; other misprints are flagged.

    What the local forms count, one in 件 and another in 条, is no misprint.
    """
    printed = entry.unit
    if not printed or not known.unit or printed == known.unit:
        return known.unit or printed, []
    if key.startswith("a.") and {printed, known.unit} <= _PIECES:
        return printed, []
    says = f"{key} is counted in {known.unit}, the form prints {printed}"
    unit = printed if {printed, known.unit} <= YUAN.keys() else known.unit
    return unit, [Issue("unit_mismatch", says)]
