"""Ways out of this machine: what the server, the proxy and the archive see of them."""

from __future__ import annotations

import asyncio
import json
import ssl
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import typer
from certificates import Authority
from command_line import Ran
from hostile_server import HostileServer, framed
from proxy import OPENED, Proxy, proxying

from archive import Index, read
from crawler import egress
from crawler.cli.crawl import finish
from crawler.download import browser
from crawler.download.tls import Handshakes
from crawler.download.wire import Answer, Wire
from crawler.errors import WrongUse
from crawler.order import Order, portals
from crawler.practice.city import City
from crawler.practice.server import serving
from crawler.run import Result, crawl

HOST = "www.yanshi.test"
REQUEST = f"GET /a HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()
PAGE = framed("公开".encode("gb18030"), b"X-T: \xd5\xfe")
CITY = City(organs=3, years=(2023, 2023), seed=7)
SECRET = "p@ss word"


@pytest.fixture(autouse=True)
def lively(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers look often for what waited long enough."""
    monkeypatch.setattr("crawler.settings.GONGKAI_SESSION_SECONDS", "3")


def way(text: str) -> egress.Egress:
    return egress.read(f"cn={text}")["cn"]


def fetch(way: egress.Egress, url: str = f"http://{HOST}/a", **options: Any) -> Answer:
    async def run() -> Answer:
        wire = Wire(egress=way, **{"seconds": 4, **options})
        try:
            return await wire.exchange(url, "GET", REQUEST)
        finally:
            await wire.close()

    return asyncio.run(run())


def through(proxy: Proxy, *, tls: Any = None, **options: Any) -> tuple[Answer, HostileServer]:
    """One exchange with a server that only the proxy can find."""

    async def run() -> tuple[Answer, HostileServer]:
        async with HostileServer([PAGE], tls=tls) as server:
            proxy.hosts = {HOST: server.address}
            login = "user:p%40ss%20word@" if proxy.login else ""
            wire = Wire(egress=way(f"http://{login}{proxy.address}"), seconds=4, **options)
            scheme = "https" if tls else "http"
            answer = await wire.exchange(f"{scheme}://{HOST}/a", "GET", REQUEST)
            await wire.close()
            return answer, server

    return asyncio.run(run())


def test_the_server_sees_what_the_archive_keeps_and_nothing_of_the_proxy() -> None:
    with proxying(Proxy(login=f"user:{SECRET}")) as proxy:
        answer, server = through(proxy)
    assert (answer.response, server.requests) == (PAGE, [REQUEST])
    assert proxy.targets == [f"{HOST}:80"]
    assert answer.ip == ""  # the proxy's address would be a false one


@pytest.mark.parametrize("version", ["TLSv1", "TLSv1_3"])
def test_tls_goes_through_the_tunnel_strictly_first_and_legacy_where_needed(
    tmp_path: Path, version: str
) -> None:
    authority = Authority(tmp_path)
    context = authority.server(HOST)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
    with proxying(Proxy()) as proxy:
        answer, server = through(proxy, tls=context, handshakes=Handshakes(authority.file))
    legacy = version == "TLSv1"
    assert (answer.response, server.requests) == (PAGE, [REQUEST])
    assert proxy.targets == [f"{HOST}:443"] * (2 if legacy else 1)
    assert answer.tls is not None
    assert answer.tls[0] == version.replace("_", ".")
    assert answer.facts.get("tls", "").startswith("legacy: ") == legacy
    assert answer.facts["certificate_sha256"] == authority.last


BAD_GATEWAY = b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\n\r\n<html>no way</html>"
FAILS: dict[str, tuple[Proxy, str]] = {
    "wants a password": (Proxy(login="other:one"), "wants a login that it knows"),
    "answers for the server": (
        Proxy(answers=lambda _: BAD_GATEWAY),
        f"answered 502 Bad Gateway to CONNECT {HOST}:80",
    ),
    "hangs": (Proxy(answers=lambda _: None), "gave no answer to CONNECT"),
    "hangs up": (Proxy(hosts={"": "127.0.0.1:9"}), f"hung up at CONNECT {HOST}:80"),
    "is no proxy": (Proxy(answers=lambda _: b"SSH-2.0-x\r\n"), "answered with what is no HTTP"),
}


@pytest.mark.parametrize(("proxy", "says"), FAILS.values(), ids=FAILS)
def test_a_proxy_that_fails_is_named_and_gives_no_answer(proxy: Proxy, says: str) -> None:
    with proxying(proxy):
        patience = 1 if "no answer" in says else 20
        answer = fetch(way(f"http://user:secret@{proxy.address}"), seconds=patience)
    assert (answer.response, answer.error) == (b"", "")
    assert answer.stuck is not None
    assert says in str(answer.stuck)
    assert str(answer.stuck).startswith(f"egress cn (proxy {proxy.address}) ")
    assert "secret" not in f"{answer.stuck!r} {answer!r}"


def test_nobody_at_the_address_of_the_proxy_is_the_proxys_fault() -> None:
    answer = fetch(way("http://127.0.0.1:9"))
    assert str(answer.stuck) == "egress cn (proxy 127.0.0.1:9) cannot be used: Connection refused"


def test_connections_come_from_the_source_address() -> None:
    seen = []

    class Server(HostileServer):
        async def _serve(self, reader: Any, writer: Any) -> None:
            seen.append(writer.get_extra_info("peername")[0])
            await super()._serve(reader, writer)

    async def run() -> Answer:
        async with Server([PAGE]) as server:
            wire = Wire(egress=way("127.0.0.2"), resolve={HOST: ("127.0.0.1", server.port)})
            answer = await wire.exchange(f"http://{HOST}/a", "GET", REQUEST)
            await wire.close()
            return answer

    answer = asyncio.run(run())
    assert (answer.response, answer.ip, seen) == (PAGE, "127.0.0.1", ["127.0.0.2"])
    lost = fetch(way("192.0.2.1"), resolve={HOST: ("127.0.0.1", 9)})
    assert str(lost.stuck) == "egress cn (from 192.0.2.1): this machine has no such address"


UNREAD = ["cn", "cn=", "CN=direct", "cn=socks5://h:1", "cn=https://h:1", "cn=http://h", "cn=h:1"]
UNREAD += ["cn=http://h:0x1", "cn=http://h:1/path", "cn=direct cn=direct", "=direct"]


@pytest.mark.parametrize("said", UNREAD)
def test_what_cannot_be_meant_is_refused_in_words_that_repeat_no_password(said: str) -> None:
    with pytest.raises(WrongUse, match=r"^--egress") as refused:
        egress.read(said.replace("h:", "u:hunter2@h:"))
    assert "hunter2" not in str(refused.value)


def test_a_portal_takes_the_way_of_its_name_then_the_one_it_names() -> None:
    ways = egress.read("cn=http://127.0.0.1:1 zhejiang_huzhou=127.0.0.2 default=direct")
    assert egress.chosen(ways, "zhejiang_huzhou", "cn").source == "127.0.0.2"
    assert egress.chosen(ways, "zhejiang_wenzhou", "cn").proxy == ("127.0.0.1", 1)
    assert egress.chosen(ways, "zhejiang_taizhou", "default").proxy is None
    with pytest.raises(WrongUse, match="--egress hk=http://HOST:PORT, or --egress hk=direct"):
        egress.chosen(ways, "hainan_sansha", "hk")


def night(store: Path, ways: str, *names: str, name: str = "night") -> tuple[Result, list[Any]]:
    """A crawl of the live world and its journal; portals of the city go by `ways` alone."""
    order = Order(names, store, crawl=name, delay=0.001, egress=ways)
    result = asyncio.run(crawl(order))
    return result, _lines(store / "crawls" / name / "crawl.jsonl")


def _lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_everything_of_a_portal_goes_by_its_egress_and_the_archive_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portals()["practice_hanweb"], "egress", "cn")
    with (
        serving(CITY, tmp_path / "access.jsonl") as city,
        proxying(Proxy({"": city}, login=f"user:{SECRET}")) as proxy,
    ):
        login = f"user:p%40ss%20word@{proxy.address}"
        result, lines = night(tmp_path, f"cn=http://{login}", "practice_hanweb")
    [run] = result.portals
    assert run.reports > 0
    assert {line["kind"] for line in lines} >= {"robots", "listing", "document"}
    assert {line["egress"] for line in lines} == {"cn"}
    assert set(proxy.targets) == {"www.yanshi.test:80"}
    asked = Counter(v["target"] for v in _lines(tmp_path / "access.jsonl"))
    with Index(tmp_path) as index:
        captures = list(index.captures())
        stored = [read(tmp_path, capture) for capture in captures]
    assert asked == Counter(one.url.partition(".test")[2] for one in captures)
    assert {(one.ip, one.facts["egress"]) for one in stored} == {(None, "cn")}
    assert not any(b"proxy" in (one.request or b"").lower() for one in stored)
    for written in filter(Path.is_file, tmp_path.rglob("*")):
        data = written.read_bytes()
        assert SECRET.encode() not in data, written
        assert b"p%40ss" not in data, written


@pytest.mark.skipif(browser.find() is None, reason="no browser found; see tests/test_render.py")
def test_what_a_rendered_page_asks_for_goes_the_same_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portals()["practice_xuanran"], "egress", "cn")
    with serving(CITY, tmp_path / "access.jsonl") as city, proxying(Proxy({"": city})) as proxy:
        result, lines = night(tmp_path, f"cn=http://{proxy.address}", "practice_xuanran")
    asked = Counter(v["target"] for v in _lines(tmp_path / "access.jsonl"))
    assert result.portals[0].reports > 0
    assert asked.total() > len(lines)  # scripts asked for more than was leased
    with Index(tmp_path) as index:
        stored = [read(tmp_path, one) for one in index.captures() if one.record_type != "resource"]
    assert asked == Counter(one.url.partition(".test")[2] for one in stored)
    assert {one.facts["egress"] for one in stored} == {"cn"}


def test_a_proxy_that_fails_costs_no_url_and_is_no_fault_of_the_portal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("practice_hanweb_gb", "practice_shandong")
    monkeypatch.setattr(portals()["practice_shandong"], "egress", "cn")
    refusing = Proxy(answers=lambda _: BAD_GATEWAY)
    with serving(CITY) as city, proxying(Proxy({"": city})) as good:
        with proxying(refusing):
            ways = f"default=http://{good.address} cn=http://{refusing.address}"
            result, lines = night(tmp_path, ways, *names)
            [well, stuck] = result.portals
            assert well.reports > 0
            assert (stuck.pages, stuck.reports) == (0, 0)
            [left] = result.left_over["practice_shandong"]
            assert left.startswith(f"egress cn (proxy {refusing.address}) answered 502 Bad Gateway")
            assert left.endswith(" pages left")
            mine = [line for line in lines if line["portal"] == "practice_shandong"]
            assert {(n["verdict"], n["outcome"], n["record_id"]) for n in mine} == {
                ("retry", "egress", None)
            }
            issues = _lines(tmp_path / "crawls" / "night" / "issues.jsonl")
            told = {i["code"] for i in issues if i["portal"] == "practice_shandong"}
            assert told == {"egress"}
            with Index(tmp_path) as index:
                assert "practice_shandong" not in index.portals()
        ways = f"default=http://{good.address} cn=http://{good.address}"
        result, lines = night(tmp_path, ways, *names)
    [_, well] = result.portals
    assert well.reports > 0
    assert not result.left_over
    [answered] = [n for n in lines if n["url"].endswith("/robots.txt") and n["portal"] == names[1]
                  and n["outcome"] == "ok" and "www" in n["url"]]  # fmt: skip
    assert answered["attempt"] == 0


def test_a_proxy_that_comes_back_in_time_was_never_an_issue(tmp_path: Path) -> None:
    said = iter([BAD_GATEWAY, BAD_GATEWAY])
    with (
        serving(CITY) as city,
        proxying(Proxy({"": city}, answers=lambda _: next(said, OPENED))) as proxy,
    ):
        result, lines = night(tmp_path, f"default=http://{proxy.address}", "practice_hanweb_gb")
    assert result.portals[0].reports > 0
    assert not result.left_over
    first, second, third = (n for n in lines if n["kind"] == "robots")
    assert [first["outcome"], second["outcome"], third["outcome"]] == ["egress", "egress", "ok"]
    assert third["attempt"] == 0
    issues = _lines(tmp_path / "crawls" / "night" / "issues.jsonl")
    assert "egress" not in {issue["code"] for issue in issues}


def test_what_a_machine_does_not_know_is_one_clear_line(
    command: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def said(*args: str, **environment: str) -> Ran:
        ran: Ran = command("crawl", "zhejiang_taizhou", *args, GONGKAI_CONTACT="a", **environment)
        assert len(ran.err.strip().splitlines()) == 1
        return ran

    monkeypatch.setattr(portals()["zhejiang_taizhou"], "egress", "cn")
    unknown = said()
    assert unknown.code == 2
    assert "zhejiang_taizhou goes out by 'cn'" in unknown.err
    assert said("--egress", "cn=ftp://u:hunter2@h:1").code == 2
    nobody = said(GONGKAI_EGRESS="hk=direct zhejiang_taizho=direct cn=direct")
    assert (nobody.code, "no such portal" in nobody.err) == (2, True)
    foreign = said("--egress", "cn=192.0.2.1")
    assert (foreign.code, "no address 192.0.2.1" in foreign.err) == (3, True)


def test_how_to_go_on_names_the_ways_and_no_password(capsys: pytest.CaptureFixture[str]) -> None:
    order = Order(("a_b",), Path("s"), egress="cn=http://u:hunter2@h:1 default=10.0.0.7")
    with pytest.raises(typer.Exit):
        finish(Result("night", "", interrupted=True), order, "crawl")
    said = capsys.readouterr().err
    assert "--egress cn=… --egress default=…" in said
    assert "hunter2" not in said + repr(order)
