"""From the wire through the Live world into the archive and back: nothing may be lost or added."""

from __future__ import annotations

import asyncio
import gzip
import resource
import subprocess
import sys
import threading
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from certificates import Authority
from command_line import GONGKAI, clean_environment
from hostile_server import CASES, Case, HostileServer, Script, framed
from scrapy import Request
from scrapy.http import HtmlResponse, Response

from archive import ArchiveError, Capture, Exchange, Index, read
from crawler.download.tls import Handshakes
from crawler.download.vault import TOGETHER, StoredReceipt, Vault
from crawler.download.wire import Wire
from crawler.download.worlds import Archive, Live
from crawler.errors import FetchFailed
from crawler.items import Kind, Link

HOST = "www.yanshi.test"
URL = f"http://{HOST}/a.html"
PAGE = "<html><title>年度报告</title></html>".encode() * 60


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(coroutine)


def asking(url: str = URL, kind: Kind = Kind.DOCUMENT, **options: Any) -> Request:
    return Request(url, meta={"link": Link(url, kind), "portal": "yanshi"}, **options)


class Crawl:
    """One crawl of one store against one server: fetches, and publishes what it got."""

    def __init__(self, store: Path, server: HostileServer, name: str = "one", **wire: Any) -> None:
        self.vault = Vault(store, name)
        wire = {"spill_to": store / "incoming", "seconds": 1.0, **wire}
        self.live = Live(self.vault, Wire(resolve={HOST: ("127.0.0.1", server.port)}, **wire), name)

    async def __aenter__(self) -> Crawl:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.live.close()

    async def get(self, request: Request | None = None) -> tuple[Response | None, Capture]:
        """The response, None where the exchange failed; and the capture, durable and findable."""
        request = request or asking()
        try:
            response = await self.live.fetch(request)
        except FetchFailed:
            response = None
        receipt = request.meta["receipt"]
        assert isinstance(receipt, StoredReceipt)
        await receipt.durable()
        receipt.publish()
        return response, receipt.archived


async def exchanged(
    store: Path, secure: bool, authority: Authority | None
) -> tuple[HostileServer, list[Capture]]:
    """Every case once, one after another, in one crawl."""
    tls = authority.server(HOST) if authority and secure else None
    trusted = {"handshakes": Handshakes(authority.file)} if authority and secure else {}
    scripts = [case.script for case in CASES.values()]

    def answer(request: bytes) -> Script:
        return scripts[int(request.split()[1][1:])]

    captures = []
    async with (
        HostileServer(answer=answer, tls=tls) as server,
        Crawl(store, server, max_bytes=1_500_000, **trusted) as crawl,
    ):
        for number, case in enumerate(CASES.values()):
            url = f"{'https' if secure else 'http'}://{HOST}:{server.port}/{number}"
            options = {"method": case.method, "body": case.form, "headers": {"X-Odd": "a  b"}}
            captures.append((await crawl.get(asking(url, **options)))[1])
    return server, captures


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_every_byte_of_both_sides_is_archived(
    secure: bool, tmp_path: Path, authority: Authority
) -> None:
    server, captures = run(exchanged(tmp_path, secure, authority))
    assert len(captures) == len(CASES) > 40
    assert len(CASES) - server.connections > 15  # connections were used again
    with Index(tmp_path) as index:
        published = {c.record_id for c in index.captures()}
        index.rebuild()
        every = list(index.captures())
    assert published == {c.record_id for c in captures}
    assert len(every) == len(server.seen) == len(CASES) + 1  # one try on a kept connection
    for seen, capture in zip(server.seen, every, strict=True):
        stored = read(tmp_path, capture)
        name, case = list(CASES.items())[int(capture.url.rpartition("/")[2])]
        assert stored.request == seen.request, name
        _equal(name, case, b"".join(stored.interim) + stored.response, bytes(seen.sent))
        assert stored.truncated == case.truncated, name
        assert (stored.tls is not None) == secure, name


def _equal(name: str, case: Case, kept: bytes, sent: bytes) -> None:
    if case.prefix:
        assert len(kept) > 50, name
        assert sent.startswith(kept) or kept.startswith(sent), name
    else:
        assert kept == sent[: len(sent) - case.surplus], name


