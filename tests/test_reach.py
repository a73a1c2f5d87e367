"""What cannot be reached from here is not gone: how it is told apart, and what it may not cost."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from command_line import Ran
from proxy import NOBODY, Proxy, proxying

from crawler.download.failures import HandshakeFailed, kind_of
from crawler.order import Order, portals
from crawler.practice.answer import Answer, plain
from crawler.practice.city import City
from crawler.practice.server import serving
from crawler.reach import Reach, history, of_lines
from crawler.run import Result, crawl
from pipelines.catalogue import Catalogue

CITY = City(organs=3, years=(2023, 2023), seed=7)
LIVE, DEAD = "practice_hanweb_gb", "practice_shandong"
GONE, BLOCKED, REFUSED = "practice_hanweb", "practice_trs", "practice_vsb"
HOSTS = {GONE: "www.yanshi.test", BLOCKED: "www.yunting.test", DEAD: "www.yanshan.test"}


@pytest.fixture(autouse=True)
def lively(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers look often for what waited long enough."""
    monkeypatch.setattr("crawler.settings.GONGKAI_SESSION_SECONDS", "3")


class Weather:
    """The city, with hosts that answer everything with one status."""

    def __init__(self) -> None:
        self.now: dict[str, int] = {}

    def answer(
        self, host: str, method: str, target: str, headers: Mapping[str, str], body: bytes, /
    ) -> Answer:
        status = self.now.get(host.partition(":")[0])
        return plain(status, "-") if status else CITY.answer(host, method, target, headers, body)


def night(store: Path, name: str, ways: str, *names: str) -> tuple[Result, dict[str, set[str]]]:
    """A crawl of the live world, which the ways lead to, and the codes of its issues by portal."""
    order = Order(names, store, crawl=name, delay=0.001, egress=ways)
    result = asyncio.run(crawl(order))
    told: dict[str, set[str]] = {portal: set() for portal in names}
    with Catalogue.open(store) as catalogue:
        for issue in catalogue.issues(crawl=name):
            told[issue["portal"]].add(issue["code"])
    return result, told


def documents(store: Path) -> dict[str, int]:
    with Catalogue.open(store) as catalogue:
        return {name: sum(catalogue.counts(name).values()) for name in (LIVE, DEAD)}


def test_a_dead_portal_beside_others_costs_nothing_and_is_told_from_one_that_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Any
) -> None:
    monkeypatch.setattr(portals()[REFUSED], "egress", "here")
    monkeypatch.setattr(portals()[REFUSED], "site", "http://127.0.0.1:9")
    monkeypatch.setattr(portals()[REFUSED], "sections", {"annual_report": "", "guide": ""})
    weather = Weather()
    with serving(weather) as city, proxying(Proxy({"": city})) as proxy:
        ways = f"default=http://{proxy.address} here=direct"
        names = (LIVE, DEAD, GONE, BLOCKED, REFUSED)
        _, first = night(tmp_path, "first", ways, LIVE, DEAD)
        held = documents(tmp_path)
        weather.now = {HOSTS[GONE]: 404, HOSTS[BLOCKED]: 412}
        proxy.hosts = {"": city, HOSTS[DEAD]: NOBODY}
        result, told = night(tmp_path, "second", ways, *names)
        runs = {run.portal: run for run in result.portals}
        rows = {row["portal"]: row for row in _status(command, "--json").json}
        shown = _status(command).out.decode()
        proxy.hosts = {"": city}
        _, third = night(tmp_path, "third", ways, LIVE, DEAD)
    assert documents(tmp_path) == held
    assert min(held.values()) > 0
    assert told[DEAD] == {"unreachable"}
    assert told[REFUSED] == {"unreachable"}
    assert told[BLOCKED] <= {"blocked", "blocked_host"}
    assert told[GONE] >= {"http_404", "section_lost"}
    assert told[LIVE] == first[LIVE]
    # The night in between left no false standard, and took none away.
    assert third == first

    states = {name: rows[name]["reach"][-1]["state"] for name in names}
    assert states == {
        LIVE: "ok", DEAD: "unreachable", GONE: "gone", BLOCKED: "blocked", REFUSED: "unreachable",
    }  # fmt: skip
    reset, refused = rows[DEAD]["reach"][-1], rows[REFUSED]["reach"][-1]
    assert (reset["egress"], reset["outcome"]) == ("default", "reset")
    assert (refused["egress"], refused["outcome"]) == ("here", "refused")
    assert refused["attempts"] == {"refused": 3}
    assert rows[DEAD]["reports"] > 0
    assert {runs[name].state for name in (DEAD, BLOCKED, REFUSED)} == {"away"}
    assert not runs[DEAD].short
    lines = shown.splitlines()
    assert "  unreachable from here since " in lines[_row(lines, DEAD) + 1]
    assert ": reset; not gone; what is held stays" in lines[_row(lines, DEAD) + 1]
    assert "  gone since " in lines[_row(lines, GONE) + 1]
    assert lines[_row(lines, "zhejiang_taizhou")].split()[2:5] == ["never"] * 3


