"""What one year's report must say of the next: checks between documents of one organ.

Derived whenever documents are read, never stored: a report that turns up later changes what its
neighbours can be held against.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pipelines.parser.checks import T2_ROWS
from pipelines.parser.labels import T3_COLUMNS
from pipelines.parser.model import Check
from pipelines.parser.relations import balance, bound

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pipelines.parser.model import Number

    Renamed = Mapping[str, Mapping[str, str]]  # portal → organ as printed → the name it goes by
    Values = dict[str, Number | None]

Row = dict[str, Any]

ITEMS = (
    "art20_5.licensing", "art20_5.other_services", "art20_6.penalties", "art20_6.coercion",
    "art20_8.admin_fees",
)  # fmt: skip
REQUESTS, CHANGE = "t3.new_received.total", "prose.requests.change"
# (id, left, right): left adds up to right. No side subtracts: repealed is added to the left.
_EQUAL: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    *(
        (f"t3.carry.{column.key}", (f"t3.carried_over.{column.key}",),
         (f"last.t3.carried_forward.{column.key}",))
        for column in T3_COLUMNS
    ),
    *(
        (f"t2d.stock.{row}", (f"{key}.valid", f"{key}.repealed"),
         (f"last.{key}.valid", f"{key}.made"))
        for row, key in ((row, f"t2.art20_1.{row}") for row in T2_ROWS)
    ),
    *(
        (f"t2c.stock.{row}", (f"t2.{row}.items_prev_year",),
         (f"last.t2.{row}.items_prev_year", f"last.t2.{row}.items_change"))
        for row in ITEMS
    ),
)  # fmt: skip
_NEEDED = {REQUESTS, CHANGE} | {
    key.removeprefix("last.") for _, *sides in _EQUAL for side in sides for key in side
}


def across(documents: Iterable[Row], renamed: Renamed) -> dict[str, list[Check]]:
    """Document id → its checks against the year before, and against its government.

    Where an organ has several reports of one year, none of them is held against another year.
    """
    reports = [_Report(row, renamed) for row in documents if row["class"] == "annual_report"]
    by_year: defaultdict[tuple[str, str | None, int | None], list[_Report]] = defaultdict(list)
    governments: defaultdict[tuple[str, int | None], list[_Report]] = defaultdict(list)
    for report in reports:
        by_year[report.portal, report.organ, report.year].append(report)
        if report.government:
            governments[report.portal, report.year].append(report)
    found: dict[str, list[Check]] = {}
    for (portal, organ, year), same in by_year.items():
        if organ is None or year is None or len(same) > 1:
            continue
        (report,) = same
        before = by_year.get((portal, organ, year - 1), [])
        checks = list(_years(before[0].values, report.values)) if len(before) == 1 else []
        above = governments[portal, year]
        if not report.government and len(above) == 1:
            checks += _part_of(report.values, above[0].values)
        if checks:
            found[report.id] = checks
    return found


class _Report:
    """As much of a report as its neighbours need."""

    def __init__(self, row: Row, renamed: Renamed) -> None:
        self.id, self.portal, self.year = row["id"], row["portal"], row["year"]
        self.organ = renamed.get(self.portal, {}).get(row["organ"], row["organ"])
        self.government = row["scope"] == "government"
        self.values: Values = {
            figure["key"]: figure["value"] for figure in row["figures"] if figure["key"] in _NEEDED
        }


def _years(before: Values, now: Values) -> Iterator[Check]:
    """This year's values beside last year's, which are called last.<key>."""
    both = now | {f"last.{key}": value for key, value in before.items()}
    for name, left, right in _EQUAL:
        if left[0] in both and right[0] in both:
            yield balance(name, left, right, both, "warning")
    yield from _change(before.get(REQUESTS), now.get(REQUESTS), now.get(CHANGE))


def _part_of(part: Values, whole: Values) -> Iterator[Check]:
    """A government counts the applications of its departments too."""
    if REQUESTS in part and REQUESTS in whole:
        both = {"part": part[REQUESTS], "whole": whole[REQUESTS]}
        yield bound("hier.requests", ["part"], ["whole"], both, "info")


def _change(before: Number | None, now: Number | None, said: Number | None) -> Iterator[Check]:
    """The percentage in the text against the two totals, rounded as it is printed."""
    if before is None or now is None or said is None:
        return
    if not before:
        yield Check("text.change", "not_assessable", "info", f"{said} % of 0")
        return
    printed = Decimal(str(said))
    real = 100 * (Decimal(now) - Decimal(before)) / Decimal(before)
    holds = abs(real - printed) <= Decimal(1).scaleb(int(printed.as_tuple().exponent)) / 2
    says = f"{said} % = 100 ({now} - {before}) / {before}"
    yield Check("text.change", "pass" if holds else "fail", "info", says)
