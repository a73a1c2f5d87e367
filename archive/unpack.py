"""Strict reading of our own files: one record in each gzip member, nothing before, nothing after.

Large blocks stay where they are: a record then holds the way back to them.
"""

from __future__ import annotations

import os
import re
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING, BinaryIO

from isal import isal_zlib

from archive.large import IN_MEMORY, Content, Descriptor, Lazy
from archive.member import BLOCK, END, GZIP, DamagedError, Fields, InflateError, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Reading = Callable[[int], bytes]
    """What stands in the file from an offset on: a block of it, b"" at its end."""

NUMBER = re.compile(r"[0-9]{1,18}")
HEAD = 1 << 20  # longest WARC header, in bytes
GROWTH = 1 << 18  # most bytes inflated at once


def records(file: BinaryIO, offset: int = 0) -> Iterator[Record]:
    """Read records from `offset` to the end of the file.

    Raises DamagedError at the first byte that does not continue a file of whole records.
    """
    read = _reading(file)
    while read(offset):
        record = _record(file, read, offset)
        yield record
        offset = record.end


def _reading(file: BinaryIO) -> Reading:
    """Read blocks, and keep the last one: many members begin in it."""
    begin, block = 0, b""

    def read(offset: int) -> bytes:
        nonlocal begin, block
        if not begin <= offset < begin + len(block):
            file.seek(offset)
            begin, block = offset, file.read(BLOCK)
        return block[offset - begin :]

    return read


class _Member:
    """The text of a gzip member; `end` is where the next one begins, once all of it was read."""

    def __init__(self, read: Reading, offset: int) -> None:
        self._read = read
        self._begin = offset
        self.end = offset

    def __iter__(self) -> Iterator[bytes]:
        inflater = isal_zlib.decompressobj(GZIP)
        data = b""
        while not inflater.eof:
            ended = not (data := data or self._read(self.end))
            try:
                text = inflater.decompress(data, GROWTH)
            except InflateError as error:
                raise DamagedError(self._begin, f"no gzip member ({error})") from error
            rest = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
            self.end += len(data) - len(rest)
            data = rest
            if text:
                yield text
            elif ended and not inflater.eof:
                raise DamagedError(self._begin, "the gzip member is cut short")


def _record(file: BinaryIO, read: Reading, offset: int) -> Record:
    """Read a member that must hold exactly one record, else DamagedError."""
    member = _Member(read, offset)
    texts = iter(member)
    fields, begin, start = _head(texts, offset)
    name, given = fields[-1]  # ours stands last
    if name != "Content-Length" or not NUMBER.fullmatch(given):
        raise _wrong_length(offset, given)
    size = int(given)
    block: Content
    if size > IN_MEMORY:
        whole, tail = len(start), start[-len(END) :]
        for text in texts:
            whole, tail = whole + len(text), (tail + text)[-len(END) :]
        again = partial(_again, Descriptor(os.dup(file.fileno())), offset)
        block = Lazy(again, begin + size, begin)
    else:
        data = _all(texts, start, begin + size + len(END))
        whole, tail, block = len(data), data[-len(END) :], data[begin : -len(END)]
    if whole != begin + size + len(END):
        raise _wrong_length(offset, given)
    if tail != END:
        raise DamagedError(offset, "the record does not end in two empty lines")
    return Record(fields, block, offset, member.end - offset)


def _head(texts: Iterator[bytes], offset: int) -> tuple[Fields, int, bytes]:
    """The header of a record, where it ends, and all that was read for it."""
    start = b""
    for text in texts:
        start += text
        end = start.find(END)
        if end >= 0 and start.startswith(b"WARC/1."):
            _, *lines = start[:end].decode("utf-8", "replace").split("\r\n")
            parts = [line.partition(": ") for line in lines]
            if not parts or not all(map(itemgetter(1), parts)):
                break
            return tuple([(name, value) for name, _, value in parts]), end + len(END), start
        if end >= 0 or len(start) > HEAD:
            break
    raise DamagedError(offset, "the member does not begin with a WARC/1 header")


def _all(texts: Iterator[bytes], start: bytes, most: int) -> bytes:
    """The whole text; what is longer than `most` is wrong and not read further."""
    read, size = [start], len(start)
    for text in texts:
        read.append(text)
        size += len(text)
        if size > most:
            break
    return b"".join(read)


def _again(file: Descriptor, offset: int) -> Iterator[bytes]:
    """The text of a member that was read before. Raises DamagedError when it has changed since."""
    yield from _Member(lambda at: os.pread(file.number, BLOCK, at), offset)


def _wrong_length(offset: int, given: str) -> DamagedError:
    return DamagedError(offset, f"Content-Length {given!r} is not the size of the block")
