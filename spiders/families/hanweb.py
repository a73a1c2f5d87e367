"""Hanweb JCMS 大汉 with the jpage list: Zhejiang, Jiangsu, Jiangxi and many more.

A column (`/col/colN/index.html`) carries its first page as XML inside the HTML: a <datastore> of
<record>s, each a CDATA fragment with one <li>. Further pages come from `dataproxy.jsp` as the same
XML. Articles are `/art/Y/M/D/art_COLUMN_ID.html`.

Facts a portal gives: `sections` as paths of columns. A skin with another article region overrides
`article`; one whose records are not <li> overrides `rows`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from parsel import Selector

from crawler.items import Kind, Link
from spiders.portal import Portal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.http import TextResponse

RECORD = re.compile(r"<record>\s*<!\[CDATA\[(.*?)\]\]>\s*</record>", re.DOTALL)
PROXY = re.compile(r"[\"']([^\"'\s]*/dataproxy\.jsp\?[^\"'\s]*)[\"']")
PAGE = re.compile(r"(?<=[?&]page=)\d+")
TOTAL_PAGES = re.compile(r"<totalpage>\s*(\d+)\s*</totalpage>", re.IGNORECASE)
TOTAL_RECORDS = re.compile(r"totalRecord:\s*(\d+).{0,200}?perPage:\s*(\d+)", re.DOTALL)


class HanwebPortal(Portal):
    """A portal on Hanweb JCMS; see the module for what to state."""

    rows = "li"
    article = "#zoom, .TRS_Editor, .main-txt, .article-content, div.bt_content, .con_text"

    def links(self, response: TextResponse) -> Iterator[Link]:
        """One link a record; a server that leaves the XML out fails loudly in `crawl_listing`."""
        for fragment in RECORD.findall(response.text):
            for row in Selector(text=fragment).css(self.rows):
                anchor = row.css("a[href]")
                if not anchor:
                    continue
                url = urljoin(response.url, anchor.attrib["href"].strip())
                title = anchor.attrib.get("title") or "".join(anchor.css("::text").getall())
                date = row.css("span::text").get("").strip(" []\r\n\t")
                yield Link(url, title=title.strip(), date=date)

    def next_page(self, response: TextResponse) -> Iterator[Link]:
        """All further pages, from the first; the proxy's own answers name no more than these."""
        if "dataproxy.jsp" in response.url or not (proxy := PROXY.search(response.text)):
            return
        for number in range(2, self.pages(response) + 1):
            url = PAGE.sub(str(number), proxy[1].replace("&amp;", "&"))
            yield Link(urljoin(response.url, url), Kind.LISTING)

    def pages(self, response: TextResponse) -> int:
        """How many pages the listing has, 1 when it does not say."""
        if total := TOTAL_PAGES.search(response.text):
            return int(total[1])
        if records := TOTAL_RECORDS.search(response.text):
            return -(-int(records[1]) // max(1, int(records[2])))
        return 1
