"""What comes in and is too much for memory: in a file without a name, gone with its holder."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO, Self

from archive.disk import failure
from archive.large import Large, stretch_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Spill(Large):
    """`size` bytes of an open file, from `start` on. `file` is closed by whoever made it.

    `folder` is where more of the kind may be put.
    """

    file: BinaryIO
    start: int
    size: int
    folder: Path

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[bytes]:
        return stretch_of(self.file.fileno(), self.start, self.start + self.size)

    def between(self, start: int, end: int) -> Self:
        return replace(self, start=self.start + start, size=end - start)


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
