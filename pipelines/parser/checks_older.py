"""The sums of forms A and B. A variant of a form has its own rows, so its own parts of a sum."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.parser.relations import Severity, balance, bound

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.parser.model import Check
    from pipelines.parser.relations import Values

_APPEALS = ("review", "litigation", "complaints")
_REFUSALS = (
    "not_government_info", "not_exist", "not_this_organ", "unclear",
    *(f"exempt_{n}" for n in range(1, 7)), "other",
)  # fmt: skip
_CHANNELS = ("gazette", "website", "weibo", "wechat", "other")

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
        "a.denied.sum", "a.replies.denied",
        tuple(f"a.replies.denied.{k}" for k in _REFUSALS), "warning",
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
    ("b.replies.closed", "b.replies.total", ("b.closed.total",), "warning"),
)  # fmt: skip
_OPTIONAL = {"b.requests.sum": ("b.requests.other",)}  # rows only some variants have
_LOCAL = {"a.denied.sum"}
# The parts that other local forms divide the same whole into, known by the first of them.
_OTHERWISE = {
    "a.requests.sum": tuple(
        f"a.requests.{k}" for k in ("fax", "in_person", "email", "online", "letter", "other")
    ),
    "a.replies.sum": ("a.replies.granted", "a.replies.partial_grant", "a.replies.denied"),
}

# (id, smaller, larger, severity): smaller ≤ larger.
_BOUNDS: tuple[tuple[str, tuple[str, ...], tuple[str, ...], Severity], ...] = (
    *((f"a.{k}.bound", (f"a.{k}.maintain", f"a.{k}.correct"), (f"a.{k}.total",), "warning")
      for k in ("complaints", "review", "litigation")),
    (
        "b.active.bound", ("b.active.total",),
        tuple(f"b.channels.{k}" for k in _CHANNELS),
        "warning",
    ),
    *((f"b.active.{k}", (f"b.channels.{k}",), ("b.active.total",), "warning") for k in _CHANNELS),
    ("b.normative.bound", ("b.active.normative_published",), ("b.active.normative_issued",),
     "warning"),
    ("b.press_conferences.by_head", ("b.response.press_conferences_by_head",),
     ("b.response.press_conferences",), "error"),
    ("b.online_interviews.by_head", ("b.response.online_interviews_by_head",),
     ("b.response.online_interviews",), "error"),
)  # fmt: skip


def check_older(values: Values) -> Iterator[Check]:
    """Every sum and bound whose total the form has."""
    for name, total, parts, severity in _SUMS:
        if total in values and (name not in _LOCAL or parts[0] in values):
            other = _OTHERWISE.get(name, ())
            used = other if other and all(key in values for key in other) else parts
            used = parts if all(key in values for key in parts) else used
            extra = [key for key in _OPTIONAL.get(name, ()) if key in values]
            yield balance(name, [total], [*used, *extra], values, severity)
    for name, smaller, larger, severity in _BOUNDS:
        if larger[0] in values or smaller[0] in values:
            yield bound(name, smaller, larger, values, severity)
