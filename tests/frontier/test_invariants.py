"""Whatever two crawls and their workers do, the invariants hold after every step.

I1 every record is in exactly one state · I2 a group's in-flight number is its leases, and none is
leased beyond its places · I4 a group is due exactly when it may be leased, from the right time on ·
I5 a lease is settled once · I8 counters equal states · I9 what is paused, blocked, spent or out of
its hours is not leased · I10 what was seen stays so until it is forgotten. I3, the distance of
starts, needs time: `test_politeness.py`. I6 and I7 are the workers': `test_crawl.py`.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from crawler.frontier.client import Ack, Frontier, Lease, Outcome, Record, Strike
from tests.frontier.conftest import MODES, Mode
from tests.frontier.model import CHINA_MS, DAY_MS, Politeness, States, politeness

T = TypeVar("T")
CRAWLS = ("manual", "nightly")
GROUPS = ("a.cn", "b.cn", "c.cn")
SHARDS = {"plain": 1, "declared": 2, "cluster": 2}
EXAMPLES = {"plain": 20, "declared": 5, "cluster": 3}

crawls = st.sampled_from(CRAWLS)
groups = st.sampled_from(GROUPS)
workers = st.sampled_from(("v", "w"))
strikes = st.sampled_from([*Strike, Strike.NONE, Strike.NONE])


def record(group: str, n: int, priority: int) -> Record:
    return Record("p", "document", f"http://{group}/{n}", priority=priority)


records = st.builds(record, groups, st.integers(0, 7), st.integers(0, 3))


class Crawls(RuleBasedStateMachine):
    mode: Mode

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.shards = SHARDS[self.mode.name]
        self.raw = self.mode.raw()
        self.raw.flushall()
        self.client = self.run(self.mode.connect())
        options = self.mode.options | {
            "shards": self.shards,
            "max_attempts": 2,
            "breaker_base_ms": 1,
        }
        self.frontiers = {crawl: Frontier(self.client, crawl, **options) for crawl in CRAWLS}
        self.held: list[tuple[str, str, Lease]] = []  # crawl, worker, lease; stale ones too
        self.added: dict[str, Counter[str]] = {crawl: Counter() for crawl in CRAWLS}
        self.seen: dict[str, set[str]] = {crawl: set() for crawl in CRAWLS}
        self.finished: dict[str, Counter[str]] = {crawl: Counter() for crawl in CRAWLS}
        self.settled: dict[tuple[str, str], str] = {}  # who acknowledged which lease of which crawl
        for group in GROUPS:
            self.configure(group, 3)

    def run(self, step: Coroutine[Any, Any, T]) -> T:
        return self.loop.run(step)

    def states(self, crawl: str) -> States:
        return States(self.raw, crawl, self.shards)

    def teardown(self) -> None:
        """Nothing is lost: everything queued can still be finished, once."""
        try:
            for crawl, frontier in self.frontiers.items():
                self.drain_all(crawl, frontier)
                assert self.finished[crawl] == self.added[crawl]
        finally:
            self.run(self.client.aclose())
            self.raw.close()
            self.loop.close()

    def drain_all(self, crawl: str, frontier: Frontier) -> None:
        self.run(frontier.resume())
        for group in GROUPS:
            limits = {"delay_ms": 0, "concurrency": 99, "replace": True}
            self.run(frontier.configure(group, **limits))
            self.run(frontier.resume(group))
        for worker in ("v", "w"):
            for each in self.frontiers.values():
                self.run(each.close(worker))
        for _ in range(1500):  # a backoff is 20 ms at most, the breaker rests for some seconds
            for lease in self.run(frontier.lease("last", 99)):
                self.acknowledge(crawl, "last", lease, Strike.NONE)
            if not self.run(frontier.left()):
                return
            time.sleep(0.02)
        raise AssertionError(self.run(frontier.groups()))

    @initialize()
    def fill(self) -> None:
        for crawl in CRAWLS:
            self.enqueue(crawl, [record(group, n, n) for group in GROUPS for n in range(4)])

    @rule(group=groups, concurrency=st.integers(1, 3))
    def configure(self, group: str, concurrency: int) -> None:
        frontier = self.frontiers["manual"]
        self.run(frontier.configure(group, delay_ms=0, concurrency=concurrency, replace=True))

    @rule(group=groups, crawl=crawls, budget=st.integers(0, 4))
    def limit(self, group: str, crawl: str, budget: int) -> None:
        frontier = self.frontiers[crawl]
        self.run(frontier.configure(group, delay_ms=0, concurrency=2, budget=budget, replace=True))

    @rule(group=groups, opens=st.integers(1, 300), lasts=st.integers(1, 900), now=st.booleans())
    def open_hours(self, group: str, opens: int, lasts: int, now: bool) -> None:
        """Around the clock of the server: some minutes from now, or from some minutes ago."""
        seconds, _ = self.raw.time(target_nodes="random") if self.clustered else self.raw.time()
        clock = (seconds * 1000 + CHINA_MS) % DAY_MS // 60_000
        start = (clock - 2 if now else clock + opens + 1) % 1440
        end = (start + lasts + 4) % 1440
        windows = f"{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"
        self.run(
            self.frontiers["manual"].configure(
                group, delay_ms=0, concurrency=2, windows=windows, replace=True
            )
        )

    @property
    def clustered(self) -> bool:
        return self.mode.name == "cluster"

    @rule(crawl=crawls, batch=st.lists(records, min_size=1, max_size=6))
    def enqueue(self, crawl: str, batch: list[Record]) -> None:
        outcomes = self.run(self.frontiers[crawl].enqueue(batch))
        for record, outcome in zip(batch, outcomes, strict=True):
            assert (outcome is Outcome.SEEN) == (record.url in self.seen[crawl])
            if outcome is Outcome.NEW:
                self.added[crawl][record.url] += 1
            self.seen[crawl].add(record.url)

    @rule(crawl=crawls, worker=workers, want=st.integers(1, 4))
    def lease(self, crawl: str, worker: str, want: int) -> None:
        frontier = self.frontiers[crawl]
        before = {state.group: state for state in self.run(frontier.groups())}
        leases = self.run(frontier.lease(worker, want))
        assert len(leases) <= want
        after = politeness(self.raw, range(self.shards))
        for lease in leases:
            state, when = before[lease.group], int(lease.id.split("-")[2])
            assert state.state == "ready" or (state.state == "snoozed" and state.until_ms <= when)
            assert after[lease.group].inflight <= after[lease.group].places  # I2
            self.held.append((crawl, worker, lease))
        for group, number in Counter(lease.group for lease in leases).items():
            left = before[group].budget_left
            assert left is None or number <= left

    @rule(data=st.data(), strike=strikes)
    def ack(self, data: st.DataObject, strike: Strike) -> None:
        if self.held:
            self.acknowledge(*data.draw(st.sampled_from(self.held[-6:])), strike)

    def acknowledge(self, crawl: str, worker: str, lease: Lease, strike: Strike) -> None:
        leased = self.states(crawl).leases.get(lease.id) == worker
        ack = Ack(lease, "done", 0, strike=strike)
        (won,) = self.run(self.frontiers[crawl].ack(worker, [ack]))
        key = (crawl, lease.id)
        assert won == (leased or self.settled.get(key) == worker)
        assert not (leased and key in self.settled)  # I5
        if leased:
            self.settled[key] = worker
            self.finished[crawl][lease.record.url] += 1

    @rule(data=st.data(), count=st.booleans(), backoff=st.sampled_from((0, 1, 20)), strike=strikes)
    def nack(self, data: st.DataObject, count: bool, backoff: int, strike: Strike) -> None:
        if not self.held:
            return
        crawl, worker, lease = data.draw(st.sampled_from(self.held[-6:]))
        leased = self.states(crawl).leases.get(lease.id) == worker
        options = {"backoff_ms": backoff, "count": count, "strike": strike}
        answer = self.run(self.frontiers[crawl].nack(worker, lease, "x", **options))
        assert (answer == "stale") == (not leased)
        if answer == "failed":
            self.settled[crawl, lease.id] = worker
            self.finished[crawl][lease.record.url] += 1

    @rule(crawl=crawls, worker=workers)
    def close(self, crawl: str, worker: str) -> None:
        self.run(self.frontiers[crawl].close(worker))

    @rule(crawl=crawls, worker=workers, by=crawls)
    def die(self, crawl: str, worker: str, by: str) -> None:
        """The worker's session runs out, and somebody notices."""
        for shard in range(self.shards):
            self.raw.zadd(f"{{f:{shard}}}:{crawl}:ws", {worker: 1}, xx=True)
        self.run(self.frontiers[by].reap())

    @rule(crawl=crawls)
    def pause(self, crawl: str) -> None:
        frontier = self.frontiers[crawl]
        self.run(frontier.pause())
        assert not self.run(frontier.lease("w", 3))  # I9
        self.run(frontier.resume())

    @rule(crawl=crawls, group=groups, stop=st.booleans())
    def pause_group(self, crawl: str, group: str, stop: bool) -> None:
        frontier = self.frontiers[crawl]
        self.run(frontier.pause(group) if stop else frontier.resume(group))

    @rule(crawl=crawls, batch=st.lists(records, min_size=1, max_size=6))
    def drain(self, crawl: str, batch: list[Record]) -> None:
        frontier = self.frontiers[crawl]
        self.run(frontier.drain())
        for record, outcome in zip(batch, self.run(frontier.enqueue(batch)), strict=True):
            known = record.url in self.seen[crawl]
            assert outcome is (Outcome.SEEN if known else Outcome.REJECT)
        self.run(frontier.resume())

    @rule(crawl=crawls)
    def requeue(self, crawl: str) -> None:
        kept = self.states(crawl).kept
        assert self.run(self.frontiers[crawl].requeue_failed()) == kept.total()
        self.finished[crawl] -= kept

    @rule(crawl=crawls, wanted=records)
    def forget(self, crawl: str, wanted: Record) -> None:
        known = wanted.url in self.seen[crawl]
        if self.finished[crawl][wanted.url] == self.added[crawl][wanted.url]:  # nothing waits
            assert self.run(self.frontiers[crawl].forget([wanted.url])) == known
            self.seen[crawl].discard(wanted.url)

    @invariant()
    def holds(self) -> None:
        known = politeness(self.raw, range(self.shards))
        states = {crawl: self.states(crawl) for crawl in CRAWLS}
        for crawl in CRAWLS:
            self.every_record_is_in_one_state(crawl, states[crawl])
            for group, share in states[crawl].shares.items():
                leasable = sum(share.queued) > 0 and share.open
                self.due_when_leasable(known[group], states[crawl].due.get(group), leasable)
        for group, state in known.items():
            assert state.inflight == sum(states[crawl].leased[group] for crawl in CRAWLS)  # I2

    def every_record_is_in_one_state(self, crawl: str, states: States) -> None:
        assert Counter(states.items) + self.finished[crawl] == self.added[crawl]  # I1
        assert not states.kept - self.finished[crawl]
        for group, share in states.shares.items():  # I8
            assert share.queued == states.queued[group]
            assert share.delayed == states.delayed[group]
        stats = self.run(self.frontiers[crawl].stats())
        sizes = {
            "queued": sum(map(sum, states.queued.values())),
            "delayed": states.delayed.total(),
            "leased": states.leased.total(),
            "seen": states.seen,
            "added": self.added[crawl].total(),
            "failed": sum(share.failed for share in states.shares.values()),
            "done": sum(share.done for share in states.shares.values()),
        }
        assert {state: stats.get(state, 0) for state in sizes} == sizes
        assert sizes["done"] + sizes["failed"] == self.finished[crawl].total()
        assert states.seen == len(self.seen[crawl])  # I10

    def due_when_leasable(self, group: Politeness, due: int | None, leasable: bool) -> None:
        assert (due is not None) == (leasable and group.inflight < group.places)  # I4
        if due is not None:
            earliest = max(group.next, group.until)
            assert due >= earliest if group.windows else due == earliest
            assert due == group.opens(due)


@pytest.mark.parametrize("mode", MODES, indirect=True)
def test_the_invariants_hold_after_every_step(mode: Mode) -> None:
    Crawls.mode = mode
    run_state_machine_as_test(
        Crawls,
        settings=settings(
            max_examples=EXAMPLES[mode.name],
            stateful_step_count=35,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
