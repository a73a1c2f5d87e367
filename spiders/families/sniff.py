"""Which CMS made a page: what its address and its HTML give away, and the evidence for it.

A sign is a few words that one vendor's pages carry and no other's. Where no family shows, or two
do, nothing is guessed: that is for whoever asks to say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from spiders.families import FAMILIES

if TYPE_CHECKING:
    from spiders.portal import Portal

LONGEST = 60  # characters of evidence
ABSOLUTE = re.compile(r"https?://([\w.-]+)[^\s\"'<>]*")


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that speaks for a family."""

    family: type[Portal]
    evidence: str  # the words found, and where


def sniff(url: str, html: str) -> list[Sign]:
    """The signs on a page, by family, in the order of `FAMILIES`; none where nothing shows.

    Links to other portals say nothing of this one.
    """
    domain = (urlsplit(url).hostname or "").removeprefix("www.")
    html = ABSOLUTE.sub(lambda link: link[0] if link[1].endswith(domain) else "", html)
    found = []
    for family in FAMILIES:
        for sign in family.signs:
            where = "in the address" if (seen := sign.search(url)) else "on the page"
            if seen := seen or sign.search(html):
                words = " ".join(seen[0].split())[:LONGEST]
                found.append(Sign(family, f"{words} {where}"))
    return found
