"""HTTP/1.1 over asyncio streams, every byte kept as it crossed the wire.

Scrapy's own handlers normalise what they hand on, and hooks into Twisted's client reach it only
through private names. A client that reads messages with the same lenient code as the replay
(`archive.http`) needs neither: what was recorded is what was read, by construction.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import urlsplit

from archive.http import Dechunker, Head, find_head, split_interim

Truncated = Literal["disconnect", "length", "time"]
IDLE_SECONDS = 10.0  # servers of this field close idle connections after 15 s or less
CHUNK = 65536


@dataclass(slots=True)
class Answer:
    """One exchange as it went. `response` is b"" when nothing came back; `error` then says why."""

    sent_at: datetime
    response: bytes = b""
    truncated: Truncated | None = None
    error: str = ""
    ip: str = ""
    tls: tuple[str, str] | None = None  # version, cipher
    ended: float = field(default_factory=time.monotonic)


@dataclass(slots=True)
class _Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    idle_since: float = 0.0

    @property
    def ip(self) -> str:
        peer = self.writer.get_extra_info("peername")
        return str(peer[0]) if peer else ""

    @property
    def tls(self) -> tuple[str, str] | None:
        if (channel := self.writer.get_extra_info("ssl_object")) is None:
            return None
        return str(channel.version()), str((channel.cipher() or ("",))[0])


class Wire:
    """A pool of connections, one exchange at a time on each.

    `connect_to` ("host:port") opens every connection there instead, without TLS, and leaves URL
    and Host header as they are. `seconds` bounds a whole exchange, `max_bytes` the response.
    """

    def __init__(
        self, *, connect_to: str = "", seconds: float = 60.0, max_bytes: int = 64 * 2**20
    ) -> None:
        self._connect_to = connect_to
        self._seconds = seconds
        self._max_bytes = max_bytes
        self._idle: dict[tuple[str, int, bool], list[_Connection]] = defaultdict(list)

    async def exchange(self, url: str, method: str, request: bytes) -> Answer:
        """Send `request` to the host of `url` and read one response. Never raises for the network.

        A kept connection that the server closed in the meantime costs one silent second try on
        a fresh one: nothing of the first reached an application.
        """
        origin = self._origin(url)
        if (kept := self._kept(origin)) is not None:
            answer = await self._try(origin, kept, method, request)
            if answer.response or answer.truncated == "time":
                return answer
        sent_at = datetime.now(UTC)
        try:
            async with asyncio.timeout(self._seconds):
                fresh = await self._connect(origin)
        except TimeoutError:
            return Answer(sent_at, error=f"no connection within {self._seconds:g} s")
        except (OSError, ssl.SSLError) as error:
            return Answer(sent_at, error=f"no connection: {error}")
        return await self._try(origin, fresh, method, request)

    async def close(self) -> None:
        """Close every kept connection."""
        for kept in self._idle.values():
            for connection in kept:
                await _close(connection)
        self._idle.clear()

    def _origin(self, url: str) -> tuple[str, int, bool]:
        if self._connect_to:
            host, _, port = self._connect_to.rpartition(":")
            return host, int(port), False
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        return parts.hostname or "", parts.port or (443 if secure else 80), secure

    def _kept(self, origin: tuple[str, int, bool]) -> _Connection | None:
        while self._idle[origin]:
            connection = self._idle[origin].pop()
            fresh = time.monotonic() - connection.idle_since < IDLE_SECONDS
            if fresh and not connection.reader.at_eof():
                return connection
            connection.writer.close()
        return None

    async def _connect(self, origin: tuple[str, int, bool]) -> _Connection:
        host, port, secure = origin
        context = ssl.create_default_context() if secure else None
        if context is not None:
            context.set_alpn_protocols(["http/1.1"])  # HTTP/2 has no wire form that WARC can hold
        return _Connection(*await asyncio.open_connection(host, port, ssl=context))

    async def _try(
        self, origin: tuple[str, int, bool], connection: _Connection, method: str, request: bytes
    ) -> Answer:
        answer = Answer(datetime.now(UTC), ip=connection.ip, tls=connection.tls)
        incoming = _Incoming(method, self._max_bytes)
        try:
            async with asyncio.timeout(self._seconds):
                connection.writer.write(request)
                await connection.writer.drain()
                while not incoming.complete and (data := await connection.reader.read(CHUNK)):
                    incoming.feed(data)
        except TimeoutError:
            answer.truncated, answer.error = "time", f"not finished within {self._seconds:g} s"
        except OSError as error:
            answer.truncated, answer.error = "disconnect", str(error) or type(error).__name__
        incoming.end(answer)
        answer.ended = time.monotonic()
        if incoming.reusable and answer.truncated is None:
            connection.idle_since = answer.ended
            self._idle[origin].append(connection)
        else:
            await _close(connection)
        return answer


class _Incoming:
    """The bytes of one response as they come, and where it ends (RFC 9112 §6.3)."""

    def __init__(self, method: str, max_bytes: int) -> None:
        self.complete = False
        self.reusable = False
        self._data = bytearray()
        self._head: Head | None = None
        self._body_at = 0
        self._length: int | None = None  # None: until the connection closes
        self._dechunker: Dechunker | None = None
        self._headless_body = method == "HEAD"
        self._max_bytes = max_bytes
        self._too_long = False

    def feed(self, data: bytes) -> None:
        self._data += data
        if self._head is None:
            self._find_head()
            data = bytes(self._data[self._body_at :])
        if self._head is None:
            return
        if self._dechunker is not None:
            self._dechunker.feed(data)
            self.complete = self._dechunker.done  # broken framing runs until the connection closes
        elif self._length is not None:
            self.complete = len(self._data) - self._body_at >= self._length
        if not self.complete and len(self._data) > self._max_bytes:
            self.complete = self._too_long = True

    def _find_head(self) -> None:
        interim, _ = split_interim(bytes(self._data))
        start = sum(map(len, interim))
        head = find_head(self._data, start)
        if head is None or 100 <= head.status < 200:
            return
        self._head, self._body_at = head, start + head.size
        length = (head.get(b"content-length") or b"").strip()
        if self._headless_body or head.status in {204, 304}:
            self._length = 0
        elif b"chunked" in (head.get(b"transfer-encoding") or b"").lower():
            self._dechunker = Dechunker()
        elif length.isdigit():
            self._length = int(length)
        closing = b"close" in (head.get(b"connection") or b"").lower()
        framed = self._length is not None or self._dechunker is not None
        self.reusable = framed and not closing and head.start_line.startswith(b"HTTP/1.1")

    def end(self, answer: Answer) -> None:
        """Fill in what came. Bytes past the end of a framed message are not part of it."""
        if (surplus := self._surplus()) > 0:
            del self._data[-surplus:]
            self.reusable = False
        answer.response = bytes(self._data)
        if self._too_long:
            answer.truncated, answer.error = "length", f"longer than {self._max_bytes} bytes"
        elif answer.truncated is None and not self._whole():
            answer.truncated, answer.error = "disconnect", "the server closed the connection early"

    def _surplus(self) -> int:
        """Bytes that came after the end of the message."""
        if not self.complete or self._too_long:
            return 0
        if self._dechunker is not None:
            return len(self._dechunker.rest)
        return len(self._data) - self._body_at - (self._length or 0)

    def _whole(self) -> bool:
        if self.complete:
            return True
        if self._dechunker is not None:
            return self._dechunker.broken or self._dechunker.consumed == 0  # a false header
        return self._head is not None and self._length is None


async def _close(connection: _Connection) -> None:
    connection.writer.close()
    with contextlib.suppress(OSError, ssl.SSLError):
        await connection.writer.wait_closed()
