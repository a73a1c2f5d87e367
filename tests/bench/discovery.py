"""Discovery beside a breadth-first crawl of the same portals: recall, and fetches per document.

Every portal of the practice city at `--documents` documents a portal, three times: with its stated
paths, from the home page alone, and breadth-first (every link of the portal's hosts, in the order
of finding, until all documents are found or no link is left).

    make bench-discovery
    python -m tests.bench.discovery --way home
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
import tempfile
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from crawler.order import Order, check, portals
from crawler.practice.city import City
from crawler.practice.server import serving
from crawler.run import crawl
from crawler.scoring import score
from pipelines.catalogue import Catalogue

HREF = re.compile(rb"""(?:href|src)=["']([^"'#]+)""", re.IGNORECASE)
YEARS = (2008, 2025)
GOALS = {"hints": 0.99, "home": 0.97}  # recall, at most three fetches a document
UNKNOWN = {"annual_report": "", "guide": ""}


@dataclass(frozen=True, slots=True)
class Row:
    """One portal, one way."""

    portal: str
    way: str
    documents: int
    found: int
    fetches: int

    @property
    def recall(self) -> float:
        return self.found / self.documents if self.documents else 1.0

    @property
    def price(self) -> float:
        return self.fetches / max(1, self.found)


def truths_of(city: City) -> dict[str, list[Any]]:
    """What each portal holds and shows."""
    wanted = {"annual_report", "disclosure_guide"}
    found: dict[str, list[Any]] = {}
    families = (truth for site in city.families for truth in site.truth())
    for truth in (*city.truth(), *families):
        if truth.findable and truth.document_class in wanted:
            found.setdefault(truth.portal, []).append(truth)
    return {name: truths for name, truths in found.items() if name in portals()}


def crawled(city: City, way: str, truths: dict[str, list[Any]]) -> list[Row]:
    """One crawl of all portals that need no browser."""
    names = tuple(name for name in truths if not portals()[name].rendered_sections)
    with tempfile.TemporaryDirectory() as folder, serving(city) as address:
        store = Path(folder)
        order = Order(names, store, "practice", address, crawl=way, delay=0.0)
        check(order)
        asyncio.run(crawl(order))
        lines = (store / "crawls" / way / "crawl.jsonl").read_text(encoding="utf-8").splitlines()
        visits = [json.loads(line)["portal"] for line in lines]
        rows = []
        with Catalogue.open(store) as catalogue:
            for name in names:
                scored = score(truths[name], list(catalogue.documents(portal=name)))
                fetches = visits.count(name)
                rows.append(Row(name, way, scored.documents, scored.found, fetches))
    return rows


def breadth_first(city: City, name: str, truths: list[Any]) -> Row:
    """Follow every link of a page on the portal's hosts, asking the city itself."""
    portal = portals()[name]()
    open_, met, missing = deque([f"{portal.site}/"]), set(), {truth.url for truth in truths}
    fetches, most = 0, 20 * len(missing)
    while open_ and missing and fetches < most:
        url = open_.popleft()
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        answer = city.answer(parts.netloc, "GET", target or "/", {}, b"")
        fetches += 1
        missing.discard(url)
        hrefs = [href.decode("latin-1") for href in HREF.findall(answer.body)]
        hrefs += [value for field, value in answer.headers if field == "Location"]
        for href in hrefs:
            link = urljoin(url, href)
            if link not in met and portal.owns(urlsplit(link).hostname or ""):
                met.add(link)
                open_.append(link)
    found = sum(truth.url not in missing for truth in truths)
    return Row(name, "breadth-first", len(truths), found, fetches)


def main() -> None:
    """Measure, print a table, and say whether the goals are met."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--documents", type=int, default=300, help="documents a portal, about")
    parser.add_argument("--way", choices=GOALS, action="append", help="none named: both")
    asked = parser.parse_args()
    wanted, ways = asked.documents, asked.way or list(GOALS)
    organs = max(3, 3 * round(wanted / (YEARS[1] - YEARS[0] + 2)))
    city = City(organs=organs, years=YEARS)
    truths = truths_of(city)
    rows = crawled(city, "hints", truths) if "hints" in ways else []
    if "home" in ways:
        for name in truths:
            portals()[name].sections = dict(UNKNOWN)  # type: ignore[misc]
        rows += crawled(city, "home", truths)
    names = sorted({row.portal for row in rows})
    rows += [breadth_first(city, name, truths[name]) for name in names]
    print(f"{'portal':24} {'way':14} {'documents':>9} {'recall':>7} {'fetches':>8} {'each':>6}")
    for row in sorted(rows, key=lambda row: (row.portal, row.way)):
        print(f"{row.portal:24} {row.way:14} {row.documents:9} {row.recall:7.1%} "
              f"{row.fetches:8} {row.price:6.2f}")  # fmt: skip
    met = True
    for way, least in [*((way, GOALS[way]) for way in ways), ("breadth-first", 0.0)]:
        own = [row for row in rows if row.way == way]
        documents, found = sum(r.documents for r in own), sum(r.found for r in own)
        fetches = sum(r.fetches for r in own)
        price = fetches / max(1, found)
        print(f"{way:14} recall {found / documents:.2%}, {price:.2f} fetches a document found")
        met &= found / documents >= least and (way == "breadth-first" or price <= 3)
    print("goals met" if met else "GOALS MISSED")
    sys.exit(not met)


if __name__ == "__main__":
    main()
