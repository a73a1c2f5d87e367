"""Which crawls a store knows, how fast the newest goes, and the way to its frontier."""

from __future__ import annotations

import json
import os
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from crawler.errors import Unavailable, WrongUse

if TYPE_CHECKING:
    from crawler.frontier.client import Frontier

RECENT = timedelta(minutes=5)  # over which a rate is measured
TAIL = 256 * 1024  # bytes of a journal that are read for it: some 800 lines

Said = TypeVar("Said")


def newest(store: Path) -> str:
    """The crawl that settled something last. Raises WrongUse where there is none."""
    journals = (store / "crawls").glob("*/crawl.jsonl")
    latest = max(journals, key=lambda path: path.stat().st_mtime, default=None)
    if latest is None:
        raise WrongUse(f"there is no crawl in {store}: crawl first, or name --store and --crawl")
    return latest.parent.name


def unfinished(store: Path) -> str:
    """The newest crawl if it runs, or ended before it was through; "" otherwise."""
    try:
        crawl = newest(store)
    except WrongUse:
        return ""
    journal = store / "crawls" / crawl / "crawl.jsonl"
    summary = journal.with_name("summary.json")
    if not summary.exists() or summary.stat().st_mtime < journal.stat().st_mtime:
        return crawl
    return crawl if json.loads(summary.read_text(encoding="utf-8"))["interrupted"] else ""


def ask(
    store: Path, redis: str, crawl: str, question: Callable[[Frontier], Awaitable[Said]]
) -> Said:
    """What the frontier of a crawl answers.

    Raises WrongUse where there is no such crawl, Unavailable where its Redis does not answer.
    """
    crawl = crawl or newest(store)
    import asyncio

    from redis.exceptions import RedisClusterException, RedisError

    from crawler.frontier.client import Frontier
    from crawler.frontier.server import connect, embedded

    async def main() -> Said:
        with ExitStack() as resources:
            if not redis and not (store / "redis").is_dir():
                raise WrongUse(f"there is no queue in {store}: crawl first, or name a --redis")
            home = None if redis else store / "redis"
            url = redis or resources.enter_context(embedded(store / "redis"))
            async with await connect(url, home) as client:
                frontier = Frontier(client, crawl)
                if not (store / "crawls" / crawl).is_dir() and not any(
                    (await frontier.stats()).values()
                ):
                    raise WrongUse(f"there is no crawl {crawl!r}: see {store / 'crawls'}")
                return await question(frontier)

    try:
        return asyncio.run(main())
    except (RedisError, RedisClusterException) as error:
        raise Unavailable(f"Redis failed ({error}): see that it runs") from error


def rate(store: Path, crawl: str) -> float:
    """Exchanges a second, lately, as this store's journal of the crawl has it."""
    journal = store / "crawls" / crawl / "crawl.jsonl"
    if not journal.exists():
        return 0.0
    with journal.open("rb") as file:
        start = max(0, file.seek(0, os.SEEK_END) - TAIL)
        file.seek(start)
        lines = file.read().split(b"\n")[1 if start else 0 : -1]  # whole ones only
    since = datetime.now(UTC) - RECENT
    times = [datetime.fromisoformat(json.loads(line)["settled"]) for line in lines]
    recent = [time for time in times if time > since]
    if len(recent) < 2:
        return 0.0
    return len(recent) / max(1.0, (datetime.now(UTC) - recent[0]).total_seconds())
