"""Rendered pages with a real browser: what is seen, what is kept, and that nothing leaks."""

from __future__ import annotations

import asyncio
import gzip
import json
import sqlite3
import time
import zlib
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import pytest
from command_line import run_gongkai
from hostile_server import HostileServer, Script, framed
from playwright.async_api import Error
from scrapy import Request
from scrapy.http import HtmlResponse, Response
from warcio.archiveiterator import ArchiveIterator

from archive import ArchiveError, Index, iterate, read
from crawler.download import browser, render_chromium, render_page
from crawler.download.render import close, fetch_or_render
from crawler.download.vault import Vault
from crawler.download.wire import Wire
from crawler.download.worlds import Archive, Live, World
from crawler.errors import FetchFailed
from crawler.items import Kind, Link
from crawler.practice.answer import Answer
from crawler.practice.city import City
from crawler.practice.rendered import API, DEPARTMENT, HOST, LISTING, TITLE, RenderedHost
from crawler.practice.server import PracticeServer, serving
from crawler.scoring import score

T = TypeVar("T")
PORTAL = "practice_xuanran"
NIGHT = "night-1"
SITE = f"http://{HOST}"
AGENT = "gongkai/0.1 (test)"
needs_browser = pytest.mark.skipif(
    browser.find() is None,
    reason="no browser found: apt-get install chromium-headless-shell, or set GONGKAI_CHROMIUM",
)


def asked(path: str, **manners: Any) -> Request:
    """A lease's request for a page that must be rendered, as the frontier makes it."""

    async def allows(url: str) -> bool:
        return "/robots/" not in url

    rendered = {"owns": {HOST, API}.__contains__, "allows": allows, **manners}
    return Request(
        SITE + path,
        headers={"User-Agent": AGENT, "Accept-Language": "zh-CN"},
        meta={"portal": PORTAL, "link": Link(SITE + path, Kind.LISTING), "rendered": rendered},
    )


async def within(world: World, work: Callable[[World], Awaitable[T]]) -> T:
    try:
        return await work(world)
    finally:
        await close(world)


