"""The year a document is about, from ranked evidence. Weak evidence never overrules strong."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from crawler.items import Issue, Page
from crawler.text import Dated, dates
from pipelines.parser.titles import arabic_years, title_kind, title_year

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.parser.flow import Laid
    from pipelines.parser.metadata import Signature
    from pipelines.parser.model import Class, Parsed

_OPENING = 8  # lines in which a document says what it is about
_QUOTED = re.compile(r"《[^《》]{0,80}》")
_CAPTION = re.compile(r"(20\d\d)年度?[^。,]{0,16}(?:统计表|情况表|统计报表)")
_BELOW = re.compile(r" ?\(?(20\d\d)年度?\)? ?")  # a line of its own under a title
_SELF = re.compile(
    r"(20\d\d)年度?[^。,;\d]{0,16}(?:信息公开|政务公开)(?:工作)?[^。,;\d]{0,10}(?:报告|年报|情况|实际|总结|汇报)"
    r"|现将(20\d\d)年度?(?!\d)"
)
_FIRST = re.compile(r"(?:^|[。,;\s])(20\d\d)年度?(?! ?[\d一二三四五六七八九十]{1,2} ?月)(?!\d)")
_GUIDE = re.compile(r"(20\d\d)年度?[^。,;\d]{0,12}指南")
_PLAN = re.compile(
    r"(20\d\d)年[^。,;\d]{0,24}(?:要点|方案|计划|任务|分工)|(20\d\d)年是"
    r"|(20\d\d)年度?[^。,;\d]{0,12}(?:政务公开|信息公开)(?:重点)?工作"
)
_CITED = re.compile(r"[〔\[(](20\d\d)[〕\])] ?(?:第 ?)?\d{1,4} ?号")
_URL_DATE = re.compile(r"/(20\d\d)[/-]?(\d{1,2})(?:[/-]?\d{1,2})?/")
_URL_STAMP = re.compile(r"/t(20\d\d)(\d\d)\d\d_")

Evidence = tuple[str, int]
_YEARLY = frozenset({"annual_report", "statistics_form", "attachment_only", "infographic"})
_STRONG = frozenset({"title", "period", "form_caption", "self_name"})


def year(
    class_: Class,
    laid: Laid,
    titles: tuple[str, ...],
    *,
    stated_period: tuple[str, str] | None,
    signed: Signature,
    page: Page | None,
    published: str | None,
) -> tuple[int | None, str | None, tuple[Issue, ...]]:
    """(year, name of the evidence, conflicts). `page` only where it holds this document alone."""
    # The further titles of a list are those of other documents.
    found = list(_titles(titles[:1] if class_ == "catalogue" else titles))
    if class_ in _YEARLY:
        found += _report(laid, stated_period, signed, page, published)
    elif class_ == "disclosure_guide":
        found += _opening(laid, _GUIDE, "self_name")
    else:
        found += _opening(laid, _PLAN, "self_name")
        found += _opening(laid, _FIRST, "first_sentence")
        found += _opening(laid, _CITED, "cited_document", quoted=True)
    if not found:
        return None, None, ()
    evidence, chosen = found[0]
    others = sorted({f"{name} {y}" for name, y in found if name in _STRONG and y != chosen})
    conflict = Issue("year_conflict", f"{evidence} says {chosen}, but {', '.join(others)}")
    return chosen, evidence, (conflict,) if others else ()


def year_of_file(document: Parsed, named: int | None) -> Parsed:
    """A yearly document that tells no year has the one that the name of its file tells."""
    if named is None or document.year is not None or document.class_ not in _YEARLY:
        return document
    says = f"year taken from the file name, {named}: nothing on the page states it"
    issue = Issue("year_from_file_name", says)
    found = replace(document, year=named, year_evidence="file_name")
    return replace(found, issues=(*document.issues, issue))


def _titles(titles: tuple[str, ...]) -> Iterator[Evidence]:
    for title in titles:
        found = title_year(title)
        if found:
            yield "title", found


def _report(
    laid: Laid,
    stated_period: tuple[str, str] | None,
    signed: Signature,
    page: Page | None,
    published: str | None,
) -> Iterator[Evidence]:
    if stated_period and stated_period[0][:4] == stated_period[1][:4]:
        yield "period", int(stated_period[0][:4])
    yield from _captions(laid)
    yield from _opening(laid, _SELF, "self_name")
    yield from _opening(laid, _FIRST, "first_sentence")
    if page is not None:
        column = title_year(page.meta.get("ColumnName", ""))
        if column:
            yield "column", column
    if signed.date is not None:
        yield "signature", _reported(signed.date)
    for found in dates(published or ""):
        yield "published", _reported(found)
    if page is not None:
        match = _URL_DATE.search(page.url) or _URL_STAMP.search(page.url)
        if match and 1 <= int(match[2]) <= 12:
            yield "url", int(match[1]) - (int(match[2]) < 12)


def _reported(found: Dated) -> int:
    """Reports come out the year after; one signed in December does not wait."""
    return found.year if found.month == 12 else found.year - 1


def _captions(laid: Laid) -> Iterator[Evidence]:
    for line in laid.lines:
        match = _CAPTION.search(arabic_years(line.flat)) if len(line.text) <= 60 else None
        if match:
            yield "form_caption", int(match[1])
    for title, line in pairwise(laid.prose[:_OPENING]):
        below = _BELOW.fullmatch(arabic_years(line.flat))
        if below and title_kind(title.text) in _YEARLY:
            yield "form_caption", int(below[1])


def _opening(
    laid: Laid, pattern: re.Pattern[str], name: str, *, quoted: bool = False
) -> Iterator[Evidence]:
    """The first match in the opening lines; titles of cited documents in 《》 do not count."""
    lines = laid.prose[:_OPENING] or laid.lines[:_OPENING]
    for line in lines:
        flat = arabic_years(line.flat)
        match = pattern.search(flat if quoted else _QUOTED.sub("《》", flat))
        if match:
            yield name, int(next(group for group in match.groups() if group))
            return
