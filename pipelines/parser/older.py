"""Forms A and B in the tables of a document: which they are, and where each begins and ends."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from crawler.items import Issue
from pipelines.parser import form2008, form2014
from pipelines.parser.columns import Columns, Whose, find_columns
from pipelines.parser.panels import one_form
from pipelines.parser.reading import Reading
from pipelines.parser.rows import Line, known_rows, read_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.parser.grid import Row
    from pipelines.parser.model import Form

_TEMPLATES: dict[Form, tuple[Line, ...]] = {"A": form2008.TEMPLATE, "B": form2014.TEMPLATE}


def read_older(rows: Sequence[Row], whose: Whose) -> Reading:
    """Figures `a.…` and `b.…`; an empty `Reading` when no table has such a header.

    A table without a header goes on with the form before it, if its rows are that form's. Of
    several years or organs side by side, those are read that the document is of.
    """
    whole = Reading()
    form: Form | None = None
    columns: Columns | None = None
    body: list[Row] = []
    for _, group in groupby(rows, key=lambda row: row.table):
        table = one_form(tuple(group), whose)
        start, found = _header(table, whose)
        if found is None:
            if form is not None and _has_rows_of(table, form):
                body += table
            continue
        rest = list(table[start:])
        kind = _form(rest, form)
        if kind is None:
            continue
        if isinstance(found, str):
            says = f"form {kind} has {found}"
            whole += Reading(issues=(Issue("unknown_columns", says),))
            continue
        if kind == form and found == columns:
            body += rest
            continue
        whole += _read(body, columns, form)
        form, columns, body = kind, found, rest
    return whole + _read(body, columns, form)


def _header(table: Sequence[Row], whose: Whose) -> tuple[int, Columns | str | None]:
    """The first row after the header, and the columns it names, or says why it names none."""
    problem: str | None = None
    for index in range(len(table)):
        found = find_columns(table, index, whose)
        if isinstance(found, Columns):
            return index + found.rows, found
        problem = problem or found
    return 0, problem


def _form(rows: Sequence[Row], before: Form | None) -> Form | None:
    """B by the rows that only it has; else the form before goes on; else A by its rows."""
    if any(form2014.OWN.search(name) for row in rows[:12] for name in row.labels):
        return "B"
    options: tuple[Form, ...] = (before, "A") if before else ("A",)
    return next((form for form in options if _has_rows_of(rows, form)), None)


def _has_rows_of(rows: Sequence[Row], form: Form) -> bool:
    first = rows[:40]
    return known_rows(first, _TEMPLATES[form]) * 3 >= len(first) > 0


def _read(body: Sequence[Row], columns: Columns | None, form: Form | None) -> Reading:
    if columns is None or form is None:
        return Reading()
    return read_rows(body, columns, _TEMPLATES[form], form)