def test_a_try_that_nobody_answered_is_archived_too(tmp_path: Path) -> None:
    async def crawl() -> tuple[HostileServer, Response | None]:
        async with (
            HostileServer([framed(b"1")], [None], [framed(b"2")]) as server,
            Crawl(tmp_path, server) as crawl,
        ):
            await crawl.get()
            response, _ = await crawl.get(asking(f"http://{HOST}/b"))
            return server, response

    server, response = run(crawl())
    assert response is not None
    assert response.body == b"2"
    with Index(tmp_path) as index:
        index.rebuild()
        kept = [read(tmp_path, capture) for capture in index.captures()]
    assert [one.request for one in kept] == server.requests
    assert [one.response[-1:] for one in kept] == [b"1", b"", b"2"]


@pytest.mark.parametrize("body", [PAGE, gzip.compress(bytes(70 * 2**20))], ids=["plain", "bomb"])
def test_what_cannot_be_decoded_is_archived_and_an_issue(tmp_path: Path, body: bytes) -> None:
    def answer(request: bytes) -> Script:
        if request.startswith(b"GET /robots.txt"):
            return [framed(b"", status=b"404 Not Found")]
        return [framed(body, b"Content-Type: text/html", b"Content-Encoding: gzip")]

    async def crawl() -> tuple[int, list[bytes], bytes]:
        async with HostileServer(answer=answer) as server:
            options = ["--world", "live", "--connect-to", server.address, "--delay", "0"]
            running = await asyncio.create_subprocess_exec(
                str(GONGKAI), "crawl", "shandong_liaocheng_xzspj", *options, "--store", "store",
                "--crawl", "night", cwd=tmp_path, env=clean_environment(),
                stderr=asyncio.subprocess.PIPE,
            )  # fmt: skip
            _, said = await running.communicate()
            return running.returncode or 0, server.requests, said

    code, requests, said = run(crawl())
    assert code == 1
    assert b"Traceback" not in said
    pages = {request for request in requests if not request.startswith(b"GET /robots.txt")}
    assert 0 < len(pages) == len(requests) - 1  # each once: the same bytes would come again
    issues = (tmp_path / "store" / "crawls" / "night" / "issues.jsonl").read_text()
    assert issues.count('"undecodable"') == len(pages)
    with Index(tmp_path / "store") as index:
        kept = [c for c in index.captures() if c.status == 200]
    assert [read(tmp_path / "store", c).response.endswith(body) for c in kept] == [True] * len(kept)
    assert len(kept) == len(pages)


# Large bodies.

MEGABYTE = bytes(range(256)) * 4096
SOAK = """
import asyncio, hashlib, os, resource, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from hostile_server import HostileServer
from test_capture import Crawl, asking
from crawler.items import Kind

MEGABYTES, STORE = int(sys.argv[1]), Path(sys.argv[3])

def piece(number):
    return hashlib.shake_128(b"%d" % number).digest(2**20)

class Endless(HostileServer):
    async def _serve(self, reader, writer):
        await self._request(reader)
        writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Type: application/pdf\\r\\n")
        writer.write(b"Transfer-Encoding: chunked\\r\\n\\r\\n")
        for number in range(MEGABYTES):
            writer.write(b"100000\\r\\n" + piece(number) + b"\\r\\n")
            await writer.drain()
        writer.write(b"0\\r\\n\\r\\n")
        writer.close()

async def main():
    async with Endless() as server:
        async with Crawl(STORE, server, seconds=120, max_bytes=2**30) as crawl:
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            response, capture = await crawl.get(asking(kind=Kind.ATTACHMENT))
            after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert response.flags == ["unread"] and response.body == b""
    entity = hashlib.sha256()
    for number in range(MEGABYTES):
        entity.update(piece(number))
    assert capture.payload_sha256 == entity.hexdigest()
    assert capture.truncated is None and capture.length > MEGABYTES * 2**20
    print((after - before) // 1024)

asyncio.run(main())
"""


