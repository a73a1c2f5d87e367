"""Workers in processes of their own, killed while they hold leases."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

from crawler.frontier.client import Ack, Frontier, Record

HOLDER = """
import asyncio, sys, time
from crawler.frontier.client import Frontier
from crawler.frontier.server import connect

async def main(url, worker):
    redis = await connect(url)
    leases = await Frontier(redis, "nightly", session_ttl=0.5).lease(worker, 8)
    print(len(leases), flush=True)
    time.sleep(60)

asyncio.run(main(*sys.argv[1:]))
"""


def hold_and_die(url: str, worker: str) -> int:
    command = [sys.executable, "-c", HOLDER, url, worker]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        held = int(process.stdout.readline())
        process.kill()
    return held


def test_a_killed_worker_loses_nothing(drive: Callable[..., Any], url: str) -> None:
    hosts = [f"www.city{n}.gov.cn" for n in range(12)]
    records = [Record("p", "document", f"http://{host}/{n}") for host in hosts for n in range(5)]

    async def scenario(frontier: Frontier) -> None:
        await frontier.enqueue(records)
        for host in hosts:
            await frontier.configure(host.removeprefix("www."), delay_ms=5)
        for worker in ("first", "second"):
            assert await asyncio.to_thread(hold_and_die, url, worker) > 0
        assert (await frontier.stats())["leased"] > 0
        fetched: Counter[str] = Counter()
        while await frontier.left():
            await frontier.reap()
            for lease in await frontier.lease("third", 8):
                assert lease.attempt == 0
                assert await frontier.ack("third", [Ack(lease, "done", 1)]) == [True]
                fetched[lease.record.url] += 1
            await asyncio.sleep(0.002)
        assert fetched == Counter(record.url for record in records)

    drive(scenario, session_ttl=0.5)
