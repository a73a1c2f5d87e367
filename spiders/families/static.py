"""Hand-made sites, and whatever has no CMS that others share.

Nothing is known in advance, so nothing gives it away: choose it where no family is recognised. A
portal states `rows` (the links of its listing) and, where there are such, `article`, `columns`
(links to further listings: years, organs) and `pages` (links to further pages of a listing). A
section that exists only after scripts ran is named in `rendered_sections`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from spiders.portal import Portal, listings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.http import TextResponse

    from crawler.items import Link


class StaticPortal(Portal):
    """A portal of its own kind; see the module for what to state."""

    cms = "static"
    rows = "ul.list li, .list li"
    article = "#zoom, .article-content, .content, article"
    pages: ClassVar[str] = ""

    def next_page(self, response: TextResponse) -> Iterator[Link]:
        """Every page that this one links to; the frontier knows which it has seen."""
        yield from listings(response, self.pages)
