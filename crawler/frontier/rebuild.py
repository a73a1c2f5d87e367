"""Filling an emptied Redis again from the journal of a crawl and the archive.

The portals read the archived pages of the crawl once more, from their first links on. What the
journal says is settled is marked as seen, and its links are followed in the archive; what it does
not is queued. Nothing is fetched. All of this may be repeated, also while workers are at it.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from scrapy import Request, signals

from crawler.errors import FetchFailed
from crawler.frontier import robots
from crawler.frontier.breaker import Breaker
from crawler.frontier.queue import Queue
from crawler.frontier.reading import Reader
from crawler.frontier.record import Lease, Outcome, Record
from crawler.frontier.settle import find_all
from crawler.frontier.work import REDIRECTS, Work, link_of
from crawler.items import Kind, Link

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Sequence

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.settings import BaseSettings
    from twisted.python.failure import Failure

    from archive import ArchiveError
    from crawler.errors import GongkaiError
    from crawler.items import Issue

LEAVES = {Kind.ATTACHMENT}  # no links come from these
FINAL = {"done", "gone", "skipped", "failed"}


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild came to, in URLs."""

    seen: int = 0  # settled, and now known to be
    queued: int = 0  # not settled, and now waiting
    missing: int = 0  # of these: settled, but not in the archive


class RebuildQueue(Queue):
    """Takes apart what is to be queued: settled or not."""

    def __init__(self, crawler: Crawler, settings: BaseSettings) -> None:
        super().__init__(crawler, settings, lambda: crawler.crawling)
        self.unread: list[Record] = []  # settled pages whose links are not known yet
        self.rebuilt = Rebuilt()
        home = Path(settings["GONGKAI_STORE"]) / "crawls" / settings["GONGKAI_CRAWL"]
        self._settled = self._read(home / "crawl.jsonl")
        self._met: set[int] = set()

    async def send(self, records: Sequence[Record]) -> list[Issue]:
        """Queue what is not settled; of the rest remember which pages to read."""
        fresh: dict[int, Record] = {}
        for record in records:
            if (number := record.fingerprint()) not in self._met:
                fresh.setdefault(number, record)
        self._met |= fresh.keys()
        known = [r for number, r in fresh.items() if number in self._settled]
        try:
            open_ = [r for number, r in fresh.items() if number not in self._settled]
            issues = await super().send(open_)
            await self.session.frontier.mark_seen(known)
        except BaseException:
            self._met -= fresh.keys()
            raise
        self._count(queued=len(fresh) - len(known), seen=len(known))
        for record in known:
            verdict, url, code = self._settled[record.fingerprint()]
            # Of the addresses that this page has, the archive knows the one that was asked for.
            asked = msgspec.structs.replace(record, url=url)
            if verdict == "done" and record.kind not in LEAVES:
                self.unread.append(asked)
                continue
            said = self.portal(record.portal).lost(link_of(Lease("", "", asked)), code)
            links = [one for one in said if isinstance(one, Link)]
            issues += await self.send(self.linked(asked, links))
        return issues

    async def push_links(self, page: Record, links: Iterable[Link]) -> None:
        """Meet what a settled page links to."""
        await self.session.line.ask(partial(self.send, self.linked(page, links)))

    async def fetch_again(self, record: Record) -> None:
        """Queue a page that is settled, but cannot be read any more."""
        forced = msgspec.structs.replace(record, force=True)
        outcomes = await self.session.frontier.enqueue([forced])
        if outcomes == [Outcome.SPILL]:
            self.session.spill.keep([forced])
        self._count(seen=-1, queued=1, missing=1)

    async def hear(self, record: Record, rules: robots.Rules) -> None:
        """Let a group rest for as long as its robots.txt once asked for."""
        delay_ms = max(self.delay_ms(record), rules.crawl_delay_ms)
        await self.session.frontier.configure(record.group, delay_ms=delay_ms)

    def _read(self, journal: Path) -> dict[int, tuple[str, str, str]]:
        """Verdict, address, reason of everything that a crawl is through with, by fingerprint."""
        found: dict[int, tuple[str, str, str]] = {}
        for line in _lines(journal):
            if line["verdict"] in FINAL:
                kind, agenda = Kind(line["kind"]), line["agenda"]
                link = Link(line["url"], kind, line["section"], body=line["body"], agenda=agenda)
                record = self._grouped(Record.from_link(line["portal"], link))
                found[record.fingerprint()] = line["verdict"], line["url"], line["code"]
        return found

    def _count(self, **more: int) -> None:
        now = {name: getattr(self.rebuilt, name) + by for name, by in more.items()}
        self.rebuilt = replace(self.rebuilt, **now)