class Night:
    """A store, and a server that logs what it was asked."""

    def __init__(self, directory: Path) -> None:
        self.store = directory / "store"
        self.log = directory / "access.jsonl"

    def live(self, work: Callable[[World], Awaitable[T]]) -> T:
        """Do `work` in the live world; afterwards everything is durable, published and sealed."""

        async def run() -> T:
            host = RenderedHost(seed=1, years=(2023, 2025))
            server = PracticeServer(host, self.log)  # type: ignore[arg-type]
            await server.start()
            host.here = server.address
            try:
                return await self.at_night(server.address, work)
            finally:
                await server.close()

        return asyncio.run(run())

    async def at_night(self, address: str, work: Callable[[World], Awaitable[T]]) -> T:
        return await within(Live(Vault(self.store, NIGHT), Wire(connect_to=address), NIGHT), work)

    def replayed(self, work: Callable[[World], Awaitable[T]]) -> T:
        async def run() -> T:
            return await within(Archive(self.store, ""), work)

        return asyncio.run(run())

    @property
    def served(self) -> Counter[tuple[str, str]]:
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        return Counter((line["method"], f"http://{line['host']}{line['target']}") for line in lines)

    @property
    def visits(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    @property
    def warcs(self) -> list[Path]:
        return sorted((self.store / "warc").rglob("*.warc.gz"))

    @property
    def archived(self) -> Counter[tuple[str, str]]:
        found: Counter[tuple[str, str]] = Counter()
        for record in (r for path in self.warcs for r in iterate(path)):
            if record.type == "request":
                url = record.get("WARC-Target-URI") or ""
                found[record.block.split(b" ")[0].decode(), url] += 1
        return found


def render(path: str, **manners: Any) -> Callable[[World], Awaitable[Response]]:
    """Work for a night: one page, its lease settled as the frontier settles it."""

    async def work(world: World) -> Response:
        request = asked(path, **manners)
        try:
            return await fetch_or_render(world, request)
        finally:
            if (receipt := request.meta.get("receipt")) is not None:
                await receipt.durable()
                receipt.publish()

    return work


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    return Night(tmp_path_factory.mktemp("night"))


@pytest.fixture(scope="module")
def page(night: Night) -> HtmlResponse:
    response = night.live(render(LISTING))
    assert isinstance(response, HtmlResponse)
    return response


@needs_browser
def test_the_listing_is_there_after_its_scripts_ran(page: HtmlResponse) -> None:
    assert page.css("#list li a::attr(href)").getall() == [
        "/xxgk/doc_2025.html",
        "/xxgk/doc_2024.html",
        "/xxgk/doc_2023.html",
    ]
    assert page.css("title::text").get() == TITLE
    assert page.css("#department::text").get() == DEPARTMENT
    assert page.css("#count::text").get() == "共 3 条"
    assert (page.url, page.status, page.encoding) == (SITE + LISTING, 200, "utf-8")
    assert page.headers.getlist("Set-Cookie")[0].startswith(b"session=1")


@needs_browser
def test_the_server_saw_exactly_what_is_archived(night: Night, page: HtmlResponse) -> None:
    assert night.served == night.archived
    assert not [url for _, url in night.served if "/leak/" in url or "/robots/" in url]
    assert {urls.split("/")[2] for _, urls in night.served} == {HOST, API}
    assert night.served["GET", f"{SITE}/api/again.json"] == 1
    assert {visit["ua"] for visit in night.visits} == {AGENT}


@needs_browser
def test_every_refusal_has_a_name(page: HtmlResponse) -> None:
    refused = {r.url.rpartition("/leak/")[2] or r.url: r.why for r in page.meta["refused"]}
    named = {
        "banner.png": "not_needed",
        "prefetch.js": "prefetch",
        "tongji.js": "offsite",
        "popup.html": "popup",
        "window.html": "popup",
        "report.pdf": "download",
        "beacon": "beacon",
        "events": "eventsource",
        "socket": "websocket",
        f"{SITE}/robots/forbidden.json": "robots",
    }
    assert {name: refused.get(name) for name in named} == named
    codes = {issue.code for issue in page.meta["issues"]}
    assert "render_robots" in codes


@needs_browser
def test_sub_requests_are_exchanges_like_any_other(night: Night, page: HtmlResponse) -> None:
    with Index(night.store) as index:
        captures = list(index.captures())
        by_kind = Counter(capture.kind for capture in captures)
        assert by_kind["listing"] == by_kind["dom"] == 1
        assert by_kind["subresource"] == sum(night.served.values()) - 1
        script = index.find(f"{SITE}/js/go?v=1")
        assert script is not None
        stored = read(night.store, script)
        assert (script.status, stored.facts["via"]) == (302, SITE + LISTING)
        before = index.rebuild().captures
        assert (before, list(index.captures())) == (len(captures), captures)


@needs_browser
def test_the_dom_is_a_record_of_its_own(night: Night, page: HtmlResponse) -> None:
    with Index(night.store) as index:
        navigation = index.find(SITE + LISTING)
        dom = index.find(f"urn:dom:{SITE}{LISTING}")
        assert navigation is not None
        assert dom is not None
        assert navigation.record_type == "response"
        assert dom.record_type == "resource"
        assert read(night.store, dom).response == page.body
        assert "not_needed Image" in read(night.store, dom).facts["refused"]
    capture = page.meta["receipt"].capture
    assert capture.record_id == navigation.record_id
    assert capture.payload_sha256 == dom.payload_sha256
    [path] = night.warcs
    with path.open("rb") as file:
        kinds = [(r.rec_type, r.rec_headers) for r in ArchiveIterator(file)]
    [headers] = [headers for kind, headers in kinds if kind == "resource"]
    assert headers.get_header("WARC-Concurrent-To") == f"<{navigation.record_id}>"
    assert headers.get_header("Content-Type") == "text/html;charset=utf-8"
    lines = path.with_name(path.name.replace(".warc.gz", ".cdxj")).read_text()
    assert "urn:dom" not in lines


@needs_browser
def test_a_replay_is_the_same_asks_nobody_and_needs_no_browser(
    night: Night, page: HtmlResponse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser, "find", lambda: None)
    before = night.served
    again = night.replayed(render(LISTING))
    assert_same(again, page)
    assert night.served == before


def assert_same(again: Response, page: Response) -> None:
    """Whatever a spider could look at."""
    assert isinstance(again, HtmlResponse)
    assert (again.body, again.encoding, again.flags) == (page.body, "utf-8", page.flags)
    assert (again.url, again.status, again.headers) == (page.url, page.status, page.headers)
    for name in ("issues", "refused"):
        assert again.meta[name] == page.meta[name]
    assert again.meta["receipt"].capture == page.meta["receipt"].capture


def forget_doms(night: Night) -> None:
    with sqlite3.connect(night.store / "index" / "captures.sqlite") as index:
        index.execute("DELETE FROM captures WHERE url LIKE 'urn:dom:%'")
    index.close()


@needs_browser
def test_a_page_whose_dom_was_not_kept_is_rendered_again_and_asks_nobody(tmp_path: Path) -> None:
    night = Night(tmp_path)
    page = night.live(render(LISTING))
    before = night.served
    forget_doms(night)
    again = night.replayed(render(LISTING))
    assert (again.body, again.url, again.headers) == (page.body, page.url, page.headers)
    assert set(again.meta["refused"]) == set(page.meta["refused"])  # in the order of the moment
    assert again.meta["receipt"].capture == page.meta["receipt"].capture
    assert night.served == before


@needs_browser
def test_a_page_that_the_browser_failed_at_is_not_answered_by_an_earlier_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    night = Night(tmp_path)

    async def twice(world: World) -> None:
        await render(LISTING)(world)
        request = asked(LISTING)
        await world.fetch(request)  # and no DOM was made of this one
        await request.meta["receipt"].durable()
        request.meta["receipt"].publish()

    night.live(twice)
    monkeypatch.setattr(browser, "find", lambda: None)
    with pytest.raises(FetchFailed) as failed:
        night.replayed(render(LISTING))
    assert failed.value.code == "no_browser"


class Twins(RenderedHost):
    """The same site under two names; both ask the one API."""

    def answer(self, host: str, *args: Any) -> Answer:
        return super().answer(host.replace("zwilling", "xuanran"), *args)


@needs_browser
def test_two_portals_are_rendered_at_once_and_no_server_is_asked_twice_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("test_render.RenderedHost", Twins)
    night = Night(tmp_path)
    other = HOST.replace("xuanran", "zwilling")
    both = asyncio.Event()
    first = set()
    fetch = Live.fetch

    async def met(self: Live, request: Request) -> Response:
        if request.url.endswith(LISTING):
            first.add(request.url)
            if len(first) == 2:
                both.set()
            await asyncio.wait_for(both.wait(), 60)  # neither goes on alone
        return await fetch(self, request)

    monkeypatch.setattr(Live, "fetch", met)

    async def work(world: World) -> list[Response]:
        pages = []
        for host in (HOST, other):
            request = asked(LISTING, owns={host, API}.__contains__, delay=0.05)
            pages.append(fetch_or_render(world, request.replace(url=f"http://{host}{LISTING}")))
        return await asyncio.gather(*pages)

    one, two = night.live(work)
    assert {len(page.css("#list li")) for page in (one, two)} == {3}
    visits: dict[str, list[tuple[float, float]]] = {}
    for visit in night.visits:
        visits.setdefault(visit["host"], []).append((visit["start"], visit["end"]))
    assert set(visits) == {HOST, other, API}
    for spans in visits.values():
        assert all(later[0] - earlier[1] > 0.04 for earlier, later in pairwise(sorted(spans)))


@needs_browser
def test_a_portal_that_must_be_rendered_is_scored_like_any_other(tmp_path: Path) -> None:
    city = City(organs=3, years=(2019, 2021), seed=5)
    truths = [truth for truth in city.truth() if truth.portal == PORTAL]
    words = ("crawl", PORTAL, "--store", "store", "--world", "practice", "--delay", "0.01")
    with serving(city) as address:
        ran = run_gongkai(tmp_path, *words, "--connect-to", address, "--json")
    export = run_gongkai(tmp_path, "export", "--store", "store")
    found = score(truths, export.lines)
    assert (found.documents, found.lost, found.wrong, found.invented) == (3, [], [], [])
    assert found.recall == 1
    assert ran.json["portals"][0]["reports"] == 3
    issues = run_gongkai(tmp_path, "issues", "--store", "store").out
    (tmp_path / "store" / "catalogue.sqlite").unlink()
    nowhere = str(tmp_path / "no-browser")
    again = run_gongkai(tmp_path, "replay", "--store", "store", "--json", GONGKAI_CHROMIUM=nowhere)
    assert (again.code, again.json["missing"]) == (0, 0)
    assert run_gongkai(tmp_path, "export", "--store", "store").out == export.out
    assert run_gongkai(tmp_path, "issues", "--store", "store").out == issues


@needs_browser
@pytest.mark.parametrize("closed", [True, False])
def test_what_interception_does_not_see_ends_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, closed: bool
) -> None:
    """Sockets are not intercepted. Only the proxy that is not there keeps them in: see, without."""
    switches = render_chromium.CLOSED_NETWORK if closed else ()
    off = "--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets"
    monkeypatch.setattr(render_chromium, "CLOSED_NETWORK", (*switches, off))
    night = Night(tmp_path)
    night.live(render(LISTING))
    leaked = set(night.served) - set(night.archived)
    assert leaked == (set() if closed else {("GET", "http://127.0.0.1/leak/direct")})


