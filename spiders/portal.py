"""What every portal shares: how a run starts, where it may go, and the four hooks.

A portal states facts and touches no hook; a family fills the hooks for one CMS. The frontier calls
`crawl_listing`, `crawl_document` or `crawl_attachment`, whichever a link's kind names.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urljoin, urlsplit

import scrapy
from scrapy.http import TextResponse

from crawler.errors import LayoutChanged
from crawler.items import Attachment, Capture, Document, Expect, Kind, Link

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from scrapy.http import Response

FILE = re.compile(r"\.(?:pdf|docx?|wps|rtf|xlsx?|et|ofd|zip|rar)(?:$|[?&])", re.IGNORECASE)


class Portal(scrapy.Spider):
    """One government's web presence. Subclass a family from `spiders.families`, not this.

    Facts of a portal: `name`, `code` (GB/T 2260), `site`, `sections`, `expect`; if need be
    `hosts` (further hosts of the same portal; a leading dot takes all sub-domains), `aliases`
    (other names of a host of its own, whose pages are the same pages), `delay` (seconds between
    two requests), `group` (politeness group, where the registered domain would be wrong) and
    `renamed` (an organ's earlier or shorter names → the name of its series).
    """

    code: ClassVar[str] = ""
    site: ClassVar[str] = ""
    hosts: ClassVar[tuple[str, ...]] = ()
    aliases: ClassVar[Mapping[str, str]] = {}
    sections: ClassVar[Mapping[str, str]] = {}
    rendered_sections: ClassVar[frozenset[str]] = frozenset()
    expect: ClassVar[Expect] = Expect()
    delay: ClassVar[float] = 3.0
    group: ClassVar[str] = ""
    windows: ClassVar[str] = ""  # "22:00-06:00,12:00-13:00": asked only then, China time
    budget: ClassVar[int | None] = None  # most fetches of its group in one crawl
    renamed: ClassVar[Mapping[str, str]] = {}

    # A family's parameters, CSS selectors; a portal with its own skin overrides them.
    rows: ClassVar[str] = ""  # the links of a listing: <a>, or something that holds one
    article: ClassVar[str] = ""  # the article region; the first that matches wins

    async def start(self) -> AsyncIterator[Link]:
        """One listing a section, as the portal's facts give them."""
        for section, path in self.sections.items():
            shown = section in self.rendered_sections
            yield Link(urljoin(self.site, path), Kind.LISTING, section, rendered=shown)

    # What the frontier calls.

    def crawl_listing(self, response: TextResponse, link: Link) -> Iterator[Link]:
        """The entries of a listing and its next pages. Raises LayoutChanged when there are none."""
        found = list(self.links(response))
        if not found:
            raise LayoutChanged(
                f"{self.name} {link.section}: {self.rows!r} matched nothing at {response.url};"
                f" look: gongkai archive show {response.url} then fix `rows` or the section's path"
            )
        for entry in [*found, *self.next_page(response)]:
            yield from self.follow(entry, response, link)

    def crawl_document(
        self, response: Response, link: Link
    ) -> Iterator[Document | Attachment | Link]:
        """The document on a page, and the files it links to."""
        if not isinstance(response, TextResponse):  # a listing may link straight to a file
            yield from self.crawl_attachment(response, link)
            return
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

    # The four hooks.

    def links(self, response: TextResponse) -> Iterator[Link]:
        """The entries of one listing page, in their order."""
        for row in response.css(self.rows):
            anchor = row if row.root.tag == "a" else row.css("a[href]")
            if url := anchor.attrib.get("href", "").strip():
                text = "".join(anchor.css("::text").getall()).strip()
                date = row.css("span::text, em::text, i::text").get("").strip(" []\r\n\t")
                title = anchor.attrib.get("title") or text
                yield Link(response.urljoin(url), title=title, date=date)

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
        )

    def attachments(self, response: TextResponse) -> Iterator[str]:
        """Absolute URLs of the files that the article links to."""
        region = response.css(self.article) if self.article else response
        for anchor in (region or response).css("a[href]"):
            href = anchor.attrib["href"].strip()
            if FILE.search(href):
                yield response.urljoin(href)

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


def captured(response: Response) -> Capture:
    """Where the bytes of `response` are archived."""
    capture = response.meta["receipt"].capture
    assert isinstance(capture, Capture)
    return capture


def link_words(response: TextResponse) -> dict[str, str]:
    """The words of every link by its absolute URL; of several to one file, the longest."""
    words: dict[str, str] = {}
    for anchor in response.css("a[href]"):
        url = response.urljoin(anchor.attrib["href"].strip()).partition("#")[0]
        text = " ".join("".join(anchor.css("::text").getall()).split())
        words[url] = max(words.get(url, ""), anchor.attrib.get("title", "").strip(), text, key=len)
    return words


def page_facts(response: TextResponse) -> dict[str, str]:
    """<meta name=… content=…> and the <title>; the first of each name that is not empty."""
    facts = {"title": "".join(response.css("title ::text").getall()).strip()}
    for tag in response.css("meta[name][content]"):
        name, content = tag.attrib["name"].strip(), tag.attrib["content"].strip()
        if content:
            facts.setdefault(name, content)
    return facts
