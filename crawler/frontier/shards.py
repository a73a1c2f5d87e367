"""Where a crawl's groups lie in Redis, and how scripts get there.

A *logical shard* is the hash tag of keys that one script may touch together. A single Redis is one
shard: one call serves a whole batch. On a Redis Cluster there are more, which spread over its
nodes. All crawls on a Redis use the same number, so that a group lies in one place for all.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from redis.asyncio.cluster import RedisCluster

from crawler.errors import WrongUse
from crawler.frontier import lua

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from redis.asyncio import Redis

NAME = re.compile(r"[A-Za-z0-9][\w.@-]*")
TAKEN = {"g", "live", "r"}  # what comes after a shard's tag beside crawls
CLUSTER_SHARDS = 16


def tag(shard: int) -> str:
    return f"{{f:{shard}}}:"


def named(name: str, what: str) -> str:
    """A name that does not mix up keys. Raises WrongUse."""
    if not NAME.fullmatch(name) or (what == "crawl" and name in TAKEN):
        raise WrongUse(f"{name!r} cannot name a {what}: use letters, digits and . _ @ -")
    return name


class Shards:
    """One crawl on one Redis."""

    def __init__(
        self, redis: Redis | RedisCluster, crawl: str, shards: int | None, declared: bool
    ) -> None:
        self.crawl = named(crawl, "crawl")
        self._redis = redis
        self._asked = shards
        self._declared = declared
        self._shard_of: dict[str, int] = {}
        self.count = 0  # known after `agree`

    async def agree(self) -> None:
        """Learn how many shards this Redis is laid out in; the first to come decides."""
        if self.count:
            return
        known = await self._redis.get("f:shards")
        if known is None:  # a Redis without room still says what it knows
            usual = CLUSTER_SHARDS if isinstance(self._redis, RedisCluster) else 1
            await self._redis.set("f:shards", self._asked or usual, nx=True)
            known = await self._redis.get("f:shards")
        there = int(known or 0)
        if self._asked and there != self._asked:
            raise WrongUse(
                f"this Redis is laid out in {there} shards: leave `shards` out, or say {there}"
            )
        self.count = there

    def of(self, group: str) -> int:
        """The shard of a group. After `agree`."""
        if self.count == 1:
            return 0
        found = self._shard_of.get(group)
        if found is None:
            digest = blake2b(group.encode(), digest_size=8).digest()
            found = self._shard_of[group] = int.from_bytes(digest, "big") % self.count
        return found

    def key(self, shard: int, name: str) -> str:
        """A key of this crawl."""
        return f"{tag(shard)}{self.crawl}:{name}"

    async def run(self, script: str, calls: Iterable[tuple[int, Sequence[lua.Arg]]]) -> list[Any]:
        """A script on some shards at once. After `agree`."""
        return await self.run_for(
            script, [(shard, self.crawl, tuple(args)) for shard, args in calls]
        )

    async def run_for(
        self, script: str, calls: Iterable[tuple[int, str, Sequence[lua.Arg]]]
    ) -> list[Any]:
        """The same for any crawl, which is named in each call."""
        made = [
            lua.Call(script, tag(shard), crawl, args, self._declared)
            for shard, crawl, args in calls
        ]
        return await lua.run(self._redis, made)

    async def everywhere(self, script: str, *args: lua.Arg) -> list[Any]:
        await self.agree()
        return await self.run(script, [(shard, args) for shard in range(self.count)])

    async def at(self, group: str, script: str, *args: lua.Arg) -> Any:
        await self.agree()
        (answer,) = await self.run(script, [(self.of(group), args)])
        return answer