@needs_browser
def test_what_is_no_page_comes_as_it_is(tmp_path: Path) -> None:
    night = Night(tmp_path)

    async def work(world: World) -> list[Response]:
        paths = ("/xxgk/old/", "/xxgk/gone/", "/xxgk/file/")
        return [await render(path)(world) for path in paths]

    old, gone, file = night.live(work)
    assert (old.status, old.headers["Location"]) == (302, LISTING.encode())
    assert gone.status == 404
    assert file.body == b"%PDF-1.4"
    assert not any(response.flags for response in (old, gone, file))
    assert sum(night.served.values()) == 3


@needs_browser
def test_a_page_that_goes_on_by_script_is_the_one_it_went_to(tmp_path: Path) -> None:
    night = Night(tmp_path)
    response = night.live(render("/xxgk/moved/"))
    assert response.url == SITE + LISTING
    capture = response.meta["receipt"].capture
    assert capture.url == SITE + LISTING
    assert len(response.css("#list li")) == 3
    assert night.served == night.archived
    assert night.replayed(render("/xxgk/moved/")).body == response.body


@needs_browser
def test_pages_that_lead_nowhere_come_to_rest(tmp_path: Path) -> None:
    night = Night(tmp_path)

    async def work(world: World) -> dict[str, Response]:
        return {
            "away": await render("/xxgk/away/")(world),
            "circle": await render("/xxgk/circle/")(world),
            "many": await render("/xxgk/many/", requests=5)(world),
        }

    began = time.monotonic()
    pages = night.live(work)
    assert time.monotonic() - began < 30
    assert pages["away"].css("p::text").get() == "在这里"
    whys = {name: {r.why for r in page.meta["refused"]} for name, page in pages.items()}
    assert whys == {"away": {"offsite"}, "circle": {"navigation_loop"}, "many": {"too_many"}}
    assert len([u for _, u in night.served if "again" in u]) == 5
    assert night.served == night.archived