def grown(megabytes: int, store: Path) -> int:
    """By how many MB a process grows that fetches and archives a body of so many."""
    here = str(Path(__file__).parent)
    done = subprocess.run(
        [sys.executable, "-c", SOAK, str(megabytes), here, str(store)],
        capture_output=True, check=False, text=True, cwd=Path(here).parent,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def test_a_body_of_70_mb_does_not_go_through_memory(tmp_path: Path) -> None:
    assert grown(70, tmp_path) < 30


@pytest.mark.soak
def test_a_body_of_500_mb_does_not_go_through_memory(tmp_path: Path) -> None:
    assert grown(500, tmp_path) < 100


@pytest.mark.parametrize("chunked", [False, True])
def test_a_spilled_body_is_the_same_record_as_one_in_memory(tmp_path: Path, chunked: bool) -> None:
    body = MEGABYTE * 3
    raw = framed(body, b"Content-Type: application/pdf")
    if chunked:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\nTransfer-Encoding: chunked"
        raw = head + b"\r\n\r\n300000\r\n" + body + b"\r\n0\r\n\r\n"
    raw = b"HTTP/1.1 103 Early Hints\r\n\r\n" + raw

    async def crawl(store: Path, **wire: Any) -> tuple[Response | None, Capture]:
        async with HostileServer([raw]) as server, Crawl(store, server, **wire) as crawl:
            return await crawl.get()

    response, on_disk = run(crawl(tmp_path / "disk"))
    _, in_memory = run(crawl(tmp_path / "memory", spill_to=None))
    assert response is not None
    assert response.body == body
    assert on_disk.payload_sha256 == in_memory.payload_sha256
    assert on_disk.block_sha256 == in_memory.block_sha256
    stored = read(tmp_path / "disk", on_disk)
    assert b"".join(stored.interim) + stored.response == raw
    assert not list((tmp_path / "disk" / "incoming").iterdir())


def test_a_large_body_is_written_to_its_end_by_who_is_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = framed(MEGABYTE * 3)
    writing, go_on = threading.Event(), threading.Event()
    written = []

    async def crawl() -> None:
        async with HostileServer([raw]) as server, Crawl(tmp_path, server) as one:
            record = one.vault.record

            def slowly(*args: Any, **options: Any) -> StoredReceipt:
                writing.set()
                go_on.wait()
                written.append(record(*args, **options))
                return written[-1]

            monkeypatch.setattr(one.vault, "record", slowly)
            fetching = asyncio.create_task(one.live.fetch(asking()))
            await asyncio.to_thread(writing.wait)
            fetching.cancel()
            asyncio.get_running_loop().call_later(0.1, go_on.set)
            with pytest.raises(asyncio.CancelledError):
                await fetching

    run(crawl())
    [receipt] = written
    assert read(tmp_path, receipt.archived).response == raw


def test_too_long_a_body_is_kept_as_far_as_it_was_read(tmp_path: Path) -> None:
    raw = framed(MEGABYTE * 5)

    async def crawl() -> tuple[Response | None, Capture]:
        async with (
            HostileServer([raw]) as server,
            Crawl(tmp_path, server, max_bytes=3_000_000) as crawl,
        ):
            return await crawl.get()

    response, capture = run(crawl())
    assert response is None
    stored = read(tmp_path, capture)
    assert stored.truncated == "length"
    assert stored.headers[-1]
    assert ("WARC-Truncated", "length") in stored.headers
    assert raw.startswith(stored.response)
    assert 3_000_000 < len(stored.response) < 3_200_000


@pytest.mark.parametrize("coding", [(), (b"Content-Encoding: gzip",)], ids=["plain", "gzip"])
@pytest.mark.parametrize(("kind", "megabytes"), [(Kind.LISTING, 17), (Kind.ATTACHMENT, 65)])
def test_a_body_past_what_a_spider_reads_stays_in_the_archive(
    tmp_path: Path, kind: Kind, megabytes: int, coding: tuple[bytes, ...]
) -> None:
    raw = framed(MEGABYTE * megabytes, b"Content-Type: text/html", *coding)

    async def crawl() -> list[Any]:
        patient = {"max_bytes": 2**27, "seconds": 20}
        async with HostileServer([raw]) as server, Crawl(tmp_path, server, **patient) as crawl:
            request = asking(kind=kind)
            fetched = await asyncio.gather(crawl.live.fetch(request), return_exceptions=True)
            receipt = request.meta["receipt"]
            receipt.publish()
        again = asking(kind=kind)
        replayed = Archive(tmp_path, "").fetch(again)
        return [*fetched, *await asyncio.gather(replayed, return_exceptions=True)]

    for response in run(crawl()):
        if kind == Kind.LISTING:
            assert isinstance(response, FetchFailed)
            assert response.code == "too_large"
        else:
            assert (response.status, response.body, response.flags) == (200, b"", ["unread"])


def test_files_of_many_portals_are_open_at_once(tmp_path: Path) -> None:
    was = resource.getrlimit(resource.RLIMIT_NOFILE)
    few = len(list(Path("/proc/self/fd").iterdir())) + 20
    resource.setrlimit(resource.RLIMIT_NOFILE, (few, was[1]))
    try:
        vault = Vault(tmp_path, "night")
        for number in range(20):
            vault.record(f"portal{number}", Exchange(URL, b"", framed(b""), datetime.now(UTC)))
        vault.close()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, was)
    assert len(list(tmp_path.rglob("*.warc.gz"))) == 20


