"""Connections to servers, and those of them that may carry another exchange."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

Origin = tuple[str, int, bool]  # host, port, whether by TLS
IDLE_SECONDS = 10.0  # servers of this field close idle connections after 15 s or less
ROUNDS = 3  # of the event loop, for bytes to get from the socket to the reader to the watch


@dataclass(slots=True, eq=False)
class Connection:
    """One connection, for one exchange at a time."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def drop(self) -> None:
        """End it at once. A goodbye by TLS would wait half a minute for who has fallen silent."""
        self.writer.transport.abort()


class Kept:
    """Connections that wait for another exchange, by origin.

    Nothing may come over them meanwhile: bytes that belong to no request would pass for the answer
    to the next. Such connections are dropped, and so are those that end, or wait too long.
    """

    def __init__(self) -> None:
        self._watches: defaultdict[Origin, dict[Connection, asyncio.Task[None]]]
        self._watches = defaultdict(dict)

    def put(self, origin: Origin, connection: Connection) -> None:
        """Keep a connection whose exchange is complete."""
        watch = asyncio.get_running_loop().create_task(_quiet(connection))
        self._watches[origin][connection] = watch
        watch.add_done_callback(lambda _: self._over(origin, connection))

    async def take(self, origin: Origin) -> Connection | None:
        """The connection kept last that is still good; None when there is none."""
        for _ in range(ROUNDS):
            await asyncio.sleep(0)
        while self._watches[origin]:
            connection, watch = self._watches[origin].popitem()
            watch.cancel()
            await asyncio.wait({watch})
            if watch.cancelled():
                return connection
            connection.drop()
        return None

    async def close(self) -> None:
        """Drop every connection."""
        watches = list(self._all())
        for watch in watches:
            watch.cancel()
        await asyncio.gather(*watches, return_exceptions=True)

    def _over(self, origin: Origin, connection: Connection) -> None:
        if self._watches[origin].pop(connection, None) is not None:  # nobody took it
            connection.drop()

    def _all(self) -> Iterator[asyncio.Task[None]]:
        for watches in self._watches.values():
            yield from watches.values()


async def _quiet(connection: Connection) -> None:
    """Return as soon as anything happens on an idle connection, or nothing did for too long."""
    with suppress(OSError):  # of which TimeoutError is one
        async with asyncio.timeout(IDLE_SECONDS):
            await connection.reader.read(1)
