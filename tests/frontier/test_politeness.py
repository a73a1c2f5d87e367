"""One group sees one polite visitor, however many workers and crawls there are."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from crawler.frontier.client import Ack, Frontier, Lease, Record
from crawler.frontier.state import GroupState
from tests.frontier.conftest import MODES

Drive = Callable[..., Any]  # tests/frontier/conftest.py
pytestmark = pytest.mark.parametrize("mode", MODES, indirect=True)

GROUP = "zjtz.gov.cn"


def pages(count: int, crawl: str = "") -> list[Record]:
    return [Record("p", "document", f"http://www.{GROUP}/{crawl}{n}.html") for n in range(count)]


def started(lease: Lease) -> int:
    """The server's clock when it was leased, in ms."""
    return int(lease.id.split("-")[2])


async def work(
    frontier: Frontier, worker: str, into: list[Lease], *, elapsed: int = 5, hold: float = 0.005
) -> None:
    while await frontier.left():
        for lease in await frontier.lease(worker, 3):
            into.append(lease)
            await asyncio.sleep(hold)
            await frontier.ack(worker, [Ack(lease, "done", elapsed)])
        await asyncio.sleep(0.002)


async def state(frontier: Frontier) -> GroupState:
    found = await frontier.explain(GROUP)
    assert found is not None
    return found


async def soon(frontier: Frontier, within: float = 20.0) -> tuple[Lease, float]:
    """The next lease, and how long it took to get it."""
    since = time.monotonic()
    while time.monotonic() - since < within:
        if leases := await frontier.lease("w", 1):
            return leases[0], time.monotonic() - since
        await asyncio.sleep(0.002)
    raise AssertionError("no lease")


def test_starts_are_a_delay_apart_over_workers_and_crawls(drive: Drive) -> None:
    async def scenario(manual: Frontier, nightly: Frontier) -> None:
        await manual.configure(GROUP, delay_ms=60)
        await manual.enqueue(pages(6))
        await nightly.enqueue(pages(6))
        leases: list[Lease] = []
        crew = [(manual, "a"), (nightly, "b"), (nightly, "c")]
        await asyncio.gather(*(work(frontier, name, leases) for frontier, name in crew))
        starts = sorted(started(lease) for lease in leases)
        assert len(starts) == 12
        # At concurrency 1 the delay runs from the end of an exchange, here 5 ms after its start.
        assert min(b - a for a, b in pairwise(starts)) >= 64

    drive(scenario, "manual", "nightly")


def test_concurrency_is_shared_by_all_crawls(drive: Drive) -> None:
    async def scenario(manual: Frontier, nightly: Frontier) -> None:
        await manual.configure(GROUP, delay_ms=0, concurrency=3)
        await manual.enqueue(pages(5))
        await nightly.enqueue(pages(5))
        first = await manual.lease("a", 2)
        second = await nightly.lease("b", 5)
        assert (len(first), len(second)) == (2, 1)
        assert (await manual.stats())["due"] == (await nightly.stats())["due"] == 0
        await manual.ack("a", [Ack(first[0], "done", 1)])
        assert (await manual.stats())["due"] == (await nightly.stats())["due"] == 1
        assert len(await nightly.lease("b", 5)) == 1

    drive(scenario, "manual", "nightly")


def test_another_crawl_may_reap_the_place_a_dead_worker_holds(drive: Drive) -> None:
    async def scenario(dead: Frontier, alive: Frontier) -> None:
        await dead.enqueue(pages(1))
        await alive.enqueue(pages(1))
        await dead.configure(GROUP, delay_ms=0)
        await dead.lease("a", 1)
        await asyncio.sleep(0.25)
        assert await alive.lease("b", 1) == []
        assert await alive.reap() == 1
        assert len(await alive.lease("b", 1)) == 1
        assert await dead.left() == 1

    drive(scenario, "dead", "alive", session_ttl=0.2)


def test_a_slow_server_gets_a_rest_as_long_as_its_answer(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        await frontier.configure(GROUP, delay_ms=10)
        await frontier.enqueue(pages(2))
        (lease,) = await frontier.lease("w", 1)
        await frontier.ack("w", [Ack(lease, "done", elapsed_ms=300)])
        rests = await state(frontier)
        assert rests.next_ms - started(lease) >= 300
        assert rests.next_ms - rests.now_ms <= 300

    drive(scenario)


def test_the_rest_is_counted_from_the_end_of_the_exchange(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        await frontier.configure(GROUP, delay_ms=200)
        await frontier.enqueue(pages(2))
        (lease,) = await frontier.lease("w", 1)
        await asyncio.sleep(0.3)  # flushing, parsing: the server rested meanwhile
        await frontier.ack("w", [Ack(lease, "done", elapsed_ms=20, idle_ms=280)])
        assert (await state(frontier)).state == "ready"

    drive(scenario)


def test_a_boast_of_idleness_does_not_shorten_the_delay(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        await frontier.configure(GROUP, delay_ms=200)
        await frontier.enqueue(pages(2))
        (lease,) = await frontier.lease("w", 1)
        await frontier.ack("w", [Ack(lease, "done", elapsed_ms=1, idle_ms=10**9)])
        again, _ = await soon(frontier)
        assert started(again) - started(lease) >= 200

    drive(scenario)


def test_the_longer_of_portal_delay_and_crawl_delay_wins(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        await frontier.configure(GROUP, delay_ms=30)
        await frontier.enqueue(pages(5))
        for asked, least in ((150, 150), (60, 150), (0, 150)):
            lease, _ = await soon(frontier)
            await frontier.ack("w", [Ack(lease, "done", 1, crawl_delay_ms=asked)])
            again, _ = await soon(frontier)
            assert started(again) - started(lease) >= least
            await frontier.nack("w", again, "bug", backoff_ms=0, count=False)

    drive(scenario)


def test_a_block_keeps_the_whole_group_quiet(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        await frontier.configure(GROUP, delay_ms=0)
        await frontier.enqueue(pages(3))
        (lease,) = await frontier.lease("w", 1)
        await frontier.nack("w", lease, "503", backoff_ms=1, block_ms=300)
        again, _ = await soon(frontier)
        assert started(again) - started(lease) >= 300
        assert again.attempt == 1  # its backoff was over first

    drive(scenario)


def test_the_strictest_configuration_holds_unless_replaced(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        async def limits() -> tuple[int, int]:
            found = await state(frontier)
            return found.configured_ms, found.concurrency

        await frontier.configure(GROUP, delay_ms=500, concurrency=4)
        await frontier.configure(GROUP, delay_ms=200, concurrency=2)
        assert await limits() == (500, 2)
        await frontier.configure(GROUP, delay_ms=900, concurrency=8)
        assert await limits() == (900, 2)
        await frontier.configure(GROUP, delay_ms=200, concurrency=8, replace=True)
        assert await limits() == (200, 8)

    drive(scenario)


def test_an_unconfigured_group_gets_a_second_and_one_place(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        await frontier.enqueue(pages(2))
        (lease,) = await frontier.lease("w", 5)
        await frontier.ack("w", [Ack(lease, "done", 1)])
        rests = await state(frontier)
        assert (rests.configured_ms, rests.concurrency) == (1000, 1)
        assert rests.next_ms - started(lease) >= 1000
        assert 0 <= (await frontier.wait_ms() or 0) <= 1000

    drive(scenario)
