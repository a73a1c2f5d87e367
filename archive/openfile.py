"""One WARC file while it is written, and its sealing.

Life of a file: `….warc.gz.open` (locked by its writer, growing) → fsync → renamed `….warc.gz`
→ `.cdxj` and `.sha256` beside it → folder fsynced. While `….cdxj.open` is there, sealing is not
finished. Everything here raises OSError as it comes.
"""

from __future__ import annotations

import os
import time
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from archive import cdxj
from archive.build import Place
from archive.disk import Appender, fsync_folder, is_at, lock, make_folder, write_whole
from archive.record import warcinfo

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from archive.build import Built
    from archive.capture import Capture

WARC = ".warc.gz"
OPEN = ".open"


def beside(final: Path, ending: str) -> Path:
    """Return the name of a file beside `….warc.gz`: `….cdxj`, `….sha256`, `….cdxj.open`."""
    return final.with_name(final.name.removesuffix(WARC) + ending)


def opened(final: Path) -> Path:
    """Return the name a file bears while it is written."""
    return final.with_name(final.name + OPEN)


def seal(final: Path, lines: Sequence[bytes], sha256: str) -> None:
    """Give a finished, fsynced file its name and its sidecars. Safe to repeat."""
    if opened(final).exists():
        opened(final).rename(final)
        fsync_folder(final.parent)
    write_whole(beside(final, ".cdxj"), [cdxj.merge(lines)])
    write_whole(beside(final, ".sha256"), [f"{sha256}  {final.name}\n".encode()])
    beside(final, ".cdxj" + OPEN).unlink(missing_ok=True)
    fsync_folder(final.parent)


def reopen(final: Path) -> None:
    """Have `recover` read a sealed file once more, and tell what it holds."""
    beside(final, ".cdxj" + OPEN).touch()


class OpenFile:
    """A file no other process writes or recovers. `name` is the sealed one, relative to the store.

    Raises FileExistsError when the name is taken; the caller then takes another.
    """

    def __init__(self, store: Path, final: Path, content: dict[str, str]) -> None:
        self.final = final
        self.name = final.relative_to(store).as_posix()
        self.born = time.monotonic()
        self.durable = 0  # bytes known to be on disk
        self._lines: list[bytes] = []  # CDXJ not yet in the sidecar
        make_folder(final.parent)
        self._warc = Appender(opened(final))
        self._sidecar: Appender | None = None
        try:
            self._claim()
            self._sidecar = Appender(beside(final, ".cdxj" + OPEN))
            first, self.warcinfo_id = warcinfo(final.name, datetime.now(UTC), content)
            self._warc.append([first])
            fsync_folder(final.parent)
        except OSError:
            self._abandon()
            raise

    @property
    def size(self) -> int:
        """Bytes handed to the system."""
        return self._warc.size

    @property
    def end(self) -> Place:
        """Where the next exchange will stand."""
        return Place(self.name, self.warcinfo_id, self.size)

    def append(self, built: Built) -> Capture:
        """Write what was built for `end`; when the disk refuses, the file ends where it did."""
        with closing(built):
            self._warc.append(built.members)
        self._lines.append(cdxj.line(built.capture))
        return built.capture

    def copy(self) -> int:
        """Hand waiting lines to the sidecar; return a duplicate descriptor to fsync and close.

        The sidecar is not fsynced before it is sealed: what a power cut takes of it, recovery
        writes again from the WARC file.
        """
        assert self._sidecar
        self._sidecar.append([b"".join(self._lines)])
        self._lines.clear()
        return os.dup(self._warc.descriptor)

    def fsync(self) -> None:
        """Force every exchange to disk."""
        os.ftruncate(self._warc.descriptor, self._warc.size)
        os.fsync(self._warc.descriptor)

    def seal(self) -> None:
        """Name a file that was fsynced, and index it."""
        kept = beside(self.final, ".cdxj" + OPEN).read_bytes().splitlines(keepends=True)
        seal(self.final, kept + self._lines, self._warc.sha256.hexdigest())

    def close(self) -> None:
        """Let go of the file: from now on it may be recovered."""
        self._warc.close()
        if self._sidecar:
            self._sidecar.close()

    def _claim(self) -> None:
        """Lock the file. A recovery may have found it empty and taken it first."""
        if not lock(self._warc.descriptor) or not is_at(self._warc.descriptor, self._warc.path):
            raise FileExistsError(f"{self._warc.path} was taken by a recovery")

    def _abandon(self) -> None:
        """Leave nothing behind of a file that could not be begun."""
        if is_at(self._warc.descriptor, self._warc.path):
            self._warc.path.unlink()
        if self._sidecar:
            self._sidecar.path.unlink(missing_ok=True)
        self.close()
