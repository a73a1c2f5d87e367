"""What the archived pages of a probe show: signs of a CMS, rows of a section, selectors."""

from __future__ import annotations

import asyncio
import re
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.http import TextResponse

from archive import Index
from crawler.cli.as_crawled import as_crawled
from crawler.download.worlds import Archive
from crawler.errors import CrawlError
from crawler.items import Kind, Link
from crawler.text import years
from spiders.families import StaticPortal
from spiders.families.sniff import Sign, sniff
from spiders.judging import stands_on
from spiders.page import absolute
from spiders.portal import Portal
from spiders.wording import ABOUT, ROWS

NEXT = re.compile(r"[>›»]*(?:下一页|下页|尾页|末页)[>›»]*")
Fact = str | bool | tuple[str, ...]


@dataclass(slots=True)
class Section:
    """One section as it was found."""

    path: str  # as a portal states it
    pages: int = 0
    rows: int = 0
    documents: int = 0  # rows that are called like reports, or like a guide
    since: int | None = None  # earliest year in their titles
    addresses: list[str] = field(default_factory=list)  # of those rows


@dataclass(slots=True)
class Found:
    """What a probe came to."""

    site: str
    signs: list[Sign]
    family: type[Portal] | None
    lines: list[dict[str, Any]] = field(default_factory=list)  # the journal
    sections: dict[str, Section] = field(default_factory=dict)
    facts: dict[str, Fact] = field(default_factory=dict)  # stated besides
    title: str = ""


def signs_of(store: Path, lines: list[dict[str, Any]]) -> list[Sign]:
    """The signs on all pages, each once, those of the most pages first."""
    met: Counter[Sign] = Counter()
    for line in lines:
        if line["verdict"] == "done" and line["kind"] != Kind.ROBOTS:
            with suppress(CrawlError):
                page = archived(store, line)
                if isinstance(page, TextResponse):
                    met.update(set(sniff(page.url, page.text)))
    found: defaultdict[type[Portal], int] = defaultdict(int)
    for sign, count in met.items():
        found[sign.family] += count
    return sorted(met, key=lambda sign: (-found[sign.family], -met[sign]))


def archived(store: Path, line: dict[str, Any]) -> Any:
    """The response of a line of the journal, as the spider saw it. Raises CrawlError."""
    link = Link(line["url"], Kind(line["kind"]), line["section"], parent=line["parent"])
    method = "POST" if line["body"] else "GET"
    request = Request(line["url"], method=method, body=line["body"], meta={"link": link})
    world = Archive(store, "")

    async def ask() -> Any:
        try:
            return as_crawled(request, await world.fetch(request))
        finally:
            await world.close()

    return asyncio.run(ask())


def count(found: Found, portal: Portal, store: Path, line: dict[str, Any]) -> None:
    """Add what one page of a listing holds to its section."""
    name, page = line["section"], archived(store, line)
    section = found.sections.get(name)
    if section is None:
        section = found.sections[name] = Section(path_of(found.site, line["url"]))
    with suppress(CrawlError, ValueError, KeyError):
        rows = [
            entry
            for entry in portal.links(page)
            if entry.kind == Kind.DOCUMENT and portal.owns(urlsplit(entry.url).hostname or "")
        ]
        good = [r for r in rows if ROWS[name].search(r.title) and not ABOUT.search(r.title)]
        section.pages += bool(rows)
        section.rows += len(rows)
        fresh = [entry for entry in good if entry.url not in section.addresses]
        section.documents += len(fresh)
        section.addresses += [entry.url for entry in fresh]
        link = Link(line["url"], Kind.LISTING, name, title=line.get("title") or "")
        if not rows and stands_on(portal, page, link, name):
            section.documents += 1
        named = [year for entry in good for _, year in years(entry.title)]
        section.since = min([*named, section.since or 9999]) if named else section.since


