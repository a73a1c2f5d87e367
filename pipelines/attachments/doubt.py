"""Numbers read by OCR: none is certain until the form's own sums bear it out, both ways.

A cell of table three takes part in the sum of its row and in a sum of its column; a number misread
breaks both. Table four has one sum a group. What no sum holds stays in doubt: its value is null,
what was read stays in `raw`, its status is `image`.
"""

from __future__ import annotations

from typing import Any

_CERTAIN = {"number", "explicit_zero"}
_BALANCED = {"new_received", "carried_over", "carried_forward"}  # rows that no outcome sum holds


def doubted(document: dict[str, Any]) -> dict[str, Any]:
    """The document with every figure in doubt that its checks do not confirm, and an issue."""
    passed = {check["id"] for check in document["checks"] if check["result"] == "pass"}
    read = [figure for figure in document["figures"] if figure["status"] in _CERTAIN]
    confirmed = sum(_is_confirmed(figure["key"], passed) for figure in read)
    says = f"read by OCR: {confirmed} of {len(read)} figures are borne out by the form's sums"
    return {
        **document,
        "figures": [_marked(figure, passed) for figure in document["figures"]],
        "issues": [*document["issues"], {"code": "read_by_ocr", "says": says}],
    }


def _marked(figure: dict[str, Any], passed: set[str]) -> dict[str, Any]:
    if figure["status"] not in _CERTAIN or _is_confirmed(figure["key"], passed):
        return figure
    doubtful = {**figure, "value": None, "status": "image"}
    doubtful.pop("value_yuan", None)
    return doubtful


def _is_confirmed(key: str, passed: set[str]) -> bool:
    table, _, rest = key.partition(".")
    if table == "t3":
        row, _, column = rest.rpartition(".")
        down = f"t3.{'balance' if row in _BALANCED else 'outcome_sum'}.{column}"
        return f"t3.row_sum.{row}" in passed and down in passed
    if table == "t4":
        return f"t4.sum.{rest.partition('.')[0]}" in passed
    return False
