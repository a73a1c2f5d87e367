"""A Redis that has finished what it does behind one's back."""

from __future__ import annotations

import time

from redis import Redis


def empty(redis: Redis) -> None:
    redis.flushall()
    rest(redis)


def rest(redis: Redis) -> None:
    """Wait until what was deleted is freed: newer servers do that in another thread."""
    while redis.info("memory").get("lazyfree_pending_objects"):
        time.sleep(0.01)


def used_memory(redis: Redis) -> int:
    rest(redis)
    return redis.info("memory")["used_memory"]
