"""Days and names that the page, its meta tags, its address and its signature tell differently.

One is chosen elsewhere, by rank; here the others are told beside it.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from crawler.items import Issue
from crawler.text import dates
from pipelines.parser.metadata import moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crawler.items import Page
    from pipelines.parser.metadata import Signature

_URL_DAY = re.compile(r"/(20\d\d)[/-](\d{1,2})[/-](\d{1,2})/|/t?(20\d\d)([01]\d)([0-3]\d)[_/]")
_URL_MONTH = re.compile(r"/(20\d\d)[/-]?([01]\d)/")
_OFFICE = re.compile(r"(?:政府信息公开|政务公开)?(?:工作)?(?:领导小组)?办公[室厅]$")
_HERE = re.compile(r"^[省市县区州旗](?=.{3})")  # the organ's own place, not named
_REPUBLISHED = 400  # days from signature to publication that no office takes


def date_conflicts(
    facts: Mapping[str, str], signed: Signature, published: str | None, page: Page | None
) -> Iterator[Issue]:
    """At most one issue; `page` only where it holds this document alone."""
    chosen = _day(published)
    told = {"PubDate": "", "listing": "", "address": ""}
    if page is not None:
        told = {"PubDate": page.meta.get("PubDate", ""), "listing": page.date}
        told["address"] = _of_address(page.url)
    days = {name: day for name, text in told.items() if (day := _day(moment(text)))}
    others = [f"{name} {day}" for name, day in days.items() if chosen and day != chosen]
    month = _URL_MONTH.search(page.url) if page is not None and not told["address"] else None
    if month and chosen and chosen.isoformat()[:7] != "-".join(month.groups()):
        others.append(f"address {'-'.join(month.groups())}")
    written = _day(moment(facts.get("written", "")))
    under = _day(signed.date.iso if signed.date else None)
    if written and under and written != under:
        others.append(f"written {written}, signed {under}")
    last = under or written
    if last and chosen and last > chosen:
        others.append(f"signed {last}, after its publication")
    if last and chosen and (chosen - last).days > _REPUBLISHED:
        others.append(f"signed {last}: it has moved")
    if others:
        yield Issue("date_conflict", f"published {chosen}, but {'; '.join(others)}")


def organ_conflicts(titled: str | None, told: Mapping[str, str | None]) -> Iterator[Issue]:
    """Where the title names an organ and `told` (who says it → organ) another; at most one issue.

    Names of which one holds the other are one: 市水务局, and 某某市水务局办公室 that signs for it.
    """
    cores = {name: _HERE.sub("", _OFFICE.sub("", organ or "")) for name, organ in told.items()}
    others = [
        f"the {name} {told[name]}"
        for name, core in cores.items()
        if titled and core and titled not in core and core not in titled
    ]
    if others:
        yield Issue("organ_conflict", f"the title names {titled}, {', '.join(others)}")


def _of_address(url: str) -> str:
    """The day in an address, as sites of many families spell it; "" if there is none."""
    match = _URL_DAY.search(url)
    return "-".join(group for group in match.groups() if group) if match else ""


def _day(text: str | None) -> date | None:
    found = next(dates(text or ""), None)
    if found is None or found.day is None:
        return None
    return date(found.year, found.month, found.day)
