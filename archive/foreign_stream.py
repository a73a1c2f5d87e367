"""Files of others, unpacked: gzip, zstd or neither, as one stream that knows where members begin.

Nothing here holds more than a caller asks for, and nothing unpacks without bound.
"""

from __future__ import annotations

import io
import zlib
from bisect import bisect_right
from typing import TYPE_CHECKING, BinaryIO

from archive.foreign_unpack import GZIP_MAGIC, WINDOW, unpacking
from archive.member import BLOCK, GZIP, DamagedError

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from _typeshed import WriteableBuffer

EXPANDS, FREE = 2000, 2**26  # unpacked bytes a packed one may give, and what anyone may have
CANDIDATES = 10_000  # places tried as the beginning of a member after damage
MEMBER = 4096  # bytes of a member that show what it holds


def stretch(file: BinaryIO, start: int, end: int) -> BinaryIO:
    """Part of a file, `start` to `end` in bytes, as a file of its own."""
    return io.BufferedReader(_Stretch(file, start, end), BLOCK)


class _Stretch(io.RawIOBase):
    """Moves the position of the file it is part of, and leaves it open."""

    def __init__(self, file: BinaryIO, start: int, end: int) -> None:
        super().__init__()
        self._file, self._start, self._end = file, start, end
        file.seek(start)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, target: WriteableBuffer) -> int:
        left = max(0, self._end - self._file.tell())
        data = self._file.read(min(left, len(memoryview(target))))
        memoryview(target)[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        origin = {io.SEEK_SET: self._start, io.SEEK_CUR: self._file.tell(), io.SEEK_END: self._end}
        return self._file.seek(origin[whence] + offset) - self._start


class Stream:
    """Unpacked bytes, read ahead as far as asked. `damage` says why the stream ended too early."""

    def __init__(self, file: BinaryIO, start: int = 0, *, packed: int = 0) -> None:
        self.buffer = bytearray()
        self.at = 0  # unpacked offset of the buffer's first byte
        self.damage: DamagedError | None = None
        self.end: int | None = None  # unpacked offset of the end, once it was reached
        self._file = file
        self.packing, self._pieces = unpacking(file, start)
        self._limit = FREE + EXPANDS * (packed or WINDOW)
        self._begins: list[int] = []  # unpacked offsets at which members begin, and where they are
        self._places: list[int] = []
        self._ended = False

    def need(self, size: int) -> bool:
        """Read until the buffer holds `size` bytes; False when there are not so many."""
        while len(self.buffer) < size and not self._ended:
            self._read()
        return len(self.buffer) >= size

    def drop(self, size: int) -> None:
        """Move on by bytes that the buffer holds."""
        del self.buffer[:size]
        self.at += size
        passed = bisect_right(self._begins, self.at) - 1
        if passed > 1000:
            del self._begins[:passed], self._places[:passed]

    def resumes(self, begins: re.Pattern[bytes]) -> bool:
        """Whether something that `begins` fits can be read behind the damage."""
        if self.damage is None or self.packing != "gz":
            return False
        return next_member(self._file, self.damage.offset + 1, begins) is not None

    def skip(self, size: int) -> bool:
        """Move on by bytes without holding them; False when the stream ends before."""
        while size > 0 and self.need(1):
            step = min(size, len(self.buffer))
            self.drop(step)
            size -= step
        return not size

    def place(self, ahead: int = 0) -> int | None:
        """Where in the file the byte so far `ahead` can be read from, None inside a member."""
        at = self.at + ahead
        found = bisect_right(self._begins, at) - 1
        if not self.packing:
            return self._places[0] + at if self._places else None
        return self._places[found] if found >= 0 and self._begins[found] == at else None

    def near(self) -> int:
        """The last place in the file from which the present byte can be reached."""
        if not self.packing:
            return self.place() or 0
        found = bisect_right(self._begins, self.at) - 1
        return self._places[found] if found >= 0 else 0

    def origin(self) -> tuple[int, int]:
        """A place in the file to read from again, and the unpacked offset that it has."""
        if self.packing == "zst":
            return 0, 0  # its dictionary stands at the beginning
        found = bisect_right(self._begins, self.at) - 1
        return self._places[found], self._begins[found]

    def back(self, origin: tuple[int, int], at: int) -> None:
        """Return to an unpacked offset behind an origin."""
        place, self.at = origin
        self.buffer.clear()
        self._begins.clear()
        self._places.clear()
        self.damage, self._ended = None, False
        self.packing, self._pieces = unpacking(self._file, place)
        self.skip(at - self.at)

    def inner(self, start: int, end: int) -> Iterator[int]:
        """How far ahead members begin, between `start` and `end`."""
        if self.packing:
            first = bisect_right(self._begins, self.at + start - 1)
            for begin in self._begins[first:]:
                if begin >= self.at + end:
                    return
                yield begin - self.at

    def _read(self) -> None:
        try:
            place, data = next(self._pieces)
        except StopIteration:
            self._ended, self.end = True, self.at + len(self.buffer)
            return
        except DamagedError as error:
            self.damage, self._ended, self.end = error, True, self.at + len(self.buffer)
            return
        end = self.at + len(self.buffer)
        known = bool(self._begins) and (not self.packing or self._begins[-1] == end)
        if place is not None and not known:
            self._begins.append(end)
            self._places.append(place)
        self.buffer += data
        if end + len(data) > self._limit:
            place = self.near()
            self.damage = DamagedError(place, f"unpacks to more than {self._limit} bytes")
            self._ended = True


def next_member(file: BinaryIO, offset: int, begins: re.Pattern[bytes]) -> int | None:
    """The next place from `offset` on where a gzip member holds something that `begins` fits."""
    window, tried, more = b"", 0, True
    file.seek(offset)
    while more and tried < CANDIDATES:
        more = bool(piece := file.read(BLOCK))
        window += piece
        end = max(0, len(window) - MEMBER) if more else len(window)
        found = -1
        while 0 <= (found := window.find(GZIP_MAGIC, found + 1)) < end and tried < CANDIDATES:
            tried += 1
            try:
                start = window[found : found + MEMBER]
                data = zlib.decompressobj(GZIP).decompress(start, 9000)
            except zlib.error:
                continue
            if begins.match(data):
                return offset + found
        window = window[end:]
        offset += end
    return None
