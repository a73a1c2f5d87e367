"""A portal that publishes reports as files: crawled, read, joined, and derived again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from command_line import Ran, run_gongkai
from test_attachments_isolation import swollen

from crawler.practice import attachments
from crawler.practice.city import City
from crawler.practice.server import serving
from crawler.scoring import score

PORTAL = "practice_hanweb_gb"
CITY = City(organs=9, years=(2017, 2024), seed=3)
TRUTHS = [truth for truth in CITY.truth() if truth.portal == PORTAL]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Ran]]:
    """`crawled(*args)` runs a command on the store of a crawl."""
    folder = tmp_path_factory.mktemp("files")
    with serving(CITY) as address:
        to = ("--world", "practice", "--connect-to", address, "--delay", "0.01")
        run_gongkai(folder, "crawl", PORTAL, "--store", "store", *to)
        yield lambda *args: run_gongkai(folder, *args, "--store", "store")


def files() -> dict[str, str]:
    """Address of a file → its kind."""
    site = CITY.sites()["www.laoxian.test"]
    entries = (entry for lines in site.entries.values() for entry in lines)
    host = "http://www.laoxian.test"
    return {host + attachments.link(e.paper, e.file): e.file for e in entries if e.file}


def test_reports_that_are_files_only_are_reports(crawled: Callable[..., Ran]) -> None:
    assert set(files().values()) == {"pdf", "docx", "xlsx", "zip", "repeated"}
    documents = crawled("export").lines
    found = score(TRUTHS, documents)
    assert (found.lost, found.invented, found.wrong, found.missed) == ([], [], [], [])
    assert found.found == found.documents
    reports = (document for document in documents if document["class"] == "annual_report")
    by_url = {document["url"]: document for document in reports}
    for url, kind in files().items():
        assert (url in by_url) == (kind != "repeated")
        if kind != "repeated":
            file = by_url[url]["file"]
            assert file["kind"] == {"zip": "docx"}.get(kind, kind)
            assert file["parent"] in {truth.aliases[0] for truth in TRUTHS if truth.url == url}


def test_deriving_them_again_gives_the_same(crawled: Callable[..., Ran]) -> None:
    before = crawled("export").out
    ran = crawled("replay", "--json")
    difference = ran.json["difference"]
    assert {name: len(found) for name, found in difference.items()} == {
        "gained": 0, "lost": 0, "altered": 0, "figures": 0,
    }  # fmt: skip
    assert crawled("export").out == before


@pytest.mark.soak
def test_a_crawl_goes_on_while_a_bomb_is_read(
    monkeypatch: pytest.MonkeyPatch, command: Callable[..., Any], tmp_path: Path
) -> None:
    city = replace(CITY, years=(2021, 2024))
    whole, bomb = attachments.body, swollen(2**30)
    first: list[object] = []

    def hostile(paper: Any, file: Any) -> bytes:
        first.append(paper)
        return bomb if paper is first[0] else whole(paper, file)

    monkeypatch.setattr(attachments, "body", hostile)
    with serving(city) as address:
        to = ("--world", "practice", "--connect-to", address, "--delay", "0.01")
        command("crawl", "practice_hanweb", "--store", "s", *to)
    issues = command("issues", "--store", "s", "--json").json
    hurt = [i for i in issues if i["code"] in {"file_takes_time", "file_takes_memory"}]
    assert [attachments.DOWNLOAD in issue["url"] for issue in hurt] == [True]
    visits = [
        json.loads(line) for line in next(Path(tmp_path).glob("s/crawls/*/crawl.jsonl")).open()
    ]
    assert {visit["verdict"] for visit in visits if visit["url"] == hurt[0]["url"]} == {"done"}
    assert sum(visit["verdict"] == "done" for visit in visits) > 5
