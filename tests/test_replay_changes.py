"""A replay tells what a new parser reads otherwise before anything is replaced."""

from __future__ import annotations

import asyncio
import copy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from command_line import Ran, run_gongkai

from archive import Exchange, Index, WarcWriter
from crawler.errors import Unavailable, WrongUse
from crawler.items import Capture, Page
from crawler.order import Order
from crawler.practice.city import City
from crawler.practice.server import serving
from crawler.replay import Replayed, Scope, _left, _scratch, replay
from pipelines.catalogue import Catalogue

PORTAL = "practice_hanweb"
CITY = City(organs=3, years=(2015, 2018), seed=5)
OLD = "0.0.1"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store whose catalogue was written by this parser, from a crawl over HTTP."""
    directory = tmp_path_factory.mktemp("changes")
    with serving(CITY) as address:
        words = ("--store", "store", "--world", "practice", "--connect-to", address)
        ran = run_gongkai(directory, "crawl", PORTAL, *words, "--delay", "0.01")
        assert ran.code in {0, 1}, ran.err  # a page of the city is gone
    return directory / "store"


def gongkai(store: Path, *args: str) -> Ran:
    ran = run_gongkai(store.parent, *args, "--store", store)
    assert ran.code == 0, ran.err
    return ran


@pytest.fixture(scope="module")
def older(store: Path) -> dict[str, Any]:
    """One report as an older parser has left it: a figure missed, one misread, one invented."""
    with Catalogue.open(store) as catalogue:
        reports = catalogue.documents(PORTAL, "annual_report")
        report = next(each for each in reports if len(each["figures"]) > 20)
        page = Page(
            (), url=report["url"], portal=PORTAL,
            capture=Capture(report["url"], *(report["capture"][k] for k in CAPTURED)),
        )  # fmt: skip
        documents = copy.deepcopy(catalogue.at(report["url"]))
        figures = documents[0]["figures"]
        missed, misread = figures.pop(3), figures[7]
        invented = {**misread, "key": "t9.invented", "value": 4, "raw": "4", "status": "number"}
        read_right = dict(misread)
        misread |= {"value": 99, "raw": "99", "status": "number"}
        figures.append(invented)
        told = [{k: v for k, v in each.items() if k not in OUTSIDE} for each in documents]
        catalogue.put(page, told, parser=OLD)
    return {
        "id": report["id"], "lost": invented, "gained": missed,
        "altered": (misread, read_right), "url": report["url"],
    }  # fmt: skip


CAPTURED = ("at", "file", "offset", "record_id", "payload_sha256")
OUTSIDE = {"id", "portal", "url", "capture"}


def held(store: Path) -> list[Any]:
    with Catalogue.open(store) as catalogue:
        return list(catalogue.documents())


def test_people_are_told_counts_and_the_gravest_first(store: Path, older: dict[str, Any]) -> None:
    before = held(store)
    lines = gongkai(store, "replay", "--dry-run").out.decode().splitlines()
    assert lines[1] == "documents   0 gained, 0 lost, 1 altered"
    assert lines[2] == "figures     1 gained, 1 lost, 1 altered"
    assert [line.split()[0] for line in lines[3:6]] == ["altered", "lost", "gained"]
    keys = older["altered"][1]["key"], older["lost"]["key"], older["gained"]["key"]
    assert [key in line for key, line in zip(keys, lines[3:6], strict=True)] == [True] * 3
    assert all(line.endswith(older["url"]) for line in lines[3:6])
    assert lines[-1] == "nothing is written"
    assert held(store) == before


class Stopped(Exception):
    """Whoever reads what is told has seen enough."""


def test_what_changes_is_told_before_it_is_written(store: Path, older: dict[str, Any]) -> None:
    before = held(store)

    def stop(replayed: Replayed) -> None:
        assert [change.what for change in replayed.difference.figures]
        raise Stopped

    with pytest.raises(Stopped):
        asyncio.run(replay(Order((), store, "archive"), Scope(), stop))
    assert held(store) == before
    told = gongkai(store, "replay", "--json").json
    assert told["written"] is True
    assert told["difference"]["altered"] == [older["id"]]
    changes = {change["what"]: change for change in told["difference"]["figures"]}
    assert len(told["difference"]["figures"]) == 3
    assert changes["gained"]["before"] is None
    assert changes["gained"]["after"]["value"] == older["gained"]["value"]
    assert (changes["lost"]["before"]["value"], changes["lost"]["after"]) == (4, None)
    wrong, right = older["altered"]
    assert changes["altered"]["before"]["value"] == wrong["value"]
    assert changes["altered"]["after"]["raw"] == right["raw"]
    (report,) = [document for document in held(store) if document["id"] == older["id"]]
    keys = [figure["key"] for figure in report["figures"]]
    assert older["gained"]["key"] in keys
    assert older["lost"]["key"] not in keys


def test_two_replays_at_once_are_one_too_many(store: Path) -> None:
    """Each would take the other's half-made catalogue for its own."""
    before = held(store)
    with _scratch(store), pytest.raises(Unavailable, match="another replay is running"):
        asyncio.run(replay(Order((), store, "archive"), Scope()))
    assert held(store) == before


def test_what_a_crawl_adds_meanwhile_is_replayed_too(tmp_path: Path) -> None:
    """A replay takes an hour, and nights come: their documents must not be taken out again."""
    scope, one, two = Scope(), "practice_hanweb", "practice_trs"
    captured(tmp_path, one, "first", day=1)
    captured(tmp_path, one, "second", day=2)
    done = _left(tmp_path, scope, {})
    assert [(name, portals) for name, _, portals in done] == [("first", (one,)), ("second", (one,))]
    assert _left(tmp_path, scope, done) == []
    captured(tmp_path, one, "second", day=3)  # it is still running
    captured(tmp_path, two, "late", day=1)
    more = _left(tmp_path, scope, done)
    assert [(name, at[9:10], portals) for name, at, portals in more] == [
        ("late", "1", (two,)),
        ("second", "3", (one,)),
    ]
    assert _left(tmp_path, scope, [*done, *more]) == []
    captured(tmp_path, two, "imported", day=0)
    with pytest.raises(WrongUse, match="imported was added to the archive meanwhile"):
        _left(tmp_path, scope, [*done, *more])


def captured(store: Path, portal: str, crawl: str, *, day: int) -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(days=day - 1, hours=12)
    with Index(store) as index, WarcWriter(store, portal=portal, crawl=crawl, worker="w") as writer:
        index.add([writer.write(Exchange("http://a.test/", b"GET / HTTP/1.1\r\n\r\n", b"", at))])