# A disk that refuses.


def test_a_large_answer_that_cannot_be_put_down_is_no_trouble_of_the_server(
    tmp_path: Path,
) -> None:
    (tmp_path / "incoming").write_text("in the way of the folder")

    async def crawl() -> None:
        async with HostileServer([framed(MEGABYTE * 3)]) as server, Crawl(tmp_path, server) as one:
            await one.live.fetch(asking())

    with pytest.raises(ArchiveError, match="incoming: File exists"):
        run(crawl())


def test_a_disk_that_fills_up_under_a_large_answer_is_no_trouble_of_the_server(
    tmp_path: Path,
) -> None:
    async def crawl() -> None:
        async with HostileServer([framed(MEGABYTE * 9)]) as server, Crawl(tmp_path, server) as one:
            was = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (4_000_000, was[1]))  # like a disk of that
            try:
                await one.live.fetch(asking())
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, was)

    with pytest.raises(ArchiveError, match=r"incoming: File too large\n.*make room"):
        run(crawl())


@pytest.mark.parametrize("sealed", [False, True])
def test_what_was_acknowledged_and_not_published_is_found_by_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sealed: bool
) -> None:
    def refuse(*_: object) -> None:
        raise ArchiveError(tmp_path, "disk full", "make room")

    async def crawl() -> None:
        async with HostileServer([framed(PAGE)], [framed(PAGE)]) as server:
            one = Crawl(tmp_path, server)
            request = asking()
            await one.live.fetch(request)
            await request.meta["receipt"].durable()
            if sealed:
                one.vault._writers["yanshi"].close()
            monkeypatch.setattr(one.vault._index, "add", refuse)
            request.meta["receipt"].publish()
            await asyncio.sleep(2 * TOGETHER)
            with pytest.raises(ArchiveError, match="disk full"):
                await one.live.fetch(asking())
            assert len(server.seen) == 1  # nobody is asked for what cannot be kept
            with pytest.raises(ArchiveError, match="disk full"):
                await one.live.close()

    run(crawl())
    vault = Vault(tmp_path, "next")
    vault.close()
    with Index(tmp_path) as index:
        [capture] = index.captures()
    assert read(tmp_path, capture).response == framed(PAGE)
    assert not list(tmp_path.rglob("*.open"))


# The same again.


def crawls(store: Path, *nights: Script | Callable[[bytes], Script], **wire: Any) -> list[Any]:
    """One crawl of one page a night: (response, capture, request bytes) of each."""

    async def every() -> list[Any]:
        found = []
        for number, night in enumerate(nights):
            answer = night if callable(night) else lambda _request, night=night: night
            async with HostileServer(answer=answer) as server:
                async with Crawl(store, server, f"night-{number}", **wire) as crawl:
                    response, capture = await crawl.get(asking())
                found.append((response, capture, server.requests[-1]))
        return found

    return run(every())


def replayed(store: Path, as_of: str) -> Response:
    async def fetch() -> Response:
        world = Archive(store, as_of)
        try:
            return await world.fetch(asking())
        finally:
            await world.close()

    response = run(fetch())
    assert isinstance(response, Response)
    return response


def test_an_unchanged_payload_becomes_a_revisit_and_replays_the_same(tmp_path: Path) -> None:
    nights = [[framed(PAGE, b"X-Night: %d" % number)] for number in range(3)]
    found = crawls(tmp_path, *nights)
    kinds = [capture.record_type for _, capture, _ in found]
    assert kinds == ["response", "revisit", "revisit"]
    original = found[0][1]
    assert [c.refers_to for _, c, _ in found] == [None, original.record_id, original.record_id]
    assert {c.payload_sha256 for _, c, _ in found} == {original.payload_sha256}
    for number, (response, capture, _) in enumerate(found):
        assert response.body == PAGE
        assert response.headers["X-Night"] == b"%d" % number
        again = replayed(tmp_path, capture.at)
        assert (again.body, again.headers) == (response.body, response.headers)
        assert read(tmp_path, capture).response == nights[number][0]


