"""When a crawl ends although something is left: firewalls, budgets, closing hours."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from redis import Redis
from scrapy.http import HtmlResponse, Response

from crawler import settings
from crawler.frontier.client import Frontier, Lease, Record, Strike
from crawler.frontier.server import connect, embedded
from crawler.frontier.work import Work, judge, link_of, strike_of
from crawler.nightly import before
from crawler.order import Order
from crawler.practice.answer import Answer, plain
from crawler.practice.city import City
from crawler.practice.metropolis import Metropolis, host_name
from crawler.practice.server import serving
from crawler.run import crawl
from tests.frontier.town import Town, town
from tests.zygote import Zygote

CITY = Metropolis(districts=1, hosts=2, documents=9, wait=0)
GUARDED = host_name(0, 1)


class Firewalled:
    """The city, but for the documents of one host."""

    def answer(
        self, host: str, method: str, target: str, headers: Mapping[str, str], body: bytes, /
    ) -> Answer:
        if host == GUARDED and target.startswith("/doc/"):
            return plain(412, "<script>$_ts={}</script>")
        return CITY.answer(host, method, target, headers, body)


def left(here: Town) -> int:
    """What still waits in the frontier."""

    async def ask(url: str) -> int:
        async with await connect(url) as redis:
            return await Frontier(redis, "night").left()

    with embedded(here.store / "redis") as url:
        return asyncio.run(ask(url))


def test_a_host_behind_a_firewall_is_left_alone_and_ends_no_other(
    tmp_path: Path, commands: Zygote
) -> None:
    with town(tmp_path, commands, CITY, played=Firewalled()) as here:
        crawl = here.crawl()
        assert crawl.wait() == 1
        refused = [url for url in here.asked if url.startswith(f"http://{GUARDED}/doc/")]
        assert len(refused) == 3
        assert left(here) == CITY.documents - 3
        assert f"{GUARDED.removeprefix('www.')} answers with challenges: 6 pages left" in crawl.said
        lines = (here.home / "issues.jsonl").read_text().splitlines()
        codes = [json.loads(line)["code"] for line in lines]
        assert sorted(codes) == ["blocked", "blocked", "blocked", "blocked_host"]
        open_ones = [url for url in CITY.urls() if GUARDED not in url]
        assert set(here.settled("done")) > set(open_ones)


def test_closing_hours_and_budgets_end_a_night_and_leave_the_rest_to_another(
    tmp_path: Path, commands: Zygote
) -> None:
    opens = datetime.now(UTC) + timedelta(hours=8 + 2)  # in China, two hours from now
    hours = f"{opens:%H:%M}-{opens + timedelta(hours=1):%H:%M}"
    with town(tmp_path, commands, CITY) as here:
        closed = here.crawl(GONGKAI_WINDOWS=hours)
        assert closed.wait() == 1
        assert f"is not to be asked before {opens:%m-%d %H:%M} China time" in closed.said
        assert here.asked == []
        frugal = here.crawl(GONGKAI_BUDGET="5")
        assert frugal.wait() == 1
        assert "has used up its budget of 5 fetches: 6 pages left" in frugal.said
        assert [v for v in here.asked if GUARDED in v][5:] == []
        last = here.crawl()
        assert last.wait() == 0, last.said
        here.assert_complete()


def test_what_a_night_left_comes_first_in_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(City(organs=3, years=(2014, 2021), seed=7)) as address:

        def night(number: int, budget: int) -> list[str]:
            """The articles that were fetched, in one crawl of one portal."""
            monkeypatch.setattr(settings, "GONGKAI_BUDGET", budget)
            order = Order(
                ("practice_hanweb",), tmp_path, "practice", address, crawl=f"{number}-nightly"
            )
            order = replace(order, carry=before(order), delay=0.01)
            result = asyncio.run(crawl(order))
            assert bool(result.left_over) == (budget < 10)
            journal = tmp_path / "crawls" / order.crawl / "crawl.jsonl"
            lines = [json.loads(line) for line in journal.read_text().splitlines()]
            return [v["url"] for v in lines if v["verdict"] == "done" and "/art/" in v["url"]]

        first, second = night(1, 6), night(2, 100)
    assert first
    assert not set(first) & set(second[: len(first)])
    assert set(first) < set(second)  # found again, behind what was left
    with embedded(tmp_path / "redis") as url, Redis.from_url(url) as redis:
        assert not [key for key in redis.scan_iter() if b"-nightly:" in key]


def work(kind: str = "document") -> Work:
    lease = Lease("0-0-0", "g.cn", Record("p", kind, "http://www.g.cn/"))
    return Work(lease, link_of(lease), "w")


@pytest.mark.parametrize(
    ("status", "kind", "strike"),
    [
        (200, "document", Strike.NONE),
        (302, "document", Strike.NONE),
        (404, "document", Strike.NONE),
        (404, "robots", Strike.NONE),
        (500, "document", Strike.NEUTRAL),
        (503, "document", Strike.BUSY),
        (429, "robots", Strike.BUSY),
        (403, "document", Strike.CHALLENGE),
        (403, "robots", Strike.NEUTRAL),
        (521, "robots", Strike.CHALLENGE),
    ],
)
def test_what_an_answer_says_about_its_server(status: int, kind: str, strike: Strike) -> None:
    assert strike_of(Response("http://www.g.cn/", status=status), work(kind)) is strike


@pytest.mark.parametrize(
    ("body", "challenge"),
    [
        ("<html><script>$_ts=window['$_ts'];</script></html>", True),
        ("<script>var arg1='A0'; document.cookie='acw_sc__v2='+x</script>", True),
        ("<script>$_ts={}</script><a href='/xxgk/'>政府信息公开</a>", False),
        ("<p>没有链接的页</p>", False),
    ],
)
def test_a_page_of_a_firewalls_scripts_is_a_challenge(body: str, challenge: bool) -> None:
    page = HtmlResponse("http://www.g.cn/", body=body.encode(), encoding="utf-8")
    assert (judge(page, work()) is not None) == challenge
    assert (strike_of(page, work()) is Strike.CHALLENGE) == challenge
