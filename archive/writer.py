"""WarcWriter: the only thing that writes captures."""

from __future__ import annotations

import os
import re
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from archive.build import build
from archive.disk import failure
from archive.dom import Dom, build_dom
from archive.openfile import WARC, OpenFile

if TYPE_CHECKING:
    from pathlib import Path

    from archive.capture import Capture
    from archive.errors import ArchiveError
    from archive.exchange import Exchange

WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
SPEC = "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"


class WarcWriter:
    """Writes the exchanges of one portal and crawl, by one worker. Threads may share it.

    A new file begins after `max_bytes` or `max_seconds`; none before the first exchange. Every
    method raises ArchiveError when the disk refuses. After a failed fsync the writer refuses all
    further work, since nobody can tell what of that file is on disk.
    """

    def __init__(
        self,
        store: Path,
        *,
        portal: str,
        crawl: str,
        worker: str,
        software: str = "Gongkai",
        operator: str = "",
        max_bytes: int = 10**9,
        max_seconds: float = 3600,
    ) -> None:
        for word in (portal, worker):
            if not WORD.fullmatch(word):
                raise ValueError(f"{word!r} cannot be part of a file name")
        self.store = store
        self.portal = portal
        self.crawl = crawl
        self.worker = worker
        self.max_bytes = max_bytes
        self.max_seconds = max_seconds
        self._content = {
            "software": software,
            "format": "WARC File Format 1.1",
            "conformsTo": SPEC,
            "operator": operator,
            "isPartOf": crawl,
            "portal": portal,
            "worker": worker,
        }
        self._serial = 0
        self._file: OpenFile | None = None
        self._broken: ArchiveError | None = None
        self._lock = threading.RLock()  # held while the file or the fields above change
        self._turn = threading.Lock()  # held through an fsync, so that callers share it

    def __enter__(self) -> Self:
        """Use the writer as a context: leaving it seals the file."""
        return self

    def __exit__(self, *_: object) -> None:
        """Seal the file."""
        self.close()

    def write(self, what: Exchange | Dom, *, same_as: Capture | None = None) -> Capture:
        """Append an exchange; on return its bytes are with the system, on disk after `sync`.

        With `same_as` a revisit of that capture is written (see `build`). After an error the
        file ends with the exchange before. A DOM is appended likewise.
        """
        with self._lock:
            file = self._ready()
            source = {"portal": self.portal, "crawl": self.crawl}
            if isinstance(what, Dom):
                built = build_dom(what, file.end, **source)
            else:
                built = build(what, file.end, **source, same_as=same_as)
            try:
                return file.append(built)
            except OSError as error:
                raise failure(file.final, error) from error

    def sync(self) -> None:
        """Return once every exchange written before this call is on disk.

        Callers that wait together share one fsync.
        """
        with self._lock:
            self._refuse()
            file = self._file
            wanted = file.size if file else 0
        with self._turn:
            if file and file.durable < wanted:
                self._sync(file)

    def close(self) -> None:
        """Seal the file. May be called twice; a later `write` begins a new file."""
        with self._lock:
            if self._file and not self._broken:
                self._seal(self._file)
            elif self._file:
                self._file.close()
                self._file = None

    def abandon(self) -> None:
        """Let go of the file as it is; `recover` will seal it and tell what it holds."""
        with self._lock:
            if self._file:
                self._file.close()
                self._file = None

    @property
    def full(self) -> bool:
        """Whether the next `write` seals the file and begins another."""
        file = self._file
        if file is None:
            return False
        return file.size >= self.max_bytes or self._age(file) >= self.max_seconds

    def _sync(self, file: OpenFile) -> None:
        """Force one file to disk; others may write meanwhile."""
        with self._lock:
            self._refuse()
            if file is not self._file:
                return  # sealed by another thread, hence on disk
            size = file.size
            try:
                copy = file.copy()
            except OSError as error:
                raise failure(file.final, error) from error
        try:
            os.fsync(copy)
        except OSError as error:
            raise self._break(file, error) from error
        finally:
            os.close(copy)
        file.durable = size

    def _seal(self, file: OpenFile) -> None:
        """Finish a file. Its captures are on disk even when a sidecar then fails."""
        self._file = None
        try:
            try:
                file.fsync()
            except OSError as error:
                raise self._break(file, error) from error
            file.seal()
        except OSError as error:
            raise failure(file.final, error) from error
        finally:
            file.close()

    def _ready(self) -> OpenFile:
        """Return a file that may take one more exchange."""
        self._refuse()
        if self._file and self.full:
            self._seal(self._file)
        if self._file is None:
            self._file = self._open()
        return self._file

    def _open(self) -> OpenFile:
        """Begin a file under a name nobody has."""
        while True:
            now = datetime.now(UTC)
            moment = f"{now:%Y%m%d%H%M%S}{now.microsecond // 1000:03}"
            folder = self.store / "warc" / f"{now:%Y}" / f"{now:%m}" / self.portal
            name = f"{self.portal}-{moment}-{self._serial:05}-{self.worker}{WARC}"
            self._serial += 1
            try:
                return OpenFile(self.store, folder / name, self._content)
            except FileExistsError:
                continue
            except OSError as error:
                raise failure(folder / name, error) from error

    @staticmethod
    def _age(file: OpenFile) -> float:
        return time.monotonic() - file.born

    def _refuse(self) -> None:
        if self._broken:
            raise self._broken

    def _break(self, file: OpenFile, error: OSError) -> ArchiveError:
        """Remember that an fsync failed."""
        self._broken = failure(file.final, error)
        return self._broken
