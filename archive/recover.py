"""Sealing what a dead writer left open, and finishing what died while sealing."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive import cdxj
from archive.disk import failure, fsync_folder, is_at, lock, write_whole
from archive.large import stretch_of
from archive.member import DamagedError
from archive.openfile import OPEN, WARC, beside, opened, seal
from archive.scan import capture, groups

if TYPE_CHECKING:
    from io import BufferedRandom
    from pathlib import Path

    from archive.capture import Capture
    from archive.index import Index


@dataclass(frozen=True, slots=True)
class Recovered:
    """What became of one file.

    `file` is the sealed name relative to the store, also when nothing of it was worth sealing
    (`captures` is then empty and the file gone). `cut` counts the bytes after the last whole
    exchange; they are kept in `damaged`, relative to the store. `why` says what was wrong there.
    """

    file: str
    captures: tuple[Capture, ...]
    cut: int = 0
    damaged: str | None = None
    why: str = ""


def recover(index: Index) -> list[Recovered]:
    """Seal every file of a store whose writer is gone; files being written are left alone.

    Nothing is thrown away: the tail after the last whole exchange is kept as `.damaged`. What a
    file holds is in the index before it is sealed, since nobody looks into a sealed file again.
    Safe to repeat, to interrupt, and to run beside writers and other recoveries. Raises
    ArchiveError when the disk refuses.
    """
    store = index.store
    found = _named(store, WARC, "") | _named(store, ".cdxj", WARC)
    done = []
    for final in sorted(found):
        try:
            done.append(_recover(index, final))
        except OSError as error:
            raise failure(final, error) from error
    return [one for one in done if one]


def _named(store: Path, ending: str, instead: str) -> set[Path]:
    """Return the final names of the files that `….open` files with this ending belong to."""
    return {
        path.with_name(path.name.removesuffix(OPEN).removesuffix(instead and ending) + instead)
        for path in (store / "warc").glob(f"*/*/*/*{ending}{OPEN}")
    }


def _recover(index: Index, final: Path) -> Recovered | None:
    """Seal one file; None when its writer lives or its sealing needs nothing more."""
    path = opened(final) if opened(final).exists() else final
    try:
        file = path.open("r+b")
    except FileNotFoundError:
        beside(final, ".cdxj" + OPEN).unlink(missing_ok=True)
        return None
    with file:
        mine = lock(file.fileno()) and is_at(file.fileno(), path)
        if not mine or not (path != final or beside(final, ".cdxj" + OPEN).exists()):
            return None
        return _seal(index, final, file, path)


def _seal(index: Index, final: Path, file: BufferedRandom, path: Path) -> Recovered:
    """Cut the tail off, keep it, seal the rest. A file already sealed is never cut."""
    name = final.relative_to(index.store).as_posix()
    found, end, why = _whole(file, name)
    size = os.fstat(file.fileno()).st_size
    damaged = None
    if end < size and path != final:
        tail = final.with_name(final.name + ".damaged")
        damaged = tail.relative_to(index.store).as_posix()
        write_whole(tail, stretch_of(file.fileno(), end, size))
        fsync_folder(tail.parent)
    if not found and path != final:
        path.unlink()
        beside(final, ".cdxj" + OPEN).unlink(missing_ok=True)
        fsync_folder(final.parent)
    else:
        if damaged:
            file.truncate(end)
        os.fsync(file.fileno())
        index.add(found)
        file.seek(0)
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        seal(final, [cdxj.line(one) for one in found], sha256)
    return Recovered(name, tuple(found), size - end if damaged else 0, damaged, why)


def _whole(file: BufferedRandom, name: str) -> tuple[list[Capture], int, str]:
    """Return the captures of the whole exchanges, where they end, and what is wrong after."""
    found: list[Capture] = []
    end = 0
    try:
        for group in groups(file):
            end = group.end
            if group.main.type != "warcinfo":
                found.append(capture(group, name))
    except DamagedError as error:
        return found, end, str(error)
    return found, end, ""
