"""What a crawl came to, portal by portal: by its journal, the catalogue, and earlier crawls."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from crawler.items import Issue, Kind
from crawler.order import portals
from crawler.reach import Reach, of_lines, state_of
from crawler.summary import PortalRun, RunLog, unmet
from pipelines.catalogue import Catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from scrapy.crawler import Crawler

    from crawler.order import Order
    from crawler.run import Result


def sum_up(result: Result, order: Order, crawler: Crawler) -> None:
    """Fill in a result; what nobody would expect goes to the issues of the crawl."""
    log = crawler.get_extension(RunLog)
    assert log is not None
    assert crawler.stats is not None
    known, count = portals(), crawler.stats.get_value
    result.verdicts, result.missing = dict(log.verdicts), count("archive/missing", 0)
    here, last, reached = dict[str, dict[str, Listed]](), {}, dict[str, list[Reach]]()
    if order.world != "archive":
        said = order.store / "crawls" / order.crawl / "crawl.jsonl"
        here, reached, last = listed(journal(said)), of_lines(journal(said)), _before(order)
    with Catalogue.open(order.store, crawler.settings["GONGKAI_CATALOGUE"] or None) as catalogue:
        for name in order.portals:
            classes = catalogue.counts(name)
            reports = classes.get("annual_report", 0)
            guides = classes.get("disclosure_guide", 0)
            first = catalogue.first_report(name)
            lacks = () if order.only else unmet(known[name].expect, reports, guides, first)
            named = here.get(name, {})
            run = PortalRun(
                portal=name,
                pages=log.pages[name],
                new=count(f"store/new/{name}", 0),
                changed=count(f"store/changed/{name}", 0),
                unchanged=count(f"store/unchanged/{name}", 0)
                + count(f"dedupe/unchanged/{name}", 0),
                reports=reports,
                guides=guides,
                issues=len(log.issues[name]),
                seconds=result.seconds,
                short=(),
                listed={section: one.documents for section, one in named.items() if one.whole},
                reach=tuple(reached.get(name, ())),
            )
            lacks = () if run.away else lacks
            run = replace(run, short=(*lacks, *result.left_over.get(name, ())))
            if order.world != "archive" and not (order.limit or result.interrupted):
                before = {} if name in result.left_over else last.get(name, {})
                odd = list(unexpected(run, known[name].site, named, before))
                catalogue.add_issues(order.crawl, name, odd)
                run = replace(run, issues=run.issues + len(odd))
            result.portals.append(run)


def _before(order: Order) -> dict[str, dict[str, int]]:
    """What the listings of each section named when they were last seen whole, in a like crawl."""
    known = portals()
    found: dict[str, dict[str, int]] = {name: {} for name in order.portals}
    summaries = order.store.glob("crawls/*/summary.json")
    for path in sorted(summaries, key=lambda path: path.stat().st_mtime, reverse=True):
        said = json.loads((path.parent / "order.json").read_text(encoding="utf-8"))
        alike = all(said[name] == getattr(order, name) for name in ("world", "connect_to", "only"))
        if path.parent.name == order.crawl or said["limit"] or not alike:
            continue
        result = json.loads(path.read_text(encoding="utf-8"))
        for run in [] if result["interrupted"] else result["portals"]:
            if run["portal"] in found and run["portal"] not in result["left_over"]:
                found[run["portal"]] = {**run.get("listed", {}), **found[run["portal"]]}
        if all(found[name].keys() >= known[name].sections.keys() for name in found):
            break
    return {
        name: {section: n for section, n in were.items() if section in known[name].sections}
        for name, were in found.items()
    }


def journal(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a crawl, whoever wrote them and after whatever kill; none where none are."""
    if path.exists():
        with path.open(encoding="utf-8") as lines:
            yield from filter(None, map(_read, lines))


def _read(line: str) -> dict[str, Any] | None:
    try:
        exchange: dict[str, Any] = json.loads(line)
    except json.JSONDecodeError:  # a kill may have cut it short
        return None
    return exchange


@dataclass(frozen=True, slots=True)
class Listed:
    """What the listings of one section named in one crawl."""

    documents: int
    first: str  # the address of the first listing, or of where it was looked for
    whole: bool  # every page that was asked for was reached


def listed(lines: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Listed]]:
    """By portal and section, from the lines of a journal."""
    named: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    seen: defaultdict[tuple[str, str], dict[str, bool]] = defaultdict(dict)
    for line in lines:
        if line["kind"] == Kind.DOCUMENT:
            named[line["portal"], line["section"]].add(line["url"])
        elif line["kind"] == Kind.LISTING or (line["kind"] == Kind.SEARCH and not _reached(line)):
            for section in line["section"].split():
                seen[line["portal"], section][line["url"]] = _reached(line)
    found: defaultdict[str, dict[str, Listed]] = defaultdict(dict)
    for (portal, section), pages in seen.items():
        documents = len(named[portal, section])
        found[portal][section] = Listed(documents, next(iter(pages)), all(pages.values()))
    return dict(found)


def _reached(line: Mapping[str, Any]) -> bool:
    return bool(line["outcome"]) and state_of(line["outcome"]) in {"ok", "moved", "gone"}


def unexpected(
    run: PortalRun, site: str, now: Mapping[str, Listed], before: Mapping[str, int]
) -> Iterator[Issue]:
    """What a run came to that nobody would expect: nothing, less than before, less than stated.

    What could not be reached has an issue that says so: it is not gone, nor shrunken, for that.
    """
    if not run.pages or run.away:
        return
    look, all_seen = "look: gongkai archive show", all(one.whole for one in now.values())
    if all_seen and not run.new + run.changed + run.unchanged:
        yield Issue("zero_results", f"{run.pages} pages and no document; {look} {site}/", site)
    for section, earlier in before.items():
        found = now.get(section, Listed(0, site, whole=True))
        if found.whole and found.documents < earlier:
            says = f"{section}: {found.documents} entries where there were {earlier} last time"
            yield Issue("shrunken", f"{says}; {look} {found.first}", found.first)
    for lack in run.short if all_seen else ():
        yield Issue("short", f"{lack}; {look} {site}/", site)
