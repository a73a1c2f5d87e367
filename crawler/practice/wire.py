"""HTTP/1.1 on a pair of streams: reading one request, writing one answer, byte for byte."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.practice.answer import REASONS, Answer

MAX_BODY = 1_000_000
CHUNKS = (1000, 4096, 333, 16_384)  # uneven on purpose: readers must not count on a size


class BadRequestError(Exception):
    """The client said something that is not HTTP, or too much of it."""

    def __init__(self, status: int, says: str) -> None:
        super().__init__(says)
        self.status = status


@dataclass(frozen=True, slots=True)
class Request:
    """One request; header names in lower case."""

    method: str
    host: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    keep_alive: bool
    http_10: bool


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request on a connection, or None when the client has gone."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    except asyncio.LimitOverrunError as error:
        raise BadRequestError(431, "the header is too long") from error
    line, *rest = head.decode("latin-1").lstrip("\r\n").split("\r\n")
    try:
        method, target, version = line.split(" ")
        pairs = [field.split(":", 1) for field in rest if field]
        headers = {name.lower(): value.strip() for name, value in pairs}
    except ValueError as error:
        raise BadRequestError(400, "not an HTTP request") from error
    if version not in {"HTTP/1.0", "HTTP/1.1"}:
        raise BadRequestError(400, "HTTP/1.0 or HTTP/1.1, please")
    host = headers.get("host", "")
    if target.lower().startswith("http://"):  # as clients speak to a proxy; it overrules Host
        parts = urlsplit(target)
        host, target = (
            parts.netloc,
            (parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
        )
    if not host or not target.startswith("/"):
        raise BadRequestError(400, "a Host header and a path are needed")
    connection = headers.get("connection", "").lower()
    old = version == "HTTP/1.0"
    keep_alive = "keep-alive" in connection if old else "close" not in connection
    body = await _read_body(reader, headers)
    return Request(method, host.partition(":")[0], target, headers, body, keep_alive, old)


async def _read_body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    try:
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return await _read_chunks(reader)
        length = int(headers.get("content-length", "0"))
        if not 0 <= length <= MAX_BODY:
            raise BadRequestError(413, "the body is too long")
        return await reader.readexactly(length)
    except (ValueError, asyncio.IncompleteReadError) as error:
        raise BadRequestError(400, "the body is not as announced") from error


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        if len(body) + size > MAX_BODY:
            raise BadRequestError(413, "the body is too long")
        body += (await reader.readexactly(size + 2))[:-2]
    while (await reader.readuntil(b"\r\n")) != b"\r\n":
        pass  # trailers
    return body


def answer_bytes(answer: Answer, *, head_only: bool, http_10: bool, close: bool) -> bytes:
    """The answer as it goes over the wire, cut short where it is to be truncated."""
    chunked = answer.chunked and not http_10 and answer.status != 304
    lines = [f"HTTP/1.1 {answer.status} {REASONS[answer.status]}", "Server: practice"]
    lines += [f"{name}: {value}" for name, value in answer.headers]
    if chunked:
        lines.append("Transfer-Encoding: chunked")
    elif answer.status != 304:
        lines.append(f"Content-Length: {len(answer.body)}")
    lines.append(f"Connection: {'close' if close else 'keep-alive'}")
    head = "\r\n".join([*lines, "", ""]).encode("latin-1")
    if head_only or answer.status == 304:
        return head
    return head + (_chunked(answer.body) if chunked else answer.body[: answer.sent])


def _chunked(body: bytes) -> bytes:
    out, start, turn = [], 0, 0
    while start < len(body):
        piece = body[start : start + CHUNKS[turn % len(CHUNKS)]]
        out.append(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        start, turn = start + len(piece), turn + 1
    return b"".join(out) + b"0\r\n\r\n"
