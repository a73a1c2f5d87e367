"""LonSun 安徽龙讯: Anhui wide, Changde and other cities of Hunan and Henan.

Recognise: `/public/column/ORGAN?type=N`, articles `/public/ORGAN/ID.html` (often under a prefix
such as `/zwgk`), `/site/label/8888`, `labelName`.

Every organ has one directory, entered by kind: `/public/column/ORGAN?type=3` lists its annual
reports, `type=2` its guide. The page says `pageCount:N` and with which parameters its script asks
`/site/label/8888` for the further pages; each is a fragment of HTML. Files lie in `/group6/M00/`.

Facts a portal gives: `sections` as such paths. Where a page lists the organs instead, `columns`
takes their directories: `a[href*='type=3']`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from crawler.items import Kind, Link
from spiders.portal import Portal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.http import TextResponse

COUNT = re.compile(r"pageCount[\"']?\s*[:=]\s*[\"']?(\d+)")
PARAMETER = re.compile(
    r"\b(labelName|siteId|organId|type|catId|pageSize|action|isDate|dateFormat|length|file)[\"']?"
    r"\s*:\s*[\"']?([\w/.-]*)"
)
API = "/site/label/8888"


class LonsunPortal(Portal):
    """A portal on LonSun; see the module for what to state."""

    cms = "LonSun 龙讯"
    signs = (
        re.compile(r"/public/(?:column/)?\d+(?:\?type=\d|/\d+\.html)"),
        re.compile(r"/site/label/8888"),
        re.compile(r"/group\d/M00/"),
    )
    rows = "a[href]"
    addresses = re.compile(r"/public/\d+/\d+\.html")
    article = ".j-fontContent, .wzcon, #zoom, .gkwz_contnet, .article-content"

    def next_page(self, response: TextResponse) -> Iterator[Link]:
        """All further pages, from the directory's own."""
        count = COUNT.search(response.text)
        if API in response.url or not count:
            return
        asked = dict(PARAMETER.findall(response.text[: count.start()][-800:]))
        asked |= dict(PARAMETER.findall(response.text[count.start() :][:800]))
        for number in range(2, int(count[1]) + 1):
            query = {"IsAjax": 1, "dataType": "html", **asked, "pageIndex": number}
            yield Link(response.urljoin(f"{API}?{urlencode(query)}"), Kind.LISTING)
