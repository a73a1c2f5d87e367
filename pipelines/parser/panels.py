"""Forms of one number a row that stand side by side: one form in two halves, or two forms.

Halves are read one after the other. Of whole forms, each under the name of its year or organ, the
document's own is read, and none where nobody can tell which that is. Cells keep their places.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.parser.columns import panels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.parser.columns import Whose
    from pipelines.parser.grid import Row

_HEAD = 6  # rows within which a header stands


def one_form(table: Sequence[Row], whose: Whose) -> Sequence[Row]:
    """The rows of one form; `table` itself where its header names no two side by side."""
    head = next((n for n, row in enumerate(table[:_HEAD]) if panels(row)), None)
    if head is None:
        return table
    parts = panels(table[head])
    above, body = table[:head], table[head:]
    cut = [[row.only(part) for row in body] for part in parts]
    if not _repeat(cut):
        return [row for rows in cut for row in rows if any(row.texts)]
    own = [
        rows
        for part, rows in zip(parts, cut, strict=True)
        if any(whose.is_named(row.labels[column]) for row in above for column in part)
    ]
    return own[0] if len(own) == 1 else table


def _repeat(cut: Sequence[Sequence[Row]]) -> bool:
    """The same labels stand in two of the parts: they are forms, and not halves of one."""
    named = [{name for row in rows[1:] for name in row.labels if len(name) > 3} for rows in cut]
    shared = set.intersection(*named)
    return len(shared) * 2 > min(map(len, named))
