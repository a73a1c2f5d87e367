"""Where exchanges become captures: one open WARC file a portal, one fsync for many of them."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive import ArchiveError, Exchange, Index, WarcWriter, recover
from archive import Capture as Archived
from archive.openfile import reopen
from archive.spill import Spill
from crawler.download.earlier import Earlier
from crawler.items import Capture

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archive import Dom


class Vault:
    """The archive of one worker. Bytes first, then `durable`, then `publish`.

    Once the disk has refused anything, it refuses all further work with the same ArchiveError, and
    leaves its files open: the next vault on this store recovers and indexes what they hold.
    """

    def __init__(self, store: Path, crawl: str) -> None:
        self._store = store
        self._crawl = crawl
        self._worker = f"{socket.gethostname().split('.')[0]}-{os.getpid()}"
        self._writers: dict[str, WarcWriter] = {}
        self._index = Index(store)
        self.earlier = Earlier(store, self._index)
        for found in recover(store):  # of workers that died; what they had is not fetched again
            self._index.add(found.captures)
        self._turn = asyncio.Lock()
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)  # a portal's
        self._next_commit: asyncio.Task[None] | None = None
        self._broken: ArchiveError | None = None

    def check(self) -> None:
        """Raise the ArchiveError that ended this vault's work, if one did."""
        if self._broken is not None:
            raise self._broken

    def record(
        self, portal: str, what: Exchange | Dom, *, same_as: Archived | None = None
    ) -> StoredReceipt:
        """Write one exchange to the portal's file. Raises ArchiveError when it cannot be kept.

        `same_as` is the page that a 304 confirms. A payload that the portal has sent before is
        written as a revisit of the response that holds it.
        """
        with self._guarded():
            if same_as is None and isinstance(what, Exchange):
                same_as = self.earlier.same(portal, what)
            return StoredReceipt(self._writer(portal).write(what, same_as=same_as), self)

    async def keep(
        self, portal: str, exchange: Exchange, *, same_as: Archived | None = None
    ) -> StoredReceipt:
        """Record without holding up the crawl while a large response is compressed."""
        async with self._turns[portal]:
            if isinstance(exchange.response, Spill):
                return await asyncio.to_thread(self.record, portal, exchange, same_as=same_as)
            return self.record(portal, exchange, same_as=same_as)

    async def durable(self) -> None:
        """Return once everything recorded so far is on disk. Callers share one fsync."""
        if self._next_commit is None:
            self._next_commit = asyncio.create_task(self._commit())
        await asyncio.shield(self._next_commit)

    async def _commit(self) -> None:
        async with self._turn:
            self._next_commit = None  # whoever comes from here on needs the next fsync
            with self._guarded():
                for writer in list(self._writers.values()):
                    await asyncio.to_thread(writer.sync)

    def publish(self, capture: Archived) -> None:
        """Make a durable capture findable."""
        try:
            with self._guarded():
                self._index.add([capture])
        except ArchiveError:
            # It was acknowledged. If its file is sealed by now, the next run must read it again.
            if (final := self._store / capture.file).exists():
                reopen(final)
            raise

    def close(self) -> None:
        """Seal every file. Raises ArchiveError when the disk refuses; the next vault seals them."""
        for writer in self._writers.values():
            try:
                with self._guarded():
                    writer.close()
            except ArchiveError:
                writer.abandon()
        self._writers.clear()
        self._index.close()
        self.check()

    def _writer(self, portal: str) -> WarcWriter:
        if portal not in self._writers:
            self._writers[portal] = WarcWriter(
                self._store, portal=portal, crawl=self._crawl, worker=self._worker
            )
        return self._writers[portal]

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Do nothing after a failure, and remember the first."""
        self.check()
        try:
            yield
        except ArchiveError as error:
            self._broken = self._broken or error
            raise


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
