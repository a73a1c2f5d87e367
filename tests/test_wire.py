"""The HTTP client against a server that sends exactly the bytes a test tells it to."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from socket import AF_INET, IPPROTO_TCP, SOCK_STREAM, create_server, socket
from threading import Event, Thread
from typing import Any

import pytest
from hostile_server import HostileServer, Script, framed
from scrapy import Request

from archive import Exchange
from archive.http import read_heads
from crawler.download import incoming
from crawler.download.messages import request_bytes, response_of
from crawler.download.wire import Answer, Wire
from crawler.errors import FetchFailed

URL = "http://www.yanshi.test/a"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
HOLE, HERE = "127.0.0.2", "127.0.0.1"
REQUEST = b"GET /a HTTP/1.1\r\nHost: www.yanshi.test\r\n\r\n"


def fetch(*scripts: Script, method: str = "GET", **options: float) -> Answer:
    [answer], _ = fetches(*scripts, method=method, times=1, **options)
    return answer


def fetches(
    *scripts: Script, method: str = "GET", times: int = 2, **options: float
) -> tuple[list[Answer], HostileServer]:
    async def run() -> tuple[list[Answer], HostileServer]:
        async with HostileServer(*scripts) as server:
            wire = Wire(connect_to=server.address, **options)  # type: ignore[arg-type]
            request = REQUEST.replace(b"GET", method.encode())
            answers = [await wire.exchange(URL, method, request) for _ in range(times)]
            await wire.close()
            return answers, server

    return asyncio.run(run())


EXACT = {
    "a plain page": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "header case, order and doubles": (
        b"HTTP/1.1 200 Okay then\r\nsEt-cOOkie: a=1\r\nSet-Cookie: b=2\r\nX: y\r\n"
        b"content-LENGTH:5\r\n\r\nhello"
    ),
    "GBK in a header": b"HTTP/1.1 200 OK\r\nX-T: \xd5\xfe\xb8\xae\r\nContent-Length: 2\r\n\r\nok",
    "a line without a colon": b"HTTP/1.1 200 OK\r\nnonsense\r\nContent-Length: 2\r\n\r\nok",
    "line feeds alone": b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
    "chunks, an extension and a trailer": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n"
        b"3;x=y\r\nabc\r\n02\r\nde\r\n0\r\nX-T: 1\r\n\r\n"
    ),
    "a chunk size after a blank": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n 2\r\nok\r\n0\r\n\r\n"
    ),
    "an interim answer first": (
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    ),
    "no body at all": b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n",
}


@pytest.mark.parametrize("raw", EXACT.values(), ids=EXACT)
@pytest.mark.parametrize("step", [1, 7, 10_000])
def test_every_byte_is_kept_however_it_arrives(raw: bytes, step: int) -> None:
    pieces: Script = [raw[i : i + step] for i in range(0, len(raw), step)]
    answer = fetch([*pieces, 0.2])
    assert answer.response == raw
    assert answer.truncated is None
    assert answer.ip == "127.0.0.1"


def test_a_body_without_a_length_ends_with_the_connection() -> None:
    answer = fetch([b"HTTP/1.0 200 OK\r\n\r\nall of it", None])
    assert answer.response.endswith(b"all of it")
    assert answer.truncated is None


def test_a_false_chunked_header_is_kept_as_it_came() -> None:
    raw = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n<html>no chunks</html>"
    answer = fetch([raw, None])
    assert (answer.response, answer.truncated) == (raw, None)


def test_a_cut_body_is_marked_and_kept() -> None:
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this"
    answer = fetch([raw, None])
    assert (answer.response, answer.truncated) == (raw, "disconnect")


def test_a_slow_answer_is_cut_off_and_kept() -> None:
    answer = fetch([b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nslow", 2.0], seconds=0.3)
    assert answer.response.endswith(b"slow")
    assert answer.truncated == "time"


def test_too_long_an_answer_is_cut_off() -> None:
    endless: Script = [b"HTTP/1.1 200 OK\r\n\r\n", *[b"x" * 60_000] * 50]
    answer = fetch(endless, max_bytes=100_000)
    assert answer.truncated == "length"
    assert 100_000 < len(answer.response) < 300_000


def test_nobody_there_is_said_without_raising() -> None:
    answer = asyncio.run(Wire(connect_to="127.0.0.1:9").exchange(URL, "GET", b""))
    assert answer.response == b""
    assert "no connection" in answer.error


def asking_two(port: int, monkeypatch: pytest.MonkeyPatch) -> Answer:
    """One exchange with a host of two addresses."""

    async def look_up(*_: object, **__: object) -> list[tuple[Any, ...]]:
        return [(AF_INET, SOCK_STREAM, IPPROTO_TCP, "", (host, port)) for host in (HOLE, HERE)]

    async def run() -> Answer:
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", look_up, raising=False)
        wire = Wire(seconds=5)
        try:
            return await wire.exchange(f"http://two.test:{port}/", "GET", REQUEST)
        finally:
            await wire.close()

    return asyncio.run(run())


def test_an_address_that_leads_nowhere_does_not_hide_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As broken IPv6 does."""
    monkeypatch.setattr("crawler.download.tunnel.NEXT_ADDRESS", 0.2)
    with create_server((HERE, 0)) as here, socket() as hole, socket() as first, socket() as second:
        port = here.getsockname()[1]
        hole.bind((HOLE, port))
        hole.listen(0)
        for caller in (first, second):  # more than it takes, so it answers nobody else
            caller.setblocking(False)
            caller.connect_ex((HOLE, port))

        def serve() -> None:
            with here.accept()[0] as channel:
                channel.recv(9999)
                channel.sendall(OK)

        serving = Thread(target=serve)
        serving.start()
        answer = asking_two(port, monkeypatch)
        serving.join()
    assert (answer.response, answer.ip) == (OK, HERE)


