"""Scrapy on leases: what becomes of each lease and of each answer.

`process_start` puts the spider's first links into the frontier and then yields one Request a lease
until nothing is left. A response goes through `answer`, which lets the portal read it and takes
the links out as one batch. A lease is settled (`settle.py`) when the callback is exhausted and its
items are stored.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress
from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from scrapy import Request, signals

from crawler.errors import CrawlError, EgressFailed, FetchFailed
from crawler.frontier import robots
from crawler.frontier.breaker import STOPS, Breaker
from crawler.frontier.fence import Fenced
from crawler.frontier.leasing import Leasing
from crawler.frontier.line import Parted
from crawler.frontier.queue import Queue
from crawler.frontier.reading import Reader
from crawler.frontier.settle import Settler
from crawler.frontier.work import (
    GONE,
    REDIRECTS,
    failure_strike,
    judge,
    may_retry,
    request_of,
    retry_after_ms,
    strike_of,
)
from crawler.items import Kind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure

    from crawler.frontier.client import Frontier
    from crawler.frontier.work import Verdict, Work


class LeaseMiddleware:
    """One worker: it leases, has portals read, and settles."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._crash: BaseException | None = None  # what ended the lease loop, if a bug did
        self._changed = asyncio.Event()
        self._breaker = Breaker(self._changed)
        self._queue = Queue(crawler, crawler.settings, lambda: crawler.crawling and not self.broken)
        self._settler = Settler(crawler, self._queue)
        self._reader = Reader(self._queue)
        self.leasing = Leasing(
            self._queue, self._settler, self._breaker, self._changed, crawler.settings
        )
        self._work: WeakKeyDictionary[Request, Work] = WeakKeyDictionary()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> LeaseMiddleware:
        self = cls(crawler)
        crawler.signals.connect(self._item_done, signals.item_scraped)
        crawler.signals.connect(self._item_done, signals.item_dropped)
        crawler.signals.connect(self._item_failed, signals.item_error)
        crawler.signals.connect(self._callback_failed, signals.spider_error)
        crawler.signals.connect(self._closed, signals.spider_closed)
        return self

    @property
    def broken(self) -> BaseException | None:
        """What ended the crawl before its time: the machine, or a bug of ours."""
        return self._breaker.tripped or self._crash

    @property
    def frontier(self) -> Frontier | None:
        """What it leases from, once that is open."""
        session = self._queue.session
        return session.frontier if session.opened else None

    # Leasing.

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Request]:
        """First links in, then one Request a lease, until the crawl is drained.

        Scrapy logs an error raised here and goes on; it is kept for whoever runs the crawl.
        """
        with self._breaker.guarded(), suppress(Parted):
            async with aclosing(self.leasing.works(start)) as works:
                async for work in works:
                    if request := await self._request(work):
                        yield request

    async def _request(self, work: Work) -> Request | None:
        """The request of a lease; None when robots.txt forbids it or is not known yet."""
        record = work.lease.record
        meta: dict[str, Any] = {"link": work.link, "portal": record.portal, "egress": work.egress}
        meta["may_send"] = partial(self._queue.session.may_send, work)
        if self._queue.portal(record.portal).cookies:
            meta["cookies"] = record.portal
        if work.link.kind != Kind.ROBOTS:
            rules = await self._queue.rules(record.url)
            if rules is None:
                await self._queue.miss_rules(record)
                await self._give_back(work)
                return None
            if not rules.allow(record.url):
                work.fail(robots.forbidden(rules), "skipped")
                await self._finish(work)
                return None
            if record.rendered:
                meta["rendered"] = self._queue.manners(record, rules)
        try:
            request = request_of(record, self.answer, self.failed, meta)
        except ValueError as error:
            await self._fail(work, FetchFailed("no_address", f"it cannot be asked for: {error}"))
            await self._finish(work)
            return None
        self._work[request] = work
        return request

    # Reading.

    async def answer(self, response: Response) -> AsyncIterator[Any]:
        """Scrapy's callback for every request: yields the items, keeps the links."""
        assert response.request is not None
        work = self._work[response.request]
        work.status, work.receipt = response.status, response.meta["receipt"]
        work.size = len(response.body)
        if not self._queue.archive:
            work.strike = strike_of(response, work)
        work.started += response.meta.get("waited", 0.0)  # a long page is no slow server
        with self._breaker.guarded(), suppress(Parted):
            async for item in self._read(response, work):
                yield item
        if self.broken is not None and not work.settling:
            await self._give_back(work)

    async def _read(self, response: Response, work: Work) -> AsyncIterator[Any]:
        """By status and kind: the items of a page, which settles itself when they are stored."""
        if response.status in REDIRECTS:
            await self._reader.redirect(response, work)
        elif response.status < 500 and work.link.kind == Kind.ROBOTS:
            await self._reader.learn_rules(response, work)
        elif error := judge(response, work):
            if may_retry(error):
                await self._retry(work, error, retry_after_ms(response))
                return
            await self._fail(work, error, "gone" if response.status in GONE else "failed")
        else:
            for item in self._reader.read(response, work):
                work.pending += 1
                yield item
        work.exhausted = True
        await self._finish_if_done(work)

    async def failed(self, failure: Failure) -> None:
        """Scrapy's errback: no response came, or it was not whole."""
        request, error = failure.request, failure.value  # type: ignore[attr-defined]
        work = self._work[request]
        work.receipt = request.meta.get("receipt")
        work.started += request.meta.get("waited", 0.0)
        if isinstance(error, FetchFailed | EgressFailed):
            work.how = error.how
            if not self._queue.archive:
                work.strike = failure_strike(error)
            with self._breaker.guarded(), suppress(Parted):
                await self._not_fetched(work, error)
        elif isinstance(error, STOPS):
            self._breaker.trip(error)
            await self._give_back(work)
        elif isinstance(error, asyncio.CancelledError | Fenced):
            await self._give_back(work)
        else:  # archived, but no page could be made of it; another try would not help
            work.fail(FetchFailed("undecodable", f"no page can be made of it: {error!r}"))
            await self._finish(work)

    async def _not_fetched(self, work: Work, error: FetchFailed | EgressFailed) -> None:
        if error.code == "missing":
            self._crawler.stats.inc_value("archive/missing")
            work.verdict = "skipped"
            if work.link.kind == Kind.ROBOTS:
                await self._queue.learn_rules(work.lease.record, "")
            await self._finish(work)
        elif may_retry(error):
            await self._retry(work, error)
        else:
            await self._fail(work, error)
            await self._finish(work)

    async def _fail(self, work: Work, error: CrawlError, verdict: Verdict = "failed") -> None:
        work.fail(error, verdict)
        if work.link.kind == Kind.ROBOTS:  # others wait for these rules
            await self._queue.learn_rules(work.lease.record, robots.UNREACHABLE)

    # Settling.

    async def _item_done(self, response: Response | None) -> None:
        if response is not None and (work := self._work.get(response.request)):  # type: ignore[arg-type]
            work.pending -= 1
            await self._finish_if_done(work)

    async def _item_failed(self, response: Response | None, failure: Failure) -> None:
        if response is not None and (work := self._work.get(response.request)):  # type: ignore[arg-type]
            if isinstance(failure.value, STOPS):
                self._breaker.trip(failure.value)  # the lease goes back when the worker closes
                return
            work.fail(CrawlError(f"a pipeline failed: {failure.value!r}; see the log"))
            await self._item_done(response)

    def _callback_failed(self, response: Response | None, failure: Failure) -> None:
        if response is None:
            self._crash = failure.value
        elif work := self._work.get(response.request):  # type: ignore[arg-type]
            work.fail(CrawlError(f"the spider failed: {failure.value!r}; see the log"))
            work.exhausted = True
            asyncio.get_running_loop().create_task(self._finish_if_done(work))

    async def _finish_if_done(self, work: Work) -> None:
        if work.finished:
            await self._finish(work)

    async def _finish(self, work: Work) -> None:
        await self._settle(work, self._settler.finish(work))

    async def _give_back(self, work: Work) -> None:
        await self._settle(work, self._settler.give_back(work))

    async def _retry(self, work: Work, error: FetchFailed | CrawlError, block_ms: int = 0) -> None:
        await self._settle(work, self._settler.retry(work, error, block_ms))

    async def _settle(self, work: Work, settling: Coroutine[Any, Any, None]) -> None:
        with self._breaker.guarded(), suppress(Parted):
            await settling
        self._queue.session.parted(work)
        self._changed.set()

    async def _closed(self) -> None:
        with self._breaker.guarded():
            self._breaker.over = True
            await self.leasing.close()
