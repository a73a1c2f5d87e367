"""Throughput: both sides do the same jobs in turn on the same Redis; medians count."""

from __future__ import annotations

import asyncio
import statistics
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from redis import Redis

from crawler.frontier.server import connect
from tests.bench.frontier_ours import Jobs
from tests.bench.frontier_peer import Peer
from tests.bench.frontier_redis import empty
from tests.bench.frontier_table import Row
from tests.bench.frontier_urls import LINKS, NEW

Ask = Callable[..., dict[str, Any]]
Took = dict[str, list[float]]  # us a record: by the clock, of the client, of Redis


def ours(url: str) -> Ask:
    """Our side, asked as the scrapy-redis process is: a connection and a loop for each job."""

    def ask(do: str, **job: Any) -> dict[str, Any]:
        async def main() -> dict[str, Any]:
            async with await connect(url) as redis:
                return await getattr(Jobs(redis), do)(job)

        return asyncio.run(main())

    return ask


def one_round(ask: Ask, groups: int, count: int, turns: int) -> Took:
    """Every job once, on an empty Redis: `count` records, and `turns` pages."""
    took: Took = {}
    job = {"groups": groups, "start": 0, "count": count, "pages": turns}

    def measure(name: str, do: str, expected: int, per: int, kind: str = "path") -> None:
        answer = ask(do, **job, kind=kind)
        assert answer["done"] == expected, f"{name}: {answer['done']} instead of {expected}"
        took[name] = [1e6 * answer[s] / per for s in ("seconds", "client", "server")]

    measure("enqueue new", "enqueue", count, count)
    measure("enqueue known", "enqueue", 0, count)
    measure("lease + ack, or pop", "pop", count, count)
    job["groups"] = min(groups, count // LINKS)  # a page knows 62 URLs of its group
    for name, kind in (("paths", "path"), ("queries", "query")):
        ask("enqueue", **job, kind=kind)
        measure(f"page of 64 links, {name}", "page", turns * NEW, turns * LINKS, kind)
    return took


GOALS = {"page of 64 links, queries": 2.5}


def speed(
    url: str, peer: Peer, *, groups: int, count: int, turns: int, rounds: int, note: str = ""
) -> list[Row]:
    """Records a second of both sides, side by side."""
    sides: dict[str, Ask] = {"scrapy-redis": peer.ask, "ours": ours(url)}
    taken: dict[str, defaultdict[str, list[list[float]]]] = {s: defaultdict(list) for s in sides}
    with Redis.from_url(url) as redis:
        for number in range(rounds):
            for side in sorted(sides, reverse=bool(number % 2)):  # each goes first in turn
                empty(redis)
                for name, took in one_round(sides[side], groups, count, turns).items():
                    taken[side][name].append(took)
    rows = []
    for name in taken["ours"]:
        theirs, own = (
            [statistics.median(column) for column in zip(*taken[side][name], strict=True)]
            for side in ("scrapy-redis", "ours")
        )
        row = Row(
            f"{name}, {groups} groups{note}",
            1e6 / theirs[0],
            1e6 / own[0],
            goal=GOALS.get(name, 8.0),
        )
        row.detail = {
            "us_a_record": {"scrapy-redis": theirs, "ours": own},
            "columns": ["clock", "client CPU", "Redis CPU"],
            "rounds": {side: taken[side][name] for side in sides},
        }
        rows.append(row)
    return rows


def show_costs(rows: list[Row]) -> None:
    """Where the time of a record goes. On a busy machine the processor's time says more."""
    print(
        f"\n{'µs a record: clock, client CPU, Redis CPU':54}{'scrapy-redis':>21}{'ours':>21}  × CPU"
    )
    for row in rows:
        theirs, own = row.detail["us_a_record"].values()
        costs = "".join(f"{cost:7.1f}" for cost in (*theirs, *own))
        print(f"{row.name:54}{costs}{sum(theirs[1:]) / sum(own[1:]):7.1f}")
