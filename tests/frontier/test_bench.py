"""The benchmark's own pieces, on tiny sizes and without scrapy-redis."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest
from redis import Redis

from tests.bench import frontier_loop, frontier_loss, frontier_ours, frontier_speed
from tests.bench.frontier_drain import drained
from tests.bench.frontier_memory import ours as memory_of
from tests.bench.frontier_table import Row, show
from tests.bench.frontier_urls import LINKS, NEW, pages, urls

JOB: dict[str, Any] = {"groups": 3, "start": 0, "count": 3 * LINKS, "pages": 6, "kind": "path"}


@pytest.mark.parametrize("kind", ["path", "query"])
def test_every_page_has_two_new_links_of_one_group(kind: str) -> None:
    job = JOB | {"kind": kind}
    seen = set(urls(job))
    assert len(seen) == job["count"]
    for links in pages(job):
        found = {link["url"] for link in links}
        assert len(found) == LINKS
        assert len(found - seen) == NEW
        assert len({url.split("/")[2] for url in found}) == 1
        seen |= found


def test_a_round_of_our_side(url: str) -> None:
    took = frontier_speed.one_round(frontier_speed.ours(url), 3, 3 * LINKS, 6)
    assert len(took) == 5
    assert all(len(times) == 3 and times[0] > 0 for times in took.values())


def test_memory_is_measured_while_queued_and_when_seen(url: str) -> None:
    with Redis.from_url(url) as redis:
        found = asyncio.run(memory_of(url, redis, 2000))
    assert found["queued"] > found["seen"] > 0


def test_workers_drain_no_faster_than_politeness_allows(url: str) -> None:
    took, ideal = asyncio.run(drained(url, groups=8, each=4, delay_ms=50, workers=2, answer_ms=5))
    assert ideal == pytest.approx(0.170)
    assert took > ideal


def test_a_block_of_the_loop_is_seen_and_a_wait_is_none(url: str) -> None:
    async def page() -> None:
        await asyncio.sleep(0.02)
        time.sleep(0.01)

    found = frontier_loop.blocks(lambda paced: paced(page), 0.2)
    assert 0.009 < found["p99"] <= found["longest"]
    assert frontier_loop.waits([0.0, 0.5], 100.0) == pytest.approx(0.0, abs=1e-6)
    assert frontier_loop.waits([0.5] * 10, 10.0) == pytest.approx(0.49, abs=1e-6)
    job = JOB | {"seconds": 0.2}
    assert frontier_ours.blocks(url, job)["longest"] > 0


def test_a_killed_worker_and_one_that_goes_home_lose_nothing(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frontier_loss, "URLS", 60)
    assert frontier_loss.lost_by_kill(frontier_loss.ours, url) == 0
    with Redis.from_url(url) as redis:
        redis.flushall()
    assert frontier_loss.finished_beside(frontier_loss.ours, url) == 60
    assert asyncio.run(frontier_loss.identical(url)) == frontier_loss.IDENTICAL


@pytest.mark.parametrize(
    ("row", "met"),
    [
        (Row("a", 10, 80, 8), True),
        (Row("a", 10, 79, 8), False),
        (Row("b", 388, 40, 40, "at most"), True),
        (Row("b", 16, 1, 0, "at most"), False),
        (Row("c", None, 97.9, 98, "at least"), False),
        (Row("d", 3, 2), None),
    ],
)
def test_a_row_knows_whether_its_goal_is_met(
    row: Row, met: bool | None, capsys: pytest.CaptureFixture[str]
) -> None:
    show("title", [row])
    printed = capsys.readouterr().out
    assert row.met is met
    assert json.loads(json.dumps(row.as_json()))["met"] is met
    assert ("NO" in printed) is (met is False)
