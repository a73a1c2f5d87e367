"""Odd answers of a portal: each becomes an issue of its own, and the good page is still found."""

from __future__ import annotations

import asyncio
import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from command_line import Ran, run_gongkai

from crawler.frontier.client import Frontier
from crawler.frontier.record import Record
from crawler.frontier.server import connect, embedded

CRAWL = "2026-11-22-odd"
SITE = "http://www.zjtz.gov.cn"
REPORT = (
    "<html><head><title>台州市某局2013年政府信息公开工作年度报告</title></head><body>"
    "<a href='http://[x'>x</a><img src='http://[x/1.png'>"
    "<div id='zoom'><p>一、概述</p><p>2013年，我局累计主动公开政府信息352条。</p>"
    "<a href='http://[x/a.pdf'>附件</a>"
    "<p>台州市某局</p><p>2014年3月3日</p></div></body></html>"
).encode()
HTML = {"Content-Type": "text/html; charset=utf-8"}
ANSWERS: dict[str, tuple[int, dict[str, str], bytes]] = {
    "/good": (200, HTML, REPORT),
    "/cut": (200, {**HTML, "Content-Encoding": "gzip"}, gzip.compress(REPORT)[:-8]),
    "/not-gzip": (200, {**HTML, "Content-Encoding": "gzip"}, b"this is not gzip"),
    "/broken": (500, HTML, b"broken"),
    "/challenge": (412, HTML, b"<script>$_ts={}</script>"),
    "/away": (302, {"Location": "http://www.zjtz-mirror.test/"}, b""),
    "/no-target": (302, {"Location": "http://[::1/x"}, b""),
    "/no-port": (302, {"Location": f"{SITE}:99999/x"}, b""),
    "/round-a": (302, {"Location": "/round-b"}, b""),
    "/round-b": (301, {"Location": "/round-a"}, b""),
    "/admin/secret": (200, HTML, REPORT),
    "/robots.txt": (200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /admin/\n"),
}
LINKED = [path for path in ANSWERS if path not in {"/robots.txt", "/round-b"}]
NOWHERE = ["http://www.elsewhere.test/x", "http://[x", f"{SITE}:99999/", f"{SITE}:abc/"]
LISTING = "<datastore>" + "".join(
    f"<record><![CDATA[<li><a href='{path}' title='2013年度报告'>x</a></li>]]></record>"
    for path in [*LINKED, *NOWHERE]
)


class Odd(BaseHTTPRequestHandler):
    asked: list[str]

    def do_GET(self) -> None:
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        listing = (200, HTML, LISTING.encode())
        status, headers, body = ANSWERS.get(self.path, listing)
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep quiet."""


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Ran, list[str]]]:
    directory = tmp_path_factory.mktemp("odd")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Odd)
    server.asked = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"127.0.0.1:{server.server_address[1]}"
    with embedded(tmp_path_factory.mktemp("redis")) as redis:
        asyncio.run(queue(redis, f"{address}:zjtz.gov.cn"))
        options = ("--connect-to", address, "--delay", "0.02", "--store", "store")
        options += ("--redis", redis, "--crawl", CRAWL)
        ran = run_gongkai(directory, "crawl", "zhejiang_taizhou", *options)
    yield directory, ran, server.asked  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()


async def queue(redis: str, group: str) -> None:
    """An address that nobody can ask for, and that no page of today would have led to."""
    async with await connect(redis) as client:
        for kind, path in (("robots", "robots.txt"), ("document", "x.html")):
            url = f"{SITE}:99999/{path}"
            record = Record("zhejiang_taizhou", kind, url, section="guide", group=group)
            await Frontier(client, CRAWL).enqueue([record])


def issues(directory: Path) -> dict[str, str]:
    found = run_gongkai(directory, "issues", "--store", "store", "--json").json
    return {issue["url"].removeprefix(SITE): issue["code"] for issue in found}


def test_every_odd_answer_is_an_issue_of_its_own(crawled: tuple[Path, Ran, list[str]]) -> None:
    directory, ran, _ = crawled
    assert ran.code == 1
    found = issues(directory)
    expected = {
        "/cut": "coding_cut",
        "/not-gzip": "undecodable",
        "/broken": "http_500",
        "/challenge": "blocked",
        "/away": "redirect_offsite",
        "/no-target": "redirect_offsite",
        "/no-port": "redirect_offsite",
        ":99999/robots.txt": "no_address",
        "/admin/secret": "robots_disallowed",
    }
    assert {path: found.get(path) for path in expected} == expected
    assert "redirect_loop" in found.values()


def test_the_good_page_is_found_beside_them_and_the_cut_one_is_read(
    crawled: tuple[Path, Ran, list[str]],
) -> None:
    directory, _, _ = crawled
    found = run_gongkai(directory, "export", "--store", "store").lines
    assert {one["url"].removeprefix(SITE): (one["year"], one["class"]) for one in found} == {
        "/good": (2013, "annual_report"),
        "/cut": (2013, "annual_report"),
    }


def test_what_must_not_be_asked_is_not_asked(crawled: tuple[Path, Ran, list[str]]) -> None:
    _, _, asked = crawled
    assert "/admin/secret" not in asked
    assert asked.count("/challenge") == 1
    assert asked.count("/broken") == 3
    assert len([path for path in asked if path.startswith("/round")]) <= 12


def test_every_odd_answer_is_archived_as_it_came(crawled: tuple[Path, Ran, list[str]]) -> None:
    directory, _, _ = crawled
    shown = run_gongkai(directory, "archive", "show", f"{SITE}/not-gzip", "--store", "store")
    assert shown.out.endswith(b"\r\n\r\nthis is not gzip")
