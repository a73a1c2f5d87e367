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
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from archive.spill import Spill
from crawler.download.incoming import Incoming, Spool
from crawler.download.tls import Handshakes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Truncated = Literal["disconnect", "length", "time"]
Origin = tuple[str, int, bool]  # host, port, whether by TLS
IDLE_SECONDS = 10.0  # servers of this field close idle connections after 15 s or less
CHUNK = 65536
SLOWEST = 16 * 1024  # bytes a second: at this pace an answer may take longer than `seconds`
PATIENCE = 10  # times `seconds`, and no longer at any pace: a lease does not last forever


@dataclass(slots=True)
class Answer:
    """One exchange as it went. `response` is b"" when nothing came back; `error` then says why."""

    sent_at: datetime
    response: bytes | Spill = b""
    truncated: Truncated | None = None
    error: str = ""
    ip: str = ""
    tls: tuple[str, str] | None = None  # version, cipher
    facts: dict[str, str] = field(default_factory=dict)  # for the metadata of the exchange
    ended: float = field(default_factory=time.monotonic)
    unheard: Answer | None = None  # the try before on a kept connection, which nobody answered

    def close(self) -> None:
        """Let go of a response that lies on disk."""
        if isinstance(self.response, Spill):
            self.response.file.close()


@dataclass(slots=True)
class _Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    idle_since: float = 0.0

    def answer(self, host: str, handshakes: Handshakes) -> Answer:
        """An answer that says over what it came, and nothing yet."""
        answer = Answer(datetime.now(UTC))
        peer = self.writer.get_extra_info("peername")
        answer.ip = str(peer[0]) if peer else ""
        if (channel := self.writer.get_extra_info("ssl_object")) is not None:
            answer.tls = str(channel.version()), str((channel.cipher() or ("",))[0])
            answer.facts = handshakes.facts(host, channel)
        return answer


class Wire:
    """A pool of connections, one exchange at a time on each.

    `connect_to` ("host:port") opens every connection there instead, without TLS, and leaves URL
    and Host header as they are. `resolve` gives the (address, port) to use for a host in place of
    DNS, with TLS as the URL says: for pinned addresses, and for tests. `max_bytes` bounds a
    response; large ones wait in nameless files in `spill_to` (None: in memory). `seconds` bounds
    an exchange, but one that moves at `SLOWEST` may take `PATIENCE` times as long.
    """

    def __init__(
        self,
        *,
        connect_to: str = "",
        seconds: float = 60.0,
        max_bytes: int = 64 * 2**20,
        spill_to: Path | None = None,
        resolve: Mapping[str, tuple[str, int]] | None = None,
        handshakes: Handshakes | None = None,
    ) -> None:
        self._connect_to = connect_to
        self._seconds = seconds
        self._max_bytes = max_bytes
        self._spill_to = spill_to
        self._resolve = resolve or {}
        self._handshakes = handshakes or Handshakes()
        self._idle: dict[Origin, list[_Connection]] = defaultdict(list)

    async def exchange(self, url: str, method: str, request: bytes) -> Answer:
        """Send `request` to the host of `url` and read one response. Never raises for the network.

        A kept connection that the server closed in the meantime costs a second try on a fresh
        one; the first is in `unheard`. Raises ArchiveError when a large answer cannot be put down.
        """
        origin = self._origin(url)
        unheard = None
        if (kept := self._kept(origin)) is not None:
            answer = await self._try(origin, kept, method, request)
            if answer.response or answer.truncated == "time":
                return answer
            unheard = answer
        sent_at = datetime.now(UTC)
        try:
            async with asyncio.timeout(self._seconds):
                fresh = await self._connect(origin)
        except TimeoutError:
            return Answer(
                sent_at, error=f"no connection within {self._seconds:g} s", unheard=unheard
            )
        except OSError as error:
            return Answer(sent_at, error=f"no connection: {error}", unheard=unheard)
        answer = await self._try(origin, fresh, method, request)
        answer.unheard = unheard
        return answer

    async def close(self) -> None:
        """Close every kept connection."""
        for kept in self._idle.values():
            for connection in kept:
                await _close(connection)
        self._idle.clear()

    def _origin(self, url: str) -> Origin:
        if self._connect_to:
            host, _, port = self._connect_to.rpartition(":")
            return host, int(port), False
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        return parts.hostname or "", parts.port or (443 if secure else 80), secure

    def _kept(self, origin: Origin) -> _Connection | None:
        while self._idle[origin]:
            connection = self._idle[origin].pop()
            fresh = time.monotonic() - connection.idle_since < IDLE_SECONDS
            if fresh and not connection.reader.at_eof():
                return connection
            connection.writer.close()
        return None

    async def _connect(self, origin: Origin) -> _Connection:
        host, port, secure = origin
        address = self._resolve.get(host, (host, port))
        if secure:
            return _Connection(*await self._handshakes.open(host, address))
        return _Connection(*await asyncio.open_connection(*address))

    async def _try(
        self, origin: Origin, connection: _Connection, method: str, request: bytes
    ) -> Answer:
        answer = connection.answer(origin[0], self._handshakes)
        spool = Spool(self._spill_to)
        incoming = Incoming(method, self._max_bytes, spool)
        reusable = False
        try:
            await self._converse(connection, request, incoming, spool, answer)
            if surplus := incoming.end():
                answer.facts["surplus"] = f"at least {surplus} bytes after the end were dropped"
            answer.response = spool.taken()
            reusable = incoming.reusable and answer.truncated is None
        finally:
            answer.ended = time.monotonic()
            if reusable:
                connection.idle_since = answer.ended
                self._idle[origin].append(connection)
            else:
                connection.writer.close()
        if not reusable:
            await _close(connection)
        return answer

    async def _converse(
        self,
        connection: _Connection,
        request: bytes,
        incoming: Incoming,
        spool: Spool,
        answer: Answer,
    ) -> None:
        """Send, and read until the response is whole or something ends it before."""
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            async with asyncio.timeout(self._seconds) as limit:
                connection.writer.write(request)
                await connection.writer.drain()
                while not incoming.complete and (data := await connection.reader.read(CHUNK)):
                    incoming.feed(data)
                    earned = min(spool.size / SLOWEST, self._seconds * (PATIENCE - 1))
                    limit.reschedule(began + self._seconds + earned)
        except TimeoutError:
            answer.truncated = "time"
            answer.error = f"not finished within {clock() - began:.3g} s"
        except OSError as error:
            answer.truncated, answer.error = "disconnect", str(error) or type(error).__name__
        if incoming.too_long:
            answer.truncated, answer.error = "length", f"longer than {self._max_bytes} bytes"
        elif answer.truncated is None and not incoming.whole:
            answer.truncated, answer.error = "disconnect", "the server closed the connection early"


async def _close(connection: _Connection) -> None:
    connection.writer.close()
    with contextlib.suppress(OSError, ssl.SSLError):
        await connection.writer.wait_closed()
