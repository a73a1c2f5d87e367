"""Where a chain of listings is cut, and that nothing honest is."""

from __future__ import annotations

import msgspec
import pytest

from crawler.frontier.record import Outcome, Record
from crawler.frontier.traps import MOST, full, onward, parted

PAGES = "http://a.gov.cn/list?page={}"
HONEST = Record("p", "document", "http://a.gov.cn/art/2024/1/17/art_1_2.html", hops="L")


def page(number: int, hops: str) -> Record:
    return Record("p", "listing", PAGES.format(number), hops=hops)


def walk(fruitful: set[int], last: int) -> int:
    """Follow one next page after another; the number of the last one that was queued."""
    at = page(2, "L")
    while True:
        number = int(at.url.rpartition("=")[2])
        outcome = Outcome.NEW if number in fruitful else Outcome.SEEN
        more, issues = onward([HONEST], [outcome], [page(number + 1, at.hops + "L")])
        if not more:
            assert [i.url for i in issues] == ["http://a.gov.cn/list?page=*"]
            return number
        assert not issues
        if number == last:
            return number
        [at] = more


def test_a_chain_that_leads_nowhere_is_cut_after_so_many_pages() -> None:
    assert walk(set(), 10**6) == MOST + 2


def test_one_fruitful_page_begins_the_count_anew() -> None:
    assert walk({MOST}, 10**6) == MOST + MOST + 1


def test_an_archive_that_goes_on_bearing_fruit_is_never_cut() -> None:
    assert walk(set(range(2, 5000, MOST)), 4000) == 4000


def test_a_redirect_between_does_not_hide_that_a_chain_is_barren() -> None:
    more, issues = onward([], [], [page(9, "L" + "BR" * MOST + "L")])
    assert (more, [i.code for i in issues]) == ([], ["trap"])


@pytest.mark.parametrize(
    "record",
    [
        Record("p", "robots", "http://a.gov.cn/robots.txt"),
        Record("p", "document", "http://a.gov.cn/rl?date=2031-05-17"),
    ],
)
def test_robots_txt_and_what_a_trap_makes_up_are_no_fruit(record: Record) -> None:
    [barren], _ = onward([record], [Outcome.NEW], [page(3, "LL")])
    assert barren.hops == "LB"


def test_what_waits_on_disk_is_fruit() -> None:
    [fruitful], _ = onward([HONEST], [Outcome.SPILL], [page(3, "LL")])
    assert fruitful.hops == "LL"


def test_only_linked_listings_of_a_pattern_wait_for_what_comes_of_a_page() -> None:
    doubtful = page(3, "L")
    seed = msgspec.structs.replace(doubtful, hops="")
    column = Record("p", "listing", "http://a.gov.cn/col/col1229/index.html", hops="L")
    assert parted([HONEST, seed, column, doubtful]) == ([HONEST, seed, column], [doubtful])


def test_the_frontier_takes_so_many_of_a_pattern_and_the_rest_is_a_trap(drive) -> None:
    async def scenario(frontier) -> None:
        records = [page(n, "L") for n in range(2, 7)]
        outcomes = await frontier.enqueue(records)
        assert outcomes == [*[Outcome.NEW] * 3, *[Outcome.TRAP] * 2]
        [issue] = full(records, outcomes)
        assert (issue.code, issue.url) == ("trap", "http://a.gov.cn/list?page=*")
        articles = [
            Record("p", "document", f"http://a.gov.cn/art/2024/1/{n}/art_1_{n}.html", hops="L")
            for n in range(1, 29)
        ]
        assert set(await frontier.enqueue(articles)) == {Outcome.NEW}

    drive(scenario, trap_limit=3)
