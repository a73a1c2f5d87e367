"""LonSun 安徽龙讯: Anhui wide, Changde and other cities of Hunan and Henan.

Every organ has one directory, entered by kind: `/public/column/ORGAN?type=3` lists its annual
reports, `type=2` its guide. Articles are `/public/ORGAN/ID.html`, often under a prefix (`/zwgk`).

Facts a portal gives: `sections` as such paths.
"""

from __future__ import annotations

from spiders.portal import Portal


class LonsunPortal(Portal):
    """A portal on LonSun; see the module for what to state."""

    rows = "li:has(a[href*='/public/'])"
    article = ".j-fontContent, .wzcon, #zoom, .gkwz_contnet, .article-content"
