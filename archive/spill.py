"""Bytes too many for memory: in a file without a name, which is gone with whoever holds it."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO

from archive.disk import failure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

PIECE = 1 << 18  # bytes in memory at a time
OPENING = 1 << 20  # the head of a message ends before this many bytes, or never


@dataclass(frozen=True, slots=True)
class Spill:
    """`size` bytes of an open file, from `start` on. `file` is closed by whoever made it.

    `folder` is where more of the kind may be put.
    """

    file: BinaryIO
    start: int
    size: int
    folder: Path

    def __len__(self) -> int:
        return self.size

    def __bytes__(self) -> bytes:
        return b"".join(self)

    def __iter__(self) -> Iterator[bytes]:
        """The bytes in pieces. Readers do not disturb each other."""
        at, end = self.start, self.start + self.size
        while at < end and (piece := os.pread(self.file.fileno(), min(PIECE, end - at), at)):
            at += len(piece)
            yield piece

    def first(self, count: int) -> bytes:
        """At most `count` bytes from the beginning."""
        return bytes(replace(self, size=min(count, self.size)))

    def after(self, count: int) -> Spill:
        """Everything but the first `count` bytes."""
        return replace(self, start=self.start + count, size=self.size - count)


def opening(data: bytes | Spill) -> bytes:
    """As much of a message as its head may fill: all of it when it is in memory."""
    return data.first(OPENING) if isinstance(data, Spill) else data


def nameless(folder: Path) -> BinaryIO:
    """A file in `folder` that no other process can find. Raises ArchiveError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return tempfile.TemporaryFile(dir=folder)
    except OSError as error:
        raise failure(folder, error) from error


def spilled(folder: Path, pieces: Iterable[bytes]) -> Spill:
    """Keep `pieces` in a file of their own. Raises ArchiveError, and leaves nothing behind."""
    file, size = nameless(folder), 0
    try:
        for piece in pieces:
            size += file.write(piece)
        file.flush()
    except OSError as error:
        with file:
            raise failure(folder, error) from error
    return Spill(file, 0, size, folder)
