"""The frontier as workers see it: queue records, lease them, say what became of them.

One instance speaks for one crawl; any number of processes may. Each operation is a Lua script
under `lua/`, atomic within a shard. See README.md for the keys and the rules.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING

import msgspec
from redis.exceptions import OutOfMemoryError

from crawler.frontier import lua
from crawler.frontier.contents import BATCH, batched, class_of
from crawler.frontier.control import Control
from crawler.frontier.record import Ack, Lease, Outcome, Record, Retry, Strike, Verdict
from crawler.frontier.shards import Shards, named, tag

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redis.asyncio import Redis
    from redis.asyncio.cluster import RedisCluster

__all__ = ["Ack", "Frontier", "Lease", "Outcome", "Record", "Retry", "Strike", "Verdict"]

LEASES = msgspec.json.Decoder(list[Lease])
YES = ord("1")


class Frontier(Control):
    """One crawl's queues on a Redis or a Redis Cluster, its leases, and the politeness that all
    crawls there share.

    `session_ttl`, `lease_ttl`: seconds until a silent worker, or a long lease, is reaped.
    `breaker_base_ms`: how long a group rests after its first BUSY; doubled each time.
    `challenge_limit`: CHALLENGEs in a row that end a group's night. `max_queued`: records waiting
    in one group before others SPILL. `trap_limit`: URLs of one trap pattern. `shards`: None takes
    what the Redis is laid out in. `declared`: every key that a script touches is in its KEYS.
    """

    def __init__(
        self,
        redis: Redis | RedisCluster,
        crawl: str,
        *,
        shards: int | None = None,
        session_ttl: float = 30.0,
        lease_ttl: float = 900.0,
        max_attempts: int = 3,
        breaker_base_ms: int = 60_000,
        challenge_limit: int = 3,
        max_queued: int = 100_000,
        trap_limit: int = 1_000,
        declared: bool = False,
    ) -> None:
        super().__init__(redis, Shards(redis, crawl, shards, declared), max_queued, trap_limit)
        self._session = round(session_ttl * 1000)
        self._deadline = round(lease_ttl * 1000)
        self._max_attempts = max_attempts
        self._breaker = (breaker_base_ms, challenge_limit)
        self._turn = 0

    async def lease(self, worker: str, want: int) -> list[Lease]:
        """Up to `want` records that may be fetched now."""
        named(worker, "worker")
        await self._shards.agree()
        count = self._shards.count
        first, self._turn = self._turn, (self._turn + 1) % count
        shards, leases, looked = [*range(first, count), *range(first)], list[Lease](), False
        while shards and (missing := want - len(leases)) > 0:
            asked, shards = shards[:missing], shards[missing:]
            more, generous = await self._lease_from(asked, worker, missing)
            leases += more
            shards += generous
            if shards and not looked and len(leases) < want:
                looks, looked = await self._look(), True
                shards = [shard for shard in shards if looks[shard].ready]
        return leases

    async def ack(self, worker: str, acks: Sequence[Ack]) -> list[bool]:
        """Settle leases. False: the lease was reaped meanwhile, its capture must not be indexed.

        Repeated by the same worker, because a connection broke, it answers as it did.
        """
        await self._shards.agree()
        places = batched([0 if self._shards.count == 1 else ack.lease.shard for ack in acks])
        calls: list[tuple[int, list[lua.Arg]]] = [
            (shard, [worker, lua.pack(_settled(acks[at]) for at in some), *self._breaker])
            for shard, some in places
        ]
        settled = [False] * len(acks)
        for (_, some), answer in zip(places, await self._shards.run("ack", calls), strict=True):
            for at, won in zip(some, answer, strict=True):
                settled[at] = won == YES
        return settled

    async def nack(
        self,
        worker: str,
        lease: Lease,
        reason: str,
        *,
        backoff_ms: int,
        count: bool = True,
        block_ms: int = 0,
        elapsed_ms: int = 0,
        idle_ms: int = 0,
        crawl_delay_ms: int = 0,
        strike: Strike = Strike.NONE,
    ) -> Retry:
        """Give a record back for another try after `backoff_ms`, or for good after the last.

        `count=False` is for what was our fault (shutdown, a bug): no attempt and no budget is used
        up, and without backoff the record is next in its group. `block_ms` keeps the whole group
        quiet.
        """
        record, fate = lease.record, "delayed"
        if not count:
            fate = "delayed" if backoff_ms else "head"
        elif record.attempt + 1 < self._max_attempts:
            record = msgspec.structs.replace(record, attempt=record.attempt + 1)
        else:
            fate = "failed"
        stored = (class_of(record), record.encode(), str(record.fingerprint()), lua.flag(not count))
        times = (backoff_ms, block_ms, elapsed_ms, idle_ms, crawl_delay_ms)
        args: list[lua.Arg] = [
            worker,
            lease.id,
            reason,
            fate,
            *stored,
            *times,
            str(strike),
            *self._breaker,
        ]
        await self._shards.agree()
        (answer,) = await self._shards.run("nack", [(lease.shard, args)])
        word: Retry = answer.decode()
        return word

    async def beat(self, worker: str) -> int:
        """Keep a worker's leases alive; say how many it still holds. Call it thrice a session."""
        return sum(await self._shards.everywhere("beat", worker, self._session))

    async def close(self, worker: str) -> int:
        """A worker goes home: its leases go back uncounted, to the head of their queues."""
        total = 0
        while n := sum(await self._shards.everywhere("close", worker)):
            total += n
        return total

    async def robots(self, origin: str) -> str | None:
        """The robots.txt kept for a scheme, host and port; None when none is, or no longer."""
        await self._shards.agree()
        text = await self._redis.get(self._robots_key(origin))
        return text.decode() if isinstance(text, bytes) else text

    async def keep_robots(self, origin: str, text: str, *, seconds: int) -> None:
        """Share a robots.txt with all crawls for a while. A full Redis keeps none."""
        await self._shards.agree()
        with suppress(OutOfMemoryError):
            await self._redis.set(self._robots_key(origin), text, ex=seconds)

    async def _lease_from(
        self, shards: Sequence[int], worker: str, want: int
    ) -> tuple[list[Lease], list[int]]:
        """Leases, `want` at most, and the shards that gave all they were asked for."""
        each, more = divmod(want, len(shards))
        asked = [min(BATCH, each + (at < more)) for at in range(len(shards))]
        calls: list[tuple[int, list[lua.Arg]]] = [
            (shard, [worker, number, self._session, self._deadline])
            for shard, number in zip(shards, asked, strict=True)
        ]
        answers = [LEASES.decode(answer) for answer in await self._shards.run("lease", calls)]
        generous = [
            shard
            for shard, number, gave in zip(shards, asked, answers, strict=True)
            if len(gave) == number
        ]
        return list(chain.from_iterable(answers)), generous

    def _robots_key(self, origin: str) -> str:
        return f"{tag(self._shards.of(origin))}r:{origin}"


def _settled(ack: Ack) -> tuple[str | int, ...]:
    """What `ack.lua` needs."""
    lease = ack.lease
    failed = str(lease.record.fingerprint()) if ack.verdict == "failed" else ""
    times = (ack.elapsed_ms, ack.idle_ms, ack.crawl_delay_ms)
    return lease.id, ack.verdict, *times, ack.strike, ack.warc_ref, failed
