"""One row an organ and year: what the four generations of forms and the prose say alike.

Every value names the figure that it came from. What is not comparable has no column: what form C
calls published in all, form D counts as in force; C's fees are items, D's are money.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pipelines.across import Renamed

Row = dict[str, Any]

_LITIGATION = ("t4.litigation_direct.total", "t4.litigation_post_review.total")
_OTHER = tuple(f"t3.other.{row}.total" for row in
               ("overdue_correction", "overdue_fee", "other_reasons"))  # fmt: skip

# Series → where its value may stand, the surest first; a tuple is a sum, all of it needed.
SERIES: dict[str, tuple[str | tuple[str, ...], ...]] = {
    "requests_received": ("t3.new_received.total", "b.requests.total", "a.requests.total",
                          "prose.requests.total"),
    "requests_carried_over": ("t3.carried_over.total",),
    "requests_granted": ("t3.granted.total", "b.replies.granted", "a.replies.granted",
                         "prose.replies.granted"),
    "requests_partly_granted": ("t3.partial_grant.total", "b.replies.partial_grant",
                                "a.replies.partial_grant", "prose.replies.partial_grant"),
    "requests_other": ("t3.other.total", _OTHER),
    "requests_processed": ("t3.total_processed.total", "b.replies.total", "a.replies.total",
                           "prose.replies.total"),
    "requests_carried_forward": ("t3.carried_forward.total",),
    "active_published": ("b.active.total", "a.active.total", "prose.active.total"),
    "normative_made": ("t2.art20_1.normative_documents.made", "b.active.normative_issued",
                       "prose.normative.issued"),
    "licensing_decisions": ("t2.art20_5.licensing.decisions",),
    "penalty_decisions": ("t2.art20_6.penalties.decisions",),
    "coercion_decisions": ("t2.art20_6.coercion.decisions",),
    "review_total": ("t4.review.total", "b.review.total", "a.review.total", "prose.review.total"),
    "litigation_total": (_LITIGATION, "b.litigation.total", "a.litigation.total",
                         "prose.litigation.total"),
    "complaints_total": ("b.complaints.total", "a.complaints.total", "prose.complaints.total"),
    "fees_yuan": ("b.fees.amount_wan_yuan", "a.fees.amount_yuan", "prose.fees.amount"),
    "staff_full_time": ("b.staff.full_time", "a.staff.full_time", "prose.staff.full_time"),
    "staff_part_time": ("b.staff.part_time", "a.staff.part_time", "prose.staff.part_time"),
    "training_sessions": ("b.training.sessions", "a.training.sessions",
                          "prose.training.sessions"),
}  # fmt: skip
CLASSES = {"annual_report", "statistics_form"}


def series(documents: Iterable[Row], renamed: Renamed) -> Iterator[Row]:
    """{portal, organ, year, name, name_from, …}, in the order of portal, organ and year.

    `name_from` is the figure's key and document, with 约 or the like after it. Two reports of one
    year that disagree about a figure give no value, and both are named.
    """
    held: dict[tuple[str, str, int], dict[str, list[Row]]] = {}
    for row in documents:
        if row["class"] not in CLASSES or row["organ"] is None or row["year"] is None:
            continue
        organ = renamed.get(row["portal"], {}).get(row["organ"], row["organ"])
        figures = held.setdefault((row["portal"], organ, row["year"]), {})
        for figure in row["figures"]:
            if figure["value"] is not None:
                figures.setdefault(figure["key"], []).append({**figure, "document": row["id"]})
    for (portal, organ, year), figures in sorted(held.items()):
        row = {"portal": portal, "organ": organ, "year": year}
        for name, places in SERIES.items():
            row[name], row[f"{name}_from"] = _first(name, places, figures)
        yield row


def _first(
    name: str, places: tuple[str | tuple[str, ...], ...], figures: dict[str, list[Row]]
) -> tuple[float | None, str | None]:
    """The value in the surest place that has one, and where that is."""
    for place in places:
        keys = (place,) if isinstance(place, str) else place
        if not all(key in figures for key in keys):
            continue
        found = [figure for key in keys for figure in figures[key]]
        says = "; ".join(
            " ".join(filter(None, (figure["key"], figure["document"], figure["approx"])))
            for figure in found
        )
        values = [{_value(name, figure) for figure in figures[key]} for key in keys]
        if any(len(each) > 1 for each in values):
            return None, f"conflict: {says}"
        total = [value for each in values for value in each if value is not None]
        if len(total) == len(keys):
            return sum(total), says
    return None, None


def _value(name: str, figure: Row) -> float | None:
    value: float | None = figure.get("value_yuan" if name.endswith("_yuan") else "value")
    return value
