"""What every portal shares: how a run starts, where it may go, and the four hooks.

A portal states facts and touches no hook; a family fills the hooks for one CMS. The frontier calls
`crawl_listing`, `crawl_document` or `crawl_attachment`, whichever a link's kind names.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urljoin, urlsplit

import scrapy
from scrapy.http import TextResponse

from crawler.errors import LayoutChanged
from crawler.items import Attachment, Document, Expect, Issue, Kind, Link
from crawler.text import joined
from spiders import discovery, judging
from spiders.page import FILE, absolute, base_of, captured, link_words, page_facts, pictures

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping

    from parsel import Selector
    from scrapy.http import Response

DATE = re.compile(r"(?:19|20)\d\d\s*[-./年]\s*\d{1,2}\s*[-./月]\s*\d{1,2}(?:\s*日)?")
ROW = 300  # characters: what is longer is no row of a listing


class Portal(scrapy.Spider):
    """One government's web presence. Subclass a family from `spiders.families`, not this.

    Facts of a portal: `name`, `code` (GB/T 2260), `site`, `sections` (paths; "" where the path is
    not known and must be searched for), `known`, `expect`; if need be
    `hosts` (further hosts of the same portal; a leading dot takes all sub-domains), `aliases`
    (other names of a host of its own, whose pages are the same pages), `delay` (seconds between
    two requests), `group` (politeness group, where the registered domain would be wrong),
    `cookies` (it shows nothing to whoever forgets its cookie), `egress` ("cn": it answers only
    there; each machine says by which way that is) and `renamed` (an organ's earlier or
    shorter names → the name of its series).
    """

    code: ClassVar[str] = ""
    site: ClassVar[str] = ""
    hosts: ClassVar[tuple[str, ...]] = ()
    aliases: ClassVar[Mapping[str, str]] = {}
    sections: ClassVar[Mapping[str, str]] = {}
    known: ClassVar[Mapping[str, str]] = {}  # how a path is known before any run: seen or inferred
    rendered_sections: ClassVar[frozenset[str]] = frozenset()
    expect: ClassVar[Expect] = Expect()
    delay: ClassVar[float] = 3.0
    group: ClassVar[str] = ""
    windows: ClassVar[str] = ""  # "22:00-06:00,12:00-13:00": asked only then, China time
    budget: ClassVar[int | None] = None  # most fetches of its group in one crawl
    egress: ClassVar[str] = "default"  # the way out that it must be asked by; see crawler/egress.py
    renamed: ClassVar[Mapping[str, str]] = {}
    cookies: ClassVar[bool] = False
    searches: ClassVar[int] = 120  # most pages looked at to find a section that has no path

    # What a family is called, and what gives it away in an address or a page.
    cms: ClassVar[str] = ""
    signs: ClassVar[tuple[re.Pattern[str], ...]] = ()

    # A family's parameters, CSS selectors and patterns; a portal with its own skin overrides them.
    rows: ClassVar[str] = ""  # the links of a listing: <a>, or something that holds one
    addresses: ClassVar[re.Pattern[str]] = re.compile("")  # of entries; other links are furniture
    columns: ClassVar[str] = ""  # the links to further listings: years, organs
    article: ClassVar[str] = ""  # the article region; the first that matches wins
    files: ClassVar[re.Pattern[str]] = FILE  # addresses of attachments

    async def start(self) -> AsyncIterator[Link]:
        """One listing a section, as the portal's facts give them; a search for the others."""
        for section, path in self.sections.items():
            shown = section in self.rendered_sections
            if path:
                yield Link(urljoin(self.site, path), Kind.LISTING, section, rendered=shown)
        if unknown := " ".join(section for section, path in self.sections.items() if not path):
            for link in discovery.begin(self, unknown):
                yield link

    # What the frontier calls.

    def crawl_listing(
        self, response: TextResponse, link: Link
    ) -> Iterator[Document | Attachment | Link]:
        """The entries of a listing and its next pages. Raises LayoutChanged when there are none.

        A listing without entries of its own may stand in a frame, or be the one document of its
        section. Raises HomePage where that answers instead.
        """
        judging.expect_listing(self, response, link)
        found = [*self.links(response), *self.further(response)]
        found = found or list(listings(response, "iframe, frame"))
        if not found and judging.stands_on(self, response, link, link.section):
            yield from self.crawl_document(response, link)
            return
        if not found:
            raise LayoutChanged(
                f"{self.name} {link.section}: {self.rows!r} matched nothing at {response.url};"
                f" look: gongkai archive show {response.url} then fix `rows` or the section's path"
            )
        for entry in chain(found, self.next_page(response)):  # entries first: a pager may fail
            yield from self.follow(entry, response, link)

    def crawl_document(
        self, response: Response, link: Link
    ) -> Iterator[Document | Attachment | Link]:
        """The document on a page, and the files it links to."""
        if not isinstance(response, TextResponse):  # a listing may link straight to a file
            yield from self.crawl_attachment(response, link)
            return
        judging.expect_article(self, response, link)
        document = self.document(response, link)
        yield document
        words = link_words(response)
        for url in document.attachments:
            file = Link(url, Kind.ATTACHMENT, title=words.get(url, ""), date=link.date)
            yield from self.follow(file, response, link)

    def crawl_attachment(self, response: Response, link: Link) -> Iterator[Attachment]:
        """A file, with its bytes unless it is so large that it came without."""
        body = None if "unread" in response.flags else response.body
        yield Attachment(
            self.name, link.section, response.url, link.parent, captured(response), body,
            link.title, link.date,
        )  # fmt: skip

    def crawl_search(self, response: TextResponse, link: Link) -> Iterator[Link | Issue]:
        """One page of a search: a section, if it is one, and the next page to look at."""
        yield from discovery.step(self, response, link)

    def lost(self, link: Link, code: str) -> Iterator[Link | Issue]:
        """Where to look for what `link` did not lead to, for the reason that `code` names."""
        yield from discovery.lost(self, link, code)

    # The four hooks.

    def links(self, response: TextResponse) -> Iterator[Link]:
        """The entries of one listing page, in their order."""
        yield from self.entries(response.css(self.rows), base_of(response))

    def next_page(self, response: TextResponse) -> Iterator[Link]:  # noqa: ARG002
        """Further pages of the same listing."""
        yield from ()

    def document(self, response: TextResponse, link: Link) -> Document:
        """The page as the pipelines take it: whole, with the article region if there is one."""
        region = response.css(self.article).get("") if self.article else ""
        return Document(
            portal=self.name,
            section=link.section,
            url=response.url,
            html=response.text,
            article=region,
            title=link.title,
            date=link.date,
            meta=page_facts(response),
            attachments=tuple(dict.fromkeys(self.attachments(response))),
            capture=captured(response),
            charset=response.meta.get("charset"),
        )

    def attachments(self, response: TextResponse) -> Iterator[str]:
        """Absolute URLs of the files that the article links to."""
        region = response.css(self.article) if self.article else response
        for anchor in (region or response).css("a[href]"):
            href = anchor.attrib["href"].strip()
            if self.files.search(href):
                yield absolute(response, href)
        if self.article:
            yield from (absolute(response, one) for one in pictures(response.css(self.article)))

    # What families share.

    def further(self, response: TextResponse) -> Iterator[Link]:
        """The listings of years and organs that a listing leads to."""
        yield from listings(response, self.columns)

    def entries(self, rows: Iterable[Selector], base: str) -> Iterator[Link]:
        """One link an address, with the fullest of its titles and its date as printed."""
        found: dict[str, Link] = {}
        for row in rows:
            anchor = row if row.root.tag == "a" else row.css("a[href]")
            href = anchor.attrib.get("href", "").strip()
            if not href or not (self.addresses.search(href) or self.files.search(href)):
                continue
            text = "".join(anchor.css("::text").getall()).strip()
            title, url = anchor.attrib.get("title", "").strip() or text, joined(base, href)
            date = DATE.search(self._beside(row.root))
            day = "".join(date[0].split()) if date else ""
            if (known := found.get(url)) is None or len(title) > len(known.title):
                found[url] = Link(url, title=title, date=day or (known.date if known else ""))
        yield from found.values()

    def _beside(self, row: Any) -> str:
        """The text of a row; of a bare <a>, the few words around it that no other entry shares."""
        text = "".join(row.itertext())
        for _ in range(3 if row.tag == "a" else 0):
            if (row := row.getparent()) is None:
                break
            links = {a.get("href", "").strip() for a in row.iter("a")}
            around = "".join(row.itertext())
            if len(around) > ROW or sum(bool(self.addresses.search(link)) for link in links) > 1:
                break
            text = around
        return text

    # Where a portal ends.

    def follow(self, entry: Link, response: Response, link: Link) -> Iterator[Link]:
        """`entry` as found on `response`, if it stays on the portal and looks like a web page."""
        parts = urlsplit(entry.url)
        if parts.scheme not in {"http", "https"} or not self.owns(parts.hostname or ""):
            return
        url = entry.url.partition("#")[0]
        section = entry.section or link.section
        listing = entry.kind == Kind.LISTING and section in self.rendered_sections
        shown = entry.rendered or listing
        yield replace(entry, url=url, section=section, parent=response.url, rendered=shown)

    def owns(self, host: str) -> bool:
        """Whether `host` belongs to this portal. Clone sites mirror whole portals: be strict."""
        if host == urlsplit(self.site).hostname or host in self.aliases:
            return True
        return any(host.endswith(h) if h.startswith(".") else host == h for h in self.hosts)

    def at_home(self, url: str) -> bool:
        """Whether an address is that of the home page."""
        return judging.at_home(self, url)


def listings(response: TextResponse, selector: str) -> Iterator[Link]:
    """The listings that `selector`'s elements lead to."""
    if not selector or response.selector.type == "json":
        return
    for element in response.css(selector):
        if address := (element.attrib.get("href") or element.attrib.get("src") or "").strip():
            text = " ".join("".join(element.css("::text").getall()).split())
            yield Link(absolute(response, address), Kind.LISTING, title=text)
