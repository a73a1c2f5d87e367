"""How near to the ideal workers drain polite groups, and how long an event loop is held up."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from redis import Redis

from crawler.frontier.client import Ack, Frontier, Lease
from crawler.frontier.server import connect
from tests.bench.frontier_loop import EVERY
from tests.bench.frontier_ours import blocks, configure, fill
from tests.bench.frontier_peer import Peer
from tests.bench.frontier_redis import empty
from tests.bench.frontier_table import Row
from tests.bench.frontier_urls import MAKERS

PAUSE_MS = 50  # of Redis, twice a second: a fork, a slow disk, somebody's slow script


async def worker(frontier: Frontier, name: str, places: int, answer_ms: int) -> tuple[int, float]:
    """Lease what is due, "fetch" it by sleeping, acknowledge; until nothing is left.

    How many it acknowledged, and when the last: it may sleep a while before it knows of the end.
    """
    changed, finished, held, done = asyncio.Event(), list[tuple[Lease, float]](), 0, 0
    last = 0.0

    async def fetch(lease: Lease) -> None:
        await asyncio.sleep(answer_ms / 1000)
        finished.append((lease, time.monotonic()))
        changed.set()

    async with asyncio.TaskGroup() as tasks:
        while True:
            changed.clear()
            settled, finished = finished, []
            if settled:
                now = time.monotonic()
                idle = [(lease, round(1000 * (now - ended))) for lease, ended in settled]
                await frontier.ack(name, [Ack(lease, "done", answer_ms, ms) for lease, ms in idle])
                last = time.monotonic()
            held, done = held - len(settled), done + len(settled)
            leases = await frontier.lease(name, places - held) if places > held else []
            for lease in leases:
                held += 1
                tasks.create_task(fetch(lease))
            if leases or finished:
                continue
            due = await frontier.wait_ms()
            if due is None:
                return done, last
            with suppress(TimeoutError):
                async with asyncio.timeout(max(due, 5) / 1000):
                    await changed.wait()


async def drained(
    url: str, *, groups: int, each: int, delay_ms: int, workers: int, answer_ms: int = 50
) -> tuple[float, float]:
    """Seconds taken, and the least that politeness allows: an answer, a delay, an answer, ..."""
    async with await connect(url) as redis:
        await redis.flushall()
        frontier = Frontier(redis, "bench")
        await configure(frontier, groups, places=1, delay_ms=delay_ms)
        await fill(frontier, (MAKERS["path"](number, groups) for number in range(groups * each)))
        async with asyncio.TaskGroup() as tasks:
            start = time.monotonic()
            running = [
                tasks.create_task(
                    worker(Frontier(redis, "bench"), f"w{n}", -(-groups // workers), answer_ms)
                )
                for n in range(workers)
            ]
        done, last = zip(*(task.result() for task in running), strict=True)
        assert sum(done) == groups * each
    return max(last) - start, (each * answer_ms + (each - 1) * delay_ms) / 1000


def efficiency(url: str, *, groups: int, each: int, delay_ms: int) -> Row:
    took, ideal = asyncio.run(drained(url, groups=groups, each=each, delay_ms=delay_ms, workers=4))
    return Row(
        f"drain {groups} groups × {each} URLs, {delay_ms} ms apart, % of ideal",
        None,
        100 * ideal / took,
        98,
        "at least",
        {"seconds": took, "ideal": ideal},
    )


@contextmanager
def stalling(redis: Redis) -> Iterator[None]:
    """Let Redis answer nobody for 50 ms, twice a second."""
    over = threading.Event()

    def stall() -> None:
        while not over.wait(0.5):
            redis.execute_command("CLIENT", "PAUSE", PAUSE_MS, "ALL")

    thread = threading.Thread(target=stall)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def blocked(url: str, peer: Peer, seconds: float) -> list[Row]:
    """Milliseconds that a callback waits for its turn, at 20 pages of 64 links a second."""
    job = {"groups": 10, "start": 0, "count": 1280, "kind": "path", "seconds": seconds}
    job["pages"] = round(seconds / EVERY) + 1
    rows = []
    with Redis.from_url(url) as redis, Redis.from_url(url) as other:
        for quiet in (True, False):
            name = "event loop blocked, p99 ms"
            name += "" if quiet else f", Redis pausing {PAUSE_MS} ms"
            answers = []
            for ask in (
                lambda: (peer.ask("enqueue", **job), peer.ask("blocks", **job))[1],
                lambda: blocks(url, job),
            ):
                empty(redis)
                if quiet:
                    answers.append(ask())
                else:
                    with stalling(other):
                        answers.append(ask())
            theirs, own = answers
            detail = {"scrapy-redis": theirs, "ours": own}
            rows.append(Row(name, 1e3 * theirs["p99"], 1e3 * own["p99"], None, "at most", detail))
    return rows
