"""Our side of `make bench-frontier`, through the client's public methods only."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from redis.asyncio import Redis

from crawler.frontier.client import Ack, Frontier, Outcome, Record
from crawler.frontier.server import connect
from crawler.items import Link
from tests.bench import frontier_loop
from tests.bench.frontier_loop import Page
from tests.bench.frontier_urls import pages, urls

BATCH = 64
ANSWER_MS = 50


def batches(rows: Iterable[Any], size: int = BATCH) -> Iterator[list[Any]]:
    rows = iter(rows)
    while some := list(islice(rows, size)):
        yield some


async def configure(frontier: Frontier, groups: int, *, places: int, delay_ms: int = 0) -> None:
    """The groups of `urls`, each with `places` to be fetched at once."""
    for host in range(groups):
        await frontier.configure(
            f"city{host:03}.gov.cn", delay_ms=delay_ms, concurrency=places, replace=True
        )


async def fill(frontier: Frontier, made: Iterable[str], size: int = BATCH) -> int:
    """Queue URLs; how many were new."""
    new = 0
    for some in batches(made, size):
        answer = await frontier.enqueue([Record("bench", "document", url) for url in some])
        new += answer.count(Outcome.NEW)
    return new


async def drain(frontier: Frontier, size: int = BATCH) -> int:
    """Lease and acknowledge until nothing is left, as one worker; how many were settled."""
    done = 0
    while True:
        leases = await frontier.lease("bench", size)
        settled = await frontier.ack("bench", [Ack(one, "done", ANSWER_MS) for one in leases])
        assert all(settled), "a lease of the only worker was called stale"
        done += len(leases)
        if not leases and not await frontier.left():
            return done


async def queue_links(frontier: Frontier, links: Sequence[dict[str, str]]) -> int:
    """What a page links to, from strings to the queue, in one call; how many were new."""
    said = [Link(**link, parent="/") for link in links]
    answer = await frontier.enqueue([Record.from_link("bench", link, depth=1) for link in said])
    return answer.count(Outcome.NEW)


async def timed(redis: Redis, work: Callable[[], Awaitable[int]]) -> dict[str, Any]:
    """What was done, and seconds: by the clock, of our processor time, of the server's."""
    before = await redis.info("cpu")
    start, used = time.perf_counter(), time.process_time()
    done = await work()
    took, used = time.perf_counter() - start, time.process_time() - used
    after = await redis.info("cpu")
    server = sum(after[name] - before[name] for name in ("used_cpu_user", "used_cpu_sys"))
    return {"done": done, "seconds": took, "client": used, "server": server}


class Jobs:
    """The same jobs that the scrapy-redis process does."""

    def __init__(self, redis: Redis) -> None:
        self.redis, self.frontier = redis, Frontier(redis, "bench")

    async def enqueue(self, job: dict[str, Any]) -> dict[str, Any]:
        """Finished records, so that only the queue is timed; a new object each time."""
        made = list(batches(Record("bench", "document", url) for url in urls(job)))

        async def work() -> int:
            new = 0
            for some in made:
                new += (await self.frontier.enqueue(some)).count(Outcome.NEW)
            return new

        return await timed(self.redis, work)

    async def pop(self, job: dict[str, Any]) -> dict[str, Any]:
        """Lease and acknowledge; every batch finds as many free places as it wants."""
        await configure(self.frontier, job["groups"], places=-(-BATCH // job["groups"]))
        return await timed(self.redis, lambda: drain(self.frontier))

    async def page(self, job: dict[str, Any]) -> dict[str, Any]:
        made = list(pages(job))

        async def work() -> int:
            return sum([await queue_links(self.frontier, links) for links in made])

        return await timed(self.redis, work)


def blocks(url: str, job: dict[str, Any]) -> dict[str, Any]:
    """A page's turn: lease it, queue its links, acknowledge it."""
    todo = iter(list(pages(job)))

    async def work(paced: Callable[[Page], Awaitable[None]]) -> None:
        async with await connect(url) as redis:
            frontier = Frontier(redis, "bench")
            await configure(frontier, job["groups"], places=BATCH)
            await fill(frontier, urls(job))

            async def page() -> None:
                leases = await frontier.lease("bench", 1)
                await queue_links(frontier, next(todo))
                await frontier.ack("bench", [Ack(one, "done", ANSWER_MS) for one in leases])

            await paced(page)

    return frontier_loop.blocks(work, job["seconds"])
