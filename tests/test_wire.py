"""The HTTP client against a server that sends exactly the bytes a test tells it to."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hostile_server import HostileServer, Script
from scrapy import Request

from archive import Exchange
from crawler.download.messages import request_bytes, response_of
from crawler.download.wire import Answer, Wire
from crawler.errors import FetchFailed

URL = "http://www.yanshi.test/a"


def fetch(*scripts: Script, method: str = "GET", **options: float) -> Answer:
    [answer], _ = fetches(*scripts, method=method, times=1, **options)
    return answer


def fetches(
    *scripts: Script, method: str = "GET", times: int = 2, **options: float
) -> tuple[list[Answer], HostileServer]:
    async def run() -> tuple[list[Answer], HostileServer]:
        async with HostileServer(*scripts) as server:
            wire = Wire(connect_to=server.address, **options)  # type: ignore[arg-type]
            request = f"{method} /a HTTP/1.1\r\nHost: www.yanshi.test\r\n\r\n".encode()
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


def test_a_head_request_waits_for_no_body() -> None:
    answer = fetch([b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", 1.0], method="HEAD")
    assert answer.truncated is None


def test_a_connection_is_used_again_and_bytes_beyond_the_end_are_not_the_next_answer() -> None:
    ok = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    answers, server = fetches([ok], [ok])
    assert [a.response for a in answers] == [ok, ok]
    assert server.connections == 1
    answers, server = fetches([ok + b"surplus"], [ok])
    assert [a.response for a in answers] == [ok, ok]
    assert server.connections == 2


def test_a_kept_connection_that_the_server_closed_is_replaced() -> None:
    ok = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    answers, server = fetches([ok, 0.05, None], [ok])
    assert [a.response for a in answers] == [ok, ok]
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
