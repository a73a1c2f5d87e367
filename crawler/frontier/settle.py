"""How a lease ends: capture on disk, links queued, then the acknowledgement, then the index."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from twisted.python.failure import Failure

from archive import Index, recover
from archive.openfile import reopen
from crawler.errors import EgressFailed, GongkaiError, unreached
from crawler.frontier import robots
from crawler.frontier.record import Ack, Strike
from crawler.frontier.roster import Kept, vacated
from crawler.frontier.session import breaker_base_ms
from crawler.frontier.telling import acknowledge, give_back, is_blocked, last_try
from crawler.items import SETTLED, Issue, Kind, Link, Visit

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.errors import CrawlError
    from crawler.frontier.queue import Queue
    from crawler.frontier.work import Work

GIVEN_UP = 3  # failures in a row of the way to a group
LONG_ENOUGH = 2000  # ms, for the lease loop to see that nothing else is left
FIRST_BACKOFF = 4  # times the portal's delay; doubled with every attempt


class Settler:
    """Settles the leases of one worker, each exactly once, and those of workers that died."""

    def __init__(self, crawler: Crawler, queue: Queue) -> None:
        self._crawler = crawler
        self._queue = queue
        self._rest_ms = breaker_base_ms(crawler.settings)
        self._tries: Counter[str] = Counter()  # by group: how often in a row its egress failed
        self.stuck: dict[str, str] = {}  # group → why nothing gets through to it any more

    async def finish(self, work: Work) -> None:
        """Acknowledge. Only the worker whose acknowledgement wins publishes its capture."""
        work.settling = True
        self._through(work)
        if work.receipt is not None:
            await work.receipt.durable()
        capture = work.receipt.capture if work.receipt else None
        if work.verdict != "done":
            self._look_elsewhere(work)
        ack = Ack(
            work.lease,
            work.verdict,
            elapsed_ms=work.elapsed_ms,
            idle_ms=work.idle_ms,
            crawl_delay_ms=work.crawl_delay_ms,
            warc_ref=capture.record_id if capture else "",
            strike=work.strike,
        )
        records = self._queue.linked(work.lease.record, work.links)
        kept = Kept(work.session, ack, records, work.visit(work.verdict))
        won, traps = await acknowledge(self._queue, kept)
        work.issues += traps
        if won and work.receipt is not None:
            work.receipt.publish()
        await self._tell(work.visit(work.verdict if won else "stale"), work.strike)

    async def retry(self, work: Work, error: CrawlError, block_ms: int = 0) -> None:
        """Give the lease back for a later attempt; after the last one it has failed."""
        work.settling = True
        record = work.lease.record
        if isinstance(error, EgressFailed):
            await self._wait(work, error)
            return
        self._through(work)
        if record.kind == Kind.SEARCH and last_try(self._queue.session, work):
            work.fail(error)  # and the search goes on without it
            await self.finish(work)
            return
        if work.receipt is not None:
            await work.receipt.durable()
        if record.kind == Kind.ROBOTS and last_try(self._queue.session, work):
            # Before it counts as failed: whoever waits for these rules would wait for ever.
            await self._queue.learn_rules(record, robots.UNREACHABLE)
        delay_ms = self._queue.delay_ms(record)
        outcome = await give_back(
            self._queue.session,
            work,
            error.code,
            backoff_ms=FIRST_BACKOFF * delay_ms * 2**record.attempt,
            block_ms=block_ms,
            strike=work.strike,
        )
        if outcome != "stale" and work.receipt is not None:
            work.receipt.publish()
        if outcome == "failed":
            work.fail(error)
        await self._tell(work.visit(outcome), work.strike)

    def _through(self, work: Work) -> None:
        """Whatever came or not: the way to the server was open."""
        if work.outcome:
            self._tries.pop(work.lease.group, None)
            self.stuck.pop(work.lease.group, None)

    async def _wait(self, work: Work, error: EgressFailed) -> None:
        """Leave a group alone whose egress fails. No attempt is used up: it was never asked."""
        group = work.lease.group
        self._tries[group] += 1
        rest = self._rest_ms * 2 ** (min(self._tries[group], GIVEN_UP) - 1)
        if self._tries[group] >= GIVEN_UP:
            rest = max(rest, LONG_ENOUGH)
            self.stuck[group] = str(error)
            work.note(error.code, f"{error}; then go on with the same --crawl")
        if work.receipt is not None:  # of a rendered page, what came before
            await work.receipt.durable()
        session = self._queue.session
        await give_back(session, work, error.code, backoff_ms=rest, block_ms=rest, count=False)
        if work.receipt is not None:
            work.receipt.publish()
        await self._tell(work.visit("retry"))

    def _look_elsewhere(self, work: Work) -> None:
        """What the portal makes of a page that it did not get, or could not read."""
        portal = self._queue.portal(work.lease.record.portal)
        said = list(portal.lost(work.link, work.code))
        if work.link.kind == Kind.SEARCH and (said or not unreached(work.code)):
            work.issues.clear()  # it was a guess; what the search comes to is told at its end
        work.links += [one for one in said if isinstance(one, Link)]
        work.issues += [one for one in said if isinstance(one, Issue)]

    async def give_back(self, work: Work) -> None:
        """Return a lease that waits for something else than the server; costs no attempt."""
        work.settling = True
        backoff = max(100, self._queue.delay_ms(work.lease.record))
        session = self._queue.session
        await give_back(session, work, "given_back", backoff_ms=backoff, count=False)
        await self._tell(work.visit("retry"))

    async def inherit(self) -> None:
        """Settle what dead workers of this machine left behind."""
        session = self._queue.session
        with closing(vacated(session.place.directory)) as dead:
            for left in dead:
                self._publish({k.visit.capture.file for k in left.kept if k.visit.capture})
                for kept in left.kept:
                    won, traps = await acknowledge(self._queue, kept)
                    verdict = kept.visit.verdict if won else "stale"
                    issues = (*kept.visit.issues, *traps)
                    await self._tell(replace(kept.visit, verdict=verdict, issues=issues))
                for name in left.sessions:
                    await session.line.ask(partial(session.frontier.close, name))
                session.spill.adopt(left.worker)

    def _publish(self, files: set[str]) -> None:
        """Make findable what these files hold: their writer died, or went home without Redis."""
        store = Path(self._crawler.settings["GONGKAI_STORE"])
        for final in (store / name for name in files):
            if final.exists():
                reopen(final)
        if files:
            find_all(store)

    async def _tell(self, visit: Visit, strike: Strike = Strike.NEUTRAL) -> None:
        if strike == Strike.CHALLENGE and await is_blocked(self._queue.session, visit.group):
            parts = urlsplit(visit.link.url)
            says = "answers with challenges and rests for this crawl; they are never solved"
            issue = Issue("blocked_host", says, f"{parts.scheme}://{parts.netloc}")
            visit = replace(visit, issues=(*visit.issues, issue))
        told = self._crawler.signals.send_catch_log(SETTLED, visit=visit, dont_log=GongkaiError)
        for _, result in told:
            if isinstance(result, Failure) and isinstance(result.value, GongkaiError):
                raise result.value


def find_all(store: Path) -> None:
    """Make findable what writers that are gone had on disk."""
    with Index(store) as index:
        recover(index)
