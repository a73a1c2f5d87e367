"""Files that survive a power cut: created, appended to, and replaced durably."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from archive.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

DRAFT = ".draft"
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
FREE_SPACE = "make room on that disk and start again; nothing acknowledged before is lost"
LOOK = "check the disk and who may write there, then run `gongkai archive recover`"


def failure(path: Path, error: OSError) -> ArchiveError:
    """Say what went wrong with a file, and what to do about it."""
    advice = FREE_SPACE if error.errno in FULL else LOOK
    return ArchiveError(path, error.strerror or str(error), advice)


def fsync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Create a folder and those above it, durably."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    fsync_folder(folder.parent)


@contextmanager
def drafted(path: Path) -> Iterator[BinaryIO]:
    """Put a file in place at once: it is there whole, or not at all.

    Its bytes are on disk then; its name is after `fsync_folder`.
    """
    draft = path.with_name(path.name + DRAFT)
    try:
        with draft.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:  # Ctrl-C as well: a draft is of use to nobody
        draft.unlink(missing_ok=True)
        raise


def write_whole(path: Path, pieces: Iterable[bytes]) -> None:
    """Put a file in place at once, of these pieces."""
    with drafted(path) as file:
        file.writelines(pieces)


def lock(descriptor: int) -> bool:
    """Claim an open file for this process; False when another holds it. Ends with the process."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Let one process at a time do something in a folder; the others wait."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def is_at(descriptor: int, path: Path) -> bool:
    """Whether the open file is still the one that bears this name."""
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    return os.path.samestat(os.fstat(descriptor), there)


def _runs(parts: Sequence[bytes | Iterable[bytes]]) -> Iterator[list[bytes]]:
    """What one call to the system may write: parts in memory together, pieces each alone."""
    run: list[bytes] = []
    for part in parts:
        if isinstance(part, bytes):
            run.append(part)
            continue
        if run:
            yield run
        yield from ([piece] for piece in part)
        run = []
    if run:
        yield run


class Appender:
    """A file that only grows, by whole pieces; a piece that does not fit leaves no trace.

    `size` counts the bytes handed to the operating system. Raises OSError as it comes.
    """

    def __init__(self, path: Path, flags: int = os.O_CREAT | os.O_EXCL) -> None:
        self.path = path
        self.descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | flags, 0o644)
        self.size = os.fstat(self.descriptor).st_size
        self.sha256 = hashlib.sha256()  # of what was appended

    def append(self, parts: Sequence[bytes | Iterable[bytes]]) -> None:
        """Write the parts, whole or in pieces, one after another."""
        start = end = self.size
        sha256 = self.sha256.copy()
        try:
            for run in _runs(parts):
                written, size = os.pwritev(self.descriptor, run, end), sum(map(len, run))
                if written < size:
                    self._write(b"".join(run)[written:], end + written)
                end += size
                for piece in run:
                    sha256.update(piece)
        except OSError:
            os.ftruncate(self.descriptor, start)
            raise
        self.size, self.sha256 = end, sha256

    def _write(self, data: bytes, at: int) -> None:
        """Write the remainder the system did not take at the first call."""
        while data:
            written = os.pwrite(self.descriptor, data, at)
            data, at = data[written:], at + written

    def close(self) -> None:
        """Close the file, and with it the claim on it. May be called twice."""
        if self.descriptor >= 0:
            descriptor, self.descriptor = self.descriptor, -1
            os.close(descriptor)
