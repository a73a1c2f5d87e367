"""The whole way of a page, on the practice city: what is found, kept, and owed to the servers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from command_line import GONGKAI, Ran, clean_environment, run_gongkai
from warcio.archiveiterator import ArchiveIterator

from archive import Index, read
from crawler.practice.city import City
from crawler.practice.server import serving
from crawler.practice.traps import TRAPS
from crawler.scoring import score
from pipelines.catalogue import Catalogue

CITY = City(organs=4, years=(2017, 2022), seed=7)
PORTALS = ("practice_hanweb", "practice_hanweb_gb", "practice_shandong")
TRUTH = [truth for truth in CITY.truth() if truth.portal in PORTALS]
DELAY = 0.05


@dataclass
class Crawled:
    """A city that was crawled once, for all tests that only look."""

    directory: Path
    store: Path
    address: str
    ran: Ran

    def gongkai(self, *args: str) -> Ran:
        return run_gongkai(self.directory, *args, "--store", self.store)

    @property
    def visits(self) -> list[dict[str, Any]]:
        """The server's own log of the one crawl."""
        log = (self.directory / "access.jsonl").read_text()
        return [json.loads(line) for line in log.splitlines()][: self.logged]

    logged: int | None = None


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    directory = tmp_path_factory.mktemp("crawled")
    with serving(CITY, directory / "access.jsonl") as address:
        store = directory / "store"
        ran = crawl(directory, address, *PORTALS)
        yield Crawled(directory, store, address, ran, len(_lines(directory / "access.jsonl")))


def crawl(directory: Path, address: str, *args: str) -> Ran:
    return run_gongkai(directory, "crawl", *args, *_options(address), "--json")


def _options(address: str) -> tuple[str, ...]:
    return (
        "--store",
        "store",
        "--world",
        "practice",
        "--connect-to",
        address,
        "--delay",
        str(DELAY),
    )


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines()


def test_every_document_of_the_city_is_found_and_no_figure_is_wrong(crawled: Crawled) -> None:
    documents = crawled.gongkai("export").lines
    found = score(TRUTH, documents)
    assert found.documents > 20
    assert found.lost == []
    assert found.invented == []
    assert found.wrong == []
    assert found.recall > 0.9
    assert (found.failing_found, found.false_alarms) == (found.failing, [])


def test_each_trouble_is_an_issue_and_stops_nothing_else(crawled: Crawled) -> None:
    assert crawled.ran.code == 1
    seen = crawled.gongkai("issues", "--json", "--crawl", crawled.ran.json["crawl"]).json
    issues = {(i["code"], i["url"]) for i in seen}
    codes = {"http_404": "http_404", "truncated": "truncated", "wrong_charset": "charset_conflict"}
    for trouble in CITY.troubles():
        if trouble.kind in codes:
            url = trouble.url.rstrip("/") if trouble.kind == "wrong_charset" else trouble.url
            assert (codes[trouble.kind], url) in issues
        else:  # a redirect and a server that is busy once are dealt with, not reported
            assert trouble.url not in {url for _, url in issues}


def test_every_exchange_that_the_server_saw_is_archived_as_it_came(crawled: Crawled) -> None:
    with Index(crawled.store) as index:
        captures = list(index.captures())
        asked = sorted(f"http://{v['host']}{v['target']}" for v in crawled.visits)
        assert sorted(c.url for c in captures) == asked
        cut = next(c for c in captures if c.truncated)
        stored = read(crawled.store, cut)
    assert stored.truncated == "disconnect"
    assert stored.response.startswith(b"HTTP/1.1 200 OK\r\n")
    assert stored.request is not None
    assert b"\r\nHost: " in stored.request


def test_other_tools_read_the_files(crawled: Crawled) -> None:
    files = sorted(crawled.store.rglob("*.warc.gz"))
    assert len(files) == len(PORTALS)
    for file in files:
        kinds = []
        with file.open("rb") as stream:
            for record in ArchiveIterator(stream, check_digests=False):
                kinds.append(record.rec_type)
                record.content_stream().read()
        assert kinds[0] == "warcinfo"
        assert kinds.count("response") == kinds.count("request") > 1


