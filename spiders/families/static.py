"""Hand-made sites, and whatever has no CMS that others share.

Nothing is known in advance: a portal states `rows` (the links of its listing) and, where there is
one, `article`. A section that exists only after scripts ran is named in `rendered_sections`.
"""

from __future__ import annotations

from spiders.portal import Portal


class StaticPortal(Portal):
    """A portal of its own kind; see the module for what to state."""

    rows = "ul.list li, .list li"
    article = "#zoom, .article-content, .content, article"
