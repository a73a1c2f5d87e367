"""Lists of ASP.NET whose pages go by postback.

The links of a pager say `__doPostBack('MoreInfoList1$Pager','2')` (of a GridView: `'Page$2'`), and
the form is sent back with its fields (`__VIEWSTATE`, `__EVENTVALIDATION`), which are good for the
pages that are on offer there. So each page is asked for from the one before it. Pagers whose links
have a name each and no number (of a DataGrid: `DataGrid1$ctl14$ctl01`) are refused.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode

from crawler.errors import LayoutChanged, StateLost
from crawler.items import Kind, Link
from spiders.page import absolute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.http import TextResponse

POSTBACK = re.compile(  # a menu's or a calendar's are no pager's
    r"__doPostBack\(\W(?=[\w$:]*pager|[\w$:]+\W\s*,\s*\Wpage\$)"
    r"([\w$:]+)\W\s*,\s*\W((?:page\$)?(\d+))\W\)",
    re.IGNORECASE,
)
NUMBERED = (
    """//a[contains(@href, '__doPostBack') and contains(@href, ",'')")][number(.) > 1]/@href"""
)
SENT = "input[name][type=hidden], input[name][type=text]"


def following(name: str, response: TextResponse) -> Iterator[Link]:
    """The next page of a portal's list, if it has one by postback.

    Raises StateLost when another page came than was asked for, or there is no state to go on from.
    """
    links = " ".join(response.css("a::attr(href)").getall())
    offered = {int(n): (target, said) for target, said, n in POSTBACK.findall(links)}
    at, look = _asked(response), f"look: gongkai archive show {response.url}"
    if at > 1 and at in offered:  # no page links to itself
        raise StateLost(f"{name}: page {at} was asked for by postback, and another came; {look}")
    if not offered and (nameless := response.xpath(NUMBERED).get()):
        raise LayoutChanged(f"{name}: pages by {nameless} are of a kind that is not read; {look}")
    if at + 1 not in offered:
        return
    form = response.xpath("//form[.//input[@name='__VIEWSTATE']]")[:1]
    if not form:
        raise StateLost(f"{name}: pages go by postback, and there is no __VIEWSTATE; {look}")
    fields = {sent.attrib["name"]: sent.attrib.get("value", "") for sent in form.css(SENT)}
    target, said = offered[at + 1]
    fields |= {"__EVENTTARGET": target, "__EVENTARGUMENT": said}
    url = absolute(response, form.attrib.get("action", "")) or response.url
    yield Link(url, Kind.LISTING, body=urlencode(fields, encoding=response.encoding))


def _asked(response: TextResponse) -> int:
    """The number of the page that was asked for, 1 where none was posted."""
    body = response.request.body.decode("ascii") if response.request is not None else ""
    said = parse_qs(body, encoding=response.encoding).get("__EVENTARGUMENT", ["1"])[0]
    return int(said.removeprefix("Page$"))