@needs_browser
def test_a_page_that_hangs_is_an_error_and_the_next_one_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.download.render_page.ANSWER_SECONDS", 2.0)
    monkeypatch.setattr("crawler.download.render_chromium.CLOSE_SECONDS", 2.0)

    async def work(world: World) -> Response:
        with pytest.raises(FetchFailed, match="could not show") as failed:
            await render("/xxgk/stuck/")(world)
        assert failed.value.code == "render_failed"
        return await render(LISTING)(world)

    night = Night(tmp_path)
    assert len(night.live(work).css("#list li")) == 3
    assert night.served == night.archived


@needs_browser
def test_sub_requests_keep_the_portals_delay(tmp_path: Path) -> None:
    night = Night(tmp_path)

    async def work(world: World) -> list[Response]:
        return [await render(LISTING, delay=0.2)(world), await render(LISTING, delay=0.2)(world)]

    first, second = night.live(work)
    visits = night.visits[: len(first.meta["receipt"].parts)]
    gaps = [b["start"] - a["end"] for a, b in pairwise(visits)]
    assert min(gaps) > 0.18
    # Scripts are not asked for again by the next page, as with any browser.
    assert night.served["GET", f"{SITE}/js/list.js"] == 1
    assert second.body == first.body
    # A server is as slow as one exchange, however many a page needs.
    assert first.meta["waited"] > 1.5


