"""Where every key must be declared, it is; and on a cluster the crawl spreads over its nodes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any

import pytest
from redis import Redis

from crawler.frontier.client import Ack, Frontier, Record, Strike

Drive = Callable[..., Any]  # tests/frontier/conftest.py


async def live_through_everything(manual: Frontier, nightly: Frontier) -> None:
    """Every script, on groups that two crawls share."""
    groups = [f"city{n}.gov.cn" for n in range(6)]
    pages = [
        Record("p", "document", f"http://{g}/{n}", priority=n % 4) for g in groups for n in range(9)
    ]
    for frontier in (manual, nightly):
        await frontier.enqueue(pages)
        await frontier.mark_seen(pages[:3])
    for group in groups:
        await manual.configure(group, delay_ms=0, concurrency=2, budget=8)
        await nightly.pause(group)
        await nightly.resume(group)
    await manual.pause()
    await manual.resume()
    one, two, three, *more = await manual.lease("w", 9)
    await nightly.lease("v", 9)
    await manual.beat("w")
    await manual.nack("w", one, "timeout", backoff_ms=1, strike=Strike.BUSY)
    await manual.nack("w", two, "bug", backoff_ms=0, count=False)
    await manual.ack("w", [Ack(three, "failed", 1), *(Ack(lease, "done", 1) for lease in more)])
    await asyncio.sleep(0.02)
    await manual.lease("gone", 9)
    await manual.requeue_failed()
    await manual.forget([pages[0].url])
    await manual.close("gone")
    await manual.reap()
    await manual.groups()
    assert await nightly.close("v") > 0
    assert await manual.purge() + await nightly.purge() > 0


@pytest.mark.parametrize("mode", ["declared"], indirect=True)
def test_every_key_a_script_touches_is_declared(drive: Drive, server: str) -> None:
    drive(live_through_everything, "manual", "nightly")  # scripts are known by their names now
    with Redis.from_url(server) as redis, redis.monitor() as monitor:
        drive(live_through_everything, "manual", "nightly")
        redis.echo("over")
        declared: set[str] = set()
        touched = 0
        while (heard := monitor.next_command())["command"] != "ECHO over":
            name, *args = heard["command"].split(" ")
            if name == "EVALSHA":
                declared = set(args[2 : 2 + int(args[1])])
            elif heard["client_type"] == "lua" and name != "TIME":
                touched += 1
                assert args[0] in declared, heard["command"]
    assert touched > 300


@pytest.mark.parametrize("mode", ["cluster"], indirect=True)
def test_a_crawl_spreads_over_the_nodes_of_a_cluster(drive: Drive, nodes: list[int]) -> None:
    async def scenario(frontier: Frontier) -> None:
        pages = [Record("p", "document", f"http://city{n}.gov.cn/") for n in range(60)]
        await frontier.enqueue(pages)
        assert len(await frontier.lease("w", 60)) == 60

    drive(scenario)
    for port in nodes:
        with Redis(port=port) as node:
            keys = [key.decode() for key in node.keys("{f:*")]
        shards = {re.match(r"\{f:\d+\}", key)[0] for key in keys}  # type: ignore[index]
        assert len(shards) >= 2


@pytest.mark.parametrize("mode", ["cluster"], indirect=True)
def test_two_crawls_share_a_cluster(drive: Drive) -> None:
    drive(live_through_everything, "manual", "nightly")
