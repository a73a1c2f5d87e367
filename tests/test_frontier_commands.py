"""What a person is told about the queue, and can do to it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import Ran
from redis import Redis

from crawler.frontier.client import Frontier
from crawler.frontier.record import Ack, Record, Strike
from crawler.frontier.server import connect, embedded
from crawler.outlook import Outlook, spell

Command = Callable[..., Ran]
CRAWL = "2026-11-22-nightly"
HOSTS = ("www.aa.gov.cn", "www.bb.gov.cn", "zw.cc.gov.cn")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with embedded(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture
def said(server: str, command: Command, tmp_path: Path) -> Command:
    """`said("frontier", …)` about a crawl of three hosts with six pages each, one leased."""
    with Redis.from_url(server) as redis:
        redis.flushall()
    crawl = tmp_path / "store" / "crawls" / CRAWL
    crawl.mkdir(parents=True)
    (crawl / "crawl.jsonl").touch()

    async def fill(frontier: Frontier) -> None:
        for host in HOSTS:
            await frontier.configure(host.split(".", 1)[1], delay_ms=3000)
            records = [
                Record("p", kind, f"http://{host}/{kind}/{n}.html", priority=priority)
                for kind, priority in (("listing", 1), ("document", 2))
                for n in range(3)
            ]
            await frontier.enqueue(records)

    on(server, fill)
    return lambda *args: command(*args, "--store", "store", "--redis", server)


def on(url: str, what: Callable[[Frontier], Any]) -> Any:
    async def main() -> Any:
        async with await connect(url) as redis:
            return await what(Frontier(redis, CRAWL))

    return asyncio.run(main())


def leased(url: str, strike: Strike = Strike.NEUTRAL) -> None:
    """One page of aa.gov.cn was fetched, one of the two others is in flight or failed."""

    async def work(frontier: Frontier) -> None:
        leases = {lease.group: lease for lease in await frontier.lease("w", 3)}
        await frontier.ack("w", [Ack(leases["aa.gov.cn"], "done", elapsed_ms=40)])
        if strike != Strike.NEUTRAL:
            await frontier.nack("w", leases["bb.gov.cn"], "busy", backoff_ms=60_000, strike=strike)

    on(url, work)


def test_explain_says_what_is_in_flight_and_what_comes_next(said: Command, server: str) -> None:
    leased(server)
    told = said("explain", "http://www.bb.gov.cn/x?y", "--json")
    assert told.code == 0
    assert (told.json["group"], told.json["state"]) == ("bb.gov.cn", "in-process")
    assert told.json["queued"] == [0, 2, 3, 0]
    assert told.json["next"][0] == "http://www.bb.gov.cn/listing/1.html"
    [lease] = told.json["leases"]
    assert (lease["url"], lease["worker"]) == ("http://www.bb.gov.cn/listing/0.html", "w")
    assert told.json["why"] == "1 of 1 in flight"


def test_explain_says_until_when_a_host_waits_its_turn(said: Command, server: str) -> None:
    leased(server)
    told = said("explain", "aa.gov.cn", "--json").json
    assert told["state"] in {"snoozed", "ready"}
    assert told["done"] == 1
    if told["state"] == "snoozed":
        assert told["now_ms"] < told["until_ms"] <= told["now_ms"] + 3000
        assert told["why"].startswith("waits its turn until ")


def test_a_host_that_the_breaker_keeps_from_us_is_exit_code_1(said: Command, server: str) -> None:
    leased(server, Strike.BUSY)
    told = said("explain", "www.bb.gov.cn")
    assert told.code == 1
    first = told.out.decode().splitlines()[0]
    assert first.startswith("bb.gov.cn  snoozed  left alone after 1 failure in a row")
    assert " until " in first


def test_a_paused_host_and_a_paused_crawl_say_so(said: Command, server: str) -> None:
    assert b"paused bb.gov.cn" in said("frontier", "pause", "--group", "www.bb.gov.cn").out
    told = said("explain", "bb.gov.cn")
    assert told.code == 1
    assert b"gongkai frontier resume" in told.out
    assert said("explain", "aa.gov.cn").code == 0

    async def lease(frontier: Frontier) -> list[str]:
        return [lease.group for lease in await frontier.lease("w", 9)]

    assert "bb.gov.cn" not in on(server, lease)
    said("frontier", "pause")
    assert said("frontier", "stats").out.startswith(f"{CRAWL}  paused\n".encode())
    assert on(server, lease) == []
    assert said("frontier", "resume").code == 0
    assert said("frontier", "resume", "--group", "bb.gov.cn").code == 0
    assert on(server, lease) == ["bb.gov.cn"]


def test_a_host_of_another_crawl_is_one_line_with_those_that_are_known(said: Command) -> None:
    told = said("explain", "www.dd.gov.cn")
    assert (told.code, told.out) == (2, b"")
    assert "aa.gov.cn" in told.err
    assert len(told.err.splitlines()) == 1


def test_a_draining_crawl_takes_no_new_links(said: Command, server: str) -> None:
    assert b"18 to go" in said("frontier", "drain").out

    async def more(frontier: Frontier) -> list[str]:
        return [str(o) for o in await frontier.enqueue([Record("p", "document", "http://dd.cn/")])]

    assert on(server, more) == ["reject"]
    assert said("frontier", "stats").out.startswith(f"{CRAWL}  draining\n".encode())
    said("frontier", "resume")
    assert on(server, more) == ["new"]


def test_stats_counts_states_reasons_and_memory(said: Command, server: str) -> None:
    leased(server, Strike.BUSY)
    told = said("frontier", "stats", "--json").json
    counts = told["counts"]
    assert (counts["queued"], counts["delayed"], counts["leased"], counts["done"]) == (15, 1, 1, 1)
    assert counts["retried:busy"] == 1
    assert sum(told["groups"].values()) == len(HOSTS)
    assert told["memory"]["bytes_per_pending"] > 0
    text = said("frontier", "stats").out.decode()
    assert "15 queued, 1 delayed, 1 leased" in text
    assert "busy 1" in text


def test_export_writes_every_record_and_its_state(said: Command, server: str) -> None:
    leased(server, Strike.BUSY)
    lines = said("frontier", "export").lines
    assert [line["state"] for line in lines].count("queued") == 15
    assert {line["state"] for line in lines} == {"queued", "delayed", "leased"}
    assert {line["group"] for line in lines} == {"aa.gov.cn", "bb.gov.cn", "cc.gov.cn"}
    assert all(line["url"].startswith("http") for line in lines)


def test_what_failed_can_be_tried_again(said: Command, server: str) -> None:
    async def fail(frontier: Frontier) -> None:
        leases = await frontier.lease("w", 1)
        await frontier.ack("w", [Ack(leases[0], "failed", elapsed_ms=1)])

    on(server, fail)
    assert said("frontier", "requeue").out == b"1 queued again\n"
    assert said("frontier", "requeue").out == b"0 queued again\n"


def test_a_forgotten_address_is_queued_again_when_it_is_found_again(
    said: Command, server: str
) -> None:
    url = "http://www.aa.gov.cn/listing/0.html"
    told = said("frontier", "forget", url, "http://never.seen.cn/")
    assert (told.code, told.out) == (1, b"1 of 2 forgotten\n")

    async def again(frontier: Frontier) -> list[str]:
        return [str(o) for o in await frontier.enqueue([Record("p", "listing", url)])]

    assert on(server, again) == ["new"]


def test_status_shows_the_hosts_of_a_crawl_under_way(said: Command, server: str) -> None:
    async def more(frontier: Frontier) -> None:
        await frontier.enqueue([Record("p", "listing", "http://www.zjtz.gov.cn/")])

    on(server, more)
    [row] = said("status", "zhejiang_taizhou", "--json").json
    assert row["hosts"] == [
        {"group": "zjtz.gov.cn", "state": "ready", "why": "may be fetched now", "waiting": 1}
    ]
    text = said("status").out.decode()
    assert f"{CRAWL}: 4 ready; 19 left" in text


def test_a_finished_crawl_is_not_asked_about(
    said: Command, command: Command, tmp_path: Path
) -> None:
    summary = tmp_path / "store" / "crawls" / CRAWL / "summary.json"
    summary.write_text(json.dumps({"interrupted": False}))
    [row] = command("status", "zhejiang_taizhou", "--json", "--store", "store").json
    assert row["hosts"] == []
    assert not (tmp_path / "store" / "redis").exists()


MISSING = {
    "no crawl": (["frontier", "stats"], 2, "crawl first"),
    "no queue": (["frontier", "stats", "--crawl", "x"], 2, "crawl first"),
    "no Redis": (["explain", "a.cn", "--crawl", "x", "--redis", "redis://127.0.0.1:9"], 3, "Redis"),
}


@pytest.mark.parametrize(("args", "code", "says"), MISSING.values(), ids=list(MISSING))
def test_what_is_missing_is_one_line(
    command: Command, args: list[str], code: int, says: str
) -> None:
    told = command(*args, "--store", "store")
    assert (told.code, told.out) == (code, b"")
    assert says in told.err
    assert len(told.err.splitlines()) == 1


def test_what_names_no_host_is_wrong_use(said: Command) -> None:
    told = said("explain", "http://[x")
    assert (told.code, told.err.count("\n")) == (2, 1)
    assert "http://[x names no host" in told.err


def test_an_unknown_crawl_is_wrong_use(said: Command) -> None:
    told = said("frontier", "stats", "--crawl", "2026-11-23-nightly")
    assert told.code == 2
    assert "2026-11-23-nightly" in told.err


def test_the_slowest_group_decides_how_long_a_crawl_takes(said: Command, server: str) -> None:
    async def look(frontier: Frontier) -> Outlook:
        return Outlook.of(await frontier.groups())

    outlook = on(server, look)
    assert outlook.waiting == 18
    assert outlook.seconds == 18
    said("frontier", "pause")
    assert on(server, look).seconds == 0


def test_times_are_spelt_as_people_read_them() -> None:
    assert [spell(s) for s in (0.2, 42, 161, 11_100)] == ["0s", "42s", "2m41s", "3h05m"]
