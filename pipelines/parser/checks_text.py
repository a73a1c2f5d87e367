"""Numbers of the text against those of the tables, and against each other: warnings, all of them.

Many reports count in one place what they leave out in the other. Approximate numbers prove nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipelines.parser.relations import balance, bound

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.parser.model import Check
    from pipelines.parser.relations import Values

_LITIGATION = ("t4.litigation_direct.total", "t4.litigation_post_review.total")
# (id, what the text says, what a table says or adds up to: the first table there is).
_TABLES = (
    ("text.active", "prose.active.total", (("a.active.total",), ("b.active.total",))),
    ("text.review", "prose.review.total",
     (("t4.review.total",), ("b.review.total",), ("a.review.total",))),
    ("text.litigation", "prose.litigation.total",
     (_LITIGATION, ("b.litigation.total",), ("a.litigation.total",))),
)  # fmt: skip
# Where a text tells a whole and several of its parts, which are all there can be.
_PARTS = (
    ("text.modes", "prose.requests.total", ("online", "letter", "in_person", "fax", "email")),
    ("text.consultations", "prose.consultations.total", ("phone", "in_person", "online")),
)


def check_text(values: Values, approximate: set[str]) -> Iterator[Check]:
    """The relations whose both sides are there; `approximate` are keys of approximate figures."""
    yield from _requests(values, approximate)
    for name, whole, parts in _PARTS:
        group = whole.removesuffix("total")
        keys = [group + part for part in parts if group + part in values]
        if whole in values and keys and not approximate & {whole, *keys}:
            found = balance(name, [whole], keys, values, "warning")
            untold = bound(name, keys, [whole], values, "warning").result == "pass"
            if found.result == "fail" and untold:  # there may be parts that the text leaves out
                found = replace(found, result="not_assessable")
            yield found
    for name, said, tables in _TABLES:
        table = next((keys for keys in tables if keys[0] in values), None)
        if said in values and table and said not in approximate:
            yield balance(name, [said], table, values, "warning")


def _requests(values: Values, approximate: set[str]) -> Iterator[Check]:
    said, new, old = "prose.requests.total", "t3.new_received.total", "t3.carried_over.total"
    tables = (new, "b.requests.total", "a.requests.total")
    table = next((key for key in tables if key in values), None)
    if said not in values or said in approximate or table is None:
        return
    alone = balance("text.requests", [said], [table], values, "warning")
    # Some organs state what they handled: new and carried over together.
    both = balance("text.requests", [said], [new, old], values, "warning")
    yield both if table == new and both.result == "pass" else alone
