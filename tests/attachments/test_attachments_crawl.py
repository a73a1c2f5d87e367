"""A portal that publishes reports as files: crawled, read, joined, and derived again."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from command_line import Ran, run_gongkai
from test_attachments_isolation import BOMBS, boundless_font, swollen

from crawler.practice import attachments
from crawler.practice.city import City
from crawler.practice.server import serving
from crawler.scoring import score
from pipelines.attachments.roles import LIMITS

PORTAL = "practice_hanweb_gb"
CITY = City(organs=9, years=(2017, 2024), seed=3)
TRUTHS = [truth for truth in CITY.truth() if truth.portal == PORTAL]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Ran]]:
    """`crawled(*args)` runs a command on the store of a crawl."""
    folder = tmp_path_factory.mktemp("files")
    whole = attachments.body

    def heavy(paper: Any, file: Any) -> bytes:
        """Every Word file holds a picture of 17 MB, as scanners leave them."""
        made = whole(paper, file)
        return illustrated(made) if file == "docx" else made

    with pytest.MonkeyPatch.context() as patch, serving(CITY) as address:
        patch.setattr(attachments, "body", heavy)
        to = ("--world", "practice", "--connect-to", address, "--delay", "0.01")
        run_gongkai(folder, "crawl", PORTAL, "--store", "store", *to)
        yield lambda *args: run_gongkai(folder, *args, "--store", "store")


def illustrated(docx: bytes) -> bytes:
    out = io.BytesIO(docx)
    with zipfile.ZipFile(out, "a") as package:
        package.writestr("word/media/image1.png", random.Random(1).randbytes(17 * 2**20))
    return out.getvalue()


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


def test_every_page_says_what_it_was_decoded_by_and_why(crawled: Callable[..., Ran]) -> None:
    for document in crawled("export").lines:
        decision = document["charset"]
        if "file" in document:
            assert decision is None
        else:
            assert decision["encoding"] == "gb18030"
            assert decision["declared"] == {"header": "utf-8", "meta": "gb2312"}
            assert (decision["evidence"], decision["conflict"]) == (
                "declared in meta, and valid", True,
            )  # fmt: skip


def test_deriving_them_again_gives_the_same(crawled: Callable[..., Ran]) -> None:
    before = crawled("export").out
    ran = crawled("replay", "--json")
    difference = ran.json["difference"]
    assert {name: len(found) for name, found in difference.items()} == {
        "gained": 0, "lost": 0, "altered": 0, "figures": 0,
    }  # fmt: skip
    assert crawled("export").out == before


SLOW = {"file_takes_time", "file_takes_memory"}


@pytest.mark.parametrize(
    ("cpu", "size"), [(2, 2**28), pytest.param(20, 2**30, marks=pytest.mark.soak)]
)
def test_a_crawl_goes_on_while_bombs_are_read(
    cpu: int,
    size: int,
    monkeypatch: pytest.MonkeyPatch,
    command: Callable[..., Any],
    tmp_path: Path,
) -> None:
    """One portal serves nothing but bombs as files; it and its neighbour lose no page."""
    monkeypatch.setitem(LIMITS, "read", replace(LIMITS["read"], cpu=cpu))
    ends = dict(zip(("swollen", "font"), (SLOW, SLOW), strict=True))
    ends |= {name: {BOMBS[name]()[1]} for name in ("ratio", "nested", "laughs")}
    bodies = {"swollen": swollen(size), "font": boundless_font()}
    bodies |= {name: BOMBS[name]()[0] for name in ends.keys() - bodies.keys()}
    site = CITY.sites()["www.yanshi.test"]
    files = [  # as they are fetched, so that the slow ones come before the neighbour is done
        attachments.link(entry.paper, entry.file)
        for lines in site.entries.values()
        for entry in lines
        if entry.file
    ]
    planted = dict(zip(files, bodies, strict=False))
    assert len(planted) == len(bodies)
    whole = attachments.body

    def hostile(paper: Any, file: Any) -> bytes:
        bomb = planted.get(attachments.link(paper, file))
        return bodies[bomb] if bomb else whole(paper, file)

    monkeypatch.setattr(attachments, "body", hostile)
    with serving(CITY) as address:
        to = ("--world", "practice", "--connect-to", address, "--delay", "0.01")
        command("crawl", "practice_hanweb", "practice_hanweb_gb", "--store", "s", *to)
    issues = command("issues", "--store", "s", "--json").json
    for link, name in planted.items():
        assert {i["code"] for i in issues if i["url"].endswith(link)} <= ends[name], name
        assert any(i["url"].endswith(link) for i in issues), name
    (log,) = tmp_path.glob("s/crawls/*/crawl.jsonl")
    visits = [json.loads(line) for line in log.read_text().splitlines()]
    assert {visit["verdict"] for visit in visits if "downfile" in visit["url"]} == {"done"}
    slow = [visit for visit in visits if ends.get(planted.get(path(visit["url"]), "")) == SLOW]
    first = min(slow, key=lambda visit: str(visit["at"]))
    meanwhile = visits[: visits.index(first)]  # settled before it, and asked for after it
    assert any("laoxian" in visit["url"] and visit["at"] > first["at"] for visit in meanwhile)
    found = score(TRUTHS, command("export", "--store", "s").lines)
    assert (found.lost, found.wrong, found.missed) == ([], [], [])


def path(url: str) -> str:
    return url.partition(".test")[2]
