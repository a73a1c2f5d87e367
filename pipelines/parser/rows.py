"""Forms A and B: one labelled row, one number. Rows are known by label, never by numeral.

Local variants insert and renumber rows, so a template is a list of labels with the group in which
each of them means what it says: 维持具体行政行为 is said of reviews, lawsuits and complaints alike.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.items import Issue
from crawler.text import squeeze
from pipelines.parser.cells import UNITS, read_cell
from pipelines.parser.grid import Row, label
from pipelines.parser.model import Figure, Form, Spot
from pipelines.parser.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a form. `within` limits it to groups; `opens` names the group it begins."""

    key: str  # "" for a heading that only opens a group
    pattern: re.Pattern[str]
    unit: str = ""
    within: str = ""
    opens: str = ""


@dataclass(frozen=True, slots=True)
class Columns:
    """The grid columns of a form's label, unit and value; `unit` None where there is none."""

    label: int
    unit: int | None
    value: int


def line(key: str, pattern: str, unit: str = "", within: str = "", opens: str = "") -> Line:
    """A `Line` from a pattern as text, searched in `grid.label()` text."""
    return Line(key, re.compile(pattern), unit, within, opens)


def read_rows(
    rows: Sequence[Row], columns: Columns, template: Sequence[Line], form: Form
) -> Reading:
    """Figures `a.…` or `b.…`. Each key once: a second row of the same label is an issue."""
    figures: dict[str, Figure] = {}
    issues: list[Issue] = []
    group = ""
    for row in rows:
        name = label(row.cells[columns.label].text)
        known = _find(name, template, group)
        value = read_cell(row.own(columns.value))  # blank where merged with its unit
        if known is None or known.key == "":
            if known is None and name and value.value is not None:
                issues.append(Issue("unknown_label", f"{name} is no row of form {form}"))
            group = known.opens if known else group
            continue
        key = f"{form.lower()}.{known.key}"
        if key in figures:
            issues.append(Issue("repeated_label", f"{name} stands in two rows of form {form}"))
            continue
        group = known.opens or group
        issues += _unit_issue(row, columns, known, key)
        spot = Spot(row.table, row.row, columns.value)
        figures[key] = value.figure(key, known.unit, spot)
    return Reading(tuple(figures.values()), (form,) if figures else (), tuple(issues))


def _find(name: str, template: Sequence[Line], group: str) -> Line | None:
    for each in template:
        if (not each.within or each.within == group) and each.pattern.search(name):
            return each
    return None


def _unit_issue(row: Row, columns: Columns, known: Line, key: str) -> list[Issue]:
    if columns.unit is None or not known.unit:
        return []
    printed = squeeze(row.cells[columns.unit].text)
    if printed == known.unit or not re.fullmatch(UNITS, printed):
        return []
    return [Issue("unit_mismatch", f"{key} is counted in {known.unit}, the form prints {printed}")]
