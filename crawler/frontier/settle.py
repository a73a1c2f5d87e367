"""How a lease ends: links queued, capture on disk, then the acknowledgement, then the index."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.python.failure import Failure

from crawler.errors import GongkaiError
from crawler.frontier import robots
from crawler.frontier.client import Ack
from crawler.items import SETTLED, Kind, Visit

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.errors import CrawlError
    from crawler.frontier.queue import Queue
    from crawler.frontier.work import Work

FIRST_BACKOFF = 4  # times the portal's delay; doubled with every attempt


class Settler:
    """Settles the leases of one worker, each exactly once."""

    def __init__(self, crawler: Crawler, queue: Queue) -> None:
        self._crawler = crawler
        self._queue = queue

    async def finish(self, work: Work) -> None:
        """Acknowledge. Only the worker whose acknowledgement wins publishes its capture."""
        work.settling = True
        await self._queue.push_links(work.lease, work.links)
        if work.receipt is not None:
            await work.receipt.durable()
        capture = work.receipt.capture if work.receipt else None
        ack = Ack(
            work.lease,
            work.verdict,
            elapsed_ms=work.elapsed_ms,
            idle_ms=work.idle_ms,
            crawl_delay_ms=work.crawl_delay_ms,
            warc_ref=capture.record_id if capture else "",
        )
        [won] = await self._queue.frontier.ack(self._queue.worker, [ack])
        if won and work.receipt is not None:
            work.receipt.publish()
        self._tell(work, work.verdict if won else "stale")

    async def retry(self, work: Work, error: CrawlError, block_ms: int = 0) -> None:
        """Give the lease back for a later attempt; after the last one it has failed."""
        work.settling = True
        if work.receipt is not None:
            await work.receipt.durable()
        record = work.lease.record
        delay_ms = self._queue.delay_ms(record)
        outcome = await self._queue.frontier.nack(
            self._queue.worker,
            work.lease,
            error.code,
            backoff_ms=FIRST_BACKOFF * delay_ms * 2**record.attempt,
            block_ms=block_ms,
            elapsed_ms=work.elapsed_ms,
            idle_ms=work.idle_ms,
        )
        if outcome != "stale" and work.receipt is not None:
            work.receipt.publish()
        if outcome == "failed":
            work.fail(error)
            if record.kind == Kind.ROBOTS:
                await self._queue.learn_rules(record, robots.UNREACHABLE)
        self._tell(work, outcome)

    async def give_back(self, work: Work) -> None:
        """Return a lease that waits for something else than the server; costs no attempt."""
        work.settling = True
        backoff = max(100, self._queue.delay_ms(work.lease.record))
        await self._queue.frontier.nack(
            self._queue.worker, work.lease, "given_back", backoff_ms=backoff, count=False
        )
        self._tell(work, "retry")

    def _tell(self, work: Work, verdict: str) -> None:
        visit = Visit(
            portal=work.lease.record.portal,
            link=work.link,
            verdict=verdict,
            status=work.status,
            elapsed_ms=work.elapsed_ms,
            capture=work.receipt.capture if work.receipt else None,
            issues=tuple(work.issues),
        )
        told = self._crawler.signals.send_catch_log(SETTLED, visit=visit, dont_log=GongkaiError)
        for _, result in told:
            if isinstance(result, Failure) and isinstance(result.value, GongkaiError):
                raise result.value
