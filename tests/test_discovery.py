"""Sections that are not where they were, or were never known: found, judged, and told."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from command_line import GONGKAI, clean_environment, run_gongkai

from crawler.items import Expect, Kind, Link
from crawler.order import Order, check, portals
from crawler.practice.answer import Answer, plain
from crawler.practice.change import Broken, Changing, Fate, Played, Redesigned
from crawler.practice.city import City
from crawler.practice.server import serving
from crawler.practice.site import HTML
from crawler.replay import Replayed, Scope, replay
from crawler.run import crawl
from crawler.scoring import Score, score
from crawler.summary import unmet
from pipelines.catalogue import Catalogue
from spiders.discovery import Agenda
from spiders.wording import worth
from tests.frontier.town import kill_redis

CITY = City(organs=3, years=(2020, 2023), seed=3)
PORTALS = ("practice_hanweb", "practice_hanweb_gb", "practice_shandong")
REPORTS, GUIDES = "/col/col1229100001/index.html", "/col/col1229100002/index.html"


@dataclass
class Night:
    """One crawl in this process: its journal, its issues, what the catalogue holds."""

    store: Path
    lines: list[dict[str, Any]]
    issues: list[dict[str, str]]
    found: Score

    def says(self, code: str) -> str:
        """All that the issues of this code say; "" if there are none."""
        return " ".join(issue["says"] for issue in self.issues if issue["code"] == code)

    def fetched(self, *kinds: str) -> list[str]:
        return [line["url"] for line in self.lines if line["kind"] in kinds]


def night(store: Path, played: Played, *names: str, crawl_name: str = "one") -> Night:
    with serving(played) as address:
        order = Order(names, store, "practice", address, crawl=crawl_name, delay=0.001)
        check(order)
        asyncio.run(crawl(order))
    return told(store, crawl_name, *names)


def told(store: Path, crawl_name: str, *names: str) -> Night:
    lines = _lines(store / "crawls" / crawl_name / "crawl.jsonl")
    issues = _lines(store / "crawls" / crawl_name / "issues.jsonl")
    with Catalogue.open(store) as catalogue:
        documents = [d for name in names for d in catalogue.documents(portal=name)]
    truths = [truth for truth in CITY.truth() if truth.portal in names]
    return Night(store, lines, issues, score(truths, documents))


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Portals of which nothing is known but the site."""
    for name in PORTALS:
        monkeypatch.setattr(portals()[name], "sections", {"annual_report": "", "guide": ""})


def test_everything_is_found_from_the_home_page_alone(unknown: None, tmp_path: Path) -> None:
    found = night(tmp_path, CITY, *PORTALS[1:])
    assert (found.found.lost, found.found.invented) == ([], [])
    assert len(found.fetched("search")) <= 4 * len(PORTALS)  # home, platform, two columns
    assert not found.says("section_lost")
    assert not found.says("moved")
    hosts = {line["url"].split("/")[2] for line in found.lines}
    assert all(host.endswith((".yanshi.test", ".laoxian.test", ".yanshan.test")) for host in hosts)
    said: list[Replayed] = []
    asyncio.run(replay(Order((), tmp_path, "archive"), Scope(), said.append))
    assert said[0].missing == 0
    assert not said[0].difference.gained + said[0].difference.lost


