"""博达 VSB (Visual SiteBuilder): many counties and departments, and most universities.

Recognise: articles `/info/COLUMN/ID.htm`, `id="vsb_content"`, `class="v_news_content"`,
`/system/resource/js/…`, `_showDynClicks("wbnews", …)`.

A column is `NAME.htm`. Its older pages are `NAME/N.htm` and count down: of four pages the second is
`NAME/3.htm` and the last `NAME/1.htm`, so that old pages never change. The pager says `共N条 1/4`,
or links to the second page.
Files come from `/system/_content/download.jsp?…&wbfileid=…`, whose address has no ending.

Facts a portal gives: `sections` as paths of columns; `hosts` where departments have sub-domains.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.items import Kind, Link
from spiders.page import FILE
from spiders.portal import Portal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.http import TextResponse

PAGER = re.compile(r"共\s*\d+\s*条.{0,80}?\b1\s*/\s*(\d+)", re.DOTALL)
FURTHER = re.compile(r"/\d+\.htm$")


class VsbPortal(Portal):
    """A portal on VSB; see the module for what to state."""

    cms = "VSB 博达"
    signs = (
        re.compile(r"\binfo/\d{4}/\d+\.htm\b"),
        re.compile(r"v_news_content|vsb_content"),
        re.compile(r"/system/resource/js/"),
        re.compile(r"_showDynClicks\("),
    )
    rows = "a[href]"
    addresses = re.compile(r"(?:^|/)info/\d+/\d+\.htm$|content\.jsp\?.*wbnewsid=\d+")
    article = "[id^='vsb_content'], .v_news_content"
    files = re.compile(FILE.pattern + r"|/system/_content/download\.jsp\?", re.IGNORECASE)

    def next_page(self, response: TextResponse) -> Iterator[Link]:
        """All older pages, from the first."""
        if FURTHER.search(response.url):
            return
        stem = response.url.removesuffix(".htm")
        linked = re.findall(rf"{re.escape(stem.rpartition('/')[2])}/(\d+)\.htm", response.text)
        pager = PAGER.search(" ".join(response.css("body ::text").getall()))
        second = int(pager[1]) - 1 if pager else max(map(int, linked), default=0)
        for number in range(second, 0, -1):
            yield Link(f"{stem}/{number}.htm", Kind.LISTING)
