"""What people look at and take out: states, records, memory, and what was seen."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from crawler.frontier.client import Ack, Frontier, Outcome, Record
from tests.frontier.conftest import MODES

Drive = Callable[..., Any]  # tests/frontier/conftest.py
pytestmark = pytest.mark.parametrize("mode", MODES, indirect=True)

GROUP = "zjtz.gov.cn"


def page(number: int, host: str = f"www.{GROUP}") -> Record:
    return Record("p", "document", f"http://{host}/{number}.html", section="annual_report")


def pages(count: int, host: str = f"www.{GROUP}") -> list[Record]:
    return [page(number, host) for number in range(count)]


async def open_up(frontier: Frontier, group: str = GROUP) -> None:
    await frontier.configure(group, delay_ms=0, concurrency=9)


def test_a_group_explains_itself(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        assert await frontier.explain(GROUP) is None
        await frontier.enqueue(pages(4))
        await open_up(frontier)
        one, two, three = await frontier.lease("w", 3)
        await frontier.enqueue(pages(2, "www.gov.cn"))
        await asyncio.sleep(0.02)
        await frontier.ack("w", [Ack(one, "done", 80, crawl_delay_ms=5)])
        await frontier.nack("w", two, "timeout", backoff_ms=60_000, elapsed_ms=160)
        state = await frontier.explain(GROUP)
        assert state is not None
        assert (state.configured_ms, state.crawl_delay_ms, state.delay_ms) == (0, 5, 5)
        assert (state.queued, state.delayed, state.done, state.failed) == ((0, 0, 1, 0), 1, 1, 0)
        assert (state.concurrency, state.inflight, state.average_ms) == (9, 1, 90)
        (held,) = state.leases
        assert (held.id, held.worker, held.url) == (three.id, "w", three.record.url)
        assert 20 <= held.held_ms < 10_000
        assert {each.group for each in await frontier.groups()} == {GROUP, "www.gov.cn"}

    drive(scenario)


def test_states_have_the_words_of_their_reason(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        async def word() -> str:
            state = await frontier.explain(GROUP)
            assert state is not None
            return state.state

        await frontier.configure(GROUP, delay_ms=60_000)
        assert await word() == "exhausted"
        await frontier.enqueue(pages(2))
        assert await word() == "ready"
        (lease,) = await frontier.lease("w", 1)
        assert await word() == "in-process"
        await frontier.ack("w", [Ack(lease, "done", 1)])
        assert await word() == "snoozed"
        await frontier.pause()
        assert await word() == "paused"

    drive(scenario)


def test_peek_shows_what_comes_next_and_changes_nothing(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        first = msgspec.structs.replace(page(7), priority=0)
        await frontier.enqueue([*pages(3), first])
        assert await frontier.peek(GROUP, 3) == [first, page(0), page(1)]
        assert await frontier.peek("nowhere.cn", 3) == []
        assert await frontier.left() == 4

    drive(scenario)


def test_everything_can_be_exported_with_its_state(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        await frontier.enqueue([*pages(1200), *pages(2, "www.gov.cn")])
        await open_up(frontier)
        await open_up(frontier, "www.gov.cn")
        leases = {lease.record.url: lease for lease in await frontier.lease("w", 11)}
        ours = [lease for lease in leases.values() if lease.group == GROUP]
        await frontier.nack("w", ours[0], "timeout", backoff_ms=60_000)
        await frontier.ack("w", [Ack(ours[1], "failed", 1), Ack(ours[2], "done", 1)])
        found = [row async for row in frontier.export()]
        assert Counter(state for state, _, _ in found) == {
            "queued": 1191, "leased": 8, "delayed": 1, "failed": 1,
        }  # fmt: skip
        assert {group for _, group, _ in found} == {GROUP, "www.gov.cn"}
        urls = {record.url for _, _, record in found}
        assert urls == {r.url for r in [*pages(1200), *pages(2, "www.gov.cn")]} - {
            ours[2].record.url
        }

    drive(scenario)


def test_what_failed_can_be_queued_again_with_all_its_attempts(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        await frontier.enqueue(pages(3))
        await open_up(frontier)
        one, two, three = await frontier.lease("w", 3)
        assert await frontier.nack("w", one, "timeout", backoff_ms=0) == "retry"
        (one,) = await frontier.lease("w", 1)
        assert await frontier.nack("w", one, "timeout", backoff_ms=0) == "failed"
        await frontier.ack("w", [Ack(two, "failed", 1), Ack(three, "gone", 1)])
        assert (await frontier.stats())["failed"] == 2
        assert await frontier.requeue_failed() == 2
        assert await frontier.requeue_failed() == 0
        assert ((await frontier.stats())["failed"], await frontier.left()) == (0, 2)
        again = await frontier.lease("w", 9)
        assert {lease.record for lease in again} == {page(0), page(1)}

    drive(scenario, max_attempts=2)


def test_what_is_forgotten_may_be_queued_again(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        await frontier.enqueue(pages(3))
        assert await frontier.forget([page(1).url, "http://nowhere.cn/"]) == 1
        assert " ".join(await frontier.enqueue(pages(3))) == "seen new seen"

    drive(scenario)


def test_what_is_marked_as_seen_is_not_queued(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        assert await frontier.mark_seen(pages(2)) == [Outcome.NEW] * 2
        assert await frontier.mark_seen(pages(3)) == [Outcome.SEEN] * 2 + [Outcome.NEW]
        assert await frontier.left() == 0
        assert await frontier.enqueue(pages(4)) == [Outcome.SEEN] * 3 + [Outcome.NEW]

    drive(scenario)


def test_seen_urls_lie_in_small_sets_of_integers_however_many_there_are(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        many = pages(12_000)
        for at in range(0, len(many), 2_000):
            assert set(await frontier.mark_seen(many[at : at + 2_000])) == {Outcome.NEW}
        assert set(await frontier.mark_seen(many)) == {Outcome.SEEN}
        shard = frontier._shards.of(GROUP)
        buckets = int(await frontier._redis.hget(frontier._shards.key(shard, "ctl"), "buckets"))
        assert buckets > 50
        keys = [frontier._shards.key(shard, f"s:{number}") for number in range(buckets)]
        sizes = [await frontier._redis.scard(key) for key in keys]
        kinds = {await frontier._redis.object("encoding", key) for key in keys}
        assert (sum(sizes), kinds) == (12_000, {b"intset"})
        assert max(sizes) < 512
        memory = await frontier.memory()
        assert (memory["seen"], memory["pending"]) == (12_000, 0)
        assert memory["bytes_per_seen"] <= 11  # in a cluster, Redis 7.0 adds 16 bytes to each key

    drive(scenario)


def test_a_queue_of_a_portal_is_small(drive: Drive) -> None:
    async def scenario(frontier: Frontier) -> None:
        path = f"http://www.{GROUP}/art/2021/3/4/art_1229205"
        records = [
            Record("zhejiang_taizhou", "document", f"{path}_{n * 7919 % 10**7}.html", depth=2)
            for n in range(4_000)
        ]
        await frontier.enqueue(records)
        memory = await frontier.memory()
        assert memory["pending"] == 4_000
        assert memory["bytes_per_pending"] + memory["bytes_per_seen"] <= 40
        assert memory["bytes"] > 4_000 * 16

    drive(scenario)
