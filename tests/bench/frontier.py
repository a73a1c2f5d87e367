"""`make bench-frontier`: our frontier beside scrapy-redis, on the same Redis, in one run.

Only the ratios of one run mean anything, best on an idle machine. scrapy-redis is installed into
an environment of its own and runs as a child process; both sides use the embedded Redis over its
unix socket, do the same jobs in turn, and are judged by their medians. Each is asked as its workers
ask: scrapy-redis record by record, ours batch by batch; nobody has two questions on the way.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from redis import Redis

from crawler.frontier.server import embedded
from tests.bench.frontier_drain import blocked, efficiency
from tests.bench.frontier_loss import loss
from tests.bench.frontier_memory import memory
from tests.bench.frontier_peer import PINNED, Peer, install
from tests.bench.frontier_speed import show_costs, speed
from tests.bench.frontier_table import Row, show

Part = Callable[[str, Peer, int], list[Row]]


def run_speed(url: str, peer: Peer, rounds: int) -> list[Row]:
    with Redis.from_url(url) as redis:
        redis.config_set("auto-aof-rewrite-percentage", 0)  # no fork in the middle of a round
        rows = speed(url, peer, groups=10, count=3200, turns=50, rounds=rounds)
        rows += speed(url, peer, groups=300, count=3200, turns=50, rounds=rounds)
        redis.config_set("appendfsync", "always")
        note = ", fsync always"
        rows += speed(url, peer, groups=300, count=3200, turns=50, rounds=1, note=note)
        redis.config_set("appendfsync", "everysec")
    return rows


def run_workers(url: str, peer: Peer, _: int) -> list[Row]:
    return [efficiency(url, groups=300, each=20, delay_ms=1000), *blocked(url, peer, 5.0)]


PARTS: dict[str, tuple[str, Part]] = {
    "speed": ("records a second, batches of 64", run_speed),
    "memory": ("memory", lambda url, peer, _: memory(url, peer, 1_000_000)),
    "large": ("memory, ten million URLs", lambda url, peer, _: memory(url, peer, 10_000_000)),
    "workers": ("workers on polite groups", run_workers),
    "loss": ("nothing is lost", lambda url, peer, _: loss(url, peer)),
}


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--only", action="append", choices=PARTS, help="a part; may be repeated")
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--json", type=Path, help="write the rows with their details here")
    given = asked.parse_args()
    names = given.only or list(PARTS)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # not without stopping our Redis
    install()
    print(f"beside {', '.join(PINNED)}; medians of {given.rounds} rounds", end="; ")
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    rows: list[Row] = []
    start = time.perf_counter()
    with (
        tempfile.TemporaryDirectory(prefix="bench-frontier-") as folder,
        embedded(Path(folder)) as url,
        Peer(url) as peer,
    ):
        for name in names:
            title, part = PARTS[name]
            made = part(url, peer, given.rounds)
            show(title, made)
            if name == "speed":
                show_costs(made)
            rows += made
    judged = [row for row in rows if row.met is not None]
    took = time.perf_counter() - start
    print(f"\n{sum(map(bool, (r.met for r in judged)))} of {len(judged)} goals met, {took:.0f} s")
    if given.json:
        written = json.dumps([row.as_json() for row in rows], ensure_ascii=False, indent=1)
        given.json.write_text(written + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