def test_one_server_sees_one_polite_visitor(crawled: Crawled) -> None:
    by_domain: dict[str, list[tuple[float, float]]] = {}
    for visit in crawled.visits:
        domain = ".".join(visit["host"].split(".")[-2:])
        by_domain.setdefault(domain, []).append((visit["start"], visit["end"]))
    assert len(by_domain) == 3
    for domain, spans in by_domain.items():
        delay = 0.3 if domain == "yanshan.test" else DELAY  # what its robots.txt asks for
        spans.sort()
        for earlier, later in pairwise(spans[1:]):
            assert later[0] - earlier[0] >= delay
            assert later[0] >= earlier[1]


def test_robots_txt_comes_first_and_is_obeyed(crawled: Crawled) -> None:
    first: dict[str, str] = {}
    for visit in crawled.visits:
        first.setdefault(visit["host"], visit["target"])
    assert set(first.values()) == {"/robots.txt"}
    assert not any(v["target"].startswith("/admin/") for v in crawled.visits)
    assert all(v["ua"].startswith("gongkai/") for v in crawled.visits)


def test_the_archive_gives_the_same_catalogue_byte_for_byte(crawled: Crawled) -> None:
    before = crawled.gongkai("export").out
    issues = crawled.gongkai("issues").out
    assert before.count(b"\n") > 20
    kept = crawled.store / "catalogue.sqlite"
    aside = kept.rename(kept.with_suffix(".aside"))
    try:
        replayed = crawled.gongkai("replay", "--json")
        assert replayed.code == 0
        assert replayed.json["missing"] == 0
        assert crawled.gongkai("export").out == before
        assert crawled.gongkai("issues").out == issues
    finally:
        aside.rename(kept)


def test_the_index_can_be_built_again_from_the_files(crawled: Crawled) -> None:
    with Index(crawled.store) as index:
        before = list(index.captures())
    (crawled.store / "index" / "captures.sqlite").unlink()
    assert crawled.gongkai("archive", "index").code == 0
    with Index(crawled.store) as index:
        assert list(index.captures()) == before


def test_a_part_can_be_derived_again_and_the_rest_stays(crawled: Crawled) -> None:
    before = crawled.gongkai("export").out
    ran = crawled.gongkai(
        "replay", "--portal", PORTALS[0], "--from-year", "2019", "--to-year", "2020"
    )
    assert ran.code == 0
    assert crawled.gongkai("export").out == before


def test_nothing_was_there_before_the_first_capture(crawled: Crawled) -> None:
    ran = crawled.gongkai("replay", "--as-of", "2001-01-01")
    assert ran.code == 2
    assert "holds nothing of that" in ran.err


def test_a_second_crawl_finds_nothing_new(crawled: Crawled) -> None:
    before = crawled.gongkai("export").out
    again = crawl(crawled.directory, crawled.address, *PORTALS).json
    assert [(p["new"], p["changed"]) for p in again["portals"]] == [(0, 0)] * 3
    assert all(p["unchanged"] for p in again["portals"])
    assert crawled.gongkai("export").out == before


def test_a_document_tells_where_its_bytes_are(crawled: Crawled) -> None:
    document = crawled.gongkai("export").lines[0]
    with Index(crawled.store) as index:
        capture = index.get(document["capture"]["record_id"])
    assert capture is not None
    assert (capture.file, capture.offset) == (
        document["capture"]["file"],
        document["capture"]["offset"],
    )
    shown = crawled.gongkai("archive", "show", document["capture"]["url"])
    assert shown.out == read(crawled.store, capture).response


def test_export_writes_csv_and_parquet(crawled: Crawled) -> None:
    import duckdb

    figures = sum(len(d["figures"]) for d in crawled.gongkai("export").lines)
    csv = crawled.gongkai("export", "--format", "csv").out.decode()
    assert csv.count("\n") >= figures
    out = crawled.directory / "figures.parquet"
    assert crawled.gongkai("export", "--format", "parquet", "--out", str(out)).code == 0
    assert duckdb.sql(f"select count(*) from '{out}'").fetchall() == [(figures,)]


def test_status_shows_what_is_held(crawled: Crawled) -> None:
    rows = {row["portal"]: row for row in crawled.gongkai("status", "--json").json}
    assert rows["practice_hanweb"]["reports"] > 0
    assert rows["practice_hanweb"]["last_crawl"]
    assert rows["shandong_liaocheng_xzspj"]["last_crawl"] is None