def test_a_search_ends_with_its_budget(
    unknown: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(portals()["practice_shandong"], "searches", 1)
    found = night(tmp_path, CITY, "practice_shandong")
    assert len(found.fetched("search")) == 1
    assert "1 page" in found.says("section_lost")


def test_after_a_redesign_old_documents_stay_and_new_paths_are_found(tmp_path: Path) -> None:
    stage = Changing(CITY)
    with serving(stage) as address:
        for name in ("first", "second"):
            names = ("practice_hanweb",)
            order = Order(names, tmp_path, "practice", address, crawl=name, delay=0.001)
            asyncio.run(crawl(order))
            stage.now = Redesigned(CITY, {"/col/col1229": "/col/col1877"}, "to_home")
    before, after = (told(tmp_path, name, "practice_hanweb") for name in ("first", "second"))
    assert before.found.lost == after.found.lost == []
    assert not before.says("moved")
    for path in (REPORTS, GUIDES):
        new = path.replace("1229", "1877", 1)
        assert f"moved from {path} to {new}" in after.says("moved")
        assert f"gongkai archive show http://www.yanshi.test{new}" in after.says("moved")
        assert path in after.says("home_page")
    assert before.found.found == after.found.found > 0


@pytest.mark.soak
def test_a_killed_search_goes_on_where_it_was(tmp_path: Path) -> None:
    moved = Redesigned(CITY, {"/col/col1229": "/col/col1877"})
    with serving(moved, tmp_path / "access.jsonl") as address:
        words = ["crawl", "practice_hanweb", "--world", "practice", "--connect-to", address]
        words += ["--store", "store", "--crawl", "one", "--delay", "0.1", "--only", "annual_report"]
        environment = clean_environment()
        with subprocess.Popen([GONGKAI, *words], cwd=tmp_path, env=environment) as running:
            while len(_seen(tmp_path)) < 3:  # robots.txt, the hint, and the home page
                time.sleep(0.02)
            os.kill(running.pid, signal.SIGKILL)
        before = len(_seen(tmp_path))
        run_gongkai(tmp_path, *words)
    found = told(tmp_path / "store", "one", "practice_hanweb")
    assert found.found.found == found.found.documents - 1  # the guide was not asked for
    after = [line["target"] for line in _seen(tmp_path)[before:]]
    assert after.count("/") <= 1  # at most what was in flight is asked for again
    assert REPORTS not in after
    assert f"to {REPORTS.replace('1229', '1877', 1)}" in found.says("moved")


def test_a_search_goes_on_where_it_was_after_its_redis_was_wiped(tmp_path: Path) -> None:
    moved = Redesigned(CITY, {"/col/col1229": "/col/col1877"})
    journal = tmp_path / "store" / "crawls" / "one" / "crawl.jsonl"

    def searched() -> list[str]:
        lines = _lines(journal) if journal.exists() else []
        return [line["url"] for line in lines if line["kind"] == "search"]

    with serving(moved, tmp_path / "access.jsonl") as address:
        words = ["crawl", "practice_hanweb", "--world", "practice", "--connect-to", address]
        words += ["--store", "store", "--crawl", "one", "--only", "annual_report", "--delay"]
        with subprocess.Popen(
            [GONGKAI, *words, "0.5"], cwd=tmp_path, env=clean_environment()
        ) as run:
            while not searched():  # the home page is read, and says where to look next
                assert run.poll() is None
                time.sleep(0.02)
            os.kill(run.pid, signal.SIGKILL)
        kill_redis(f"unix://{tmp_path}/store/redis/redis.sock")
        shutil.rmtree(tmp_path / "store" / "redis")
        steps, before = searched(), _seen(tmp_path)
        assert not any("col1877" in url for url in steps)
        rebuilt = run_gongkai(tmp_path, "frontier", "rebuild", "--store", "store", "--json")
        assert len(_seen(tmp_path)) == len(before)
        assert rebuilt.json["queued"] == 1  # the next step, and that one alone
        assert rebuilt.json["missing"] == 0
        run_gongkai(tmp_path, *words, "0.001")
    found = told(tmp_path / "store", "one", "practice_hanweb")
    assert found.found.found == found.found.documents - 1  # the guide was not asked for
    assert searched()[: len(steps)] == steps
    assert len(searched()) == len(set(searched()))
    asked = [line["target"] for line in _seen(tmp_path)[len(before) :]]
    assert "/" not in asked
    assert REPORTS not in asked
    assert f"to {REPORTS.replace('1229', '1877', 1)}" in found.says("moved")


def _seen(directory: Path) -> list[dict[str, Any]]:
    path = directory / "access.jsonl"
    return _lines(path) if path.exists() else []


class Hall:
    """A portal whose first column of that name holds notices, and whose home leads elsewhere."""

    HOME = (
        "<title>会话市人民政府</title><a href='/tz/'>政府信息公开年报</a>"
        "<a href='http://www.clone.test/xxgk/nb/'>政府信息公开年报</a>"
        "<a href='/zwgk/'>政务公开</a> <a href='/nowhere/'>信息公开</a>"
    )
    PAGES: Mapping[str, str] = {
        "/": HOME,
        "/tz/": "<title>政府信息公开年报</title><ul class=list>"
        + "".join(
            f"<li><a href='/tz/{n}.html'>关于做好年度报告编制工作的通知</a></li>" for n in "123"
        )
        + "</ul>",
        "/zwgk/": "<title>政务公开</title><a href='/zwgk/lnbg/'>历年报告</a>",
        "/zwgk/lnbg/": "<title>历年报告</title><ul class=list>"
        + "".join(
            f"<li><a href='/zwgk/lnbg/{n}.html'>{n}年政府信息公开工作年度报告</a></li>"
            for n in (2021, 2022)
        )
        + "</ul>",
    }

    def answer(
        self, host: str, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        assert host == "www.huihua.test", f"{host} is no part of the portal"
        if target not in self.PAGES:
            return plain(404, "页面不存在")
        return Answer(200, (("Content-Type", HTML),), self.PAGES[target].encode())


def test_a_column_is_judged_by_its_rows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(portals()["practice_huihua"], "sections", {"annual_report": ""})
    found = night(tmp_path, Hall(), "practice_huihua")
    assert found.fetched("listing") == ["http://www.huihua.test/zwgk/lnbg/"]
    assert not [url for url in found.fetched("document") if "/tz/" in url]
    assert not found.says("section_lost")


def test_breakages_are_named_with_a_command_that_shows_them(tmp_path: Path) -> None:
    fates: dict[tuple[str, str], Fate] = {
        ("www.yanshi.test", REPORTS): "restyled",
        ("www.yanshi.test", GUIDES): "home",
        ("www.laoxian.test", GUIDES): "challenge",
        ("www.laoxian.test", "/art/2022/"): "home",
        ("www.laoxian.test", "/art/2023/"): "to_home",
    }
    found = night(tmp_path, Broken(CITY, fates), *PORTALS[:2])
    codes = {
        (line["code"], portal, start)
        for line in _lines(tmp_path / "crawls" / "one" / "issues.jsonl")
        for portal, start in [(line["portal"], line["url"].partition(".test")[2][:10])]
    }
    assert ("layout_changed", "practice_hanweb", REPORTS[:10]) in codes
    assert ("home_page", "practice_hanweb", GUIDES[:10]) in codes
    assert ("blocked", "practice_hanweb_gb", GUIDES[:10]) in codes
    assert ("home_page", "practice_hanweb_gb", "/art/2022/") in codes
    assert ("home_page", "practice_hanweb_gb", "/art/2023/") in codes
    for code in ("layout_changed", "home_page"):
        assert "gongkai archive show http://www." in found.says(code)
    asked = [url for url in found.fetched("search") if "laoxian" in url]
    assert asked == []  # what is blocked is there, and nobody looks elsewhere


def test_a_listing_that_has_shrunk_is_told_with_what_it_held(tmp_path: Path) -> None:
    stage = Changing(Broken(CITY, {}))
    with serving(stage) as address:
        for name in ("first", "second"):
            order = Order(("practice_hanweb",), tmp_path, "practice", address, crawl=name, delay=0)
            result = asyncio.run(crawl(order))
            stage.now = Broken(CITY, {("www.yanshi.test", REPORTS): "fewer"})
    assert result.portals[0].listed["annual_report"] < 6
    with Catalogue.open(tmp_path) as catalogue:
        first, second = (
            {i["code"]: i["says"] for i in catalogue.issues(crawl=name)}
            for name in ("first", "second")
        )
    assert "shrunken" not in first
    assert "annual_report: 5 entries where there were" in second["shrunken"]
    assert f"gongkai archive show http://www.yanshi.test{REPORTS}" in second["shrunken"]


def test_a_portal_that_shows_nothing_is_told(tmp_path: Path) -> None:
    fates: dict[tuple[str, str], Fate] = {("www.huihua.test", "/"): "gone"}
    night(tmp_path, Broken(CITY, fates), "practice_huihua")
    with Catalogue.open(tmp_path) as catalogue:
        issues = {i["code"]: i["says"] for i in catalogue.issues(portal="practice_huihua")}
    assert "no document" in issues["zero_results"]
    assert "reports: 0 where 6 to 6 are expected" in issues["short"]
    assert "gongkai archive show http://www.huihua.test/" in issues["section_lost"]


def test_years_that_a_portal_no_longer_shows_are_told(tmp_path: Path) -> None:
    night(tmp_path, CITY, "practice_huihua")
    with Catalogue.open(tmp_path) as catalogue:
        first = catalogue.first_report("practice_huihua")
        assert catalogue.first_report("practice_hanweb") is None
    assert first == 2014
    assert unmet(Expect(since=2014), 6, 0, first) == ()
    assert unmet(Expect(since=2012), 6, 0, first) == (
        "reports: begin in 2014 where 2012 is expected",
    )


def test_an_agenda_survives_its_link_and_keeps_the_best_first() -> None:
    agenda = Agenda(2)
    for score_, path in ((50, "/a/"), (80, "/b/"), (50, "/c/"), (60, "/a/index.html"), (0, "/d/")):
        agenda.add(score_, f"http://www.yanshi.test{path}", path)
    kept = Agenda.read(agenda.written())
    assert [words for _, _, words in kept.open] == ["/b/", "/a/index.html"]
    assert kept.next(70) == ("http://www.yanshi.test/b/", "/b/")
    assert kept.next(70) is None
    kept.add(90, "http://yanshi.test/b/", "again")
    assert kept.next(1) == ("http://www.yanshi.test/a/index.html", "/a/index.html")
    assert kept.next(1) is None


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (("政府信息公开年报", "/x/"), ("年报", "/x/")),
        (("年度报告", "/x/"), ("政府信息公开", "/zfxxgk/")),
        (("更多", "/zwgk/zfxxgknb/"), ("政务公开", "/zwgk/")),
        (("政务公开", "/a/"), ("网站地图", "/map/")),
        (("网站地图", "/map/"), ("市领导", "/ld/")),
        (("政府信息公开", "/a/"), ("关于做好政府信息公开年报工作的通知", "/a/1.html")),
    ],
)
def test_words_and_folders_say_what_is_worth_a_look(
    better: tuple[str, str], worse: tuple[str, str]
) -> None:
    scores = [
        worth(words, f"http://www.yanshi.test{path}", "演示市人民政府", ["annual_report"])
        for words, path in (better, worse)
    ]
    assert scores[0] > scores[1]


def test_a_search_step_is_one_fetch_however_often_it_is_queued() -> None:
    from crawler.frontier.record import Record

    step = Link("http://www.yanshi.test/", Kind.SEARCH, "guide", agenda='[1,[],["x"],[]]')
    record = Record.from_link("p", step)
    assert record.fingerprint() == Record.decode(record.encode()).fingerprint()
    for other in (Link(step.url, Kind.LISTING), replace(step, section="annual_report")):
        assert record.fingerprint() != Record.from_link("p", other).fingerprint()
