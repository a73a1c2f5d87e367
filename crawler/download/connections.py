"""Connections to servers, and those of them that may carry another exchange."""

from __future__ import annotations

import asyncio
import select
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

Origin = tuple[str, int, bool]  # host, port, whether by TLS
IDLE_SECONDS = 10.0  # servers of this field close idle connections after 15 s or less


class Reader(asyncio.StreamReader):
    """Knows whether bytes have come that nobody has read."""

    def __init__(self) -> None:
        super().__init__(loop=asyncio.get_running_loop())
        self._unread = 0

    def feed_data(self, data: Any) -> None:
        """Take in what the server sent."""
        self._unread += len(data)
        super().feed_data(data)

    async def read(self, n: int = -1) -> bytes:
        """The only way by which bytes are taken out."""
        data = await super().read(n)
        self._unread -= len(data)
        return data

    @property
    def quiet(self) -> bool:
        """Whether the server has sent nothing more, nor gone."""
        return not self._unread and not self.at_eof() and self.exception() is None


Streams = tuple[Reader, asyncio.StreamWriter]


async def opened(*address: Any, **options: Any) -> Streams:
    """Do what `asyncio.open_connection` does, with a reader that counts."""
    loop, reader = asyncio.get_running_loop(), Reader()
    protocol = asyncio.StreamReaderProtocol(reader)
    transport, _ = await loop.create_connection(lambda: protocol, *address, **options)
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


@dataclass(slots=True, eq=False)
class Connection:
    """One connection, for one exchange at a time."""

    reader: Reader
    writer: asyncio.StreamWriter

    @property
    def quiet(self) -> bool:
        """Whether nothing has come that nobody read: neither bytes nor the end."""
        if not self.reader.quiet:
            return False
        system = select.poll()  # what it holds, the event loop has not seen yet
        system.register(self.writer.get_extra_info("socket"), select.POLLIN)
        return not system.poll(0)

    def drop(self) -> None:
        """End it at once. A goodbye by TLS would wait half a minute for who has fallen silent."""
        self.writer.transport.abort()


class Kept:
    """Connections that wait for another exchange, by origin.

    Nothing may come over them meanwhile: bytes that belong to no request would pass for the answer
    to the next. Such connections are dropped, and so are those that end, or wait too long.
    """

    def __init__(self) -> None:
        self._waiting: defaultdict[Origin, dict[Connection, asyncio.TimerHandle]]
        self._waiting = defaultdict(dict)

    def put(self, origin: Origin, connection: Connection) -> None:
        """Keep a connection whose exchange is complete."""
        loop = asyncio.get_running_loop()
        late = loop.call_later(IDLE_SECONDS, self._over, origin, connection)
        self._waiting[origin][connection] = late

    def take(self, origin: Origin) -> Connection | None:
        """The connection kept last that is still good; None when there is none."""
        while self._waiting[origin]:
            connection, late = self._waiting[origin].popitem()
            late.cancel()
            if connection.quiet:
                return connection
            connection.drop()
        return None

    def close(self) -> None:
        """Drop every connection."""
        for waiting in self._waiting.values():
            for connection, late in waiting.items():
                late.cancel()
                connection.drop()
        self._waiting.clear()

    def _over(self, origin: Origin, connection: Connection) -> None:
        del self._waiting[origin][connection]
        connection.drop()
