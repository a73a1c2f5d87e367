"""Two sides of an arithmetic relation between figures, and how they compare."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from pipelines.parser.model import Check, Number

Severity = Literal["error", "warning", "info"]
Values = Mapping[str, Number | None]


def balance(
    name: str,
    left: Iterable[str],
    right: Iterable[str],
    values: Values,
    severity: Severity = "error",
) -> Check:
    """Left adds up to right; `values` are the figures' by key."""
    return _compare(name, left, right, values, severity, relation="=")


def bound(
    name: str, left: Iterable[str], right: Iterable[str], values: Values, severity: Severity
) -> Check:
    """Left adds up to no more than right."""
    return _compare(name, left, right, values, severity, relation="≤")


def _compare(
    name: str,
    left: Iterable[str],
    right: Iterable[str],
    values: Values,
    severity: Severity,
    *,
    relation: Literal["=", "≤"],
) -> Check:
    sides = [[values.get(key) for key in keys] for keys in (left, right)]
    says = f" {relation} ".join(
        " + ".join("?" if value is None else str(value) for value in side) for side in sides
    )
    known = [[value for value in side if value is not None] for side in sides]
    if len(known[0]) < len(sides[0]) or len(known[1]) < len(sides[1]):
        return Check(name, "not_assessable", severity, says)
    one, other = sum(known[0]), sum(known[1])
    holds = one == other if relation == "=" else one <= other
    return Check(name, "pass" if holds else "fail", severity, says)