@pytest.mark.parametrize(
    "night",
    [framed(b"short"), framed(PAGE, status=b"404 Gone"), framed(PAGE)[:-1]],
    ids=["a small page", "an error", "a page cut off"],
)
def test_what_is_no_whole_page_of_some_size_is_kept_each_time(tmp_path: Path, night: bytes) -> None:
    found = crawls(tmp_path, [night, None], [night, None])
    assert [capture.record_type for _, capture, _ in found] == ["response", "response"]


def test_the_same_payload_reads_the_same_whatever_it_was_framed_in(tmp_path: Path) -> None:
    body = PAGE + b"\r\nthe end"
    chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n"
    nights = [framed(body), chunks % (len(body), body), framed(body)]
    found = crawls(tmp_path, *([night] for night in nights))
    assert [c.record_type for _, c, _ in found] == ["response", "revisit", "revisit"]
    assert {replayed(tmp_path, c.at).body for _, c, _ in found} == {body}
    like_chunks = b"5\r\nhello\r\n" + PAGE  # under a head that claims chunks this would be misread
    found = crawls(tmp_path, [framed(like_chunks)], [chunks % (len(like_chunks), like_chunks)])
    assert [c.record_type for _, c, _ in found] == ["response", "response"]
    assert {replayed(tmp_path, c.at).body for _, c, _ in found} == {like_chunks}


def test_nothing_points_at_what_was_never_published(tmp_path: Path) -> None:
    async def killed() -> None:
        async with HostileServer([framed(PAGE)], [framed(PAGE)]) as server:
            crawl = Crawl(tmp_path, server)
            first, second = asking(), asking(f"http://{HOST}/copy")
            for request in (first, second):
                await crawl.live.fetch(request)
                assert request.meta["receipt"].archived.record_type == "response"
            [file] = tmp_path.rglob("*.warc.gz.open")
            crawl.vault._writers["yanshi"].abandon()  # as a killed process does
            file.unlink()
            await crawl.live.close()

    run(killed())
    [(_, capture, _)] = crawls(tmp_path, [framed(PAGE)])
    assert capture.record_type == "response"


def test_a_file_that_was_moved_away_is_nothing_to_point_at(tmp_path: Path) -> None:
    [(_, original, _)] = crawls(tmp_path, [framed(PAGE)])
    (tmp_path / original.file).rename(tmp_path / "elsewhere")
    found = crawls(tmp_path, [framed(PAGE)], [framed(PAGE)])
    assert [capture.record_type for _, capture, _ in found] == ["response", "revisit"]
    assert found[1][1].refers_to == found[0][1].record_id


# Asking whether anything has changed.

ETAG = b'"\xd5\xfe-1"'


def honest(request: bytes) -> Script:
    """200 with validators the first time, 304 to whoever shows them."""
    if b"If-None-Match: " + ETAG in request:
        assert b"If-Modified-Since: yesterday\r\n" in request
        return [b"HTTP/1.1 304 Not Modified\r\nETag: " + ETAG + b"\r\n\r\n"]
    return [framed(PAGE, b"ETag: " + ETAG, b"Last-Modified: yesterday")]


def test_a_confirmed_page_is_the_page(tmp_path: Path) -> None:
    found = crawls(tmp_path, honest, honest, honest)
    kinds = [(c.record_type, c.status) for _, c, _ in found]
    assert kinds == [("response", 200), ("revisit", 304), ("revisit", 304)]
    original = found[0][1]
    for response, capture, request in found:
        assert (response.status, response.body) == (200, PAGE)
        assert response.headers["ETag"] == ETAG
        assert capture.payload_sha256 == original.payload_sha256
        assert (b"If-None-Match" in request) == (capture is not original)
        assert read(tmp_path, capture).request == request
        again = replayed(tmp_path, capture.at)
        assert (again.status, again.body) == (200, PAGE)
    confirmation = read(tmp_path, found[1][1]).not_modified
    assert confirmation.startswith(b"HTTP/1.1 304 Not Modified\r\nETag")


def test_a_304_that_nobody_asked_for_is_no_page(tmp_path: Path) -> None:
    lie = [b"HTTP/1.1 304 Not Modified\r\n\r\n"]
    [(response, capture, request)] = crawls(tmp_path, lie)
    assert (response.status, response.body) == (304, b"")
    assert (capture.record_type, capture.status) == ("response", 304)
    assert b"If-" not in request


