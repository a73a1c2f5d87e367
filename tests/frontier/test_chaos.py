"""Kills all over a small crawl; the long form is `make chaos`."""

from __future__ import annotations

from pathlib import Path

from crawler.practice.metropolis import Metropolis
from tests.bench.chaos import Chaos
from tests.zygote import Zygote


def test_workers_and_redis_may_be_killed_at_any_time(tmp_path: Path, commands: Zygote) -> None:
    city = Metropolis(districts=2, hosts=5, documents=28, wait=0.02)
    outcome = Chaos(tmp_path, commands, city, delay=0.1, seed=3).run(
        workers=2, kills=6, seconds=120
    )
    assert outcome.clean, "\n".join(outcome.lines())
    assert outcome.kills.total() == 6
    assert outcome.urls >= 300
