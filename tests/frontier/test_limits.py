"""Opening hours, budgets, draining, and what is turned away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from crawler.errors import WrongUse
from crawler.frontier.client import Ack, Frontier, Outcome, Record
from tests.frontier.conftest import MODES
from tests.frontier.model import CHINA_MS, DAY_MS

Drive = Callable[..., Any]  # tests/frontier/conftest.py

GROUP = "zjtz.gov.cn"
MINUTE = 60_000


def pages(count: int) -> list[Record]:
    return [Record("p", "document", f"http://www.{GROUP}/{n}.html") for n in range(count)]


def listing(number: int) -> Record:
    return Record("p", "listing", f"http://www.{GROUP}/rili?page={number}", priority=1)


async def clock(frontier: Frontier) -> int:
    """Minutes since midnight in China, as the server has it."""
    await frontier.enqueue([])
    seconds, _ = await frontier._redis.time()
    return (seconds * 1000 + CHINA_MS) % DAY_MS // MINUTE


def windows(now: int, *minutes: tuple[int, int]) -> str:
    """Windows around `now`, each from and until so many minutes from then."""
    spelt = ((now + a) % 1440 for pair in minutes for a in pair)
    times = [f"{minute // 60:02}:{minute % 60:02}" for minute in spelt]
    return ",".join(f"{a}-{b}" for a, b in zip(times[::2], times[1::2], strict=True))


def test_a_group_is_leased_inside_its_windows_only(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        now = await clock(frontier)
        await frontier.enqueue(pages(3))
        for hours, opens in (  # opens: minutes from now, 0 for now
            (windows(now, (120, 300), (30, 60)), 30),
            (windows(now, (-300, -30), (120, 130)), 120),
            (windows(now, (-60, 60)), 0),
            (windows(now, (-600, -500), (-5, 1430)), 0),
            ("", 0),
        ):
            await frontier.configure(GROUP, delay_ms=0, windows=hours, replace=True)
            state = await frontier.explain(GROUP)
            assert state is not None
            assert (state.state, state.windows) == ("snoozed" if opens else "ready", hours)
            assert len(await frontier.lease("w", 1)) == (0 if opens else 1)
            await frontier.close("w")
            if opens:
                assert (state.until_ms + CHINA_MS) // MINUTE % 1440 == (now + opens) % 1440
                assert state.until_ms % MINUTE == 0

    drive(scenario)


@pytest.mark.parametrize("bad", ["22:00", "22-06", "25:00-26:00", "22:00-22:00", "9:00-10:00", "x"])
def test_windows_that_cannot_be_read_are_refused(drive: Drive, bad: str) -> None:
    async def scenario(frontier: Frontier) -> None:
        with pytest.raises(WrongUse, match="22:00-06:00"):
            await frontier.configure(GROUP, delay_ms=0, windows=f"22:00-06:00,{bad}")

    drive(scenario)


def test_windows_stay_until_others_are_named(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        await frontier.configure(GROUP, delay_ms=0, windows="22:00-24:00")
        await frontier.configure(GROUP, delay_ms=0)
        state = await frontier.explain(GROUP)
        assert state is not None
        assert state.windows == "22:00-24:00"

    drive(scenario)


@pytest.mark.parametrize("mode", MODES, indirect=True)
def test_a_spent_budget_retires_the_group_and_what_was_no_fetch_is_given_back(drive: Drive) -> None:
    async def scenario(frontier: Frontier, other: Frontier) -> None:
        await frontier.enqueue(pages(5))
        await other.enqueue(pages(1))
        await frontier.configure(GROUP, delay_ms=0, concurrency=9, budget=2)
        one, two = await frontier.lease("w", 9)
        assert await frontier.lease("w", 9) == []
        await frontier.nack("w", one, "bug", backoff_ms=0, count=False)
        (again,) = await frontier.lease("w", 9)
        assert again.record == one.record
        await frontier.ack("w", [Ack(again, "done", 1), Ack(two, "done", 1)])
        state = await frontier.explain(GROUP)
        assert state is not None
        assert (state.state, state.budget, state.budget_left) == ("retired", 2, 0)
        assert state.queued == (0, 0, 3, 0)
        assert len(await other.lease("v", 1)) == 1  # a budget is a crawl's
        await other.close("v")
        await frontier.configure(GROUP, delay_ms=0, concurrency=9, budget=4, replace=True)
        assert len(await frontier.lease("w", 9)) == 2

    drive(scenario, "nightly", "manual")


@pytest.mark.parametrize("mode", MODES, indirect=True)
def test_a_draining_crawl_takes_nothing_new_and_goes_on(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        await frontier.enqueue(pages(2))
        await frontier.drain()
        assert await frontier.enqueue(pages(3)) == [Outcome.SEEN, Outcome.SEEN, Outcome.REJECT]
        stats = await frontier.stats()
        assert (stats["rejected:draining"], bool(stats["draining"])) == (1, True)
        assert len(await frontier.lease("w", 1)) == 1
        await frontier.resume()
        assert await frontier.enqueue(pages(3)) == [Outcome.SEEN, Outcome.SEEN, Outcome.NEW]

    drive(scenario)


@pytest.mark.parametrize("mode", MODES, indirect=True)
def test_one_group_is_paused_and_let_go_on(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        other = Record("p", "document", "http://www.gov.cn/")
        await frontier.enqueue([*pages(2), other])
        await frontier.pause(GROUP)
        assert [lease.record for lease in await frontier.lease("w", 9)] == [other]
        assert {s.group: s.state for s in await frontier.groups()} == {
            GROUP: "paused",
            "www.gov.cn": "in-process",
        }
        await frontier.resume(GROUP)
        assert len(await frontier.lease("w", 9)) == 1

    drive(scenario)


@pytest.mark.parametrize("mode", MODES, indirect=True)
def test_a_group_with_a_full_queue_spills_and_takes_more_later(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        new, seen, spill = Outcome.NEW, Outcome.SEEN, Outcome.SPILL
        await frontier.configure(GROUP, delay_ms=0)
        assert await frontier.enqueue(pages(4)) == [new, new, new, spill]
        forced = [msgspec.structs.replace(page, force=True) for page in pages(1)]
        assert await frontier.enqueue([*pages(5), *forced]) == [seen] * 3 + [spill] * 3
        assert (await frontier.stats())["spilled"] == 4
        (lease,) = await frontier.lease("w", 1)
        await frontier.ack("w", [Ack(lease, "done", 1)])
        assert await frontier.enqueue(pages(5)) == [seen, seen, seen, new, spill]

    drive(scenario, max_queued=3)


@pytest.mark.parametrize("mode", MODES, indirect=True)
def test_a_listing_that_has_ever_more_pages_is_a_trap(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        outcomes = await frontier.enqueue([listing(n) for n in range(2, 8)])
        assert outcomes == [Outcome.NEW] * 3 + [Outcome.TRAP] * 3
        again = await frontier.enqueue([listing(2), listing(9), *pages(1)])
        assert again == [Outcome.SEEN, Outcome.TRAP, Outcome.NEW]
        stats = await frontier.stats()
        assert (stats["rejected:trap"], stats["added"], stats["seen"]) == (4, 4, 4)

    drive(scenario, trap_limit=3)


def test_what_cannot_be_queued_is_counted_by_its_reason(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        bad = ["javascript:void(0)", "ftp://a.cn/", "http://a.cn/\ud800"]
        records = [Record("p", "document", url) for url in bad]
        odd = Record("p", "document", "http://a.cn/", group='a"b')
        assert await frontier.enqueue([*records, odd]) == [Outcome.REJECT] * 4
        stats = await frontier.stats()
        assert (stats["rejected:not_http"], stats["rejected:not_text"]) == (3, 1)

    drive(scenario)