def test_only_a_whole_page_that_can_be_read_back_may_be_confirmed(tmp_path: Path) -> None:
    cut: Script = [framed(PAGE, b"ETag: " + ETAG)[:-1], None]
    [_, (_, whole, request)] = crawls(tmp_path, cut, [framed(PAGE, b"ETag: " + ETAG)])
    assert b"If-" not in request
    path = tmp_path / whole.file
    data = bytearray(path.read_bytes())
    data[whole.offset + whole.length // 2] ^= 0xFF
    path.write_bytes(data)
    [(response, _, request)] = crawls(tmp_path, [framed(PAGE)])
    assert b"If-" not in request
    assert response.body == PAGE


def test_a_page_that_changed_is_the_new_one(tmp_path: Path) -> None:
    changed = [framed(b"new" * 900, b"ETag: 2")]
    found = crawls(tmp_path, honest, changed, lambda request: [framed(request)])
    assert found[1][0].body == b"new" * 900
    assert b"If-None-Match: 2\r\n" in found[2][2]


def test_a_page_first_seen_as_another_is_asked_for_in_full(tmp_path: Path) -> None:
    """Its confirmation would be read as that other one was: here in another charset."""
    page = "<html><title>年度报告</title></html>".encode("gbk") * 60
    other = framed(page, b"Content-Type: text/plain; charset=utf-8")
    own = framed(page, b"Content-Type: text/html; charset=gbk", b"ETag: 1")

    async def nights() -> list[tuple[Response, Capture]]:
        async with HostileServer([other], [own], [own]) as server, Crawl(tmp_path, server) as crawl:
            await crawl.get(asking(f"http://{HOST}/other"))
            got = [await crawl.get(asking()) for _ in range(2)]
            assert not any(b"If-" in request for request in server.requests)
            return got

    for response, capture in run(nights()):
        assert capture.record_type == "revisit"
        again = replayed(tmp_path, capture.at)
        assert isinstance(response, HtmlResponse)
        assert "年度报告" in response.text
        assert (type(again), again.headers, again.body) == (HtmlResponse, response.headers, page)


def test_a_page_that_needs_cookies_is_asked_for_in_full(tmp_path: Path) -> None:
    """A confirmation replays as the page did then, and would set the cookie of then."""
    request = asking()
    request.meta["cookies"] = "yanshi"

    async def twice() -> list[bytes]:
        async with HostileServer(answer=honest) as server, Crawl(tmp_path, server) as crawl:
            await crawl.get(asking())
            await crawl.get(request)
            return server.requests

    assert not any(b"If-" in asked for asked in run(twice()))


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        (b'ETag: W/"a", "b"', b'If-None-Match: W/"a", "b"\r\n'),
        (b"Last-Modified: \xb6\xfe\xd4\xc2", b"If-Modified-Since: \xb6\xfe\xd4\xc2\r\n"),
        (b"ETag: a\rX-Other: b", b""),
        (b"ETag: " + b"a" * 9000, b""),
        (b"ETag:", b""),
    ],
)
def test_a_validator_is_said_as_it_came_or_not_at_all(
    tmp_path: Path, said: bytes, asked: bytes
) -> None:
    found = crawls(tmp_path, [framed(PAGE, said)], [framed(PAGE, said)])
    assert asked in found[1][2]
    assert (b"If-" in found[1][2]) == bool(asked)


@pytest.mark.parametrize("kind", [Kind.ROBOTS, Kind.ATTACHMENT])
def test_only_listings_and_documents_are_asked_for_conditionally(
    tmp_path: Path, kind: Kind
) -> None:
    async def twice() -> list[bytes]:
        async with HostileServer(answer=honest) as server, Crawl(tmp_path, server) as crawl:
            await crawl.get(asking(kind=kind))
            await crawl.get(asking(kind=kind))
            return server.requests

    assert not any(b"If-" in request for request in run(twice()))


def test_an_old_page_is_asked_for_in_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import timedelta

    monkeypatch.setattr("crawler.download.earlier.FRESH", timedelta(0))
    found = crawls(tmp_path, honest, honest)
    assert b"If-" not in found[1][2]
    assert found[1][1].record_type == "revisit"  # the payload is the same all the same
