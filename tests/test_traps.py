"""The practice city's traps, crawled: everything true is found, and little else is asked for."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from command_line import Ran, run_gongkai

from crawler.frontier.canon import canonical
from crawler.frontier.traps import MOST
from crawler.practice.city import City
from crawler.practice.server import serving
from crawler.practice.traps import LAST, TRAPS, Trap
from crawler.scoring import score
from pipelines.catalogue import Catalogue

SPIDERS = [f"practice_{trap.name}" for trap in TRAPS]
# The issues that there must be, by the pattern that they name.
NAMED = {
    "rili": "http://rili.test/xxgk/rl.jsp?date=*",
    "fanye": "http://fanye.test/xxgk/nb/list.jsp?page=*",
    "lujing": "http://lujing.test/xxgk/nb/*/",
}


class Crawled:
    """What the server saw, and what became of it."""

    def __init__(self, directory: Path, ran: Ran) -> None:
        self.store = directory / "store"
        self.ran = ran
        self.visits: dict[str, list[str]] = defaultdict(list)
        for line in _lines(directory / "access.jsonl"):
            domain = line["host"].removesuffix(".test").removeprefix("www.").removesuffix("-old")
            self.visits[domain].append(line["target"])


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    directory = tmp_path_factory.mktemp("traps")
    with serving(City(organs=3), directory / "access.jsonl") as address:
        yield Crawled(
            directory,
            run_gongkai(
                directory, "crawl", *SPIDERS, "--world", "practice", "--connect-to", address,
                "--delay", "0", "--store", "store", "--json",
            ),
        )  # fmt: skip


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.name)
def test_everything_true_is_found_and_nothing_twice(crawled: Crawled, trap: Trap) -> None:
    with Catalogue.open(crawled.store) as catalogue:
        documents = list(catalogue.documents(f"practice_{trap.name}"))
    for document in documents:  # under whichever of its addresses it was found first
        document["capture"]["url"] = _known(document["capture"]["url"], trap)
    found = score(trap.truth(), documents)
    assert (found.lost, found.wrong, found.invented) == ([], [], [])
    assert len(documents) == found.documents == 6


def _known(url: str, trap: Trap) -> str:
    return canonical(url, trap.host).partition("?")[0].replace("//", "//www.")


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.name)
def test_little_is_asked_for_in_vain(crawled: Crawled, trap: Trap) -> None:
    visits = Counter(crawled.visits[trap.name])
    robots = visits.pop("/robots.txt")
    assert robots <= 6  # one an origin
    documents = [target for target in visits if "/art_" in target]
    assert len(documents) == sum(visits[target] for target in documents) == 6
    worth, chains = LAST + 1, int(trap.name in NAMED)  # the first page has two addresses
    if trap.name == "rili":  # all months between reports; then past and future
        days = sorted(date.fromisoformat(truth.published) for truth in trap.truth())
        worth, chains = (days[-1] - days[0]).days // 30 + 2, 2
    assert visits.total() - 6 <= worth + chains * (MOST + 1)


def test_each_trap_that_was_cut_short_is_an_issue_that_names_it(crawled: Crawled) -> None:
    [home] = (crawled.store / "crawls").iterdir()
    issues = _lines(home / "issues.jsonl")
    assert {(i["portal"], i["url"]) for i in issues if i["code"] == "trap"} == {
        (f"practice_{name}", url) for name, url in NAMED.items()
    }
    assert all(f"{MOST} pages in a row" in i["says"] for i in issues)
    assert crawled.ran.code == 1
    states = {p["portal"]: p["issues"] for p in crawled.ran.json["portals"]}
    assert states == {s: int(s.removeprefix("practice_") in NAMED) for s in SPIDERS}


def test_a_lost_queue_is_rebuilt_from_the_journal_without_asking_anybody(crawled: Crawled) -> None:
    before = sum(map(len, crawled.visits.values()))
    [home] = (crawled.store / "crawls").iterdir()
    ran = run_gongkai(crawled.store.parent, "frontier", "rebuild", "--store", "store", "--json")
    assert (ran.code, ran.json["crawl"], ran.json["missing"]) == (0, home.name, 0)
    assert ran.json["seen"] > before * 0.9
    assert len(_lines(crawled.store.parent / "access.jsonl")) == before
    unknown = run_gongkai(
        crawled.store.parent, "frontier", "rebuild", "--store", "store", "--crawl", "none"
    )
    assert unknown.code == 2


def test_the_journal_tells_every_exchange_that_the_server_saw(crawled: Crawled) -> None:
    [home] = (crawled.store / "crawls").iterdir()
    journal = _lines(home / "crawl.jsonl")
    assert len(journal) == sum(map(len, crawled.visits.values()))
    for line in journal:
        assert line["settled"] >= line["at"]
        assert line["group"].endswith(".test")
        assert line["verdict"] in {"done", "gone"}
        assert line["worker"]
        assert (line["attempt"], line["body"]) == (0, "")
        assert line["record_id"].startswith("urn:uuid:")
        assert (line["bytes"] > 0) == (line["status"] in {200, 404})
