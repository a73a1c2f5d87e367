"""One worker's standing at the frontier, across losses of Redis.

A worker leases under a name, and under a new one after each loss: an answer that was lost on the
way may have been a lease, and goes back to the queue when the old name is given up. Its sessions
live by beats. Where beats fail, leases may have passed to somebody else: then nothing more is sent
under them.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.errors import Unavailable
from crawler.frontier.client import Frontier
from crawler.frontier.line import AWAY, GRACE, Line
from crawler.frontier.roster import Place
from crawler.frontier.server import connect, embedded, revive
from crawler.frontier.spill import Spill

if TYPE_CHECKING:
    from collections.abc import Callable

    from redis.asyncio import Redis
    from redis.asyncio.cluster import RedisCluster
    from scrapy.settings import BaseSettings

    from crawler.frontier.client import Lease
    from crawler.frontier.work import Work

ATTEMPTS = 3  # fetches of one URL before it has failed
# A clock that goes on while the machine sleeps, where there is one.
CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


@dataclass(slots=True)
class Tenure:
    """What is leased under one name, and when Redis last confirmed that it is ours."""

    name: str
    confirmed: float
    works: set[Work] = field(default_factory=set)
    used: bool = False
    over: bool = False  # some of it is not ours any more


class Session:
    """Connects, leases and beats for one worker."""

    frontier: Frontier
    place: Place
    spill: Spill

    def __init__(self, settings: BaseSettings, wanted: Callable[[], bool]) -> None:
        self._settings = settings
        self._worker = f"{socket.gethostname().split('.')[0]}-{os.getpid()}-{id(self):x}"
        self._resources = ExitStack()
        self._redis: Redis | RedisCluster | None = None
        self._embedded: Path | None = None  # where the Redis is that we start ourselves
        self._tenures: dict[str, Tenure] = {}
        self._names = 0
        # A rebuild reads the archive to fill the frontier of a crawl that is none of the archive's.
        self.archive = settings["GONGKAI_WORLD"] == "archive" and not settings["GONGKAI_REBUILD"]
        self.attempts = 1 if self.archive else ATTEMPTS
        self.seconds = settings.getfloat("GONGKAI_SESSION_SECONDS")
        self.line = Line(self._reach, settings.getfloat("GONGKAI_REDIS_SECONDS"), wanted)

    async def open(self) -> None:
        """Connect, starting the embedded Redis if no other is named. Raises Unavailable."""
        settings, url = self._settings, self._settings["GONGKAI_REDIS"]
        store = Path(settings["GONGKAI_STORE"])
        if not url:
            self._embedded = store / "redis"
            url = self._resources.enter_context(embedded(self._embedded))
        self._redis = await connect(url, self._embedded)
        crawl = f"replay-{settings['GONGKAI_CRAWL']}" if self.archive else settings["GONGKAI_CRAWL"]
        self.frontier = Frontier(
            self._redis,
            crawl,
            max_attempts=self.attempts,
            session_ttl=self.seconds,
            breaker_base_ms=breaker_base_ms(settings),
        )
        home = store / "crawls" / crawl
        self.place = Place(home / "workers", self._worker)
        self.spill = Spill(home / "spill", self._worker)
        self._enter()

    def earlier(self, crawl: str) -> tuple[Frontier, Path]:
        """The frontier of another crawl of this store, and where its records lie on disk."""
        assert self._redis is not None
        home = Path(self._settings["GONGKAI_STORE"]) / "crawls" / crawl
        return Frontier(self._redis, crawl), home / "spill"

    @property
    def opened(self) -> bool:
        """Whether there is a frontier to ask."""
        return bool(self._tenures)

    async def close(self) -> None:
        """Give back what is leased; forget a crawl that is drained.

        What cannot be done because Redis is gone is left to the next worker here.
        """
        with self._resources:
            if self._redis is None:
                return
            async with self._redis:
                await self.line.close()
                if self.opened:
                    await self._go()

    async def _go(self) -> None:
        clean = False
        try:
            with suppress(*AWAY):
                for name in self._tenures:
                    await self.frontier.close(name)
                clean = not self.spill.waiting()
                if clean and not await self.frontier.left():
                    await self.frontier.purge(drained_only=True)
        finally:
            self.place.leave(clean=clean)

    # Leasing.

    async def lease(self, free: int) -> tuple[str, list[Lease]]:
        """At most `free` leases and the name they are held under; none when none may be fetched."""
        tenure, asked = self._tenure, _now()
        if free <= 0 or not self.line.calm:
            return tenure.name, []
        tenure.used = True
        try:
            leases = await self.frontier.lease(tenure.name, free)
        except AWAY as error:  # not asked again: see the module
            self.line.lost(error)
            return tenure.name, []
        if leases:
            tenure.confirmed = max(tenure.confirmed, asked)
        return tenure.name, leases

    @property
    def held(self) -> int:
        """Leases that are being worked on."""
        return sum(len(tenure.works) for tenure in self._tenures.values())

    def took(self, work: Work) -> None:
        """A lease is being worked on."""
        self._tenures[work.session].works.add(work)

    def parted(self, work: Work) -> None:
        """A lease is settled, as far as we are concerned."""
        self._tenures[work.session].works.discard(work)

    def may_send(self, work: Work) -> bool:
        """Whether a request may still go out under this lease."""
        tenure = self._tenures[work.session]
        return not tenure.over and _now() < tenure.confirmed + self.seconds

    # Beating.

    async def beat(self) -> None:
        """Keep what we hold, notice what we have lost, and give up names that hold nothing."""
        for tenure in list(self._tenures.values()):
            await self._beat(tenure)
            if not tenure.works and tenure is not self._tenure:
                await self.frontier.close(tenure.name)
                del self._tenures[tenure.name]

    async def _beat(self, tenure: Tenure) -> None:
        before, asked = _unsettled(tenure), _now()
        there = await self.frontier.beat(tenure.name)
        if there < len(before & _unsettled(tenure)):
            tenure.over = True
            if tenure is self._tenure:
                self._enter()
        else:
            tenure.confirmed = asked

    async def _reach(self) -> None:
        """Whether Redis is back, and with what it held. Raises as `Line` wants it."""
        assert self._redis is not None
        if self._embedded is not None:
            await asyncio.to_thread(revive, self._embedded)
        await self._redis.ping()
        if self._tenure.used:
            self._enter()
            if not await self._redis.exists("f:shards"):
                raise Unavailable(
                    "Redis came back empty: run `gongkai frontier rebuild`, then go on with the "
                    "same --crawl"
                )
        for tenure in list(self._tenures.values()):  # the loss may have outlasted our sessions
            await self._beat(tenure)

    async def newcomer(self) -> None:
        """Right after Redis was started, leave others the time to come back to what they hold."""
        assert self._redis is not None
        up = (await self._redis.info("server"))["uptime_in_seconds"]
        if up < GRACE and (await self.frontier.stats()).get("leased"):
            self.line.returned()

    @property
    def _tenure(self) -> Tenure:
        return next(reversed(self._tenures.values()))

    def _enter(self) -> None:
        """Lease under a new name from here on."""
        self._names += 1
        name = f"{self._worker}.{self._names}"
        self.place.enter(name)
        self._tenures[name] = Tenure(name, _now())


def breaker_base_ms(settings: BaseSettings) -> int:
    """How long a group rests after its first failure; a run that may hurry need not wait either."""
    hurried = settings["GONGKAI_DELAY"] is not None
    return min(60_000, round(20_000 * settings.getfloat("GONGKAI_DELAY"))) if hurried else 60_000


def _unsettled(tenure: Tenure) -> set[Work]:
    return {work for work in tenure.works if not work.settling}


def _now() -> float:
    return time.clock_gettime(CLOCK)