class RebuildMiddleware:
    """Stands where a worker has its lease loop; every answer comes from the archive."""

    def __init__(self, crawler: Crawler) -> None:
        self.queue = RebuildQueue(crawler, crawler.settings)
        self._store = Path(crawler.settings["GONGKAI_STORE"])
        self._reader = Reader(self.queue)
        self._changed = asyncio.Event()
        self._breaker = Breaker(self._changed)
        self._reading = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RebuildMiddleware:
        self = cls(crawler)
        crawler.signals.connect(self._closed, signals.spider_closed)
        return self

    @property
    def broken(self) -> ArchiveError | GongkaiError | None:
        """What ended it before its time."""
        return self._breaker.tripped

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Request]:
        """From the first links to the last settled page that can be reached from them."""
        with self._breaker.guarded():
            await self.queue.session.open()
            find_all(self._store)  # whoever was killed may not have come to it
            await self.queue.seed(start)
            while self.broken is None:
                if self.queue.unread:
                    self._reading += 1
                    yield self._request(self.queue.unread.pop())
                elif self._reading:
                    self._changed.clear()
                    await self._changed.wait()
                else:
                    return

    def _request(self, record: Record) -> Request:
        lease = Lease("0-0-0", record.group, record)
        work = Work(lease, link_of(lease), "")
        meta: dict[str, Any] = {"link": work.link, "portal": record.portal, "work": work}
        if record.rendered:
            meta["rendered"] = self.queue.manners(record, robots.Rules(""))
        return Request(
            record.url, self.answer, method=record.method, body=record.body, errback=self.failed,
            dont_filter=True, meta={**meta, "may_send": lambda: True},
        )  # fmt: skip

    async def answer(self, response: Response) -> None:
        """Scrapy's callback: what the page links to is met next."""
        with self._breaker.guarded(), self._one_less():
            await self._read(response, response.meta["work"])

    async def _read(self, response: Response, work: Work) -> None:
        record = work.lease.record
        if response.status in REDIRECTS:
            await self._reader.redirect(response, work)
        elif record.kind == Kind.ROBOTS:
            if _age(response) > robots.KEPT_SECONDS:
                await self.queue.fetch_again(record)
                return
            await self.queue.hear(record, await self._reader.learn_rules(response, work))
        else:
            for _ in self._reader.read(response, work):
                pass  # documents are in the catalogue, or come back by a replay
            await self.queue.push_links(record, work.links)

    async def failed(self, failure: Failure) -> None:
        """Scrapy's errback: nothing can be read there; if it is not there, it is fetched again."""
        work: Work = failure.request.meta["work"]  # type: ignore[attr-defined]
        with self._breaker.guarded(), self._one_less():
            if isinstance(failure.value, FetchFailed) and failure.value.code == "missing":
                await self.queue.fetch_again(work.lease.record)
            elif not isinstance(failure.value, FetchFailed):
                failure.raiseException()

    @contextmanager
    def _one_less(self) -> Iterator[None]:
        try:
            yield
        finally:
            self._reading -= 1
            self._changed.set()

    async def _closed(self) -> None:
        with self._breaker.guarded():
            self._breaker.over = True
            await self.queue.session.close()


def _lines(journal: Path) -> Iterator[dict[str, Any]]:
    """Whole lines only: a kill may have cut the last one of a worker short."""
    if journal.exists():
        with journal.open(encoding="utf-8") as lines:
            for line in lines:
                try:
                    yield json.loads(line)
                except json.JSONDecodeError:
                    continue


def _age(response: Response) -> float:
    """Seconds since an archived answer was asked for."""
    asked = datetime.fromisoformat(response.meta["receipt"].capture.at)
    return (datetime.now(UTC) - asked).total_seconds()
