"""Whatever two crawls and their workers do, the invariants hold after every step.

I1 every seen record is in exactly one state · I2 a group's in-flight number is its leases, and no
lease goes beyond its concurrency · I4 a group is due exactly when leasable · I5 a lease is acked
once · I8 counters equal states.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from redis import Redis

from crawler.frontier.client import Ack, Frontier, Lease, Outcome, Record
from crawler.frontier.server import connect

T = TypeVar("T")
CRAWLS = ("manual", "nightly")
GROUPS = ("a.cn", "b.cn", "c.cn")
SHARDS = 2

crawls = st.sampled_from(CRAWLS)
workers = st.sampled_from(("v", "w"))


def record(group: str, n: int, priority: int) -> Record:
    return Record("p", "document", f"http://{group}/{n}", priority=priority)


records = st.builds(record, st.sampled_from(GROUPS), st.integers(0, 7), st.integers(0, 3))


class Crawls(RuleBasedStateMachine):
    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.raw = Redis.from_url(self.url, decode_responses=True)
        self.raw.flushall()
        self.client = self.run(connect(self.url))
        self.frontiers = {
            crawl: Frontier(self.client, crawl, shards=SHARDS, max_attempts=2) for crawl in CRAWLS
        }
        self.held: list[tuple[str, str, Lease]] = []  # crawl, worker, lease; stale ones too
        self.seen: dict[str, set[str]] = {crawl: set() for crawl in CRAWLS}
        self.finished: dict[str, Counter[str]] = {crawl: Counter() for crawl in CRAWLS}
        self.settled: set[tuple[str, str]] = set()
        for group in GROUPS:
            self.configure(group, 3)

    def run(self, step: Coroutine[Any, Any, T]) -> T:
        return self.loop.run(step)

    def teardown(self) -> None:
        """Nothing is lost: everything seen can still be finished, once."""
        try:
            for crawl, frontier in self.frontiers.items():
                self.drain(crawl, frontier)
                assert self.finished[crawl] == Counter(self.seen[crawl])
        finally:
            self.run(self.client.aclose())
            self.raw.close()
            self.loop.close()

    def drain(self, crawl: str, frontier: Frontier) -> None:
        for group in GROUPS:
            self.configure(group, 99)
        for worker in ("v", "w"):
            for each in self.frontiers.values():
                self.run(each.close(worker))
        self.run(frontier.resume())
        for _ in range(500):  # 10 s; a backoff is 20 ms at most
            for lease in self.run(frontier.lease("last", 99)):
                self.finish(crawl, "last", lease)
            if not self.run(frontier.left()):
                return
            time.sleep(0.02)
        raise AssertionError(self.run(frontier.stats()))

    def finish(self, crawl: str, worker: str, lease: Lease) -> bool:
        (won,) = self.run(self.frontiers[crawl].ack(worker, [Ack(lease, "done", 0)]))
        if won:
            assert (crawl, lease.id) not in self.settled  # I5
            self.settled.add((crawl, lease.id))
            self.finished[crawl][lease.record.url] += 1
        return won

    @initialize()
    def fill(self) -> None:
        for crawl in CRAWLS:
            self.enqueue(crawl, [record(group, n, n) for group in GROUPS for n in range(4)])

    @rule(group=st.sampled_from(GROUPS), concurrency=st.integers(1, 3))
    def configure(self, group: str, concurrency: int) -> None:
        frontier = self.frontiers["manual"]
        self.run(frontier.configure(group, delay_ms=0, concurrency=concurrency, replace=True))

    @rule(crawl=crawls, batch=st.lists(records, min_size=1, max_size=6))
    def enqueue(self, crawl: str, batch: list[Record]) -> None:
        outcomes = self.run(self.frontiers[crawl].enqueue(batch))
        for record, outcome in zip(batch, outcomes, strict=True):
            assert (outcome is Outcome.SEEN) == (record.url in self.seen[crawl])
            self.seen[crawl].add(record.url)

    @rule(crawl=crawls, worker=workers, want=st.integers(1, 4))
    def lease(self, crawl: str, worker: str, want: int) -> None:
        leases = self.run(self.frontiers[crawl].lease(worker, want))
        assert len(leases) <= want
        for lease in leases:
            state = self.group(lease.group)
            assert int(state["inflight"]) <= int(state["concurrency"])  # I2
            self.held.append((crawl, worker, lease))

    @rule(data=st.data())
    def ack(self, data: st.DataObject) -> None:
        if self.held:
            self.finish(*data.draw(st.sampled_from(self.held[-6:])))

    @rule(data=st.data(), count=st.booleans(), backoff=st.sampled_from((0, 1, 20)))
    def nack(self, data: st.DataObject, count: bool, backoff: int) -> None:
        if not self.held:
            return
        crawl, worker, lease = data.draw(st.sampled_from(self.held[-6:]))
        answer = self.run(
            self.frontiers[crawl].nack(worker, lease, "x", backoff_ms=backoff, count=count)
        )
        assert (answer == "stale") >= ((crawl, lease.id) in self.settled)
        if answer != "stale":
            self.settled.add((crawl, lease.id))
        if answer == "failed":
            self.finished[crawl][lease.record.url] += 1

    @rule(crawl=crawls, worker=workers)
    def close(self, crawl: str, worker: str) -> None:
        self.run(self.frontiers[crawl].close(worker))

    @rule(crawl=crawls, worker=workers, by=crawls)
    def die(self, crawl: str, worker: str, by: str) -> None:
        """The worker's session runs out, and somebody notices."""
        for shard in range(SHARDS):
            self.raw.zadd(f"{{f:{shard}}}:{crawl}:ws", {worker: 1}, xx=True)
        self.run(self.frontiers[by].reap())

    @rule(crawl=crawls)
    def pause(self, crawl: str) -> None:
        frontier = self.frontiers[crawl]
        self.run(frontier.pause())
        assert not self.run(frontier.lease("w", 3))  # I9
        self.run(frontier.resume())

    def group(self, group: str) -> dict[str, str]:
        shard = self.frontiers["manual"]._shard(group)
        return dict(self.raw.hgetall(f"{{f:{shard}}}:g:{group}"))

    @invariant()
    def holds(self) -> None:
        states = {crawl: States(self.raw, crawl) for crawl in CRAWLS}
        for crawl in CRAWLS:
            self.every_record_is_in_one_state(crawl, states[crawl])
        for group in GROUPS:
            self.due_when_leasable(group, states)

    def every_record_is_in_one_state(self, crawl: str, states: States) -> None:
        urls = Counter(json.loads(item.split("|", 2)[2])["url"] for item in states.items)
        assert urls + self.finished[crawl] == Counter(self.seen[crawl])  # I1
        stats = self.run(self.frontiers[crawl].stats())
        for state, number in states.sizes.items():
            assert stats.get(state, 0) == number, state  # I8
        verdicts = stats.get("done", 0) + stats.get("failed", 0)
        assert verdicts == self.finished[crawl].total()
        assert stats.get("added", 0) == len(self.seen[crawl])

    def due_when_leasable(self, group: str, states: dict[str, States]) -> None:
        state = self.group(group)
        flying = int(state.get("inflight", 0))
        assert flying == sum(states[crawl].leased[group] for crawl in CRAWLS)  # I2
        for crawl in CRAWLS:
            leasable = states[crawl].queued[group] > 0 and flying < int(state["concurrency"])
            assert (group in states[crawl].due) == leasable  # I4


