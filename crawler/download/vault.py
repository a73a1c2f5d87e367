"""Where exchanges become captures: one open WARC file a portal, one fsync for many of them."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive import Capture as Archived
from archive import Exchange, Index, WarcWriter, recover
from crawler.items import Capture

if TYPE_CHECKING:
    from pathlib import Path


class Vault:
    """The archive of one worker. Bytes first, then `durable`, then `publish`."""

    def __init__(self, store: Path, crawl: str) -> None:
        self._store = store
        self._crawl = crawl
        self._worker = f"{socket.gethostname().split('.')[0]}-{os.getpid()}"
        self._writers: dict[str, WarcWriter] = {}
        self._index = Index(store)
        for found in recover(store):  # of workers that died; what they had is not fetched again
            self._index.add(found.captures)
        self._turn = asyncio.Lock()
        self._next_commit: asyncio.Task[None] | None = None

    def record(self, portal: str, exchange: Exchange) -> StoredReceipt:
        """Write one exchange to the portal's file. Raises ArchiveError when it cannot be kept."""
        if portal not in self._writers:
            self._writers[portal] = WarcWriter(
                self._store, portal=portal, crawl=self._crawl, worker=self._worker
            )
        return StoredReceipt(self._writers[portal].write(exchange), self)

    async def durable(self) -> None:
        """Return once everything recorded so far is on disk. Callers share one fsync."""
        if self._next_commit is None:
            self._next_commit = asyncio.create_task(self._commit())
        await asyncio.shield(self._next_commit)

    async def _commit(self) -> None:
        async with self._turn:
            self._next_commit = None  # whoever comes from here on needs the next fsync
            for writer in list(self._writers.values()):
                await asyncio.to_thread(writer.sync)

    def publish(self, capture: Archived) -> None:
        """Make a durable capture findable."""
        self._index.add([capture])

    def close(self) -> None:
        """Seal every file."""
        for writer in self._writers.values():
            writer.close()
        self._writers.clear()
        self._index.close()


@dataclass(slots=True)
class StoredReceipt:
    """A `crawler.items.Receipt` for an exchange that a vault has written."""

    archived: Archived
    vault: Vault | None  # None: it was read from the archive, there is nothing left to do
    ended: float = 0.0

    def __post_init__(self) -> None:
        self.ended = self.ended or time.monotonic()

    @property
    def capture(self) -> Capture:
        a = self.archived
        return Capture(a.url, a.at, a.file, a.offset, a.record_id, a.payload_sha256)

    async def durable(self) -> None:
        if self.vault is not None:
            await self.vault.durable()

    def publish(self) -> None:
        if self.vault is not None:
            self.vault.publish(self.archived)
