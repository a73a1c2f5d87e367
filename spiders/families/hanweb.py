"""Hanweb JCMS 大汉 with the jpage list: Zhejiang, Jiangsu, Shandong, Jiangxi and many more.

Recognise: `/col/colN/index.html`, `/art/Y/M/D/art_COLUMN_ID.html`, a <datastore> in the page.

A column carries its first page as XML inside the HTML: a <datastore> of <record>s, each a CDATA
fragment with one <li>. Further pages come from `dataproxy.jsp` as the same XML, by GET where the
column prints the whole address (<nextgroup>), by POST where it prints `ajaxParam`. Some servers
obey the range of records and some the page only, so both are said; and `perpage`, for the proxy's
own pages may be longer than the column's.

Lists of several columns come from `morecolumndataproxy.jsp` in the same way.

The disclosure tree (`/module/xxgk/tree.jsp?area=…`) links to a page of reports an organ; that, and
the search beside it, are in `hanweb_xxgk`.

Facts a portal gives: `sections` as paths of columns, of a tree, or of a search. A skin with another
article region overrides `article`; one whose records are not <li> overrides `rows`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urljoin

from parsel import Selector

from crawler.items import Kind, Link
from spiders.families import hanweb_xxgk
from spiders.page import base_of
from spiders.portal import Portal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.http import TextResponse

RECORD = re.compile(r"<record>\s*<!\[CDATA\[(.*?)\]\]>\s*</record>", re.DOTALL)
PROXY = re.compile(r"[\"']([^\"'\s]*/(?:morecolumn)?dataproxy\.jsp\?[^\"'\s]*)[\"']")
PAGE = re.compile(r"(?<=[?&]page=)\d+")
TOTAL_PAGES = re.compile(r"<totalpage>\s*(\d+)\s*</totalpage>", re.IGNORECASE)
TOTAL_RECORDS = re.compile(r"totalRecord:\s*(\d+).{0,200}?perPage:\s*(\d+)", re.DOTALL)
POSTED = re.compile(r"proxyUrl:\s*[\"']([^\"'?]+)[\"'].{0,400}?ajaxParam:\s*\{([^}]*)\}", re.DOTALL)
PARAMETER = re.compile(r"(\w+)[\"']?\s*:\s*(?:\"([^\"]*)\"|'([^']*)'|([^,}\s]*))")


class HanwebPortal(Portal):
    """A portal on Hanweb JCMS; see the module for what to state."""

    cms = "Hanweb JCMS"
    signs = (
        re.compile(r"/col/col\d+/(?:index\.html)?"),
        re.compile(r"/art/\d{4}/\d\d?/\d\d?/art_\d+_\d+\.html?"),
        re.compile(r"/module/(?:web/)?jpage/(?:morecolumn)?dataproxy\.jsp"),
        re.compile(r"/module/xxgk/\w+\.jsp"),
        re.compile(r"<datastore>"),
    )
    rows = "li"
    columns = f"a[href*='{hanweb_xxgk.REPORT}']"
    article = "#zoom, .TRS_Editor, .main-txt, .article-content, div.bt_content, .con_text"

    def links(self, response: TextResponse) -> Iterator[Link]:
        """One link a record; a server that leaves the XML out fails loudly in `crawl_listing`."""
        if hanweb_xxgk.REPORT in response.url:
            yield from hanweb_xxgk.years(response, self.expect.since or 2008)
        elif hanweb_xxgk.SEARCH in response.url:
            yield from self.entries(response.css(hanweb_xxgk.ROWS), base_of(response))
        for fragment in RECORD.findall(response.text):
            yield from self.entries(Selector(text=fragment).css(self.rows), base_of(response))

    def next_page(self, response: TextResponse) -> Iterator[Link]:
        """All further pages, from the first; the proxy's own answers name no more than these."""
        if hanweb_xxgk.SEARCH in response.url:
            yield from hanweb_xxgk.further(response)
        if "dataproxy.jsp" in response.url:
            return
        records = TOTAL_RECORDS.search(response.text)
        size = max(1, int(records[2])) if records else 15
        proxy, posted = PROXY.search(response.text), POSTED.search(response.text)
        for number in range(2, self.pages(response) + 1):
            if proxy:
                url = PAGE.sub(str(number), proxy[1].replace("&amp;", "&"))
                yield Link(urljoin(response.url, f"{url}&perpage={size}"), Kind.LISTING)
            elif posted:
                first = (number - 1) * size + 1
                span = {"startrecord": first, "endrecord": first + size - 1}
                query = urlencode({**span, "perpage": size, "page": number})
                url = urljoin(response.url, f"{posted[1]}?{query}")
                form = [(name, "".join(value)) for name, *value in PARAMETER.findall(posted[2])]
                yield Link(url, Kind.LISTING, body=urlencode(form))

    def pages(self, response: TextResponse) -> int:
        """How many pages the listing has, 1 when it does not say."""
        if total := TOTAL_PAGES.search(response.text):
            return int(total[1])
        if records := TOTAL_RECORDS.search(response.text):
            return -(-int(records[1]) // max(1, int(records[2])))
        return 1
