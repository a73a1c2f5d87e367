"""UCAP 开普云: Heilongjiang's unified platform, Sichuan, Hainan, cities of Jiangsu and Hunan.

Recognise: `/SITE/cNNNNNN/YYYYMM/cNN_ID.shtml` or `…/YYYYMM/<32 hex>.shtml`, <UCAPTITLE>,
<UCAPCONTENT>, `#zoomcon`, channel pages `zfxxgknb.shtml`, `zfxxgkList.shtml`.

A channel page lists its articles, page two at `NAME_2.shtml`; the pager is `createPageHTML(
'page_div', 3, 1, 'NAME', 'shtml', 45)`. Or it lists nothing, names a channel (`<meta
name="channelId">`) and leaves the rest to a script, which asks `/common/search/CHANNEL` for JSON;
then so do we. Reports are often split into a channel a year: state `columns`.

Facts a portal gives: `sections` as paths of channel pages.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from crawler.items import Kind, Link
from spiders.page import absolute
from spiders.portal import Portal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.http import TextResponse

PAGER = re.compile(
    r"createPageHTML\(\s*[\"'][^\"']*[\"']\s*,\s*(\d+)\s*,\s*\d+\s*,\s*[\"']([\w-]+)[\"']"
    r"\s*,\s*[\"'](\w+)[\"']"
)
CHANNEL = re.compile(r"channelId[\"']?\s*(?:content=|[:=])\s*[\"']([0-9a-f]{32})[\"']")
API = "/common/search/"
SIZE = 15


class UcapPortal(Portal):
    """A portal on UCAP; see the module for what to state."""

    cms = "UCAP 开普云"
    signs = (
        re.compile(r"UCAP(?:TITLE|CONTENT)|ucap-core", re.IGNORECASE),
        re.compile(r"/c\d{6}c?/(?:\d{6}/(?:c\d\d_\d+|[0-9a-f]{32})|[a-z]\w+)\.shtml"),
        re.compile(r"createPageHTML\(\s*[\"']"),
        CHANNEL,
    )
    rows = "a[href]"
    addresses = re.compile(r"/\d{6}/(?:c\d\d_\d+|[0-9a-f]{32})\.shtml$")
    article = "UCAPCONTENT, #zoomcon, #UCAP-CONTENT, .article_content, .content"

    def links(self, response: TextResponse) -> Iterator[Link]:
        """The entries; of a page that leaves them to its script, what the script asks for."""
        if API in response.url:
            for result in response.json()["data"]["results"]:
                url = absolute(response, result["url"])
                yield Link(url, title=result["title"], date=result["publishedTimeStr"][:10])
            return
        found = list(super().links(response))
        yield from found
        if not found and (channel := CHANNEL.search(response.text)):
            yield self._asked(response, channel[1], 1)

    def next_page(self, response: TextResponse) -> Iterator[Link]:
        """All further pages, from the first."""
        if API in response.url:
            data = response.json()["data"]
            channel = response.url.partition(API)[2].partition("?")[0]
            pages = -(-data["total"] // max(1, len(data["results"])))
            for number in range(2, pages + 1) if int(data["page"]) == 1 else ():
                yield self._asked(response, channel, number)
        elif (pager := PAGER.search(response.text)) and f"{pager[2]}_" not in response.url:
            for number in range(2, int(pager[1]) + 1):
                yield Link(response.urljoin(f"{pager[2]}_{number}.{pager[3]}"), Kind.LISTING)

    def _asked(self, response: TextResponse, channel: str, page: int) -> Link:
        query = {"page": page, "_pageSize": SIZE, "_isAgg": "true", "_isJson": "true"}
        asked = f"{API}{channel}?{urlencode({**query, '_template': 'index'})}"
        return Link(response.urljoin(asked), Kind.LISTING)
