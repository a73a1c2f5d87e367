"""What a URL costs Redis, by its own `used_memory` before and after."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from redis import Redis

from crawler.frontier.client import Frontier, Outcome, Record
from crawler.frontier.server import connect
from tests.bench.frontier_ours import batches, configure
from tests.bench.frontier_peer import Peer
from tests.bench.frontier_redis import empty, used_memory
from tests.bench.frontier_table import Row
from tests.bench.frontier_urls import MAKERS, urls

GROUPS = 300
SHARE = 64  # scrapy-redis gets so many times fewer: its hash tables are as full then
BATCH = 2000


async def ours(url: str, redis: Redis, count: int) -> dict[str, float]:
    """Bytes a URL, queued and, once the queues are gone, only seen; seconds it took."""
    start, make = time.perf_counter(), MAKERS["path"]
    # One group after the other, and not in turn: the same queues, in a third of the time.
    numbers = (number for host in range(GROUPS) for number in range(host, count, GROUPS))
    todo = batches((Record("bench", "document", make(n, GROUPS)) for n in numbers), BATCH)
    async with await connect(url) as client:
        frontier = Frontier(client, "bench")
        await configure(frontier, GROUPS, places=1)
        before = used_memory(redis)
        for records in todo:
            answer = await frontier.enqueue(records)
            assert answer.count(Outcome.NEW) == len(records), Counter(answer)
        queued = used_memory(redis) - before
        for key in redis.scan_iter("*:q:*", count=1000):
            redis.delete(key)
        seen = used_memory(redis) - before
    seconds = time.perf_counter() - start
    return {"queued": queued / count, "seen": seen / count, "seconds": seconds}


def theirs(peer: Peer, redis: Redis, count: int) -> dict[str, float]:
    before = used_memory(redis)
    peer.ask("enqueue", kind="path", groups=GROUPS, start=0, count=count)
    queued = used_memory(redis) - before
    peer.ask("forget_queue")
    return {"queued": queued / count, "seen": (used_memory(redis) - before) / count}


@contextmanager
def without_log(redis: Redis) -> Iterator[None]:
    """No append-only file, which changes nothing in memory and would grow to gigabytes."""
    redis.config_set("appendonly", "no")
    yield
    empty(redis)
    redis.config_set("appendonly", "yes")


def memory(url: str, peer: Peer, count: int) -> list[Row]:
    """A URL of both sides; scrapy-redis at a fraction of the number."""
    with Redis.from_url(url) as redis, without_log(redis):
        empty(redis)
        fewer = count // SHARE
        other = theirs(peer, redis, fewer)
        empty(redis)
        own = asyncio.run(ours(url, redis, count))
    sample: dict[str, Any] = {"kind": "path", "groups": GROUPS, "start": 0, "count": 1000}
    length = sum(map(len, urls(sample))) / 1000
    detail = {
        "count": count,
        "scrapy-redis count": fewer,
        "bytes of a URL": length,
        "seconds": own["seconds"],
    }
    size = f"{count / 1e6:g} M"
    return [
        Row(f"B a URL pending and seen, {size}", other["queued"], own["queued"], 40, "at most"),
        Row(f"B a URL seen, {size}", other["seen"], own["seen"], 10, "at most", detail),
    ]
