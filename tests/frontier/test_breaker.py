"""A server in trouble is left alone, and probed; one that wants us gone is left for the night."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from crawler.frontier.client import Ack, Frontier, Lease, Record, Strike
from crawler.frontier.state import GroupState

Drive = Callable[..., Any]  # tests/frontier/conftest.py

GROUP = "zjtz.gov.cn"


def pages(count: int) -> list[Record]:
    return [Record("p", "document", f"http://www.{GROUP}/{n}.html") for n in range(count)]


async def begin(frontier: Frontier, *, places: int = 1, count: int = 9) -> list[Lease]:
    await frontier.configure(GROUP, delay_ms=0, concurrency=places, replace=True)
    await frontier.enqueue(pages(count))
    return await frontier.lease("w", places)


async def state(frontier: Frontier) -> GroupState:
    found = await frontier.explain(GROUP)
    assert found is not None
    return found


async def busy(frontier: Frontier, lease: Lease, block_ms: int = 0) -> GroupState:
    await frontier.nack(
        "w", lease, "http_503", backoff_ms=0, count=False, strike=Strike.BUSY, block_ms=block_ms
    )
    return await state(frontier)


async def next_lease(frontier: Frontier) -> Lease:
    for _ in range(1000):
        if leases := await frontier.lease("w", 9):
            (lease,) = leases
            return lease
        await asyncio.sleep(0.005)
    raise AssertionError("no lease")


def rest(state: GroupState) -> int:
    return state.until_ms - state.now_ms


def started(lease: Lease) -> int:
    """The server's clock when it was leased, in ms."""
    return int(lease.id.split("-")[2])


def test_each_failed_probe_doubles_the_rest_and_a_good_one_ends_it(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        (lease,) = await begin(frontier)
        for strikes, base in enumerate((40, 80, 160), 1):
            opened = await busy(frontier, lease)
            assert (opened.breaker != "closed", opened.strikes) == (True, strikes)
            assert rest(opened) <= 1.1 * base
            before, lease = lease, await next_lease(frontier)
            assert started(lease) - started(before) >= 0.9 * base
            assert (await state(frontier)).breaker == "half_open"
        await frontier.ack("w", [Ack(lease, "done", 1)])
        closed = await state(frontier)
        assert (closed.state, closed.breaker, closed.strikes) == ("ready", "closed", 0)

    drive(scenario, breaker_base_ms=40)


def test_an_open_breaker_is_told_with_its_end(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        (lease,) = await begin(frontier)
        opened = await busy(frontier, lease)
        assert (opened.state, opened.breaker) == ("snoozed", "open")
        assert 50_000 < rest(opened) <= 66_000
        assert await frontier.lease("w", 9) == []

    drive(scenario)


def test_a_day_is_the_longest_rest(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        (lease,) = await begin(frontier)
        assert rest(await busy(frontier, lease)) <= 1.1 * 86_400_000

    drive(scenario, breaker_base_ms=10**12)


def test_retry_after_is_kept_to_the_full(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        (lease,) = await begin(frontier)
        assert 50_000 < rest(await busy(frontier, lease, block_ms=60_000)) <= 60_000

    drive(scenario, breaker_base_ms=10)


def test_only_one_probe_is_sent_whatever_the_concurrency(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        one, two, three = await begin(frontier, places=3)
        await busy(frontier, one)
        await asyncio.sleep(0.05)  # its rest is over
        assert await frontier.lease("w", 9) == []  # two are still under way
        await frontier.ack("w", [Ack(two, "done", 1), Ack(three, "done", 1)])
        probe = await next_lease(frontier)
        assert await frontier.lease("w", 9) == []
        await frontier.ack("w", [Ack(probe, "done", 1)])
        assert len(await frontier.lease("w", 9)) == 3

    drive(scenario, breaker_base_ms=20)


def test_what_was_under_way_neither_closes_nor_doubles(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        one, two, three = await begin(frontier, places=3)
        await busy(frontier, one)
        await frontier.ack("w", [Ack(two, "done", 1)])
        last = await busy(frontier, three)
        assert (last.breaker, last.strikes) == ("open", 1)
        assert 50_000 < rest(last) <= 66_000

    drive(scenario, breaker_base_ms=60_000)


def test_a_probe_that_says_nothing_leaves_the_breaker_half_open(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        (lease,) = await begin(frontier)
        await busy(frontier, lease)
        probe = await next_lease(frontier)
        await frontier.nack("w", probe, "bug", backoff_ms=0, count=False, strike=Strike.NEUTRAL)
        half = await state(frontier)
        assert (half.breaker, half.strikes) == ("half_open", 1)
        assert (await next_lease(frontier)).record == probe.record

    drive(scenario, breaker_base_ms=20)


def test_the_breaker_is_shared_by_all_crawls(drive: Drive) -> None:
    async def scenario(manual: Frontier, nightly: Frontier) -> None:
        (lease,) = await begin(manual)
        await nightly.enqueue(pages(3))
        await busy(manual, lease)
        assert (await state(nightly)).breaker == "open"
        assert await nightly.lease("v", 3) == []

    drive(scenario, "manual", "nightly", breaker_base_ms=60_000)


def test_challenges_in_a_row_end_the_night_for_this_crawl_only(drive: Drive) -> None:
    async def scenario(manual: Frontier, nightly: Frontier) -> None:
        two, good, neutral = [Strike.CHALLENGE] * 2, Strike.NONE, Strike.NEUTRAL
        answers = [*two, good, Strike.CHALLENGE, neutral, *two]
        (lease,) = await begin(nightly)
        for said in answers:
            assert (await state(nightly)).breaker == "closed"
            await nightly.ack("w", [Ack(lease, "failed", 1, strike=said)])
            lease = next(iter(await nightly.lease("w", 1)), lease)
        stopped = await state(nightly)
        assert (stopped.state, stopped.breaker, stopped.failed) == ("blocked", "blocked", 7)
        assert await nightly.lease("w", 9) == []
        assert await nightly.left() == 2
        await manual.enqueue(pages(1))
        assert len(await manual.lease("v", 1)) == 1
        await nightly.resume(GROUP)
        assert (await state(nightly)).state == "in-process"

    drive(scenario, "manual", "nightly")


@pytest.mark.parametrize("verdict", ["done", "failed"])
def test_a_strike_may_come_with_an_acknowledgement(drive: Drive, verdict: Any) -> None:
    async def scenario(frontier: Frontier) -> None:
        (lease,) = await begin(frontier)
        await frontier.ack("w", [Ack(lease, verdict, 1, strike=Strike.BUSY)])
        assert (await state(frontier)).breaker == "open"

    drive(scenario)
