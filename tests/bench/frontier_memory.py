"""What a URL costs Redis, by its own `used_memory` before and after."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
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
SHARE = 16  # scrapy-redis gets so many times fewer: its hash tables are as full then
Put = Callable[[Sequence[Record]], Awaitable[list[Outcome]]]


async def ours(url: str, redis: Redis, count: int) -> dict[str, float]:
    """Bytes a URL, queued and only seen; seconds it took."""
    start = time.perf_counter()
    queued = await cost(url, redis, count, lambda frontier: frontier.enqueue)
    seen = await cost(url, redis, count, lambda frontier: frontier.mark_seen)
    return {"queued": queued, "seen": seen, "seconds": time.perf_counter() - start}


async def cost(url: str, redis: Redis, count: int, action: Callable[[Frontier], Put]) -> float:
    """Bytes a URL of a frontier that did this with all of them."""
    empty(redis)
    make = MAKERS["path"]
    async with await connect(url) as client:
        frontier = Frontier(client, "bench")
        put = action(frontier)
        await configure(frontier, GROUPS, places=1)
        before = used_memory(redis)
        for numbers in batches(range(count), 2000):
            records = [Record("bench", "document", make(number, GROUPS)) for number in numbers]
            answer = await put(records)
            assert answer.count(Outcome.NEW) == len(records), Counter(answer)
        return (used_memory(redis) - before) / count


def theirs(peer: Peer, redis: Redis, count: int) -> dict[str, float]:
    before = used_memory(redis)
    peer.ask("enqueue", kind="path", groups=GROUPS, start=0, count=count)
    queued = used_memory(redis) - before
    peer.ask("forget_queue")
    return {"queued": queued / count, "seen": (used_memory(redis) - before) / count}


def memory(url: str, peer: Peer, count: int) -> list[Row]:
    """A URL of both sides; scrapy-redis at a sixteenth of the number."""
    with Redis.from_url(url) as redis:
        empty(redis)
        fewer = count // SHARE
        other = theirs(peer, redis, fewer)
        own = asyncio.run(ours(url, redis, count))
        empty(redis)
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
