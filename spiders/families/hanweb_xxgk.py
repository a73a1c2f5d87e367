"""The disclosure module of Hanweb JCMS, `/module/xxgk/`: a report a year, and a search.

`xxgkAnnualReport.jsp?area=ORGAN` shows one organ's report; with `&fbtime=YEAR`, that of a year.

`search.jsp?infotypeId=TYPE&jdid=SITE&area=ORGAN&divid=divCOLUMN` lists what was published under a
code of the catalogue (A0102, B001 …), of whatever column. Its answer is a table that says `共N页`;
further pages are asked for by POST, query and form saying the same, with `currpage`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.items import Kind, Link

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.http import TextResponse

REPORT, SEARCH = "/xxgkAnnualReport.jsp", "/module/xxgk/search.jsp"
ROWS = ".tr_main_value_odd, .tr_main_value_even"
PAGES = re.compile(r"共\s*(\d+)\s*页")
YEAR = re.compile(r"20[0-4]\d")


def years(response: TextResponse, since: int) -> Iterator[Link]:
    """A page for every year from `since` up to that of the headline."""
    headline = " ".join(response.css("title ::text, h1 ::text, .title ::text").getall())
    newest = max(map(int, YEAR.findall(headline)), default=0)
    for year in range(newest, since - 1, -1):
        yield Link(f"{response.url}&fbtime={year}")


def further(response: TextResponse) -> Iterator[Link]:
    """All further pages of a search, from the first."""
    query = urlsplit(response.url).query
    said = PAGES.search("".join(response.css("body ::text").getall()))
    if said is None or "currpage=" in query:
        return
    for number in range(2, int(said[1]) + 1):
        asked = f"{query}&currpage={number}"
        yield Link(response.urljoin(f"?{asked}"), Kind.LISTING, body=asked)
