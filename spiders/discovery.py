"""Where a portal keeps its sections, when their paths fail or were never known.

A search is one chain of links: each step looks at one page and yields the next, the best of what is
known so far, so it is a best-first search that asks for one page at a time. What it has still to
look at travels in the link (`Link.agenda`), so a search goes on wherever its last step ended, and
takes the same way when it is replayed. A page that looks like the column is judged by its rows;
what passes is crawled like any section.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from crawler.errors import unreached
from crawler.items import Issue, Kind, Link
from spiders import judging
from spiders.page import absolute
from spiders.wording import PROMISING, worth

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.http import TextResponse

    from spiders.portal import Portal

MAPS = (("/sitemap.xml", 20),)  # worth a look where no link leads on
LOST = {"home_page", "layout_changed", "redirect_offsite", "redirect_loop", "http_404", "http_410"}


@dataclass(slots=True)
class Agenda:
    """What a search is for, what it has seen, and what is left to look at."""

    left: int  # pages that may still be looked at
    found: list[str] = field(default_factory=list)  # sections
    tried: list[str] = field(default_factory=list)  # marks of addresses
    open: list[tuple[int, str, str]] = field(default_factory=list)  # worth, address, words

    @classmethod
    def read(cls, text: str) -> Agenda:
        left, found, tried, waiting = json.loads(text)
        return cls(left, found, tried, [tuple(step) for step in waiting])

    def written(self) -> str:
        """As a link carries it."""
        told = [self.left, self.found, self.tried, self.open]
        return json.dumps(told, ensure_ascii=False, separators=(",", ":"))

    def add(self, score: int, url: str, words: str) -> None:
        """Keep an address in mind, once, in the order of worth and then of finding."""
        mark = _mark(url)
        if score <= 0 or mark in self.tried:
            return
        known = next((step for step in self.open if _mark(step[1]) == mark), None)
        if known is not None:
            if known[0] >= score:
                return
            self.open.remove(known)
        at = next((n for n, step in enumerate(self.open) if step[0] < score), len(self.open))
        self.open.insert(at, (score, url, words))
        del self.open[self.left :]

    def next(self, least: int) -> tuple[str, str] | None:
        """The best address that is left, and its words; None when the search is over."""
        if not self.open or self.left <= 0 or self.open[0][0] < least:
            return None
        _, url, words = self.open.pop(0)
        self.tried.append(_mark(url))
        self.left -= 1
        return url, words


def begin(portal: Portal, sections: str) -> Iterator[Link]:
    """The first step of a search for these sections (keys, parted by spaces): the home page."""
    agenda = Agenda(portal.searches)
    home = urljoin(portal.site, "/")
    for path, score in MAPS:
        agenda.add(score, urljoin(home, path), "")
    agenda.add(1000, home, "")
    yield from _onward(agenda, Link(home, Kind.SEARCH, sections), least=1)


def lost(portal: Portal, link: Link, code: str) -> Iterator[Link | Issue]:
    """Where to look for what a link did not lead to; nothing for most links.

    `code` says why, as an issue does. A section that is blocked or does not answer is still there.
    """
    if link.kind == Kind.SEARCH:
        agenda = Agenda.read(link.agenda)
        if unreached(code) and agenda.left == portal.searches - 1:
            return  # not even the home page was seen: nothing can be said to be lost
        yield from _next(portal, link, agenda)
    elif link.kind == Kind.LISTING and code in LOST and portal.sections.get(link.section):
        hint = urljoin(portal.site, portal.sections[link.section])
        if hint in {link.url, link.parent}:
            yield from begin(portal, link.section)


def step(portal: Portal, response: TextResponse, link: Link) -> Iterator[Link | Issue]:
    """Look at one page of a search: what it is, and where to look next."""
    agenda = Agenda.read(link.agenda)
    agenda.tried.append(_mark(response.url))
    inside = {entry.url for entry in portal.further(response)}
    for section in link.section.split():
        if judging.judged(portal, response, link, section):
            found = Link(response.url, Kind.LISTING, section, parent=link.parent)
            yield from _found(portal, found, agenda)
            inside |= {entry.url for entry in judging.found_on(portal, response, pages=True)}
    names = judging.named_after(response, link)
    for url, words in _anchors(response):
        own = portal.owns(urlsplit(url).hostname or "")
        if own and url not in inside:
            agenda.add(worth(words, url, names, link.section.split()), url, words)
    yield from _next(portal, link, agenda, at=response.url)


def _found(portal: Portal, found: Link, agenda: Agenda) -> Iterator[Link | Issue]:
    section, hint = found.section, portal.sections.get(found.section, "")
    if hint and section in agenda.found:
        return
    agenda.found += [] if section in agenda.found else [section]
    yield replace(found, rendered=section in portal.rendered_sections)
    if hint:
        old, new = urljoin(portal.site, hint), found.url
        says = f"{section} moved from {_path(old)} to {_path(new)}"
        more = "put the new path into `sections`"
        yield Issue("moved", f"{says}; look: gongkai archive show {new} then {more}", new)


def _next(portal: Portal, link: Link, agenda: Agenda, *, at: str = "") -> Iterator[Link | Issue]:
    """The next page of a search, or what is to be said at its end."""
    following = list(_onward(agenda, link, least=_least(portal, agenda, link), at=at))
    yield from following
    if not following:
        yield from _missed(portal, link, agenda)


def _missed(portal: Portal, link: Link, agenda: Agenda) -> Iterator[Issue]:
    home = urljoin(portal.site, "/")
    for section in (s for s in link.section.split() if s not in agenda.found):
        looked = portal.searches - agenda.left
        says = f"{section} was not found on {looked} page{'s' * (looked != 1)} from {home}"
        yield Issue("section_lost", f"{says}; look: gongkai archive show {home}", home)


def _least(portal: Portal, agenda: Agenda, link: Link) -> int:
    """How much an address must be worth to be looked at, after what was found."""
    sought = link.section.split()
    if any(section not in agenda.found for section in sought):
        return 1
    # A section that has moved is one place; where none was stated, organs may have their own.
    return 10_000 if all(portal.sections.get(section) for section in sought) else PROMISING


def _onward(agenda: Agenda, link: Link, *, least: int, at: str = "") -> Iterator[Link]:
    chosen = agenda.next(least)
    if chosen is not None:
        url, words = chosen
        told = replace(link, url=url, title=words, agenda=agenda.written(), parent=at)
        yield replace(told, kind=Kind.SEARCH)


def _anchors(response: TextResponse) -> Iterator[tuple[str, str]]:
    """Every address on a page with its words; a sitemap's have none."""
    if response.selector.type == "xml":
        for url in response.xpath("//*[local-name()='loc']/text()").getall():
            yield url.strip(), ""
        return
    if response.selector.type == "json":
        return
    for anchor in response.css("a[href], area[href]"):
        url = absolute(response, anchor.attrib["href"]).partition("#")[0]
        told = ["".join(anchor.css("::text, img::attr(alt)").getall())]
        told += [anchor.attrib.get(name, "") for name in ("title", "alt")]
        if url.startswith(("http://", "https://")):
            yield url, max(("".join(words.split()) for words in told), key=len)


def _mark(url: str) -> str:
    """Eight letters for an address, so that an agenda stays small."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    path = parts.path or "/"
    for name in ("index.html", "index.htm", "index.shtml", "index.jsp"):
        path = path.removesuffix(name)
    return blake2b(f"{host}{path}?{parts.query}".encode(), digest_size=4).hexdigest()


def _path(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(scheme="", netloc="").geturl() or "/"
