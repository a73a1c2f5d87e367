"""Totals that a form leaves blank, where nothing but their parts is needed to know them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.parser.cells import Value

if TYPE_CHECKING:
    from collections.abc import Sequence


def with_total(values: Sequence[Value]) -> list[Value]:
    """The values of a row; a blank total, the last, is derived where every part is a number.

    A blank part leaves the total blank: blank is not 0.
    """
    *parts, total = values
    numbers = [part.value for part in parts if part.status == "number" and part.approx is None]
    known = [number for number in numbers if isinstance(number, int)]
    if total.status != "blank" or len(known) < len(parts):
        return list(values)
    return [*parts, Value(sum(known), "derived", total.raw, total.unit)]


def seems_shifted(values: Sequence[Value]) -> bool:
    """A blank total after a part that is the sum of the others: a cell of the row is lost."""
    *parts, last, _ = [value.value for value in values]
    others = [part for part in parts if part is not None]
    return values[-1].status == "blank" and bool(others) and last == sum(others) != 0