def test_a_killed_crawl_loses_nothing_and_goes_on(tmp_path: Path) -> None:
    with serving(CITY, tmp_path / "access.jsonl") as address:
        command = [str(GONGKAI), "crawl", *PORTALS, *_options(address), "--crawl", "night"]
        for kills in range(1, 4):
            seen = _visits(tmp_path)
            running = subprocess.Popen(command, cwd=tmp_path, env=clean_environment())
            while _visits(tmp_path) < seen + 12 * kills and running.poll() is None:
                time.sleep(0.02)
            running.send_signal(signal.SIGKILL)
            running.wait()
        assert crawl(tmp_path, address, *PORTALS, "--crawl", "night").code == 1  # the known issues
    with Catalogue.open(tmp_path / "store") as catalogue:
        found = score(TRUTH, catalogue.documents())
    assert (found.lost, found.wrong, found.invented) == ([], [], [])
    assert not list((tmp_path / "store").rglob("*.open"))


def test_interrupting_finishes_what_is_in_flight_and_says_how_to_go_on(tmp_path: Path) -> None:
    with serving(CITY, tmp_path / "access.jsonl") as address:
        command = [str(GONGKAI), "crawl", *PORTALS, *_options(address), "--crawl", "night"]
        running = subprocess.Popen(
            command, cwd=tmp_path, env=clean_environment(), stderr=subprocess.PIPE
        )
        while _visits(tmp_path) < 10:
            time.sleep(0.02)
        running.send_signal(signal.SIGINT)
        assert running.stderr is not None
        said = running.stderr.read().decode()
        running.stderr.close()
        assert running.wait() == 130
        assert f"gongkai crawl {' '.join(PORTALS)} --crawl night" in said
        assert not list((tmp_path / "store").rglob("*.open"))
        with Index(tmp_path / "store") as index:
            assert len(list(index.captures())) == _visits(tmp_path)
        crawl(tmp_path, address, *PORTALS, "--crawl", "night")
    with Catalogue.open(tmp_path / "store") as catalogue:
        assert score(TRUTH, catalogue.documents()).lost == []


def _visits(directory: Path) -> int:
    log = directory / "access.jsonl"
    return len(_lines(log)) if log.exists() else 0


def test_scrapy_crawls_on_the_same_settings(tmp_path: Path) -> None:
    root = Path(__file__).parent.parent
    with serving(CITY, tmp_path / "access.jsonl") as address:
        done = subprocess.run(
            [
                str(GONGKAI.with_name("scrapy")), "crawl", "practice_hanweb",
                "-s", "GONGKAI_WORLD=practice", "-s", f"GONGKAI_CONNECT_TO={address}",
                "-s", "GONGKAI_DELAY=0.01", "-s", f"GONGKAI_STORE={tmp_path / 'store'}",
                "-s", "GONGKAI_CRAWL=by-scrapy",
            ],
            cwd=root, env=clean_environment(), capture_output=True, check=True, timeout=120,
        )  # fmt: skip
    assert b"Traceback" not in done.stderr
    with Catalogue.open(tmp_path / "store") as catalogue:
        assert catalogue.counts("practice_hanweb")["annual_report"] > 0


def test_a_night_runs_all_portals_of_its_world_and_only_one_at_a_time(tmp_path: Path) -> None:
    from crawler.nightly import only_one

    store = tmp_path / "store"
    city = City(organs=3, years=(2022, 2022))
    with serving(city, tmp_path / "access.jsonl") as address:
        night = run_gongkai(tmp_path, "nightly", *_options(address), "--json")
        others = ["practice_xuanran", *(f"practice_{trap.name}" for trap in TRAPS)]
        others += [site.place.portal for site in city.families]
        assert [p["portal"] for p in night.json["portals"]] == sorted([*PORTALS, *others])
        assert night.json["crawl"].endswith("-nightly")
        assert len(night.json["new"]) > 20
        assert {line.split()[1] for line in night.json["broken"]} >= {"http_404", "truncated"}
        assert (store / "crawls" / night.json["crawl"] / "summary.json").exists()
        with only_one(store):
            second = run_gongkai(tmp_path, "nightly", *_options(address))
    assert second.code == 3
    assert f"process {os.getpid()}" in second.err
