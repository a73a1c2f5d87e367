"""The Shandong platform: `channel_…` pages that hold their documents inline, `doc_…` pages.

One channel can hold a guide and every report since 2012, one after another, without headings or
addresses of their own. So the channel itself is a document; the parser takes it apart. Where it
links to `doc_` pages, those are documents too.

Recognise: `/channel_<id>` and `/doc_<24 hex>.html`, also `/gongkai/site_<dept>/channel_…`; files in
`/resources/public/YYYYMMDD/`.

Facts a portal gives: `sections` as paths of channels. Where a channel leads to those of
departments, `rows` selects these links as well, and `hosts` lets their sub-domains in.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.items import Attachment, Document, Kind, Link
from spiders.judging import expect_listing
from spiders.portal import Portal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.http import TextResponse


class ShandongPortal(Portal):
    """A portal on the Shandong channel_/doc_ platform; see the module for what to state."""

    cms = "Shandong channel_/doc_"
    signs = (
        re.compile(r"/channel_[a-z]+_\w+"),
        re.compile(r"/doc_[0-9a-f]{24}\.html"),
        re.compile(r"/resources/public/\d{8}/"),
    )
    rows = ".channel-content a[href*='doc_']"
    article = ".channel-content, .doc-content, #zoom, .article-content"

    def crawl_listing(
        self, response: TextResponse, link: Link
    ) -> Iterator[Document | Attachment | Link]:
        """The channel as a document, then what it links to."""
        expect_listing(self, response, link)
        document = self.document(response, link)
        if not document.article and not any(self.links(response)):
            yield from super().crawl_listing(response, link)  # raises LayoutChanged
        yield document
        for entry in self.links(response):
            yield from self.follow(entry, response, link)

    def links(self, response: TextResponse) -> Iterator[Link]:
        """Further channels are listings themselves, `doc_` pages are documents."""
        for entry in super().links(response):
            kind = Kind.LISTING if "/channel_" in entry.url else Kind.DOCUMENT
            yield Link(entry.url, kind, title=entry.title, date=entry.date)
