"""Records that Redis has no room for, on disk until it has.

`<store>/crawls/<crawl>/spill/<worker>/<group>-<n>.jsonl.zst`: JSON lines, a compressed frame a
batch, on disk before the page that links to them is acknowledged. A worker refills from its own
segments and from those of the dead, which it adopts. Queueing again is harmless, so a segment is
removed only after Redis has taken all of it.
"""

from __future__ import annotations

import io
import os
from collections import defaultdict
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec
import zstandard

from archive.disk import fsync_folder
from crawler.frontier.record import Outcome, Record

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence
    from pathlib import Path

    Enqueue = Callable[[Sequence[Record]], Awaitable[list[Outcome]]]

ENDING = ".jsonl.zst"
NEW = ".new"  # a segment that is being written in the place of another
LARGEST = 2**18  # bytes of a segment, compressed: what is not taken is written anew
BATCH = 500  # records offered at once
REMEMBERED = 200_000  # records known to lie here already; more than that may lie here twice
ENCODER = msgspec.json.Encoder()
DECODER = msgspec.json.Decoder(Record)


class Spill:
    """One worker's segments. Raises OSError as the disk does."""

    def __init__(self, root: Path, worker: str) -> None:
        self._root = root
        self._own = root / worker
        self._here: set[int] = set()  # fingerprints
        self._growing: dict[str, Path] = {}  # by group: what further records are added to
        self._last = 0

    def keep(self, records: Iterable[Record]) -> None:
        """Put records down; they are on disk when this returns."""
        groups: defaultdict[str, list[Record]] = defaultdict(list)
        for record in records:
            number = record.fingerprint()
            if record.force or number not in self._here:
                self._here.add(number)
                groups[record.group].append(record)
        if len(self._here) > REMEMBERED:
            self._here.clear()
        for group, some in groups.items():
            self._append(quote(group, safe=":"), some)

    def adopt(self, worker: str, root: Path | None = None) -> None:
        """Take over what a dead worker kept, of this crawl or in the `root` of another."""
        folder = (root or self._root) / worker
        for path in folder.glob(f"*{NEW}"):
            path.unlink()
        for path in _segments(folder):
            path.rename(self._free(path.name.rpartition("-")[0]))
        _remove_empty(folder)

    async def refill(self, enqueue: Enqueue) -> None:
        """Queue what there is room for, the oldest first; a group that is full keeps the rest."""
        full: set[str] = set()
        for path in _segments(self._own):
            group = path.name.rpartition("-")[0]
            if group not in full and not await self._refill(path, group, enqueue):
                full.add(group)
        _remove_empty(self._own)

    def waiting(self) -> int:
        """How many segments wait, of all workers on this store."""
        return sum(len(_segments(folder)) for folder in self._root.glob("*"))

    async def _refill(self, path: Path, group: str, enqueue: Enqueue) -> bool:
        """Whether the whole segment found room."""
        self._growing.pop(group, None)
        records = _read(path)
        for start in range(0, len(records), BATCH):
            batch = records[start : start + BATCH]
            outcomes = await enqueue(batch)
            left = [r for r, said in zip(batch, outcomes, strict=True) if said == Outcome.SPILL]
            self._here.difference_update(r.fingerprint() for r in batch)
            if left:
                if start or len(left) < len(batch):
                    self._replace(path, left + records[start + BATCH :])
                return False
        path.unlink()
        return True

    def _replace(self, path: Path, left: list[Record]) -> None:
        fresh = path.with_name(path.name + NEW)
        with fresh.open("wb") as file:
            _write(file, left)
        fresh.rename(path)
        self._here.update(record.fingerprint() for record in left)

    def _append(self, group: str, records: list[Record]) -> None:
        path = self._growing.get(group)
        fresh = path is None or path.stat().st_size > LARGEST
        if path is None or fresh:
            path = self._growing[group] = self._free(group)
        with path.open("ab") as file:
            _write(file, records)
        if fresh:
            fsync_folder(self._own)

    def _free(self, group: str) -> Path:
        """A segment of this worker that does not exist yet, later in order than all others."""
        self._own.mkdir(parents=True, exist_ok=True)
        if not self._last:
            numbers = [int(_number(path)) for path in _segments(self._own)]
            self._last = max(numbers, default=0)
        self._last += 1
        return self._own / f"{group}-{self._last:06}{ENDING}"


def _number(path: Path) -> str:
    return path.name.removesuffix(ENDING).rpartition("-")[2]


def _segments(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"*{ENDING}"), key=lambda path: (_number(path), path.name))


def _remove_empty(folder: Path) -> None:
    if folder.exists() and not any(folder.iterdir()):
        folder.rmdir()


def _write(file: io.BufferedWriter, records: list[Record]) -> None:
    lines = b"".join(ENCODER.encode(record) + b"\n" for record in records)
    file.write(zstandard.ZstdCompressor(level=3).compress(lines))
    file.flush()
    os.fsync(file.fileno())


def _read(path: Path) -> list[Record]:
    """All records up to a frame that was never finished: nobody relied on that."""
    text = io.BytesIO()
    with path.open("rb") as file:
        stream = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)
        try:
            while data := stream.read(2**16):
                text.write(data)
        except zstandard.ZstdError:
            pass
    whole = text.getvalue()
    return [DECODER.decode(line) for line in whole[: whole.rfind(b"\n") + 1].splitlines()]
