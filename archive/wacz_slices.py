"""Stretches of a WARC file on their way into a WACZ."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from archive.errors import ArchiveError
from archive.foreign_exchange import Tally
from archive.foreign_frames import form_of, frames
from archive.foreign_stream import Stream, stretch
from archive.large import pieces, stretch_of
from archive.scan import opened_for_reading
from archive.withhold import cleaned

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from io import BufferedReader
    from pathlib import Path

    from archive.capture import Capture

RESTORE = "bring the file back from a copy, or run `gongkai archive index`"
VERIFY = "run `gongkai archive verify` on it"

Range = tuple[int, int]


class _Run(NamedTuple):
    """Bytes from `start` to `end` of the file, as they are or, where `made` says so, made anew."""

    start: int
    end: int
    content: Iterable[bytes]
    made: bool


@contextmanager
def reading(store: Path, file: str) -> Iterator[BufferedReader]:
    """Open a WARC file, also while it is written. Raises ArchiveError when that is not possible."""
    try:
        with opened_for_reading(store / file) as opened:
            yield opened
    except OSError as error:
        raise ArchiveError(file, error.strerror or str(error), RESTORE) from error


@dataclass(slots=True)
class Slices:
    """What of one file goes into the WACZ, one stretch after the other, under `name`."""

    name: str
    file: str
    ranges: list[Range] = field(default_factory=list)
    wanted: list[Capture] = field(default_factory=list)
    ending: str = ""
    """What names of its kind end in."""
    changed: bool = False
    """Not all of the file goes in, or not as it is."""
    private: bool = False
    """Some records of the file hold what is not handed out."""
    captures: list[Capture] = field(default_factory=list)
    """The captures as they are in the copy, once it has been read."""

    @property
    def size(self) -> int:
        """Bytes together, before anything is left out."""
        return sum(end - start for start, end in self.ranges)

    def add(self, start: int, end: int) -> None:
        """Append a stretch, joining it to the one it continues."""
        if self.ranges and self.ranges[-1][1] == start:
            self.ranges[-1] = (self.ranges[-1][0], end)
        else:
            self.ranges.append((start, end))

    def read(self, store: Path) -> Iterator[bytes]:
        """The bytes, in pieces. Raises ArchiveError when the file has become shorter."""
        at = 0
        with reading(store, self.file) as file:
            for run in (run for span in self.ranges for run in self._runs(file, *span)):
                begin = at
                for piece in run.content:
                    at += len(piece)
                    yield piece
                if not run.made and at - begin < run.end - run.start:
                    raise ArchiveError(self.file, f"ends before byte {run.end}", RESTORE)
                self._place(run, begin, at - begin)

    def _place(self, run: _Run, begin: int, size: int) -> None:
        """Say where the captures of a run are now."""
        for one in self.wanted:
            if run.start <= one.offset < run.end:
                offset = begin + one.offset - run.start
                length = size if run.made else one.length
                self.captures.append(replace(one, file=self.name, offset=offset, length=length))

    def _runs(self, file: BufferedReader, start: int, end: int) -> Iterator[_Run]:
        at, number = start, file.fileno()
        for run in self._made(file, start, end) if self.private else ():
            yield _Run(at, run.start, stretch_of(number, at, run.start), made=False)
            yield run
            at = run.end
        yield _Run(at, end, stretch_of(number, at, end), made=False)

    def _made(self, file: BufferedReader, start: int, end: int) -> Iterator[_Run]:
        """The records that cannot go in as they are."""
        inner = stretch(file, start, end)
        stream = Stream(inner, packed=end - start)
        form = form_of(stream)
        if form is None:
            return
        for frame in frames(inner, form, Tally().problem, end - start):
            made = cleaned(frame)
            if made is not frame:
                place = start + frame.offset
                if not frame.length:
                    raise ArchiveError(self.file, f"no record can be taken out at {place}", VERIFY)
                content = made.member() if stream.packing else pieces(made.data)
                yield _Run(place, place + frame.length, content, made=True)
