"""Where exchanges become captures: one open WARC file a portal, one fsync for many of them."""

from __future__ import annotations

import asyncio
import os
import resource
import socket
import time
from collections import defaultdict
from contextlib import contextmanager, suppress
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

GATHER = 0.02  # seconds: a commit costs more processor time than a page, so it waits for others
TOGETHER = 0.2  # seconds: a transaction of the index costs as much as compressing a page


class Vault:
    """The archive of one worker. Bytes first, then `durable`, then `publish`.

    Once the disk has refused anything, it refuses all further work with the same ArchiveError, and
    leaves its files open: the next vault on this store recovers and indexes what they hold.
    """

    def __init__(self, store: Path, crawl: str) -> None:
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # each portal needs two
        self._store = store
        self._crawl = crawl
        self._worker = f"{socket.gethostname().split('.')[0]}-{os.getpid()}"
        self._writers: dict[str, WarcWriter] = {}
        self._index = Index(store)
        self.earlier = Earlier(store, self._index, self.settle)
        recover(self._index)  # of workers that died; what they had is not fetched again
        self._turn = asyncio.Lock()
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)  # a portal's
        self._next_commit: asyncio.Task[None] | None = None
        self._waiting: list[Archived] = []  # durable and acknowledged, not in the index yet
        self._unpublished: set[str] = set()  # their addresses and payloads
        self._publishing: asyncio.TimerHandle | None = None
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
            writer = self._writer(portal)
            if writer.full:  # recovery looks no more at a sealed file
                self._publish()
            return StoredReceipt(writer.write(what, same_as=same_as), self)

    async def keep(
        self, portal: str, exchange: Exchange, *, same_as: Archived | None = None
    ) -> StoredReceipt:
        """Record without holding up the crawl while a large response is compressed."""
        async with self._turns[portal]:
            if not isinstance(exchange.response, Spill):
                return self.record(portal, exchange, same_as=same_as)
            recording = asyncio.to_thread(self.record, portal, exchange, same_as=same_as)
            running = asyncio.create_task(recording)
            try:
                return await asyncio.shield(running)
            finally:
                await asyncio.wait({running})  # also when cancelled: the thread reads its file

    async def durable(self) -> None:
        """Return once everything recorded so far is on disk. Callers share one fsync."""
        if self._next_commit is None:
            self._next_commit = asyncio.create_task(self._commit())
        await asyncio.shield(self._next_commit)

    async def _commit(self) -> None:
        await asyncio.sleep(GATHER)
        async with self._turn:
            self._next_commit = None  # whoever comes from here on needs the next fsync
            with self._guarded():
                await asyncio.to_thread(_sync, list(self._writers.values()))

    def publish(self, capture: Archived) -> None:
        """Make a durable capture findable, soon, together with others.

        Of a process that is killed meanwhile, the next vault on this store finds it in the file.
        """
        self.check()
        self._waiting.append(capture)
        self._unpublished.update((capture.url, capture.payload_sha256))
        if self._publishing is None:
            loop = asyncio.get_running_loop()
            self._publishing = loop.call_later(TOGETHER, self._publish_in_time)

    def _publish_in_time(self) -> None:
        with suppress(ArchiveError):  # it is remembered
            self._publish()

    def _publish(self) -> None:
        if self._publishing is not None:
            self._publishing.cancel()
            self._publishing = None
        waiting, self._waiting = self._waiting, []
        self._unpublished.clear()
        if not waiting:
            return
        try:
            with self._guarded():
                self._index.add(waiting)
        except ArchiveError:
            # They were acknowledged. Those in files sealed by now, the next run must read again.
            for final in {self._store / capture.file for capture in waiting}:
                if final.exists():
                    reopen(final)
            raise

    def settle(self, sought: str) -> None:
        """Publish now what waits, if it has this address or this payload."""
        if sought in self._unpublished:
            self._publish()

    def close(self) -> None:
        """Seal every file. Raises ArchiveError when the disk refuses; the next vault seals them."""
        self._publish_in_time()
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


def _sync(writers: list[WarcWriter]) -> None:
    for writer in writers:
        writer.sync()


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
