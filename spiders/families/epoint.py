"""Epoint 新点 (EWB-FRONT): Xuzhou, Yingkou, Fushun, parts of Anhui.

Recognise: `EWB-FRONT`, `/dynamic/zwgk/govInfoPub.html?deptcode=&categorynum=003001`,
`webBuilderCommon.js`, articles `/…/YYYYMMDD/<uuid>.html`.

A column page lists nothing; which list it wants is in its own address (`deptcode`, `categorynum`).
Its script POSTs JSON to `PROJECT/rest/lightfrontaction/getgovinfolist`, pages counted from 0, and
gets `{"custom": {"data": [{"infourl": …, "title": …, "infodate": …}], "total": 40}}`. Some servers
want the parameters inside `params`, so they are sent both ways; that a server minds is not known.
Older Epoint has ASP.NET pages instead: `AspPortal`.

Facts a portal gives: `sections` as addresses of column pages with their query; `project` and
`site_guid` where `webBuilderCommon.js` (`siteInfo`) says others than the vendor's own.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

from crawler.items import Kind, Link
from spiders.page import absolute
from spiders.portal import Portal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.http import TextResponse

API = "/rest/lightfrontaction/getgovinfolist"
SIZE = 15


class EpointPortal(Portal):
    """A portal on Epoint; see the module for what to state."""

    cms = "Epoint 新点"
    signs = (
        re.compile(r"EWB-FRONT|Epoint-MiddleForWeb", re.IGNORECASE),
        re.compile(r"/dynamic/zwgk/govInfoPub"),
        re.compile(r"webBuilderCommon\.js"),
        re.compile(r"/\d{8}/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\.html"),
    )
    project: ClassVar[str] = "/EWB-FRONT"
    site_guid: ClassVar[str] = "7eb5f7f1-9041-43ad-8e13-8fcb82ea831a"
    rows = API
    article = "#zoom, .ewb-article-content, .article-content, .ewb-info-bd, .infodetail"

    def links(self, response: TextResponse) -> Iterator[Link]:
        """The entries of a list; of a column page, its list."""
        if API not in response.url:
            query = dict(parse_qsl(urlsplit(response.url).query))
            wanted = {name: query.get(name, "") for name in ("deptcode", "categorynum")}
            yield self._asked(response, wanted, 0)
            return
        for found in _custom(response)["data"]:
            title = found.get("realtitle") or found["title"]
            day = (found.get("infodate") or "")[:10]
            yield Link(absolute(response, found["infourl"]), title=title, date=day)

    def next_page(self, response: TextResponse) -> Iterator[Link]:
        """All further pages of a list, from the first."""
        if API not in response.url or response.request is None:
            return
        said, custom = json.loads(response.request.body)["params"], _custom(response)
        pages = -(-int(custom["total"]) // max(1, len(custom["data"])))
        for number in range(1, pages) if said["pageIndex"] == 0 else ():
            yield self._asked(response, said, number)

    def _asked(self, response: TextResponse, wanted: dict[str, Any], page: int) -> Link:
        names = ("deptcode", "categorynum")
        said = {name: wanted[name] for name in names}
        said |= {"pageIndex": page, "pageSize": SIZE, "siteGuid": self.site_guid}
        body = json.dumps({**said, "params": said}, ensure_ascii=False)
        return Link(response.urljoin(self.project + API), Kind.LISTING, body=body)


def _custom(response: TextResponse) -> dict[str, Any]:
    """Some servers send the object as text inside the JSON."""
    custom = response.json()["custom"]
    found: dict[str, Any] = json.loads(custom) if isinstance(custom, str) else custom
    return found