HTML = b"Content-Type: text/html; charset=utf-8"
SHELL = "<html><body><p id='p'>原文</p><script>p.textContent='脚本'</script></body></html>".encode()


class HostileNight(Night):
    """A store, and a server that sends what `pages` has for a path, byte for byte."""

    def __init__(self, directory: Path, pages: dict[str, Script]) -> None:
        super().__init__(directory)
        self.pages = pages
        self.asked: Counter[tuple[str, str]] = Counter()
        self.requests: list[bytes] = []

    def live(self, work: Callable[[World], Awaitable[T]]) -> T:
        def answer(request: bytes) -> Script:
            method, path, _ = request.decode("latin-1").split(" ", 2)
            self.asked[method, SITE + path] += 1
            self.requests.append(request)
            return self.pages.get(path.partition("?")[0], [framed(b"", status=b"404 Not Found")])

        async def run() -> T:
            async with HostileServer(answer=answer) as server:
                return await self.at_night(server.address, work)

        return asyncio.run(run())

    @property
    def served(self) -> Counter[tuple[str, str]]:
        return self.asked


PACKED = gzip.compress(SHELL, mtime=0)
CODED = {
    "gzip": (PACKED, b"gzip"),
    "deflate": (zlib.compress(SHELL), b"deflate"),
    "gzip and something after it": (PACKED + b"\0\0 junk", b"gzip"),
}