def _status(command: Any, *args: str) -> Ran:
    ran: Ran = command("status", "--store", ".", *args)
    return ran


def _row(lines: list[str], name: str) -> int:
    return next(n for n, line in enumerate(lines) if line.startswith(f"{name} "))


def line(outcome: str, minute: int, kind: str = "listing", egress: str = "default") -> Any:
    at = f"2026-11-22T02:{minute:02}:00.000000Z"
    return {"portal": "a_b", "egress": egress, "kind": kind, "outcome": outcome, "settled": at}


SAID = {
    "robots.txt alone says that it answers": (["robots ok"], "ok"),
    "one page that came is enough": (["timeout", "timeout", "ok"], "ok"),
    "it answers, but what was asked for is not there": (["robots ok", "gone"], "gone"),
    "a firewall before the pages": (["robots ok", "challenge", "challenge"], "challenge"),
    "what was met most often": (["reset", "timeout", "timeout"], "timeout"),
    "what was not asked says nothing": (["", "refused", ""], "refused"),
}


@pytest.mark.parametrize(("met", "whole"), SAID.values(), ids=SAID)
def test_what_attempts_say_of_a_portal(met: list[str], whole: str) -> None:
    lines = [line(each.rpartition(" ")[2], n, "robots" if " " in each else "listing")
             for n, each in enumerate(met)]  # fmt: skip
    [[reach]] = of_lines(lines).values()
    assert reach.outcome == whole


def test_each_way_has_its_history_and_the_last_one_tried_stands_last() -> None:
    def summary(*lines: Any) -> Any:
        ways = of_lines(lines)["a_b"]
        told = [json.loads(json.dumps({s: getattr(w, s) for s in w.__slots__})) for w in ways]
        return {"portals": [{"portal": "a_b", "reach": told}]}

    nights = [
        summary(line("ok", 1)),
        summary(line("timeout", 2)),
        summary(line("reset", 3), line("egress", 4, egress="cn")),
        summary(line("refused", 5)),
        summary(line("ok", 6, egress="cn")),
        {"portals": [{"portal": "a_b"}]},  # of a crawl before this was kept
    ]
    direct, through = history(reversed(nights))["a_b"]
    assert (direct.state, direct.outcome, direct.since[14:16]) == ("unreachable", "refused", "02")
    assert (through.egress, through.state, through.since[14:16]) == ("cn", "ok", "06")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (socket.gaierror(-2, "Name or service not known"), "dns"),
        (ConnectionRefusedError(), "refused"),
        (TimeoutError(), "timeout"),
        (OSError(110, "timed out"), "timeout"),
        (ConnectionResetError(), "reset"),
        (BrokenPipeError(), "reset"),
        (ssl.SSLError(1, "wrong version number"), "tls"),
        (OSError(113, "No route to host"), "no_route"),
    ],
)
def test_a_failure_has_one_word(error: OSError, kind: str) -> None:
    assert kind_of(error) == kind
    told = HandshakeFailed("TLS: …")
    told.__cause__ = error
    assert kind_of(told) == kind
    assert Reach("", kind, "", "", {}).state == "unreachable"
