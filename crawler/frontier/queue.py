"""The frontier as one worker sees it: portals by name, groups with their delays, robots first."""

from __future__ import annotations

import os
import socket
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import msgspec
from scrapy.spiderloader import get_spider_loader

from crawler.frontier import robots
from crawler.frontier.client import Frontier, Lease
from crawler.frontier.groups import group_of
from crawler.frontier.record import Record
from crawler.frontier.server import connect, embedded
from crawler.items import Kind, Link

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Sequence

    from redis.asyncio import Redis
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

ARCHIVE_CONCURRENCY = 4  # nobody is hurried by reading our own disk


class Portal(Protocol):
    """As much of `spiders.portal.Portal` as the frontier needs; it may not import spiders."""

    name: str
    delay: float
    group: str
    hosts: tuple[str, ...]

    def owns(self, host: str) -> bool: ...


class Queue:
    """A `Frontier` with everything that Scrapy's settings and the portals say about it."""

    def __init__(self, crawler: Crawler, settings: BaseSettings) -> None:
        self._crawler = crawler
        self._settings = settings
        self._loader = get_spider_loader(settings)
        self._portals: dict[str, Portal] = {}
        self._resources = ExitStack()
        self._origins: dict[str, robots.Rules | None] = {}
        self._asked: Counter[str] = Counter()
        self._groups: set[str] = set()
        self.worker = f"{socket.gethostname().split('.')[0]}-{os.getpid()}-{id(self):x}"
        self.archive = settings["GONGKAI_WORLD"] == "archive"
        through = settings["GONGKAI_CONNECT_TO"]
        # What is learnt of a host holds for the server that was asked, not for its namesake.
        self._reached = "archive:" if self.archive else f"{through}:" if through else ""
        self._redis: Redis | None = None
        self.frontier: Frontier

    async def open(self) -> None:
        """Connect, starting the embedded Redis if no other is named. Raises Unavailable."""
        url = self._settings["GONGKAI_REDIS"]
        if not url:
            directory = Path(self._settings["GONGKAI_STORE"]) / "redis"
            url = self._resources.enter_context(embedded(directory))
        self._redis = await connect(url)
        crawl, attempts = self._settings["GONGKAI_CRAWL"], 3
        if self.archive:
            crawl, attempts = f"replay-{crawl}", 1
        self.frontier = Frontier(self._redis, crawl, max_attempts=attempts)

    async def close(self) -> None:
        """Give back what is leased; forget a crawl that is drained."""
        with self._resources:
            if self._redis is not None:
                async with self._redis:
                    await self.frontier.close(self.worker)
                    if not await self.frontier.left():
                        await self.frontier.purge(drained_only=True)

    def portal(self, name: str) -> Portal:
        """The spider of that name, made once. Raises KeyError for a name that no spider has."""
        if name not in self._portals:
            spider = self._crawler.spider
            if spider is None or spider.name != name:
                spider = self._loader.load(name).from_crawler(self._crawler)
            self._portals[name] = spider  # type: ignore[assignment]
        return self._portals[name]

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
            if not only or record.section == only:
                records.append(record)
        await self.push(records)

    async def push(self, records: Sequence[Record]) -> None:
        """Queue records, each origin's robots.txt before its first page."""
        admitted = [self._grouped(r) for r in records if self._within_limit(r)]
        for group, portal in {r.group: r.portal for r in admitted}.items():
            await self._configure(group, self.portal(portal))
        await self.frontier.enqueue([*self._robots_first(admitted), *admitted])

    async def lease(self, free: int) -> list[Lease]:
        """At most `free` leases; [] when none may be fetched now."""
        return await self.frontier.lease(self.worker, free) if free > 0 else []

    async def push_links(self, lease: Lease, links: Iterable[Link]) -> None:
        """Queue what the page of `lease` links to."""
        origin = lease.record
        await self.push(
            [
                Record.from_link(
                    origin.portal, link, depth=origin.depth + 1, hops=origin.hops + "L"
                )
                for link in links
            ]
        )

    # Robots.

    async def rules(self, url: str) -> robots.Rules | None:
        """What the robots.txt of this URL's origin says; None while it is still being fetched."""
        origin = robots.origin_of(url)
        if self._origins.get(origin) is None:
            text = await self.frontier.robots(self._reached + origin)
            self._origins[origin] = None if text is None else robots.Rules(text)
        return self._origins[origin]

    async def learn_rules(self, record: Record, text: str) -> robots.Rules:
        """Keep the rules that the fetch of a robots.txt (perhaps redirected) came to."""
        origin = robots.origin_of(record.parent or record.url)
        await self.frontier.keep_robots(self._reached + origin, text, seconds=robots.KEPT_SECONDS)
        rules = self._origins[origin] = robots.Rules(text)
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
        return msgspec.structs.replace(record, group=self._reached + group)

    async def _configure(self, group: str, portal: Portal) -> None:
        if group in self._groups:
            return
        self._groups.add(group)
        await self.frontier.configure(
            group,
            delay_ms=round(1000 * self._delay(portal)),
            concurrency=ARCHIVE_CONCURRENCY if self.archive else 1,
            replace=self._settings["GONGKAI_DELAY"] is not None,
        )

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
