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

_URL_DAY = re.compile(r"/(20\d\d)/(\d{1,2})/(\d{1,2})/|/t(20\d\d)(\d\d)(\d\d)_")
_OFFICE = re.compile(r"(?:政府信息公开|政务公开)?(?:工作)?(?:领导小组)?办公[室厅]$")
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


def organ_conflicts(titled: str | None, signed: str | None) -> Iterator[Issue]:
    """Where title and signature name organs of which neither holds the other.

    An office signs for its organ: 市水务局办公室 for 某某市水务局.
    """
    core = _OFFICE.sub("", signed or "")
    if titled and core and titled not in core and core not in titled:
        yield Issue("organ_conflict", f"the title names {titled}, the signature {signed}")


def _of_address(url: str) -> str:
    """The day in an address, as sites of many families spell it; "" if there is none."""
    match = _URL_DAY.search(url)
    return "-".join(group for group in match.groups() if group) if match else ""


def _day(text: str | None) -> date | None:
    found = next(dates(text or ""), None)
    if found is None or found.day is None:
        return None
    return date(found.year, found.month, found.day)
