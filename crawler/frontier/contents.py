"""What a crawl's keys hold: putting in, looking through, taking out, and the cost in memory."""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec
from redis.exceptions import OutOfMemoryError

from crawler.frontier import lua
from crawler.frontier.groups import group_of
from crawler.frontier.record import Outcome, Record
from crawler.frontier.shards import tag

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

    from redis.asyncio import Redis
    from redis.asyncio.cluster import RedisCluster

    from crawler.frontier.shards import Shards

GROUP = re.compile(r'[^|"\\\s]+')  # stands in keys, in JSON, and between bars
FORCED, AGAIN, NOTED = 10, 20, 30  # added to the class of a record; see enqueue.lua
OUTCOMES = {  # by what enqueue.lua answers
    ord("0"): Outcome.SEEN,
    ord("1"): Outcome.NEW,
    ord("2"): Outcome.SPILL,
    ord("3"): Outcome.TRAP,
    ord("4"): Outcome.REJECT,
}
BATCH = 500  # records or leases in one call, so that none holds Redis for long
SAMPLED = 200  # keys of a kind whose memory is asked for; of more, so many by chance
Row = tuple[str, int, str, str, str]  # group, mode, fingerprint, pattern, item


class Contents:
    """The part of a `Frontier` that knows what lies in the keys."""

    def __init__(
        self, redis: Redis | RedisCluster, shards: Shards, max_queued: int, trap_limit: int
    ) -> None:
        self._redis: Any = redis  # whose answers are bytes, whatever its types say
        self._shards = shards
        self.crawl = shards.crawl
        self._limits = (max_queued, trap_limit)

    async def enqueue(self, records: Sequence[Record]) -> list[Outcome]:
        """Queue what this crawl has not seen. Asking again is harmless: SEEN, and no change.

        SPILL: Redis is full, or the group's queue is; nothing was stored, the caller keeps it.
        """
        rows = [row_of(record, FORCED if record.force else 0) for record in records]
        if bad := Counter(row for row in rows if isinstance(row, str)):
            await self._count_rejected(bad)
        return await self._put(rows)

    async def mark_seen(self, records: Sequence[Record]) -> list[Outcome]:
        """Remember records as seen without queueing them: NEW where they were not."""
        return await self._put([row_of(record, NOTED) for record in records])

    async def requeue_failed(self) -> int:
        """Queue again what failed for good and is still kept, with all its attempts; how many."""
        await self._shards.agree()
        rows = []
        for shard in range(self._shards.count):
            kept = await self._redis.hgetall(self._shards.key(shard, "failed"))
            for fingerprint, value in kept.items():
                group, _, item = value.partition(b"|")
                record = msgspec.structs.replace(Record.decode(item), attempt=0)
                stored = (fingerprint.decode(), "", record.encode().decode())
                rows.append((group.decode(), class_of(record) + AGAIN, *stored))
        return (await self._put(rows)).count(Outcome.NEW)

    async def forget(self, urls: Iterable[str]) -> int:
        """Forget that pages were seen, so that they may be queued again; how many had been.

        What is queued or leased stays so: a page forgotten there can be queued a second time.
        """
        prints = [str(Record("", "", url).fingerprint()) for url in urls]
        total = 0
        for at in range(0, len(prints), BATCH):  # a portal may have named any group
            some = lua.pack([prints[at : at + BATCH]])
            total += sum(await self._shards.everywhere("forget", some))
        return total

    async def peek(self, group: str, n: int) -> list[Record]:
        """The next `n` queued records of a group, in order."""
        await self._shards.agree()
        found: list[Record] = []
        for priority in range(4):
            key = self._shards.key(self._shards.of(group), f"q:{group}:{priority}")
            if len(found) < n:
                items = await self._redis.lrange(key, 0, n - len(found) - 1)
                found += [Record.decode(item) for item in items]
        return found

    async def export(self) -> AsyncIterator[tuple[str, str, Record]]:
        """(state, group, record) of all that is queued, delayed, leased or failed.

        Exact while nothing moves: after `pause`, when nothing is leased any more.
        """
        await self._shards.agree()
        for shard in range(self._shards.count):
            async for state, group, item in self._export(shard):
                yield state, group.decode(), Record.decode(item)

    async def _export(self, shard: int) -> AsyncIterator[tuple[str, bytes, bytes]]:
        redis, key = self._redis, self._shards.key
        for group in await redis.hkeys(f"{tag(shard)}g"):
            for priority in range(4):
                queue, at = key(shard, f"q:{group.decode()}:{priority}"), 0
                while items := await redis.lrange(queue, at, at + BATCH - 1):
                    for item in items:
                        yield "queued", group, item
                    at += len(items)
        async for member, _ in redis.zscan_iter(key(shard, "dly"), count=BATCH):
            _, _, group, item = member.split(b"|", 3)
            yield "delayed", group, item
        async for _, value in redis.hscan_iter(key(shard, "lease"), count=BATCH):
            _, _, group, item = value.split(b"|", 3)
            yield "leased", group, item
        async for _, value in redis.hscan_iter(key(shard, "failed"), count=BATCH):
            group, _, item = value.partition(b"|")
            yield "failed", group, item

    async def memory(self) -> dict[str, int | float]:
        """What this crawl's URLs cost: `bytes`, `pending` and `seen` (URLs), `bytes_per_pending`
        (queues alone; a pending URL is a seen one too) and `bytes_per_seen`. Estimated from a
        sample where there are many keys."""
        await self._shards.agree()
        pending = seen = 0
        queues: list[str] = []
        buckets: list[str] = []
        for shard in range(self._shards.count):
            key = self._shards.key
            held, number = await self._redis.hmget(key(shard, "ctl"), "seen", "buckets")
            waiting = await self._redis.hget(key(shard, "cnt"), "queued")
            seen, pending = seen + int(held or 0), pending + int(waiting or 0)
            buckets += [key(shard, f"s:{at}") for at in range(int(number or 16))]
            for group in await self._redis.hkeys(f"{tag(shard)}g"):
                queues += [key(shard, f"q:{group.decode()}:{at}") for at in range(4)]
        of_queues, of_seen = await self._bytes(queues), await self._bytes(buckets)
        return {
            "bytes": of_queues + of_seen,
            "pending": pending,
            "seen": seen,
            "bytes_per_pending": of_queues / max(pending, 1),
            "bytes_per_seen": of_seen / max(seen, 1),
        }

    async def _bytes(self, keys: list[str]) -> int:
        sample = keys if len(keys) <= SAMPLED else random.sample(keys, SAMPLED)
        sizes = [await self._redis.memory_usage(key, samples=0) or 0 for key in sample]
        return round(sum(sizes) * len(keys) / max(len(sample), 1))

    async def _put(self, rows: Sequence[Row | str]) -> list[Outcome]:
        await self._shards.agree()
        shard_of = self._shards.of
        batches = batched([-1 if isinstance(row, str) else shard_of(row[0]) for row in rows])
        calls: list[tuple[int, list[lua.Arg]]] = [
            (shard, [lua.pack(rows[at] for at in some), *self._limits]) for shard, some in batches
        ]
        outcomes = [Outcome.REJECT] * len(rows)
        answers = await self._shards.run("enqueue", calls)
        for (_, some), answer in zip(batches, answers, strict=True):
            for at, letter in zip(some, answer, strict=True):
                outcomes[at] = OUTCOMES[letter]
        return outcomes

    async def _count_rejected(self, reasons: Counter[str]) -> None:
        await self._shards.agree()
        with suppress(OutOfMemoryError):
            for reason, number in reasons.items():
                await self._redis.hincrby(self._shards.key(0, "cnt"), f"rejected:{reason}", number)


def row_of(record: Record, mode: int) -> Row | str:
    """What `enqueue.lua` needs of a record, or why it cannot be queued."""
    own = group_of(record.url)
    if not own or not (record.group == "" or GROUP.fullmatch(record.group)):
        return "not_http"
    try:
        item = record.encode().decode()  # a string, because Lua's msgpack knows no bytes
        fingerprint = str(record.fingerprint())
    except UnicodeEncodeError:
        return "not_text"
    return record.group or own, class_of(record) + mode, fingerprint, record.pattern(), item


def class_of(record: Record) -> int:
    return min(max(record.priority, 0), 3)


def batched(shards: Sequence[int]) -> list[tuple[int, list[int]]]:
    """Positions by shard, at most BATCH together; those of shard -1 are left out."""
    places: defaultdict[int, list[int]] = defaultdict(list)
    for at, shard in enumerate(shards):
        places[shard].append(at)
    places.pop(-1, None)
    return [
        (shard, some[start : start + BATCH])
        for shard, some in places.items()
        for start in range(0, len(some), BATCH)
    ]
