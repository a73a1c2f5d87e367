"""Who works on a crawl on this machine, and what the dead left behind.

Each worker has a file in `<store>/crawls/<crawl>/workers` and holds a lock on it for life. The
kernel drops the lock with the process, so a file that can be locked belongs to a worker that is
gone: its leases can go back at once, without waiting until its sessions expire. The file names
these sessions, and keeps the acknowledgements that Redis was not there to take.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

import msgspec

from archive.disk import is_at, lock
from crawler.frontier.record import Ack, Record  # noqa: TC001 - msgspec reads the annotations
from crawler.items import Visit  # noqa: TC001

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

ENDING = ".jsonl"


class Kept(msgspec.Struct, frozen=True):
    """A finished lease that Redis has not confirmed: what to queue, what to say, what to tell."""

    session: str
    ack: Ack
    records: list[Record]
    visit: Visit


class _Line(msgspec.Struct, omit_defaults=True):
    session: str = ""
    kept: Kept | None = None


ENCODER = msgspec.json.Encoder()
DECODER = msgspec.json.Decoder(_Line)


@dataclass(frozen=True, slots=True)
class Left:
    """What a dead worker left: its name, its sessions, and what it could not acknowledge."""

    worker: str
    sessions: tuple[str, ...]
    kept: tuple[Kept, ...]


class Place:
    """A worker's own file. Raises OSError as the disk does."""

    def __init__(self, directory: Path, worker: str) -> None:
        self.directory = directory
        self.worker = worker
        self._path = directory / f"{worker}{ENDING}"
        self._file = _claimed(self._path)
        self._sessions: list[str] = []
        self._kept: dict[str, Kept] = {}  # by lease id

    def enter(self, session: str) -> None:
        """Another name under which this worker holds leases."""
        self._sessions.append(session)
        self._write([_Line(session)])

    def keep(self, kept: Kept) -> None:
        """Have this survive the process, once."""
        if kept.ack.lease.id not in self._kept:
            self._kept[kept.ack.lease.id] = kept
            self._write([_Line(kept=kept)])
            os.fsync(self._file.fileno())

    def settled(self, kept: Kept) -> None:
        """Redis has heard of it."""
        if self._kept.pop(kept.ack.lease.id, None) is not None and not self._kept:
            self._file.seek(0)
            self._file.truncate()
            self._write([_Line(session) for session in self._sessions])

    def leave(self, *, clean: bool) -> None:
        """Go home; the file stays for others to settle unless all is `clean`."""
        if clean and not self._kept:
            self._path.unlink(missing_ok=True)
            with suppress(OSError):  # others are still there
                self.directory.rmdir()
        self._file.close()

    def _write(self, lines: list[_Line]) -> None:
        self._file.write(b"".join(ENCODER.encode(line) + b"\n" for line in lines))
        self._file.flush()


def vacated(directory: Path) -> Generator[Left, None, None]:
    """What each dead worker left. Going on to the next one means that it has been settled."""
    for path in sorted(directory.glob(f"*{ENDING}")):
        file = _locked(path)
        if file is not None:
            with file:
                yield _read(path.name.removesuffix(ENDING), file)
                path.unlink()


def _read(worker: str, file: IO[bytes]) -> Left:
    sessions, kept = [], []
    file.seek(0)
    for text in file:
        if text.endswith(b"\n"):  # a line that the disk or a kill cut short was never relied on
            line = DECODER.decode(text)
            sessions += [line.session] if line.session else []
            kept += [line.kept] if line.kept else []
    return Left(worker, tuple(sessions), tuple(kept))


def _claimed(path: Path) -> IO[bytes]:
    """The file, locked. Somebody who tidies up may take a file that is not locked yet away."""
    while True:
        with suppress(FileNotFoundError):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        if (file := _locked(path)) is not None:
            return file


def _locked(path: Path) -> IO[bytes] | None:
    """The file if nobody else has it; None if somebody does, or it is gone."""
    try:
        file = path.open("r+b")
    except FileNotFoundError:
        return None
    if lock(file.fileno()) and is_at(file.fileno(), path):
        file.seek(0, os.SEEK_END)
        return file
    file.close()
    return None
