"""The arithmetic that a form must satisfy, worked out from what is printed.

Written from the forms' own rules and on purpose not shared with the parser under test.
"""

from collections.abc import Iterator, Mapping

from crawler.practice.forms import (
    APPLICANTS,
    COLUMNS,
    FORWARD,
    NEW,
    OVER,
    PROCESSED,
    T4_GROUPS,
    T4_RESULTS,
    all_rows,
    outcome_rows,
)
from crawler.practice.truth import Value


def failing(figures: Mapping[str, Value], form: str) -> tuple[str, ...]:
    """Ids of the checks that are false as printed; a blank operand makes a check unassessable."""
    return tuple(
        name
        for name, left, right in _equations(form)
        if (a := _sum(figures, left)) is not None
        and (b := _sum(figures, right)) is not None
        and a != b
    )


def _equations(form: str) -> Iterator[tuple[str, list[str], list[str]]]:
    for row in all_rows(form):
        parts = [f"t3.{row}.{column}" for column in APPLICANTS]
        yield f"t3.row_sum.{row}", [f"t3.{row}.total"], parts
    for column, _ in COLUMNS:
        parts = [f"t3.{row}.{column}" for row in outcome_rows(form)]
        yield f"t3.outcome_sum.{column}", [f"t3.{PROCESSED}.{column}"], parts
        came = [f"t3.{NEW}.{column}", f"t3.{OVER}.{column}"]
        went = [f"t3.{PROCESSED}.{column}", f"t3.{FORWARD}.{column}"]
        yield f"t3.balance.{column}", came, went
    for group in T4_GROUPS:
        parts = [f"t4.{group}.{result}" for result, _ in T4_RESULTS[:-1]]
        yield f"t4.sum.{group}", [f"t4.{group}.total"], parts


def _sum(figures: Mapping[str, Value], keys: list[str]) -> float | None:
    total: float = 0
    for key in keys:
        value = figures[key]
        if value is None:
            return None
        total += value
    return total
