"""Hanweb JPaaS: the successor of JCMS; ministries, Zhejiang and Jiangsu cities, Huzhou, Linxia.

Recognise: `<script … url="/api-gateway/jpaas-publish-server/front/page/build/unit"
queryData="{'webId':'…', …}">`, `unitbuild.js`, articles `/…/art/YYYY/art_<32 hex>.html`.

A column page lists nothing. Each unit of it is a script with an address and `queryData`, written
in single quotes; `tagId` names it (分页列表, 当前栏目list, 内容区域 …). Asked with these, the
gateway answers JSON that holds HTML: <li>s, and a `.pagination` with `rows` a page and `count` in
all.
Further pages are asked for by `paramJson={"pageNo":2,"pageSize":15}`; some gateways answer the
first whatever is asked, which only `Expect` can tell.

Facts a portal gives: `sections` as paths of column pages.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from parsel import Selector

from crawler.items import Kind, Link
from spiders.page import FILE, base_of
from spiders.portal import Portal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.http import TextResponse

API = "/front/page/build/unit"
LISTS = re.compile("列表|list|分页|内容", re.IGNORECASE)
PAIR = re.compile(r"'(\w+)'\s*:\s*'([^']*)'")
SIZE = 15


class JpaasPortal(Portal):
    """A portal on JPaaS; see the module for what to state."""

    cms = "Hanweb JPaaS"
    signs = (
        re.compile(r"jpaas-[\w-]+-server"),
        re.compile(r"unitbuild\.js"),
        re.compile(r"/art/\d{4}/art_[0-9a-f]{32}\.html"),
    )
    rows = "a[href]"
    addresses = re.compile(r"/art/\d{4}/art_[0-9a-f]{32}\.html")
    article = "#zoom, .article-content, .TRS_Editor, #con_con, .main-txt"
    files = re.compile(FILE.pattern + r"|/document/file-download\?", re.IGNORECASE)

    def links(self, response: TextResponse) -> Iterator[Link]:
        """The entries of a list; of a column page, its lists."""
        if API in response.url:
            yield from self.entries(self._list(response).css(self.rows), base_of(response))
            return
        units = [
            (script.attrib["url"], dict(PAIR.findall(script.attrib["querydata"])))
            for script in response.css(f"[querydata][url*='{API}']")
        ]
        lists = [unit for unit in units if LISTS.search(unit[1].get("tagId", ""))]
        for address, said in lists or units:
            query = {"parseType": "bulidstatic", **said, "paramJson": _page(1)}  # sic
            yield Link(response.urljoin(f"{address}?{urlencode(query)}"), Kind.LISTING)

    def next_page(self, response: TextResponse) -> Iterator[Link]:
        """All further pages of a list, from the first."""
        parts = urlsplit(response.url)
        query = dict(parse_qsl(parts.query))
        if API not in response.url or query.get("paramJson") != _page(1):
            return
        pager = self._list(response).css(".pagination[count][rows]")
        if pager:
            total, size = int(pager.attrib["count"]), max(1, int(pager.attrib["rows"]))
            for number in range(2, -(-total // size) + 1):
                more = urlencode({**query, "paramJson": _page(number)})
                yield Link(parts._replace(query=more).geturl(), Kind.LISTING)

    def _list(self, response: TextResponse) -> Selector:
        return Selector(text=response.json()["data"]["html"] or "<p></p>")


def _page(number: int) -> str:
    return json.dumps({"pageNo": number, "pageSize": SIZE}, separators=(",", ":"))
