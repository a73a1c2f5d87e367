"""Whether a page is what its name says: a column of reports, a guide, or somebody's home page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from crawler.errors import HomePage, LayoutChanged
from crawler.items import Kind, Link
from spiders.wording import ABOUT, DISCLOSURE, NAMED, ORGAN, ROWS, YEAR

if TYPE_CHECKING:
    from scrapy.http import TextResponse

    from spiders.portal import Portal

HOME = re.compile(r"/?(?:(?:index|default|home|main)\.\w{3,5})?", re.IGNORECASE)
SITE_NAME = re.compile(
    r"(?:首页\W*|欢迎\w*\W*)?\w{2,24}(?:政府|政务网|政府网|门户网站|门户|官网|网站)(?:\W*首页)?"
)
PARTS = {  # three of these in one text, and the section's documents stand on the page itself
    "annual_report": re.compile(r"主动公开|依申请公开|行政复议|行政诉讼|存在的?(?:主要)?问题"),
    "guide": re.compile(r"联系电话|办公地址|办公时间|受理机构|申请表|主动公开|依申请公开"),
}
UNLINKED = "//body//text()[not(ancestor::a or ancestor::script or ancestor::style)]"
WHERE = (
    "[class*='position'], [class*='location'], [class*='crumb'], [class*='local'], [class*='dqwz']"
    ", [class*='weizhi'], .wz, .path, [id*='position'], [id*='crumb']"
)


def judged(portal: Portal, response: TextResponse, link: Link, section: str) -> bool:
    """Whether a page of a search is the section's: its listing, or the only document of it."""
    if response.selector.type != "html" or at_home(portal, response.url):
        return False
    entries = found_on(portal, response)
    titles = [e.title for e in entries if e.kind == Kind.DOCUMENT and e.title]
    good = [t for t in titles if ROWS[section].search(t) and not ABOUT.search(t)]
    named = NAMED[section].search(named_after(response, link)) is not None
    if good and (named or len(good) * 2 > len(titles)):
        return True
    if stands_on(portal, response, link, section):
        return True
    framed = response.css("iframe[src], frame[src]")
    if not titles and named and (entries or framed or any(portal.next_page(response))):
        return True  # the rows come from elsewhere
    return not titles and _is_index(entries, response, link)


def _is_index(entries: list[Link], response: TextResponse, link: Link) -> bool:
    """Whether a page leads to the columns of organs or years, by the family's own rows."""
    parts = [e for e in entries if ORGAN.fullmatch(e.title) or YEAR.fullmatch(e.title)]
    disclosed = DISCLOSURE.search(named_after(response, link)) is not None
    return disclosed and len(parts) * 2 > len(entries)


def stands_on(portal: Portal, response: TextResponse, link: Link, section: str) -> bool:
    """Whether a document of the section stands on the page itself, as most guides do."""
    named = NAMED[section].search(named_after(response, link)) is not None
    region = response.css(portal.article) if portal.article else None
    if not region and not named:
        return False
    own = region.css("::text") if region else response.xpath(UNLINKED)
    text = "".join(own.getall())
    told = set(PARTS[section].findall(text))
    return len(text) > 200 and len(told) > 2 and (named or bool(ROWS[section].search(text)))


def found_on(portal: Portal, response: TextResponse, *, pages: bool = False) -> list[Link]:
    """What the family finds on a page, which may be none of its listings; with its next `pages`."""
    try:
        entries = [*portal.links(response), *portal.further(response)]
        entries += portal.next_page(response) if pages else ()
    except (LayoutChanged, ValueError, KeyError):
        return []
    return [e for e in entries if portal.owns(urlsplit(e.url).hostname or "")]


def named_after(response: TextResponse, link: Link) -> str:
    """What a page calls itself: the words that led there, its title, column and path."""
    if response.selector.type != "html":
        return link.title
    title = "".join(response.css("title ::text").getall())
    told = [link.title, re.split(r"[-_|—–]", title)[0]]
    told += response.css("meta[name='ColumnName']::attr(content)").getall()
    told += ["".join(response.css(WHERE)[:2].css("::text").getall())]
    return " ".join("".join(words.split()) for words in told)


def expect_listing(portal: Portal, response: TextResponse, link: Link) -> None:
    """Raise HomePage when a home page answers in the place of a section."""
    hint = urljoin(portal.site, portal.sections.get(link.section, ""))
    if response.selector.type != "html" or at_home(portal, hint):
        return
    if is_home(portal, response, "") and not judged(portal, response, link, link.section):
        raise HomePage(_says(portal, link.section, response, link))


def expect_article(portal: Portal, response: TextResponse, link: Link) -> None:
    """Raise HomePage when a home page answers in the place of an article."""
    if is_home(portal, response, link.title):
        raise HomePage(_says(portal, link.title, response, link))


def _says(portal: Portal, what: str, response: TextResponse, link: Link) -> str:
    asked = link.parent if response.url == link.url and at_home(portal, link.url) else link.url
    return (
        f"{portal.name}: a home page answers in the place of {what or 'an article'} at {asked};"
        f" look: gongkai archive show {response.url}"
    )


def at_home(portal: Portal, url: str) -> bool:
    """Whether an address is the home page's."""
    parts = urlsplit(url)
    return (
        parts.hostname == urlsplit(portal.site).hostname
        and not parts.query
        and bool(HOME.fullmatch(parts.path))
    )


def is_home(portal: Portal, response: TextResponse, title: str) -> bool:
    """Whether a home page answers in the place of the page called `title`."""
    if at_home(portal, response.url):
        return True
    name = "".join("".join(response.css("title ::text").getall()).split())
    if not SITE_NAME.fullmatch(name) or (portal.article and response.css(portal.article)):
        return False
    text = "".join("".join(response.css("body ::text").getall()).split())
    return "".join(title.split()) not in text if title else True
