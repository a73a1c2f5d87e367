"""Guangdong's directory platform 政府信息公开目录管理平台 (gkmlpt), in that province only.

Recognise: `/gkmlpt/index#ID`, `/gkmlpt/annualreport#ID`, `/gkmlpt/guide`, `window._CONFIG = {…}`.

Every page carries the tree of categories (`TREE`) and the site's number (`SID`) as a script. A
category's articles come as JSON from `/gkmlpt/api/all/CATEGORY?page=N&sid=SID`; some sites give all
of them on page 1 and know no page 2. Most hosts speak http only, whatever the JSON prints.

Facts a portal gives: `sections`, with the category behind the `#`: `/gkmlpt/annualreport#1234`, or
`/gkmlpt/index#1234`. Without one, the category is the one in the tree that is called like the page.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.errors import LayoutChanged
from crawler.items import Kind, Link
from spiders.page import absolute
from spiders.portal import Portal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.http import TextResponse

SITE = re.compile(r"\bSID[\"']?\s*:\s*[\"']?(\d+)")
API = "/gkmlpt/api/all/"
CALLED = {"annualreport": "年报|年度报告", "guide": "指南"}


class GkmlptPortal(Portal):
    """A portal on gkmlpt; see the module for what to state."""

    cms = "gkmlpt (Guangdong)"
    signs = (re.compile(r"/gkmlpt/"), re.compile(r"window\._CONFIG\s*=\s*\{"))
    rows = API
    article = ".article-content, .content, #zoom"

    def links(self, response: TextResponse) -> Iterator[Link]:
        """The articles of a category; of a page, the category."""
        if API not in response.url:
            yield self._asked(response, self._category(response), 1)
            return
        scheme = urlsplit(self.site).scheme
        for found in response.json()["articles"]:
            url = urlsplit(absolute(response, found["url"]))._replace(scheme=scheme, fragment="")
            day = (found.get("display_publish_time") or found.get("created_at") or "")[:10]
            yield Link(url.geturl(), title=found["title"], date=day)

    def next_page(self, response: TextResponse) -> Iterator[Link]:
        """All further pages of a category, from the first."""
        if API not in response.url or "page=1&" not in response.url:
            return
        found = response.json()
        total = found["total"] if "total" in found else found["classify"]["post_count"]
        size = len(found["articles"])
        category = response.url.partition(API)[2].partition("?")[0]
        for number in range(2, -(-total // max(1, size)) + 1):
            yield self._asked(response, category, number)

    def _category(self, response: TextResponse) -> str:
        path, _, category = response.url.partition("#")
        if category:
            return category
        words = CALLED.get(path.rpartition("/")[2], "年报|年度报告")
        named = re.search(
            rf"\"?\bid\"?\s*:\s*\"?(\d+)[^{{}}]{{0,300}}?\bname\"?\s*:\s*\"[^\"]*(?:{words})",
            response.text,
        )
        if named:
            return named[1]
        raise LayoutChanged(
            f"{self.name}: no category of {response.url} is called {words}; "
            "put its number behind a # of the section's path"
        )

    def _asked(self, response: TextResponse, category: str, page: int) -> Link:
        site = SITE.search(response.text) or re.search(r"\bsid=(\d+)", response.url)
        if not site:
            raise LayoutChanged(f"{self.name}: no SID at {response.url}: is it gkmlpt at all?")
        url = f"{API}{category}?page={page}&sid={site[1]}"
        return Link(response.urljoin(url), Kind.LISTING)
