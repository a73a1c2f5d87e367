"""勾稽关系: the sums that should hold within one document. A missing operand is no failure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from pipelines.parser.labels import T3_COLUMNS, T3_ROWS, T4_COLUMNS, T4_GROUPS
from pipelines.parser.model import Check, Figure, Number

Severity = Literal["error", "warning", "info"]
Values = Mapping[str, Number | None]

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
_APPEALS = ("review", "litigation", "complaints")

# (id, total, parts, severity) of forms A and B.
_SUMS: tuple[tuple[str, str, tuple[str, ...], Severity], ...] = (
    (
        "a.active.sum", "a.active.total",
        tuple(f"a.active.{k}" for k in ("org_personnel", "policy_normative", "business",
                                        "plans_statistics", "budget_accounts", "procurement")),
        "warning",
    ),
    (
        "a.requests.sum", "a.requests.total",
        ("a.requests.letter_fax", "a.requests.online_email", "a.requests.in_person"), "warning",
    ),
    (
        "a.replies.sum", "a.replies.total",
        ("a.replies.granted", "a.replies.partial_grant", "a.replies.denied", "a.replies.other"),
        "warning",
    ),
    (
        "a.library_deposits.sum", "a.library_deposits.total",
        ("a.library_deposits.paper", "a.library_deposits.electronic"), "warning",
    ),
    ("a.staff.sum", "a.staff.total", ("a.staff.full_time", "a.staff.part_time"), "warning"),
    (
        "b.requests.sum", "b.requests.total",
        tuple(f"b.requests.{k}" for k in ("in_person", "fax", "online", "letter")), "error",
    ),
    ("b.closed.sum", "b.closed.total", ("b.closed.on_time", "b.closed.extended"), "error"),
    (
        "b.replies.sum", "b.replies.total",
        tuple(f"b.replies.{k}" for k in ("already_public", "granted", "partial_grant",
                                         "denied.total", "not_this_organ", "not_exist",
                                         "asked_to_amend", "other_channel")),
        "error",
    ),
    (
        "b.denied.sum", "b.replies.denied.total",
        tuple(f"b.replies.denied.{k}" for k in ("state_secret", "trade_secret", "privacy",
                                                "safety_stability", "not_government_info",
                                                "other_legal")),
        "error",
    ),
    *((f"b.{k}.sum", f"b.{k}.total", (f"b.{k}.maintain", f"b.{k}.correct", f"b.{k}.other"),
       "error") for k in _APPEALS),
    (
        "b.library_deposits.sum", "b.library_deposits.total",
        ("b.library_deposits.paper", "b.library_deposits.electronic"), "warning",
    ),
    ("b.staff.sum", "b.staff.total", ("b.staff.full_time", "b.staff.part_time"), "error"),
)  # fmt: skip
_OPTIONAL = {"b.requests.sum": "b.requests.other"}  # a row only some variants have

# (id, smaller, larger, severity): smaller ≤ larger.
_BOUNDS: tuple[tuple[str, tuple[str, ...], tuple[str, ...], Severity], ...] = (
    *((f"a.{k}.bound", (f"a.{k}.maintain", f"a.{k}.correct"), (f"a.{k}.total",), "warning")
      for k in ("complaints", "review", "litigation")),
    (
        "b.active.bound", ("b.active.total",),
        tuple(f"b.channels.{k}" for k in ("gazette", "website", "weibo", "wechat", "other")),
        "warning",
    ),
    ("b.active.gazette", ("b.channels.gazette",), ("b.active.total",), "warning"),
    ("b.active.website", ("b.channels.website",), ("b.active.total",), "warning"),
    ("b.normative.bound", ("b.active.normative_published",), ("b.active.normative_issued",),
     "warning"),
    ("b.press_conferences.by_head", ("b.response.press_conferences_by_head",),
     ("b.response.press_conferences",), "error"),
    ("b.online_interviews.by_head", ("b.response.online_interviews_by_head",),
     ("b.response.online_interviews",), "error"),
)  # fmt: skip

# (id, what the text says, what the tables add up to): severity is always warning.
_TEXT = (
    ("text.review", "prose.review.total", ("t4.review.total",)),
    (
        "text.litigation", "prose.litigation.total",
        ("t4.litigation_direct.total", "t4.litigation_post_review.total"),
    ),
)  # fmt: skip


def run_checks(figures: Sequence[Figure]) -> tuple[Check, ...]:
    """Every check whose form is there, in a fixed order."""
    values = {figure.key: figure.value for figure in figures}
    approximate = {figure.key for figure in figures if figure.approx}
    found = (_table2, _table3, _table4, _older)
    return (*(c for part in found for c in part(values)), *_text(values, approximate))


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


def _older(values: Values) -> Iterator[Check]:
    for name, total, parts, severity in _SUMS:
        if total in values:
            extra = _OPTIONAL.get(name)
            more = (extra,) if extra is not None and extra in values else ()
            yield balance(name, [total], [*parts, *more], values, severity)
    for name, smaller, larger, severity in _BOUNDS:
        if larger[0] in values or smaller[0] in values:
            yield bound(name, smaller, larger, values, severity)


def _text(values: Values, approximate: set[str]) -> Iterator[Check]:
    said = "prose.requests.total"
    if said in values and "t3.new_received.total" in values:
        new, old = "t3.new_received.total", "t3.carried_over.total"
        # Some organs state what they handled: new and carried over together.
        both = balance("text.requests", [said], [new, old], values, "warning")
        alone = balance("text.requests", [said], [new], values, "warning")
        yield both if both.result == "pass" else alone
    others = {said, "prose.requests.change"}
    modes = [key for key in values if key.startswith("prose.requests.") and key not in others]
    if said in values and modes and not approximate & {said, *modes}:
        yield balance("text.modes", [said], modes, values, "warning")
    for name, statement, table in _TEXT:
        if statement in values and table[0] in values:
            yield balance(name, [statement], table, values, "warning")


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
