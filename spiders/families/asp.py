"""Old ASP and ASP.NET sites: tables for layout, ids in the query, GB 2312.

Recognise: `list.asp?…`, `showinfo.aspx?id=…`, `InfoPublic.aspx?cid=…&pid=…`; old Epoint:
`MoreInfo.aspx?CategoryNum=…` with a table `MoreInfoList1_DataGrid1`, `/InfoDetail/?InfoID=…`.

Nobody shares a CMS here, but all do the same: a listing is a table with a link and a date a row,
the article another table, and pages go by a parameter of the address (`page`, `PageNo`, `cpage` …),
which the links 下一页 and 尾页 name.

Or pages go by postback, which is in `asp_postback`.

Facts a portal gives: `sections`, mostly with a query; `article`, the cell that holds the text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.items import Kind, Link
from spiders.families import asp_postback
from spiders.page import absolute
from spiders.portal import Portal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.http import TextResponse

NUMBER = re.compile(
    r"(?<=[?&])((?:cur_?|curr|to)?page(?:no|num|index|id)?|cpage|pn?)=(\d+)", re.IGNORECASE
)
TOTAL = re.compile(r"(?:共|/)\s*(\d{1,4})\s*页")


class AspPortal(Portal):
    """A portal on ASP pages; see the module for what to state."""

    cms = "ASP"
    signs = (
        re.compile(r"^https?://[^?#]+\.aspx?(?:[?#]|$)", re.IGNORECASE),
        re.compile(r"(?:href|src)=[\"']?[\w./-]+\.aspx?\?\w+=", re.IGNORECASE),
        re.compile(r"__VIEWSTATE"),
    )
    rows = "a[href]"
    addresses = re.compile(
        r"(?:show|view|detail|info|content|news|read|article)\w*\.aspx?\?"
        r"|/InfoDetail/(?:Default\.aspx)?\?",
        re.IGNORECASE,
    )
    article = "#zoom, .content, #content, td.content, td.zw, #TDContent, td.infodetail"

    def links(self, response: TextResponse) -> Iterator[Link]:
        """The entries; what has the number of a page is no article, whatever it is called."""
        yield from (entry for entry in super().links(response) if not NUMBER.search(entry.url))

    def next_page(self, response: TextResponse) -> Iterator[Link]:
        """All pages up to the last that this one names; of a list by postback, the next."""
        yield from asp_postback.following(self.name, response)
        links = map(str.strip, response.css("a::attr(href)").getall())
        numbered = {int(found[2]): link for link in links if (found := NUMBER.search(link))}
        if not numbered:
            return
        said = [int(total) for total in TOTAL.findall("".join(response.css("::text").getall()))]
        address = numbered[max(numbered)]
        for number in range(2, max(*numbered, *said, 1) + 1):
            url = NUMBER.sub(rf"\g<1>={number}", address, count=1)
            yield Link(absolute(response, url), Kind.LISTING)
