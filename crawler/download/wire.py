"""HTTP/1.1 over asyncio streams, every byte kept as it crossed the wire.

Scrapy's own handlers normalise what they hand on, and hooks into Twisted's client reach it only
through private names. A client that reads messages with the same lenient code as the replay
(`archive.http`) needs neither: what was recorded is what was read, by construction.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from archive.spill import Spill
from crawler.download.connections import Connection, Kept, Origin
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
        self._kept = Kept()

    async def exchange(self, url: str, method: str, request: bytes) -> Answer:
        """Send `request` to the host of `url` and read one response. Never raises for the network.

        A kept connection that the server closed in the meantime costs a second try on a fresh
        one; the first is in `unheard`. Raises ArchiveError when a large answer cannot be put down.
        """
        sent_at = datetime.now(UTC)
        try:
            origin = self._origin(url)
        except ValueError as error:
            return _unreached(sent_at, f": there is no such address ({error})", "dns")
        unheard = None
        if (kept := self._kept.take(origin)) is not None:
            answer = await self._try(origin, kept, method, request)
            if answer.response or answer.truncated == "time":
                return answer
            unheard, sent_at = answer, datetime.now(UTC)
        try:
            async with asyncio.timeout(self._seconds):
                fresh = await self._connect(origin)
        except EgressFailed as error:
            return Answer(sent_at, unheard=unheard, stuck=error)
        except OSError as error:
            late = isinstance(error, TimeoutError)
            why = f" within {self._seconds:g} s" if late else f": {error}"
            answer = _unreached(sent_at, why, kind_of(error))
        else:
            answer = await self._try(origin, fresh, method, request)
        answer.unheard = unheard
        return answer

    async def close(self) -> None:
        """Close every kept connection."""
        self._kept.close()

    def _origin(self, url: str) -> Origin:
        """Where to ask for a URL. Raises ValueError for one whose host cannot exist."""
        parts = urlsplit(url)
        host, secure = parts.hostname or "", parts.scheme == "https"
        if not host.encode("idna") or "\0" in host:
            raise ValueError("it names no host")
        if self._stand_in and not secure:
            return *self._stand_in, False
        return host, parts.port or (443 if secure else 80), secure

    async def _connect(self, origin: Origin) -> Connection:
        host, port, secure = origin
        address = self._stand_in or self._resolve.get(host, (host, port))
        opened = partial(connect, self.egress, address, self._seconds)
        if secure and self._stand_in and self._stand_in_tls is None:
            self._stand_in_tls = await speaks_tls(address)
        if secure and self._stand_in_tls is not False:
            return Connection(*await self._handshakes.open(host, opened))
        return Connection(*await opened())

    async def _try(
        self, origin: Origin, connection: Connection, method: str, request: bytes
    ) -> Answer:
        answer = self._answer(origin[0], connection)
        spool = Spool(self._spill_to)
        incoming = Incoming(method, self._max_bytes, spool)
        try:
            await self._converse(connection, request, incoming, spool, answer)
            if surplus := incoming.end():
                answer.facts["surplus"] = f"at least {surplus} bytes after the end were dropped"
            answer.response = spool.taken()
        except BaseException:
            connection.drop()
            spool.drop()
            raise
        if answer.error and not answer.response:
            answer.facts["failure"] = "timeout" if answer.truncated == "time" else "reset"
        answer.ended = time.monotonic()
        if incoming.reusable and answer.truncated is None:
            self._kept.put(origin, connection)
        else:
            connection.drop()
        return answer

    def _answer(self, host: str, connection: Connection) -> Answer:
        """An answer that says over what it came, and nothing yet."""
        answer = Answer(datetime.now(UTC))
        peer = connection.writer.get_extra_info("peername")
        if peer and self.egress.proxy is None:  # where the server is, else only the proxy knows
            answer.ip = str(peer[0])
        if (channel := connection.writer.get_extra_info("ssl_object")) is not None:
            answer.tls = str(channel.version()), str((channel.cipher() or ("",))[0])
            answer.facts = self._handshakes.facts(host, channel)
        return answer

    async def _converse(
        self,
        connection: Connection,
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
                while data := await connection.reader.read(CHUNK):
                    incoming.feed(data)
                    if incoming.complete:
                        break
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


def _unreached(at: datetime, why: str, how: str) -> Answer:
    return Answer(at, error=f"no connection{why}", facts={"failure": how})
