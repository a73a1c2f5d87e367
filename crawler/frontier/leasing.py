"""The lease loop of one worker, what it looks after meanwhile, and when it goes home."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from crawler.errors import Unavailable
from crawler.frontier.ending import carry, left_over, says
from crawler.frontier.line import AWAY, Parted
from crawler.frontier.work import Work, link_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from scrapy.settings import BaseSettings

    from crawler.frontier.breaker import Breaker
    from crawler.frontier.queue import Queue
    from crawler.frontier.settle import Settler
    from crawler.frontier.state import GroupState

BEATS = 6  # in the life of a session
LONGEST_NAP = 0.5  # seconds; another worker may queue links at any time
LOOK = 5.0  # seconds between two looks at all groups, while nothing can be leased


class Leasing:
    """Leases for one worker until nothing is left, or nothing that may be fetched tonight."""

    def __init__(
        self,
        queue: Queue,
        settler: Settler,
        breaker: Breaker,
        changed: asyncio.Event,
        settings: BaseSettings,
    ) -> None:
        self._left: list[GroupState] = []
        self._queue = queue
        self._session = queue.session
        self._settler = settler
        self._breaker = breaker
        self._changed = changed
        self._most = settings.getint("CONCURRENT_REQUESTS")
        self._crawl_before = settings["GONGKAI_CARRY"]
        self._longest = settings.getfloat("GONGKAI_IDLE_SECONDS")
        self._patience = settings.getfloat("GONGKAI_REDIS_SECONDS")
        self._keeping: asyncio.Task[None] | None = None
        self._idle = self._looked = 0.0  # since when there was nothing to lease; when we looked why

    async def works(self, start: AsyncIterator[Any]) -> AsyncGenerator[Work, None]:
        """Put the spider's first links in, then lease until the crawl is drained."""
        session = self._session
        await session.open()
        self._keeping = asyncio.create_task(self._keep_up())
        await self._settler.inherit()
        await session.line.ask(session.newcomer)
        await self._queue.resume()
        await carry(self._queue, self._crawl_before)
        await self._queue.seed(start)
        while self._breaker.tripped is None:
            if self._keeping.done():
                self._keeping.result()  # raises what ended it
            name, leases = await session.lease(self._most - session.held)
            works = [
                Work(lease, link_of(lease), name, self._queue.egress(lease.record.portal))
                for lease in leases
            ]
            for work in works:
                session.took(work)
            for work in works:
                self._idle = 0.0
                yield work
            if not leases and not await self._more_to_come():
                return

    def left_over(self) -> dict[str, list[str]]:
        """Per portal, why something of it was left although the crawl is over."""
        said: dict[str, list[str]] = {}
        for group in self._left:
            for portal in self._queue.portals_of(group.group) or {""}:
                said.setdefault(portal, []).append(says(group, self._settler.stuck))
        return said

    async def close(self) -> None:
        """Stop beating and let go of Redis."""
        if self._keeping is not None:
            self._keeping.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeping
        await self._session.close()

    async def _more_to_come(self) -> bool:
        """Wait until something may be leased; False when it is time to go home."""
        frontier, line = self._session.frontier, self._session.line
        self._changed.clear()
        if not self._session.held:
            self._idle = self._idle or time.monotonic()
            if not await line.ask(frontier.left):
                if not self._session.spill.waiting():
                    return False
                await self._make_room()
            elif await self._nothing_tonight():
                return False
        due = await line.ask(frontier.wait_ms)
        nap = LONGEST_NAP if due is None else min(LONGEST_NAP, max(due, 5) / 1000)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), nap)
        return True

    async def _make_room(self) -> None:
        """Redis is empty but for what it has seen: what waits on disk must find room now."""
        await self._queue.refill()
        if time.monotonic() > self._idle + self._patience:
            raise Unavailable(
                "Redis has no room for what is still to fetch, and nothing is left that would make "
                "some: raise its maxmemory, then go on with the same --crawl"
            )

    async def _nothing_tonight(self) -> bool:
        """Whether all that is left rests for longer than it is worth waiting."""
        now, frontier = time.monotonic(), self._session.frontier
        if now < self._idle + 1 or now < self._looked + LOOK:
            return False
        self._looked = now
        if (await self._session.line.ask(frontier.stats)).get("paused"):
            return False  # somebody paused the crawl and will resume it
        groups = await self._session.line.ask(frontier.groups)
        left = left_over(groups, round(1000 * self._longest), self._settler.stuck)
        self._left = left or []
        return bool(left)

    async def _keep_up(self) -> None:
        """Keep our leases ours, take back those of the dead, and refill what had no room."""
        while self._breaker.tripped is None and not self._breaker.over:
            with self._breaker.guarded():
                await self._look_after()
            await asyncio.sleep(self._session.seconds / BEATS)

    async def _look_after(self) -> None:
        session = self._session
        try:
            if session.line.up:
                await session.beat()
            if session.line.calm:
                await session.frontier.reap()
                await self._settler.inherit()
                await self._queue.refill()
        except AWAY as error:
            session.line.lost(error)
        except Parted:  # the crawl is ending
            return
