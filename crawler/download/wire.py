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
from functools import partial
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from archive.spill import Spill
from crawler.download.failures import kind_of
from crawler.download.incoming import Incoming, Spool
from crawler.download.tls import Handshakes, speaks_tls
from crawler.download.tunnel import connect
from crawler.egress import Egress
from crawler.errors import EgressFailed

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
    stuck: EgressFailed | None = None  # nothing was sent: our own way out let nothing through

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

    `connect_to` ("host:port") opens every connection there instead, and leaves URL and Host header
    as they are; a server there that speaks no TLS is asked in clear for https, too. `resolve` gives
    the (address, port) to use for a host in place of DNS: for tests. `max_bytes` bounds a
    response; large ones wait in nameless files in `spill_to` (None: in memory). `seconds` bounds
    an exchange, but one that moves at `SLOWEST` may take `PATIENCE` times as long. `egress` is how
    connections leave this machine.
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
        egress: Egress | None = None,
    ) -> None:
        self._stand_in = _address(connect_to) if connect_to else None
        self._stand_in_tls: bool | None = None  # whether it speaks TLS; None: nobody asked yet
        self._seconds = seconds
        self._max_bytes = max_bytes
        self._spill_to = spill_to
        self._resolve = resolve or {}
        self._handshakes = handshakes or Handshakes()
        self.egress = egress or Egress()
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
        except EgressFailed as error:
            return Answer(sent_at, unheard=unheard, stuck=error)
        except OSError as error:
            late = (
                f" within {self._seconds:g} s" if isinstance(error, TimeoutError) else f": {error}"
            )
            failed = {"failure": kind_of(error)}
            return Answer(sent_at, error=f"no connection{late}", facts=failed, unheard=unheard)
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
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        if self._stand_in and not secure:
            return *self._stand_in, False
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
        address = self._stand_in or self._resolve.get(host, (host, port))
        opened = partial(connect, self.egress, address, self._seconds)
        if secure and self._stand_in and self._stand_in_tls is None:
            self._stand_in_tls = await speaks_tls(address)
        if secure and self._stand_in_tls is not False:
            return _Connection(*await self._handshakes.open(host, opened))
        return _Connection(*await opened())

    async def _try(
        self, origin: Origin, connection: _Connection, method: str, request: bytes
    ) -> Answer:
        answer = connection.answer(origin[0], self._handshakes)
        if self.egress.proxy is not None:
            answer.ip = ""  # the proxy's; where the server is, only the proxy knows
        spool = Spool(self._spill_to)
        incoming = Incoming(method, self._max_bytes, spool)
        reusable = False
        try:
            await self._converse(connection, request, incoming, spool, answer)
            if surplus := incoming.end():
                answer.facts["surplus"] = f"at least {surplus} bytes after the end were dropped"
            answer.response = spool.taken()
            if answer.error and not answer.response:
                answer.facts["failure"] = "timeout" if answer.truncated == "time" else "reset"
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


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host, int(port)


async def _close(connection: _Connection) -> None:
    connection.writer.close()
    with contextlib.suppress(OSError, ssl.SSLError):
        await connection.writer.wait_closed()
