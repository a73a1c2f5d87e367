"""gzip, zstd or neither: the bytes of files of others, a little at a time."""

from __future__ import annotations

import io
import re
import zlib
from typing import TYPE_CHECKING, BinaryIO

import zstandard

from archive.member import BLOCK, GZIP, DamagedError

if TYPE_CHECKING:
    from collections.abc import Iterator

Piece = tuple[int | None, bytes]
"""Unpacked bytes, and where in the file the member that begins with them stands, if one does."""

GZIP_MAGIC = b"\x1f\x8b\x08"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
SKIPPABLE = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18", re.DOTALL)
DICTIONARY = b"\x5d\x2a\x4d\x18"
WINDOW = 2**27  # zstd: the memory one frame may ask for, in bytes; also the largest dictionary
FEED = 2048  # zstd: four bytes may become 128 KiB, so it is fed little at a time


def unpacking(file: BinaryIO, start: int) -> tuple[str, Iterator[Piece]]:
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