class States:
    """What lies in Redis, read key by key."""

    def __init__(self, raw: Redis, crawl: str) -> None:
        self.items: list[str] = []
        self.due: set[str] = set()
        self.queued: Counter[str] = Counter()
        self.leased: Counter[str] = Counter()
        delayed = 0
        for shard in range(SHARDS):
            prefix = f"{{f:{shard}}}:{crawl}:"
            for key in raw.keys(f"{prefix}q:*"):
                queue = raw.lrange(key, 0, -1)
                self.items += queue
                self.queued[key.split(":")[-2]] += len(queue)
            for lease in raw.hvals(f"{prefix}lease"):
                _, group, item = lease.split("|", 2)
                self.items.append(item)
                self.leased[group] += 1
            waiting = [member.split("|", 2)[2] for member in raw.zrange(f"{prefix}dly", 0, -1)]
            self.items += waiting
            delayed += len(waiting)
            self.due |= set(raw.zrange(f"{prefix}due", 0, -1))
        self.sizes = {
            "queued": self.queued.total(),
            "leased": self.leased.total(),
            "delayed": delayed,
        }


@pytest.mark.usefixtures("url")
def test_the_invariants_hold_after_every_step(server: str) -> None:
    Crawls.url = server
    run_state_machine_as_test(
        Crawls, settings=settings(max_examples=20, stateful_step_count=35, deadline=None)
    )
