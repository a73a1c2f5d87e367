"""Enqueue, lease, ack, nack, reap: what becomes of a record."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from crawler.errors import WrongUse
from crawler.frontier.client import Ack, Frontier, Lease, Outcome, Record
from tests.frontier.conftest import MODES

Drive = Callable[..., Any]  # tests/frontier/conftest.py
pytestmark = pytest.mark.parametrize("mode", MODES, indirect=True)


def pages(count: int, host: str = "www.zjtz.gov.cn") -> list[Record]:
    return [Record("p", "document", f"http://{host}/{n}.html") for n in range(count)]


async def open_up(frontier: Frontier, *groups: str, concurrency: int = 100) -> None:
    for group in groups or ("zjtz.gov.cn",):
        await frontier.configure(group, delay_ms=0, concurrency=concurrency)


def done(*leases: Lease) -> list[Ack]:
    return [Ack(lease, "done", 1) for lease in leases]


def test_queueing_again_changes_nothing(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        records = [*pages(1200), *pages(2, "www.gov.cn")]
        assert await frontier.enqueue(records) == [Outcome.NEW] * 1202
        before = await frontier.stats()
        assert await frontier.enqueue(records) == [Outcome.SEEN] * 1202
        assert await frontier.stats() == before
        assert await frontier.left() == 1202
        assert await frontier.enqueue([]) == []

    drive(scenario)


def test_answers_come_in_the_order_of_the_records(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        one, two = pages(2)
        other = Record("p", "listing", "https://www.gov.cn/")
        bad = Record("p", "listing", "javascript:void(0)", group="a.cn")
        broken = Record("p", "listing", "http://a.cn/\ud800")
        await frontier.enqueue([two])
        outcomes = await frontier.enqueue([one, bad, two, broken, other, one])
        assert " ".join(outcomes) == "new reject seen reject new seen"

    drive(scenario)


def test_force_queues_what_was_seen(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        (page,) = pages(1)
        await frontier.enqueue([page])
        assert await frontier.enqueue([msgspec.structs.replace(page, force=True)]) == [Outcome.NEW]
        assert await frontier.left() == 2
        await open_up(frontier)
        assert [lease.record for lease in await frontier.lease("w", 5)] == [page, page]

    drive(scenario)


def test_robots_first_then_listings_then_the_rest(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        kinds = {"attachment": 3, "document": 2, "listing": 1, "robots": 0}
        records = [Record("p", k, f"http://a.cn/{k}", priority=n) for k, n in kinds.items()]
        await frontier.enqueue(records)
        await open_up(frontier, "a.cn")
        leased = await frontier.lease("w", 10)
        assert [x.record.kind for x in leased] == ["robots", "listing", "document", "attachment"]

    drive(scenario)


def test_a_lease_is_acked_once_and_by_its_owner(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        await frontier.enqueue(pages(3))
        await open_up(frontier)
        one, two, three = await frontier.lease("w", 3)
        assert await frontier.ack("other", done(one)) == [False]
        assert await frontier.ack("w", done(one, two, one)) == [True, True, True]
        assert await frontier.left() == 1
        assert await frontier.ack("w", [Ack(three, "gone", 1), *done(two)]) == [True, True]
        assert await frontier.ack("other", done(two)) == [False]
        assert await frontier.left() == 0
        assert await frontier.wait_ms() is None
        stats = await frontier.stats()
        assert (stats["done"], stats["gone"], stats["added"]) == (2, 1, 3)

    drive(scenario)


def test_an_expired_session_is_reaped_and_its_ack_is_stale(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        await frontier.enqueue(pages(2))
        await open_up(frontier)
        leases = await frontier.lease("slow", 2)
        assert await frontier.reap() == 0
        await asyncio.sleep(0.3)
        assert await frontier.reap() == 2
        assert await frontier.ack("slow", done(*leases)) == [False, False]
        assert await frontier.nack("slow", leases[0], "late", backoff_ms=0) == "stale"
        assert await frontier.beat("slow") == 0
        again = await frontier.lease("quick", 5)
        assert {x.record.url for x in again} == {x.record.url for x in leases}
        assert {x.attempt for x in again} == {0}
        assert await frontier.ack("quick", done(*again)) == [True, True]

    drive(scenario, session_ttl=0.2)


def test_a_beating_worker_keeps_its_leases_up_to_the_hard_deadline(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        await frontier.enqueue(pages(2))
        await open_up(frontier)
        (kept,) = await frontier.lease("w", 1)
        await frontier._redis.zadd(frontier._shards.key(kept.shard, "ws"), {"w": 1})  # long ago
        assert await frontier.beat("w") == 1
        assert await frontier.reap() == 0
        frontier._deadline = 1
        (late,) = await frontier.lease("w", 1)
        await asyncio.sleep(0.01)
        assert await frontier.beat("w") == 2
        assert await frontier.reap() == 1
        assert await frontier.ack("w", done(kept, late)) == [True, False]

    drive(scenario)


def test_a_failed_fetch_is_tried_again_after_its_backoff_until_attempts_are_used_up(
    drive: Drive,
) -> None:
    async def scenario(frontier: Frontier) -> None:
        await frontier.enqueue(pages(1))
        await open_up(frontier)
        for attempt in range(2):
            (lease,) = await frontier.lease("w", 1)
            assert (lease.attempt, lease.record.attempt) == (attempt, attempt)
            assert await frontier.nack("w", lease, "timeout", backoff_ms=60_000) == "retry"
            assert await frontier.lease("w", 1) == []
            assert await frontier.left() == 1
            assert 0 < (await frontier.wait_ms() or 0) <= 60_000
            delayed = frontier._shards.key(lease.shard, "dly")
            (member,) = await frontier._redis.zrange(delayed, 0, -1)
            await frontier._redis.zadd(delayed, {member: 1})  # long ago
        (lease,) = await frontier.lease("w", 1)
        assert await frontier.nack("w", lease, "timeout", backoff_ms=150) == "failed"
        assert await frontier.left() == 0
        stats = await frontier.stats()
        assert (stats["failed"], stats["failed:timeout"], stats["retried:timeout"]) == (1, 1, 2)

    drive(scenario)


def test_what_was_our_fault_uses_up_no_attempt_and_goes_to_the_head(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        await frontier.enqueue(pages(5))
        await open_up(frontier)
        (lease,) = await frontier.lease("w", 1)
        for _ in range(5):
            assert await frontier.nack("w", lease, "bug", backoff_ms=0, count=False) == "retry"
            (again,) = await frontier.lease("w", 1)
            assert (again.record, again.attempt) == (lease.record, 0)
            lease = again

    drive(scenario)


def test_a_closing_worker_gives_its_leases_back(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        await frontier.enqueue(pages(5))
        await open_up(frontier)
        await frontier.lease("w", 3)
        assert await frontier.close("w") == 3
        assert await frontier.left() == 5
        assert len(await frontier.lease("v", 9)) == 5

    drive(scenario)


def test_no_lease_is_issued_while_paused(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        await frontier.enqueue(pages(4))
        await open_up(frontier)
        (held,) = await frontier.lease("w", 1)
        await frontier.pause()
        assert await frontier.lease("w", 3) == []
        assert await frontier.ack("w", done(held)) == [True]
        assert (await frontier.wait_ms() or 0) >= 1000
        await frontier.resume()
        assert len(await frontier.lease("w", 3)) == 3

    drive(scenario)


def test_want_is_met_across_shards_and_never_exceeded(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        hosts = [f"www.city{n}.gov.cn" for n in range(40)]
        await frontier.enqueue([page for host in hosts for page in pages(2, host)])
        assert len(await frontier.lease("w", 25)) == 25
        rest = await frontier.lease("w", 25)
        assert len(rest) == 15
        assert len({lease.group for lease in rest}) == 15
        assert await frontier.lease("w", 25) == []
        assert await frontier.lease("w", 0) == []

    drive(scenario)


def test_purge_forgets_one_crawl_and_frees_its_places(drive: Drive) -> None:
    async def scenario(manual: Frontier, nightly: Frontier) -> None:
        for frontier in (manual, nightly):
            await frontier.enqueue(pages(3))
        await open_up(manual, concurrency=1)
        await manual.lease("w", 1)
        assert await nightly.lease("v", 1) == []
        assert await manual.purge(drained_only=True) == 3
        assert await manual.left() == 3
        assert await manual.purge() == 3
        assert await manual.left() == 0
        assert len(await nightly.lease("v", 1)) == 1
        assert await manual.enqueue(pages(1)) == [Outcome.NEW]

    drive(scenario, "manual", "nightly")


def test_robots_texts_are_shared_until_they_expire(drive: Drive) -> None:
    async def scenario(manual: Frontier, nightly: Frontier) -> None:
        assert await nightly.robots("http://a.cn") is None
        await manual.keep_robots("http://a.cn", "Disallow: /年报", seconds=60)
        assert await nightly.robots("http://a.cn") == "Disallow: /年报"
        assert await nightly.robots("https://a.cn") is None

    drive(scenario, "manual", "nightly")


def test_scripts_that_the_server_forgot_are_told_again(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        await frontier.enqueue(pages(1))
        await frontier._redis.script_flush()
        assert await frontier.enqueue([*pages(3), *pages(3, "www.gov.cn")]) == [
            Outcome.SEEN,
            *[Outcome.NEW] * 5,
        ]

    drive(scenario)


def test_a_full_redis_takes_nothing_new_but_can_be_worked_off(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        await frontier.enqueue(pages(3))
        await open_up(frontier)
        await frontier._redis.config_set("maxmemory", "1")
        try:
            assert await frontier.enqueue(pages(4)) == [*[Outcome.SEEN] * 3, Outcome.SPILL]
            leases = await frontier.lease("w", 3)
            assert len(leases) == 3
            await frontier.nack("w", leases[0], "timeout", backoff_ms=0)
            assert await frontier.ack("w", done(*leases[1:])) == [True, True]
        finally:
            await frontier._redis.config_set("maxmemory", "0")
        assert await frontier.enqueue(pages(4)) == [*[Outcome.SEEN] * 3, Outcome.NEW]
        assert await frontier.left() == 2

    drive(scenario)


def test_names_that_would_mix_up_keys_are_refused(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        for name in ("g", "r", "live", "", "a:b", "a|b", "{x}"):
            with pytest.raises(WrongUse, match="crawl"):
                Frontier(frontier._redis, name)
            if not name.isalpha():
                with pytest.raises(WrongUse, match="worker"):
                    await frontier.lease(name, 1)

    drive(scenario)


def test_one_redis_has_one_number_of_shards(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        await frontier.left()
        there = frontier._shards.count
        with pytest.raises(WrongUse, match=f"{there} shards"):
            await Frontier(frontier._redis, "other", shards=4).left()
        assert await Frontier(frontier._redis, "other", shards=there).left() == 0

    drive(scenario)
