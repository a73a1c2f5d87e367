"""勾稽关系: the sums that should hold within one document. A missing operand is no failure."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from pipelines.parser.checks_older import check_older
from pipelines.parser.checks_text import check_text
from pipelines.parser.labels import T3_COLUMNS, T3_ROWS, T4_COLUMNS, T4_GROUPS
from pipelines.parser.relations import balance, bound

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipelines.parser.model import Check, Figure
    from pipelines.parser.relations import Values

_OUTCOMES = {
    form: tuple(
        row.key
        for row in rows
        if row.key not in {"new_received", "carried_over", "total_processed", "carried_forward"}
    )
    for form, rows in T3_ROWS.items()
}
T2_ROWS = ("regulations", "normative_documents")
_COLUMNS = tuple(column.key for column in T3_COLUMNS)


def run_checks(figures: Sequence[Figure]) -> tuple[Check, ...]:
    """Every check whose form is there, in a fixed order.

    Derived totals and approximate numbers prove nothing.
    """
    values = {f.key: None if f.status == "derived" or f.approx else f.value for f in figures}
    approximate = {figure.key for figure in figures if figure.approx}
    found = (_table2, _table3, _table4, check_older)
    return (*(c for part in found for c in part(values)), *check_text(values, approximate))


def only_totals(figures: Sequence[Figure]) -> list[str]:
    """Rows of table three with a total but nobody's applications: a way to fill in the form."""
    values = {figure.key: figure.value for figure in figures}
    rows = [key.removesuffix(".total") for key in values if re.fullmatch(r"t3\..+\.total", key)]
    return [
        row.removeprefix("t3.")
        for row in rows
        if values[f"{row}.total"]
        and not any(values.get(f"{row}.{column}", 1) for column in _COLUMNS[:-1])
    ]


def _table2(values: Values) -> Iterator[Check]:
    """No more published than made, but for what was made earlier, which the form does not tell."""
    for row in T2_ROWS:
        made, published = (f"t2.art20_1.{row}.{column}" for column in ("made", "published"))
        if made in values and published in values:
            found = bound(f"t2c.pub.{row}", [published], [made], values, "info")
            yield replace(found, result="not_assessable") if found.result == "fail" else found


def _table3(values: Values) -> Iterator[Check]:
    if not any(key.startswith("t3.") for key in values):
        return
    form = "C" if "t3.other.total" in values else "D"
    for row in T3_ROWS[form]:
        key = f"t3.{row.key}"
        parts = [f"{key}.{column}" for column in _COLUMNS[:-1]]
        yield balance(f"t3.row_sum.{row.key}", [f"{key}.total"], parts, values)
    for column in _COLUMNS:
        outcomes = [f"t3.{row}.{column}" for row in _OUTCOMES[form]]
        total = f"t3.total_processed.{column}"
        yield balance(f"t3.outcome_sum.{column}", [total], outcomes, values)
    for column in _COLUMNS:
        taken = [f"t3.new_received.{column}", f"t3.carried_over.{column}"]
        given = [f"t3.total_processed.{column}", f"t3.carried_forward.{column}"]
        yield balance(f"t3.balance.{column}", taken, given, values)


def _table4(values: Values) -> Iterator[Check]:
    for group in T4_GROUPS:
        keys = [f"t4.{group.key}.{column.key}" for column in T4_COLUMNS]
        if keys[-1] in values:
            yield balance(f"t4.sum.{group.key}", keys[-1:], keys[:-1], values)