def test_a_host_that_refuses_at_all_its_addresses_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    assert asking_two(9, monkeypatch).facts == {"failure": "refused"}


def test_a_head_request_waits_for_no_body() -> None:
    answer = fetch([b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", 1.0], method="HEAD")
    assert answer.truncated is None


def test_a_connection_is_used_again_and_bytes_beyond_the_end_are_not_the_next_answer() -> None:
    answers, server = fetches([OK], [OK])
    assert [a.response for a in answers] == [OK, OK]
    assert server.connections == 1
    answers, server = fetches([OK + b"surplus"], [OK])
    assert [a.response for a in answers] == [OK, OK]
    assert server.connections == 2


OPEN_FILES = Path("/proc/self/fd")
BODILESS = {
    "204": b"HTTP/1.1 204 No Content\r\nContent-Length: 6\r\n\r\n",
    "304": b"HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n",
}


def test_bytes_that_come_later_are_no_answer_to_who_asks_next() -> None:
    async def run() -> tuple[list[Answer], HostileServer]:
        async with HostileServer([OK, 0.05, framed(b"not yours"), 5.0], [OK]) as server:
            wire = Wire(connect_to=server.address)
            answers = [await wire.exchange(URL, "GET", REQUEST)]
            await asyncio.sleep(0.3)
            answers.append(await wire.exchange(URL, "GET", REQUEST))
            await wire.close()
            return answers, server

    answers, server = asyncio.run(run())
    assert [a.response for a in answers] == [OK, OK]
    assert server.connections == 2


def test_bytes_that_nobody_has_read_yet_are_seen_before_the_connection_is_used_again() -> None:
    answered, sent = Event(), Event()

    def serve() -> None:
        with here.accept()[0] as first:
            first.recv(9999)
            first.sendall(OK)
            answered.wait()
            first.sendall(framed(b"not yours"))
            sent.set()
            with here.accept()[0] as second:
                second.recv(9999)
                second.sendall(OK)

    async def run(port: int) -> list[Answer]:
        wire = Wire(connect_to=f"{HERE}:{port}", seconds=20)
        first = await wire.exchange(URL, "GET", REQUEST)
        answered.set()
        sent.wait()  # and the event loop does not run meanwhile
        second = await wire.exchange(URL, "GET", REQUEST)
        await wire.close()
        return [first, second]

    with create_server((HERE, 0)) as here:
        serving = Thread(target=serve, daemon=True)
        serving.start()
        answers = asyncio.run(run(here.getsockname()[1]))
        assert [a.response for a in answers] == [OK, OK]
        serving.join()


@pytest.mark.parametrize("head", BODILESS.values(), ids=BODILESS)
def test_a_body_where_none_may_be_is_no_answer_to_who_asks_next(head: bytes) -> None:
    answers, server = fetches([head, 0.1, b"1\r\nx\r\n0\r\n\r\n", 5.0], [OK])
    assert [a.response for a in answers] == [head, OK]
    assert server.connections == 2


def test_no_connection_is_kept_that_nobody_will_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither those that the server closed, nor those that have waited long."""
    monkeypatch.setattr("crawler.download.connections.IDLE_SECONDS", 0.2)

    async def run(script: Script) -> int:
        async with HostileServer(answer=lambda _: script) as server:
            hosts = [f"www.n{number}.test" for number in range(20)]
            wire = Wire(resolve=dict.fromkeys(hosts, ("127.0.0.1", server.port)))
            before = len(list(OPEN_FILES.iterdir()))
            for host in hosts:
                answer = await wire.exchange(f"http://{host}/", "GET", REQUEST)
                assert answer.response == OK
            await asyncio.sleep(0.7)
            return len(list(OPEN_FILES.iterdir())) - before

    assert asyncio.run(run([OK, None])) <= 0
    assert asyncio.run(run([OK])) <= 0


@pytest.mark.parametrize(
    "url",
    ["http://a..test/", "http://" + "x" * 64 + ".test/", "https:///a", "http://a.test:70000/"],
)
def test_an_address_that_cannot_exist_is_said_without_raising(url: str) -> None:
    answer = asyncio.run(Wire().exchange(url, "GET", REQUEST))
    assert answer.error.startswith("no connection: there is no such address")
    assert answer.facts == {"failure": "dns"}


@pytest.mark.parametrize(
    "head",
    [b"HTTP/1.1 103 Early Hints\r\n\r\n" * 2000, b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 8000],
)
def test_a_head_is_read_once_however_it_arrives(
    head: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at = []

    def counted(data: bytes) -> object:
        looked_at.append(len(data))
        return read_heads(data)

    monkeypatch.setattr(incoming, "read_heads", counted)
    raw = head + b"\r\n" + OK
    reading = incoming.Incoming("GET", 2**20, incoming.Spool(None))
    for at in range(0, len(raw), 50):
        reading.feed(raw[at : at + 50])
    assert sum(looked_at) < 3 * len(raw)
    assert reading.whole


def test_a_kept_connection_that_the_server_closed_is_replaced() -> None:
    answers, server = fetches([OK, 0.05, None], [OK])
    assert [a.response for a in answers] == [OK, OK]
    assert server.connections == 2


def test_the_request_goes_out_as_it_is_recorded() -> None:
    request = Request("http://www.yanshi.test/a b?x=政#frag", headers={"X-A": "1"})
    sent = request_bytes(request)
    assert sent.startswith(b"GET /a%20b?x=%E6%94%BF HTTP/1.1\r\nHost: www.yanshi.test\r\n")
    assert b"frag" not in sent
    assert request_bytes(Request("http://h.test?q=1")).startswith(b"GET /?q=1 HTTP/1.1\r\n")


def test_a_response_is_made_of_the_bytes_alone() -> None:
    raw = EXACT["chunks, an extension and a trailer"]
    whole = Exchange(URL, b"", raw, datetime.now(UTC))
    response = response_of(Request(URL), whole)
    assert (response.status, response.body) == (200, b"abcde")
    cut = replace(whole, response=raw[:40], truncated="disconnect", error="closed")
    with pytest.raises(FetchFailed, match="closed"):
        response_of(Request(URL), cut)
