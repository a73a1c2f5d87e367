"""Files of others, unpacked: gzip, zstd or neither, as one stream that knows where members begin.

Nothing here holds more than a caller asks for, and nothing unpacks without bound.
"""

from __future__ import annotations

import io
import re
import zlib
from bisect import bisect_right
from typing import TYPE_CHECKING, BinaryIO

import zstandard

from archive.member import BLOCK, GZIP, DamagedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _typeshed import WriteableBuffer

Piece = tuple[int | None, bytes]
"""Unpacked bytes, and where in the file the member that begins with them stands, if one does."""

GZIP_MAGIC = b"\x1f\x8b\x08"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
SKIPPABLE = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18", re.DOTALL)
DICTIONARY = b"\x5d\x2a\x4d\x18"
WINDOW = 2**27  # zstd: the memory one frame may ask for, in bytes; also the largest dictionary
FEED = 2048  # zstd: four bytes may become 128 KiB, so it is fed little at a time
EXPANDS, FREE = 2000, 2**26  # unpacked bytes a packed one may give, and what anyone may have
CANDIDATES = 10_000  # places tried as the beginning of a member after damage


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
        self.packing, self._pieces = _unpacking(file, start)
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
            self._ended = True
            return
        except DamagedError as error:
            self.damage, self._ended = error, True
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


def _unpacking(file: BinaryIO, start: int) -> tuple[str, Iterator[Piece]]:
    """Say how a file is packed from `start` on ("", "gz", "zst"), and unpack it."""
    file.seek(start)
    magic = file.read(4)
    file.seek(start)
    if magic.startswith(GZIP_MAGIC):
        return "gz", _gunzip(file, start)
    if magic == ZSTD_MAGIC or SKIPPABLE.fullmatch(magic):
        return "zst", _unzstd(file, start)
    return "", _plain(file, start)


def _plain(file: BinaryIO, start: int) -> Iterator[Piece]:
    yield start, b""
    while data := file.read(BLOCK):
        yield None, data


def _gunzip(file: BinaryIO, offset: int) -> Iterator[Piece]:
    """Inflate members one after another. Raises DamagedError at the first that is not one."""
    pending = b""
    while pending := pending or file.read(BLOCK):
        yield offset, b""
        inflater = zlib.decompressobj(GZIP)
        begin = offset
        while not inflater.eof:
            pending = pending or file.read(BLOCK)
            try:
                data = inflater.decompress(pending, 16 * BLOCK)
            except zlib.error as error:
                raise DamagedError(begin, f"no whole gzip member ({error})") from error
            if not pending and not data and not inflater.eof:
                raise DamagedError(begin, "the gzip member is cut short")
            rest = inflater.unused_data or inflater.unconsumed_tail
            offset += len(pending) - len(rest)
            pending = rest
            yield None, data
    yield offset, b""


def _unzstd(file: BinaryIO, offset: int) -> Iterator[Piece]:
    """Decompress zstd frames; a first skippable frame may hold the dictionary of the others."""
    dictionary: zstandard.ZstdCompressionDict | None = None
    while magic := file.read(4):
        yield offset, b""
        begin = offset
        try:
            if SKIPPABLE.fullmatch(magic):
                size = int.from_bytes(file.read(4), "little")
                if magic == DICTIONARY and not begin:
                    dictionary = _dictionary(file.read(min(size, WINDOW)))
                offset = begin + 8 + size
            else:
                file.seek(begin)
                yield from _frame(file, dictionary)
                offset = file.tell()
        except zstandard.ZstdError as error:
            raise DamagedError(begin, f"no whole zstd frame ({error})") from error
        file.seek(offset)
    yield offset, b""


def _dictionary(data: bytes) -> zstandard.ZstdCompressionDict:
    """A dictionary as it stands in its frame, or compressed itself."""
    if data.startswith(ZSTD_MAGIC):
        data = zstandard.ZstdDecompressor(max_window_size=WINDOW).decompress(
            data, max_output_size=WINDOW
        )
    return zstandard.ZstdCompressionDict(data)


def _frame(file: BinaryIO, dictionary: zstandard.ZstdCompressionDict | None) -> Iterator[Piece]:
    """Decompress one frame and leave the file behind it."""
    unpacker = zstandard.ZstdDecompressor(dictionary, max_window_size=WINDOW).decompressobj()
    while not unpacker.eof:
        if not (data := file.read(FEED)):
            raise zstandard.ZstdError("the file ends in it")
        yield None, unpacker.decompress(data)
    file.seek(-len(unpacker.unused_data), io.SEEK_CUR)


def next_member(file: BinaryIO, offset: int, begins: re.Pattern[bytes]) -> int | None:
    """The next place from `offset` on where a gzip member holds something that `begins` fits."""
    before, tried = b"", 0
    file.seek(offset)
    while (piece := file.read(BLOCK)) and tried < CANDIDATES:
        window = before + piece
        found = -1
        while (found := window.find(GZIP_MAGIC, found + 1)) >= 0 and tried < CANDIDATES:
            tried += 1
            after = file.tell()
            file.seek(offset + found)
            start = file.read(4096)
            file.seek(after)
            try:
                data = zlib.decompressobj(GZIP).decompress(start, 9000)
            except zlib.error:
                continue
            if begins.match(data):
                return offset + found
        before = window[-len(GZIP_MAGIC) + 1 :]
        offset += len(window) - len(before)
    return None
