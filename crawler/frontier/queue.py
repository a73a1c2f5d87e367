"""The frontier as one worker sees it: portals by name, groups with their delays, robots first."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec
from scrapy.spiderloader import get_spider_loader

from crawler import egress
from crawler.frontier import robots, traps
from crawler.frontier.groups import group_of
from crawler.frontier.record import Outcome, Record
from crawler.frontier.session import Session
from crawler.items import Kind, Link

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence

    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

    from crawler.frontier.facts import Portal
    from crawler.items import Issue

ARCHIVE_CONCURRENCY = 4  # nobody is hurried by reading our own disk
ROBOTS_PATIENCE = 30.0  # seconds without a robots.txt that should be there: then it is asked again


class Queue:
    """A `Frontier` with everything that Scrapy's settings and the portals say about it."""

    def __init__(
        self, crawler: Crawler, settings: BaseSettings, wanted: Callable[[], bool]
    ) -> None:
        self._crawler = crawler
        self._settings = settings
        self._loader = get_spider_loader(settings)
        self._portals: dict[str, Portal] = {}
        self._origins: dict[str, robots.Rules | None] = {}
        self._unknown: dict[str, float] = {}  # origins whose rules were missed, and since when
        self._asked: Counter[str] = Counter()
        self._groups: set[str] = set()  # configured
        self._at: defaultdict[str, set[str]] = defaultdict(set)  # group → portals there
        self._egresses = egress.read(settings["GONGKAI_EGRESS"])
        self.session = Session(settings, wanted)
        self.archive = self.session.archive
        through = settings["GONGKAI_CONNECT_TO"]
        # What is learnt of a host holds for the server that was asked, not for its namesake.
        self._reached = "archive:" if self.archive else f"{through}:" if through else ""

    def portal(self, name: str) -> Portal:
        """The spider of that name, made once. Raises KeyError for a name that no spider has."""
        if name not in self._portals:
            spider = self._crawler.spider
            if spider is None or spider.name != name:
                spider = self._loader.load(name).from_crawler(self._crawler)
            self._portals[name] = spider  # type: ignore[assignment]
        return self._portals[name]

    def egress(self, portal: str) -> str:
        """The name of the way by which a portal is asked, or what stands in for all of them.

        Raises WrongUse for a way that this machine does not know.
        """
        if self._reached:
            world: str = self._settings["GONGKAI_WORLD"]
            return self._reached.removesuffix(":") if world == "live" else world
        return egress.chosen(self._egresses, portal, self.portal(portal).egress).name

    async def seed(self, start: AsyncIterator[object]) -> None:
        """Queue what the spider starts with: links of its own, or records of several portals."""
        only = self._settings["GONGKAI_ONLY"]
        records = []
        async for first in start:
            record = first
            if isinstance(first, Link):
                assert self._crawler.spider is not None
                record = Record.from_link(self._crawler.spider.name, first)
            assert isinstance(record, Record)
            if not only or only in record.section.split():  # a search may be for several
                section = only or record.section
                records.append(msgspec.structs.replace(record, section=section))
        await self.push(records)

    async def resume(self) -> None:
        """Tell the groups of a crawl that goes on what holds for them now."""
        frontier, ask = self.session.frontier, self.session.line.ask
        for state in await ask(frontier.groups):
            for record in await ask(partial(frontier.peek, state.group, 1)):
                self._at[state.group].add(record.portal)
                portal = self.portal(record.portal)
                await ask(partial(self._configure, state.group, portal))

    async def push(self, records: Sequence[Record]) -> None:
        """Queue records, each origin's robots.txt before its first page."""
        await self.session.line.ask(partial(self.send, self.prepared(records)))

    def prepared(self, records: Iterable[Record]) -> list[Record]:
        """What is to be queued for records, as it is to be queued."""
        admitted = [self._grouped(r) for r in records if self._within_limit(r)]
        for record in admitted:
            self._at[record.group].add(record.portal)
        return [*self._robots_first(admitted), *admitted]

    def linked(self, origin: Record, links: Iterable[Link]) -> list[Record]:
        """What is to be queued for the links of a page."""
        depth, hops = origin.depth + 1, origin.hops + traps.FRUITFUL
        return self.prepared(
            Record.from_link(origin.portal, link, depth=depth, hops=hops) for link in links
        )

    async def send(self, records: Sequence[Record]) -> list[Issue]:
        """One attempt, harmless to repeat: the traps that were not followed any further."""
        for group, portal in {r.group: r.portal for r in records}.items():
            await self._configure(group, self.portal(portal))
        sure, doubtful = traps.parted(records)
        outcomes = await self._put(sure)
        more, issues = traps.onward(sure, outcomes, doubtful)
        return issues + traps.full(more, await self._put(more))

    async def _put(self, records: Sequence[Record]) -> list[Outcome]:
        """What finds no room goes to disk."""
        outcomes = await self.session.frontier.enqueue(records) if records else []
        spilt = [r for r, said in zip(records, outcomes, strict=True) if said == Outcome.SPILL]
        if spilt:
            self.session.spill.keep(spilt)
        return outcomes

    async def refill(self) -> None:
        """Queue what waits on disk, as far as there is room now."""
        session = self.session
        await session.spill.refill(
            lambda records: session.line.ask(partial(session.frontier.enqueue, records))
        )

    def portals_of(self, group: str) -> set[str]:
        """The portals known to have pages in a group."""
        return self._at[group]

    # Robots.

    async def rules(self, url: str) -> robots.Rules | None:
        """What the robots.txt of this URL's origin says; None while it is still being fetched."""
        origin = robots.origin_of(url)
        if self._origins.get(origin) is None:
            frontier = self.session.frontier
            text = await self.session.line.ask(partial(frontier.robots, self._reached + origin))
            self._origins[origin] = None if text is None else robots.Rules(text)
        return self._origins[origin]

    async def miss_rules(self, record: Record) -> None:
        """Have a robots.txt fetched again that was fetched once and is not kept any more."""
        origin, now = robots.origin_of(record.url), time.monotonic()
        if now > self._unknown.setdefault(origin, now) + ROBOTS_PATIENCE:
            del self._unknown[origin]
            link = Link(f"{origin}/robots.txt", Kind.ROBOTS)
            asked = Record.from_link(record.portal, link, group=record.group)
            await self.push([msgspec.structs.replace(asked, force=True)])

    async def learn_rules(self, record: Record, text: str) -> robots.Rules:
        """Keep the rules that the fetch of a robots.txt (perhaps redirected) came to."""
        origin = robots.origin_of(record.parent or record.url)
        keep = partial(self.session.frontier.keep_robots, self._reached + origin, text)
        await self.session.line.ask(partial(keep, seconds=robots.KEPT_SECONDS))
        rules = self._origins[origin] = robots.Rules(text)
        self._unknown.pop(origin, None)
        return rules

    def _robots_first(self, records: Sequence[Record]) -> list[Record]:
        first: dict[str, Record] = {}
        for record in records:
            for origin in self._origins_of(record):
                if origin not in self._origins and origin not in first:
                    link = Link(f"{origin}/robots.txt", Kind.ROBOTS)
                    first[origin] = Record.from_link(record.portal, link, group=record.group)
        self._origins |= dict.fromkeys(first)
        return list(first.values())

    def _origins_of(self, record: Record) -> Iterator[str]:
        """Whose robots.txt must be known first; scripts may ask all hosts that a portal names."""
        if record.kind == Kind.ROBOTS:
            return
        yield (origin := robots.origin_of(record.url))
        if record.rendered:
            scheme = origin.partition("://")[0]
            named = (h for h in self.portal(record.portal).hosts if not h.startswith("."))
            yield from (f"{scheme}://{host}" for host in named)

    # Groups and limits.

    def _grouped(self, record: Record) -> Record:
        """With its politeness group spelled out: a group is a server as this world reaches it."""
        group = self.portal(record.portal).group or group_of(record.url)
        alias = self.alias(record.portal, record.url)
        return msgspec.structs.replace(record, group=self._reached + group, alias=alias)

    def alias(self, portal: str, url: str) -> str:
        """The host under which a portal counts that of `url`; "" where that is its own name."""
        aliases = self.portal(portal).aliases
        return aliases.get(urlsplit(url).hostname or "", "") if aliases else ""

    async def _configure(self, group: str, portal: Portal) -> None:
        if group in self._groups:
            return
        named = portal.budget, self._settings["GONGKAI_BUDGET"]
        budgets = [int(budget) for budget in named if budget is not None]
        await self.session.frontier.configure(
            group,
            delay_ms=round(1000 * self._delay(portal)),
            concurrency=ARCHIVE_CONCURRENCY if self.archive else 1,
            windows="" if self.archive else self._settings["GONGKAI_WINDOWS"] or portal.windows,
            budget=None if self.archive else min(budgets, default=None),
            replace=self._settings["GONGKAI_DELAY"] is not None,
        )
        self._groups.add(group)

    def delay_ms(self, record: Record) -> int:
        """The pause that this worker asks for between two requests to the record's group."""
        return round(1000 * self._delay(self.portal(record.portal)))

    def _delay(self, portal: Portal) -> float:
        override = self._settings["GONGKAI_DELAY"]
        return 0.0 if self.archive else float(portal.delay if override is None else override)

    def manners(self, record: Record, rules: robots.Rules) -> dict[str, Any]:
        """What a rendered page may ask for; `crawler.download.render_asked.Manners`."""

        async def allows(url: str) -> bool:
            known = await self.rules(url)
            return known is not None and known.allow(url)

        asked = 0 if self.archive else rules.crawl_delay_ms
        delay = max(self.delay_ms(record), asked) / 1000
        return {"owns": self.portal(record.portal).owns, "allows": allows, "delay": delay}

    def _within_limit(self, record: Record) -> bool:
        limit = self._settings.getint("GONGKAI_LIMIT")
        if not limit or record.kind == Kind.ROBOTS:
            return True
        self._asked[record.portal] += 1
        return self._asked[record.portal] <= limit