@needs_browser
def test_a_page_that_comes_compressed_is_rendered_like_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As nearly all do: Scrapy does not take it for a page before it is decoded."""
    monkeypatch.setattr(render_page, "QUIET_SECONDS", 0.1)  # these ask for nothing more
    pages: dict[str, Script] = {
        f"/{number}": [framed(body, HTML, b"Content-Encoding: " + coding)]
        for number, (body, coding) in enumerate(CODED.values())
    }
    onward = b"<script>location='/0'</script>"
    pages["/onward"] = [framed(gzip.compress(onward), HTML, b"Content-Encoding: gzip")]
    night = HostileNight(tmp_path, pages)

    async def work(world: World) -> list[Response]:
        return [await render(path)(world) for path in pages]

    live = night.live(work)
    assert [page.css("#p::text").get() for page in live] == ["脚本"] * len(pages)
    assert live[-1].url == SITE + "/0"
    assert night.served == night.archived
    assert [page.body for page in night.replayed(work)] == [page.body for page in live]


LYING = {
    "to be saved": [framed(SHELL, HTML, b"Content-Disposition: attachment; filename=a.html")],
    "of two types": [framed(SHELL, HTML, b"Content-Type: application/pdf")],
    "of no type": [framed(SHELL)],
    "of a type that cannot be": [framed(SHELL, b"Content-Type: \xff\xfe;;=")],
    "of a status that nobody knows": [framed(SHELL, HTML, status=b"299 Odd")],
    "of a coding that is none": [framed(SHELL, HTML, b"Content-Encoding: utf-8")],
    "with odd header lines": [framed(SHELL, HTML, b"X y: 1", b"\xd5\xfe: 2", b"X: a\0b", b": z")],
}


@needs_browser
def test_a_page_is_shown_as_one_whatever_its_head_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render_page, "QUIET_SECONDS", 0.1)
    pages = {f"/{number}": script for number, script in enumerate(LYING.values())}
    night = HostileNight(tmp_path, pages)

    async def work(world: World) -> list[str | None]:
        return [(await render(path)(world)).css("#p::text").get() for path in pages]

    assert dict(zip(LYING, night.live(work), strict=True)) == dict.fromkeys(LYING, "脚本")


@needs_browser
def test_a_page_without_a_body_comes_as_it_is(tmp_path: Path) -> None:
    empty: Script = [b"HTTP/1.1 204 No Content\r\n" + HTML + b"\r\n\r\n"]
    response = HostileNight(tmp_path, {"/": empty}).live(render("/"))
    assert (response.status, response.body, response.flags) == (204, b"", [])


@needs_browser
def test_a_page_asks_with_the_cookies_that_it_was_asked_with(tmp_path: Path) -> None:
    """A server that knows its visitor does not set them again."""
    body = b"<p id=p></p><script>fetch('/own').then(() => p.textContent = document.cookie)</script>"
    night = HostileNight(tmp_path, {"/": [framed(body, HTML)], "/own": [framed(b"1")]})

    async def work(world: World) -> Response:
        request = asked("/")
        request.headers["Cookie"] = b"session=a=1; second=2"
        return await fetch_or_render(world, request)

    assert night.live(work).css("#p::text").get() == "session=a=1; second=2"
    assert [b"Cookie: session=a=1; second=2\r\n" in one for one in night.requests] == [True, True]


@needs_browser
def test_what_waits_for_its_turn_when_the_time_is_up_is_not_asked_for(tmp_path: Path) -> None:
    many = b"<script>for (let i = 0; i < 40; i++) fetch('/slow?' + i)</script>"
    night = HostileNight(tmp_path, {"/": [framed(many, HTML)], "/slow": [0.2, framed(b"1")]})
    page = night.live(render("/", seconds=1.0))
    late = {refusal.url for refusal in page.meta["refused"] if refusal.why == "out_of_time"}
    asked = {url for _, url in night.served}
    assert len(asked) < 25
    assert len(late - asked) > 15
    assert night.served == night.archived


@needs_browser
def test_a_disk_that_refuses_the_last_answer_of_a_page_is_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch = Live.fetch

    async def refused(self: Live, request: Request) -> Response:
        if request.url.endswith("/late"):
            await asyncio.sleep(1.5)
            raise ArchiveError(tmp_path, "disk full", "make room")
        return await fetch(self, request)

    monkeypatch.setattr(Live, "fetch", refused)
    night = HostileNight(tmp_path, {"/": [framed(b"<script>fetch('/late')</script>", HTML)]})
    with pytest.raises(ArchiveError, match="disk full"):
        night.live(render("/", seconds=1.0))


@needs_browser
def test_an_answer_that_takes_long_to_hand_over_is_no_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = render_chromium.Chromium.send

    async def slowly(self: Any, method: str, parameters: Any = None) -> None:
        if method == "Fetch.fulfillRequest":
            await asyncio.sleep(0.7)
        await send(self, method, parameters)

    monkeypatch.setattr(render_chromium.Chromium, "send", slowly)
    steps = b"".join(b"await fetch('/step?%d'); " % number for number in range(2))
    body = b"<p id=p></p><script>(async () => {%b p.textContent = 'all' })()</script>" % steps
    pages: dict[str, Script] = {
        "/": [framed(body, HTML)],
        "/step": [framed(b"1")],
    }
    assert HostileNight(tmp_path, pages).live(render("/")).css("#p::text").get() == "all"


@needs_browser
def test_a_page_that_brings_its_browser_down_is_given_up_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crash(page: Any) -> bool:
        session = await page.context.new_cdp_session(page)
        with suppress(Error, TimeoutError):
            await asyncio.wait_for(session.send("Page.crash"), 1)  # nobody is left to answer
        return False

    complete = render_page._complete

    async def work(world: World) -> Response:
        monkeypatch.setattr(render_page, "_complete", crash)
        async with asyncio.timeout(60):  # of the 300 that a page has
            with pytest.raises(FetchFailed, match="it crashed") as failed:
                await render("/")(world)
        assert failed.value.code == "render_failed"
        monkeypatch.setattr(render_page, "_complete", complete)
        return await render("/")(world)

    night = HostileNight(tmp_path, {"/": [framed(SHELL, HTML)]})
    assert night.live(work).css("#p::text").get() == "脚本"


@needs_browser
def test_a_page_that_never_says_it_is_loaded_comes_to_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render_page, "STILL_SECONDS", 1.0)
    opened = b"<script>onload = () => { document.open(); document.write('<p>new</p>'); }</script>"
    page = HostileNight(tmp_path, {"/": [framed(opened, HTML)]}).live(render("/"))
    assert (page.css("p::text").get(), page.meta["refused"]) == ("new", ())


def test_without_a_browser_nothing_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser, "find", lambda: None)
    night = Night(tmp_path)
    with pytest.raises(FetchFailed, match="apt-get install") as failed:
        night.live(render(LISTING))
    assert failed.value.code == "no_browser"
    assert night.served == Counter()


def test_a_browser_that_does_not_start_is_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GONGKAI_CHROMIUM", str(tmp_path / "none"))
    with pytest.raises(FetchFailed, match="does not start") as failed:
        Night(tmp_path).live(render(LISTING))
    assert "\n" not in str(failed.value)
