"""What a user sees who calls it wrongly, or where something is missing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import Ran, clean_environment

Gongkai = Callable[..., Ran]

WRONG = {
    "an unknown portal": (["crawl", "zhejiang_taizho", "--world", "practice"], "zhejiang_taizhou"),
    "an unknown world": (["crawl", "zhejiang_taizhou", "--world", "mars"], "live, practice"),
    "nobody to write to": (["crawl", "zhejiang_taizhou"], "GONGKAI_CONTACT"),
    "a practice portal on the live web": (["crawl", "practice_hanweb"], "--world practice"),
    "an address without a port": (
        ["crawl", "practice_hanweb", "--world", "practice", "--connect-to", "localhost"],
        "HOST:PORT",
    ),
    "a section that does not exist": (
        ["crawl", "practice_hanweb", "--world", "practice", "--only", "news"],
        "annual_report",
    ),
    "a date that is none": (["replay", "--as-of", "yesterday"], "2026-11-22"),
    "the past of the live web": (
        ["crawl", "zhejiang_taizhou", "--as-of", "2020-01-01", "--connect-to", "127.0.0.1:9"],
        "--world archive",
    ),
    "a crawl's name that is a path": (
        ["crawl", "practice_hanweb", "--world", "practice", "--crawl", "../up"],
        "letters, digits",
    ),
    "a format that is none": (["export", "--format", "xlsx"], "parquet"),
    "parquet on a terminal": (["export", "--format", "parquet"], "--out"),
    "an empty store": (["export"], "crawl first"),
    "an archive that is not there": (["archive", "list"], "crawl first"),
    "nothing to replay": (["replay"], "archive list"),
    "years the wrong way round": (
        ["replay", "--from-year", "2020", "--to-year", "2010"],
        "no year lies between them",
    ),
    "a day that could be its beginning": (["replay", "--as-of", "20261122"], "2026-11-22"),
    "years that are none": (["demo", "--years", "all"], "2008-2025"),
}


@pytest.mark.parametrize(("args", "says"), WRONG.values(), ids=list(WRONG))
def test_wrong_use_is_one_clear_line_and_code_2(
    command: Gongkai, args: list[str], says: str
) -> None:
    ran = command(*args)
    assert ran.code == 2
    assert says in ran.err
    assert len(ran.err.strip().splitlines()) == 1
    assert ran.out == b""


def test_a_server_of_others_is_not_hurried(command: Gongkai) -> None:
    ran = command("crawl", "zhejiang_taizhou", "--delay", "1", GONGKAI_CONTACT="a@example.org")
    assert ran.code == 2
    assert "3 s" in ran.err


def test_an_unreachable_redis_is_one_line_and_code_3(gongkai: Gongkai) -> None:
    ran = gongkai(
        "crawl", "practice_hanweb", "--world", "practice", "--redis", "redis://127.0.0.1:9"
    )
    assert ran.code == 3
    assert "redis://127.0.0.1:9" in ran.err
    assert "--redis" in ran.err
    assert len(ran.err.strip().splitlines()) <= 2


def test_an_unwritable_store_is_one_line_and_code_3(command: Gongkai) -> None:
    ran = command("crawl", "practice_hanweb", "--world", "practice", "--store", "/proc/none")
    assert ran.code == 3
    assert "--store" in ran.err
    assert len(ran.err.strip().splitlines()) == 1


def test_a_demo_does_not_touch_what_no_demo_made(command: Gongkai, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    ran = command("demo", "--store", "mine")
    assert ran.code == 2
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"


def test_a_host_that_is_not_there_is_an_issue(gongkai: Gongkai, command: Gongkai) -> None:
    ran = gongkai(
        "crawl", "zhejiang_taizhou", "--connect-to", "127.0.0.1:9", "--delay", "0", "--store", "s"
    )
    assert ran.code == 1
    issues = {(i["code"], i["url"]) for i in command("issues", "--store", "s", "--json").json}
    assert ("unreachable", "http://www.zjtz.gov.cn/robots.txt") in issues
    assert {code for code, _ in issues} == {"unreachable"}


REPORT = (
    "<html><head><title>演示市财政局2013年政府信息公开工作年度报告</title></head><body>"
    "<h1>演示市财政局2013年政府信息公开工作年度报告</h1><p>一、概述</p>"
    "<p>2013年，我局累计主动公开政府信息352条。</p><p>二、依申请公开政府信息情况</p>"
    "<p>全年未收到政府信息公开申请。</p><p>演示市财政局</p><p>2014年3月3日</p></body></html>"
)


def test_local_files_are_read_by_the_same_parser(command: Gongkai, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(REPORT.encode("gb18030"))
    (tmp_path / "b.txt").write_text("2013年政府信息公开工作年度报告\n演示市财政局\n")
    ran = command("parse", "a.html", "b.txt", "--json")
    assert ran.code == 0
    first, _ = ran.lines
    [document] = first["documents"]
    assert (document["class"], document["year"], document["organ"]) == (
        "annual_report",
        2013,
        "演示市财政局",
    )
    figures = {f["key"]: (f["value"], f["status"]) for f in document["figures"]}
    assert figures["prose.active.total"] == (352, "number")
    assert figures["prose.requests.total"] == (0, "explicit_zero")
    assert len(first["capture"]["payload_sha256"]) == 64


def test_a_file_that_cannot_be_read_stops_no_other(command: Gongkai, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(REPORT)
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.4")
    ran = command("parse", "nowhere.html", "b.pdf", "a.html", "--json")
    assert ran.code == 1
    assert len(ran.lines) == 1
    assert "nowhere.html" in ran.err
    assert "b.pdf" in ran.err


HEAVY = {
    *("scrapy", "twisted", "sqlalchemy", "redis", "archive", "rich", "prometheus_client"),
    "tldextract",
}
STARTS = {
    "--help": set(),
    "archive list": {"archive"},
    "frontier stats": set(),
    "frontier stats --crawl x --redis redis://127.0.0.1:9": {"redis", "archive"},
}


@pytest.mark.parametrize(("words", "needed"), STARTS.items(), ids=list(STARTS))
def test_a_command_imports_nothing_heavy_that_it_does_not_need(
    tmp_path: Path, words: str, needed: set[str]
) -> None:
    script = (
        "import sys; from crawler.cli import main\n"
        "try: main()\n"
        "except SystemExit: print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *words.split()],
        cwd=tmp_path, env=clean_environment(), capture_output=True, check=True, text=True,
    )  # fmt: skip
    assert HEAVY & set(done.stderr.split()) <= needed
