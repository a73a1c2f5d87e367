"""Numbers read by OCR: none is certain until the form's own sums bear it out, both ways.

A cell of table three takes part in the sum of its row and in a sum of its column; a number misread
breaks both. Table four has one sum a group. What no sum holds stays in doubt: its value is null,
what was read stays in `raw`, its status is `image`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crawler.items import Issue
from pipelines.parser.checks import run_checks

if TYPE_CHECKING:
    from pipelines.parser import Parsed
    from pipelines.parser.model import Figure

_CERTAIN = {"number", "explicit_zero"}
_EMPTY = {"blank", "not_applicable"}
_BALANCED = {"new_received", "carried_over", "carried_forward"}  # rows that no outcome sum holds


def doubted(parsed: Parsed) -> Parsed:
    """The document with every figure in doubt that no sums confirm, and an issue."""
    # An empty cell adds nothing: whether the numbers that stand there agree is all that counts.
    seen = [replace(f, value=0) if f.status in _EMPTY else f for f in parsed.figures]
    held = {check.id for check in run_checks(seen) if check.result == "pass"}
    read = [figure for figure in parsed.figures if figure.status in _CERTAIN]
    confirmed = sum(_is_confirmed(figure.key, held) for figure in read)
    says = f"{confirmed} of {len(read)} figures are borne out by the form's sums"
    return replace(
        parsed,
        figures=tuple(_marked(figure, held) for figure in parsed.figures),
        issues=(*parsed.issues, Issue("read_by_ocr", f"read by OCR: {says}")),
    )


def _marked(figure: Figure, held: set[str]) -> Figure:
    if figure.status not in _CERTAIN or _is_confirmed(figure.key, held):
        return figure
    return replace(figure, value=None, status="image", value_yuan=None)


def _is_confirmed(key: str, held: set[str]) -> bool:
    table, _, rest = key.partition(".")
    if table == "t3":
        row, _, column = rest.rpartition(".")
        down = f"t3.{'balance' if row in _BALANCED else 'outcome_sum'}.{column}"
        return f"t3.row_sum.{row}" in held and down in held
    if table == "t4":
        return f"t4.sum.{rest.partition('.')[0]}" in held
    return False
