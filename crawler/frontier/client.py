"""The frontier as its users see it: queue records, lease them, say what became of them.

One instance speaks for one crawl; any number of processes may. Each operation is a Lua script
under `lua/`, atomic within a shard. See README.md for the keys and the rules.
"""

from __future__ import annotations

import re
from collections import defaultdict
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, cast

from crawler.errors import WrongUse
from crawler.frontier import lua
from crawler.frontier.record import Ack, Lease, Outcome, Record, Retry, Verdict

NAME = re.compile(r"[A-Za-z0-9][\w.@-]*")
YES = ord("1")
BUCKETS = 4096  # sets of seen fingerprints a shard: 256 members each at a million URLs
BATCH = 500  # records or leases in one call, so that none holds Redis for long

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from redis.asyncio import Redis

__all__ = ["Ack", "Frontier", "Lease", "Outcome", "Record", "Retry", "Verdict"]


class Frontier:
    """One crawl's queues on a Redis, its leases, and the politeness all crawls there share."""

    def __init__(
        self,
        redis: Redis,
        crawl: str,
        *,
        shards: int = 16,
        session_ttl: float = 30.0,
        lease_ttl: float = 900.0,
        max_attempts: int = 3,
    ) -> None:
        if not NAME.fullmatch(crawl) or crawl in ("g", "r", "w"):
            raise WrongUse(f"{crawl!r} cannot name a crawl: use letters, digits and . _ @ -")
        self.crawl = crawl
        self._redis = redis
        self._shards = shards
        self._session = round(session_ttl * 1000)
        self._deadline = round(lease_ttl * 1000)
        self._max_attempts = max_attempts
        self._turn = 0
        self._shard_of: dict[str, int] = {}
        self._agreed = False

    async def enqueue(self, records: Sequence[Record]) -> list[Outcome]:
        """Queue what this crawl has not seen. Asking again is harmless: SEEN, and no change."""
        outcomes = [Outcome.REJECT] * len(records)
        rows = [record.stored(BUCKETS) for record in records]
        places: defaultdict[int, list[int]] = defaultdict(list)
        for at, row in enumerate(rows):
            if row:
                places[self._shard(str(row[0]))].append(at)
        batches = _batches(places)
        calls = [(shard, [lua.pack(rows[at] for at in some)]) for shard, some in batches]
        for (_, some), answer in zip(batches, await self._run("enqueue", calls), strict=True):
            for at, new in zip(some, answer, strict=True):
                outcomes[at] = Outcome.NEW if new == YES else Outcome.SEEN
        return outcomes

    async def lease(self, worker: str, want: int) -> list[Lease]:
        """Up to `want` records that may be fetched now. Starts with another shard each time."""
        if not NAME.fullmatch(worker):
            raise WrongUse(f"{worker!r} cannot name a worker: use letters, digits and . _ @ -")
        first, self._turn = self._turn, (self._turn + 1) % self._shards
        leases = await self._lease_from(first, worker, want)
        if len(leases) >= want:
            return leases
        looks = await self._look()
        for step in range(self._shards):
            shard = (first + step) % self._shards
            if looks[shard].ready and len(leases) < want:
                leases += await self._lease_from(shard, worker, want - len(leases))
        return leases

    async def ack(self, worker: str, acks: Sequence[Ack]) -> list[bool]:
        """Settle leases. False: the lease was reaped meanwhile, its capture must not be indexed."""
        places: defaultdict[int, list[int]] = defaultdict(list)
        for at, ack in enumerate(acks):
            places[ack.lease.shard].append(at)
        batches = _batches(places)
        calls: list[tuple[int, list[lua.Arg]]] = [
            (shard, [worker, lua.pack(acks[at].stored() for at in some)]) for shard, some in batches
        ]
        settled = [False] * len(acks)
        for (_, some), answer in zip(batches, await self._run("ack", calls), strict=True):
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
    ) -> Retry:
        """Give a record back for another try after `backoff_ms`, or for good after the last.

        `count=False` is for what was our fault (shutdown, a bug): no attempt is used up, and
        without backoff the record is next in its group. `block_ms` keeps the whole group quiet.
        """
        args: list[lua.Arg] = [worker, lease.id, reason, lua.flag(count), backoff_ms, block_ms]
        args += [elapsed_ms, idle_ms, crawl_delay_ms, self._max_attempts]
        (answer,) = await self._run("nack", [(lease.shard, args)])
        return cast("Retry", answer.decode())

    async def beat(self, worker: str) -> int:
        """Keep a worker's leases alive; say how many it still holds. Call it thrice a session."""
        return sum(await self._everywhere("beat", worker, self._session))

    async def reap(self) -> int:
        """Take back what dead workers hold, in every crawl, and wake what was delayed."""
        return sum(await self._everywhere("reap", 1000))

    async def configure(
        self, group: str, *, delay_ms: int, concurrency: int = 1, replace: bool = False
    ) -> None:
        """Set a group's politeness. Of what was said within 12 hours the strictest holds, unless
        `replace`. A longer crawl-delay of robots.txt always goes before `delay_ms`."""
        await self._agree()
        key = f"{{f:{self._shard(group)}}}:"
        args: list[lua.Arg] = [group, delay_ms, concurrency, lua.flag(replace)]
        await lua.run(self._redis, "configure", [(key, args)])

    async def robots(self, origin: str) -> str | None:
        """The robots.txt kept for a scheme, host and port; None when none is, or no longer."""
        text = await self._redis.get(self._robots_key(origin))
        return text.decode() if isinstance(text, bytes) else text

    async def keep_robots(self, origin: str, text: str, *, seconds: int) -> None:
        """Share a robots.txt with all crawls for a while."""
        await self._redis.set(self._robots_key(origin), text, ex=seconds)

    async def left(self) -> int:
        """How many records still wait or are leased. 0 means that the crawl has ended."""
        return sum(look.left for look in await self._snapshot())

    async def wait_ms(self) -> int | None:
        """Milliseconds until something may be leasable, as far as is known; None: nothing left."""
        looks = await self._snapshot()
        return min((look.wait_ms for look in looks if look.left), default=None)

    async def stats(self) -> dict[str, int]:
        """All counters, summed: states, verdicts, `failed:<reason>`, `retried:<reason>`, …"""
        total: defaultdict[str, int] = defaultdict(int)
        for look in await self._look():
            for name, value in look.counts.items():
                total[name] += value
        return dict(total)

    async def pause(self) -> None:
        """After this returns no lease is issued in this crawl; what is leased may finish."""
        await self._everywhere("pause", 1)

    async def resume(self) -> None:
        """Undo `pause`."""
        await self._everywhere("pause", 0)

    async def close(self, worker: str) -> int:
        """A worker goes home: its leases go back uncounted, to the head of their queues."""
        return sum(await self._everywhere("close", worker))

    async def purge(self, *, drained_only: bool = False) -> int:
        """Forget this crawl, but not politeness; with `drained_only` not where anything waits.

        Says how many records still waited."""
        return sum(await self._everywhere("purge", BUCKETS, lua.flag(drained_only)))

    async def _lease_from(self, shard: int, worker: str, want: int) -> list[Lease]:
        if want <= 0:
            return []
        args: list[lua.Arg] = [worker, min(want, BATCH), self._session, self._deadline]
        (answer,) = await self._run("lease", [(shard, args)])
        lines = answer.split(b"\n") if answer else []
        return [Lease.read(shard, *lines[at : at + 3]) for at in range(0, len(lines), 3)]

    async def _look(self) -> list[lua.Look]:
        return [lua.read_look(answer) for answer in await self._everywhere("look")]

    async def _snapshot(self) -> list[lua.Look]:
        """All shards as of one instant when nothing is left: looked at until two looks agree.

        One look is not enough: an item may be acked here after its links were queued in a shard
        looked at just before.
        """
        looks = await self._look()
        while not any(look.left for look in looks):
            again = await self._look()
            if [look.counts for look in again] == [look.counts for look in looks]:
                break
            looks = again
        return looks

    async def _everywhere(self, script: str, *args: str | int) -> list[Any]:
        return await self._run(script, [(shard, args) for shard in range(self._shards)])

    def _robots_key(self, origin: str) -> str:
        return f"{{f:{self._shard(origin)}}}:r:{origin}"

    def _shard(self, group: str) -> int:
        found = self._shard_of.get(group)
        if found is None:
            digest = blake2b(group.encode(), digest_size=8).digest()
            found = self._shard_of[group] = int.from_bytes(digest, "big") % self._shards
        return found

    async def _agree(self) -> None:
        """A group lies in one shard for all crawls, so a Redis has one number of shards."""
        if self._agreed:
            return
        await self._redis.set("f:shards", self._shards, nx=True)
        there = int(await self._redis.get("f:shards") or self._shards)
        if there != self._shards:
            raise WrongUse(
                f"this Redis is laid out in {there} shards: use Frontier(shards={there})"
            )
        self._agreed = True

    async def _run(self, script: str, calls: Sequence[tuple[int, Sequence[lua.Arg]]]) -> list[Any]:
        await self._agree()
        return await lua.run(
            self._redis,
            script,
            [(f"{{f:{shard}}}:", [self.crawl, *args]) for shard, args in calls],
        )


def _batches(places: Mapping[int, list[int]]) -> list[tuple[int, list[int]]]:
    return [
        (shard, some[start : start + BATCH])
        for shard, some in places.items()
        for start in range(0, len(some), BATCH)
    ]