def selectors(store: Path, found: Found) -> dict[str, Fact]:
    """What must be stated besides: further hosts and columns, of a hand-made site its rows."""
    facts: dict[str, Fact] = {}
    read = {"listing", "document"}
    hosts = {urlsplit(n["url"]).netloc for n in found.lines if n["kind"] in read}
    if others := hosts - {urlsplit(found.site).netloc}:
        facts["hosts"] = tuple(sorted(others))
    answered = {(line["url"], line["status"]) for line in found.lines}
    if any((url, 302) in answered and (url, 200) in answered for url, _ in answered):
        facts["cookies"] = True  # it sends whoever forgets its cookie round and round
    pages = _pages(store, found)
    for name, section in found.sections.items():
        own = [n["url"] for n in found.lines if (n["kind"], n["section"]) == ("listing", name)]
        facts = {**_columns(found, section, own, pages), **facts}
        for page in (pages[url] for url in own if url in pages):
            more = {a for a in page.css("a[href]") if NEXT.fullmatch(_words(a))}
            urls = {absolute(page, anchor.attrib["href"]) for anchor in more}
            for fact, wanted in (("rows", set(section.addresses)), ("pages", urls)):
                if found.family is StaticPortal and (way := led_by(page, wanted)):
                    facts.setdefault(fact, way)
    return facts


def _pages(store: Path, found: Found) -> dict[str, TextResponse]:
    """What was looked at or read as a listing, by address."""
    kinds = {"search", "listing"}
    lines = [n for n in found.lines if n["kind"] in kinds and n["status"] == 200]
    made = {line["url"]: archived(store, line) for line in lines}
    return {url: page for url, page in made.items() if page.selector.type == "html"}


def _columns(
    found: Found, section: Section, own: list[str], pages: dict[str, TextResponse]
) -> dict[str, Fact]:
    """Where a section has several columns, the page that leads to them, and how."""
    searched = {line["url"] for line in found.lines if line["kind"] == "search"}
    columns = {url for url in own if url in searched}
    if len(columns) < 2:
        return {}
    led = {url: (columns - {url}) & _addresses(page) for url, page in pages.items()}
    best = max([own[0], *pages], key=lambda url: len(led.get(url, ())))
    section.path = path_of(found.site, best)
    way = led_by(pages[best], led[best])
    return {"columns": way} if way else {}


def _addresses(page: TextResponse) -> set[str]:
    return {absolute(page, href) for href in page.css("a::attr(href)").getall()}


def _words(anchor: Any) -> str:
    return "".join("".join(anchor.css("::text, img::attr(alt)").getall()).split())


def path_of(site: str, url: str) -> str:
    """An address as a portal states it: whole only where it is on another host."""
    parts = urlsplit(url)
    at_site = f"{parts.scheme}://{parts.netloc}" == site
    return parts._replace(scheme="", netloc="").geturl() if at_site else url


def led_by(page: TextResponse, wanted: set[str]) -> str:
    """A selector of the links to these addresses and to few others; "" where there is none."""
    anchors = [a for a in page.css("a[href]") if absolute(page, a.attrib["href"]) in wanted]
    for holder in ("ancestor-or-self::*[@class or @id][1]", ".."):  # old pages mark nothing
        ways = Counter(_way(held) for anchor in anchors for held in anchor.xpath(holder))
        for way, count in ways.most_common(1):
            if len(page.css(way)) <= 2 * count:
                return way
    return ""


def _way(holder: Any) -> str:
    """A selector of the links in an element, or of the element if it is one."""
    classes, id_ = holder.attrib.get("class", "").split(), holder.attrib.get("id", "")
    mark = f".{classes[0]}" if classes else f"#{id_}" if id_ else ""
    return f"{holder.root.tag}{mark}{'' if holder.root.tag == 'a' else ' a'}"


def title_of(store: Path, site: str) -> str:
    with Index(store) as index:
        home = index.find(f"{site}/")
    if home is None:
        return ""
    line = {"url": home.url, "kind": "search", "section": "", "parent": "", "body": ""}
    with suppress(CrawlError):
        page = archived(store, line)
        words = "".join(page.css("title ::text").getall())
        return words.strip().partition("-")[0].removeprefix("首页").strip(" _|")
    return ""
