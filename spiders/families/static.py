"""Hand-made sites, and whatever has no CMS that others share.

Nothing is known in advance: a portal states `rows` (the links of its listing) and, where there are
such, `article` and `pages` (the links to further pages of a listing). A section that exists only
after scripts ran is named in `rendered_sections`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from crawler.items import Kind, Link
from spiders.portal import Portal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.http import TextResponse


class StaticPortal(Portal):
    """A portal of its own kind; see the module for what to state."""

    rows = "ul.list li, .list li"
    article = "#zoom, .article-content, .content, article"
    pages: ClassVar[str] = ""

    def next_page(self, response: TextResponse) -> Iterator[Link]:
        """Every page that this one links to; the frontier knows which it has seen."""
        for url in response.css(self.pages).css("::attr(href)").getall() if self.pages else ():
            yield Link(response.urljoin(url.strip()), Kind.LISTING)
