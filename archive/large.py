"""Bytes too many for memory: left where they lie, and read in pieces as often as wanted."""

from __future__ import annotations

import os
from itertools import chain
from typing import TYPE_CHECKING, Self, TypeVar

from archive.http import Dechunker, Head, entity_body, is_chunked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

IN_MEMORY = 1 << 24  # bytes of a block that are read at once
PIECE = 1 << 18
OPENING = 1 << 20  # the head of a message ends before this many bytes, or never


class Large:
    """A known number of bytes. Readers do not disturb each other.

    No ABC: asking whether something is an instance of one is slow, and asked of every message.
    """

    def __len__(self) -> int:
        raise NotImplementedError

    def between(self, start: int, end: int) -> Self:
        """Part of it, counted in bytes from its beginning."""
        raise NotImplementedError

    def __iter__(self) -> Iterator[bytes]:
        """The bytes in pieces."""
        raise NotImplementedError

    def __bytes__(self) -> bytes:
        return b"".join(self)

    def first(self, count: int) -> bytes:
        """At most `count` bytes from the beginning."""
        return bytes(self.between(0, min(count, len(self))))

    def after(self, count: int) -> Self:
        """Everything but the first `count` bytes."""
        return self.between(count, len(self))


Content = bytes | Large
C = TypeVar("C", bound=Content)


class Descriptor:
    """An open file, closed with the last who holds it."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __del__(self) -> None:
        os.close(self.number)


class InFile(Large):
    """`size` bytes of a file from `start` on."""

    def __init__(self, file: Descriptor, start: int, size: int) -> None:
        self._file = file
        self._start = start
        self._size = size

    def __len__(self) -> int:
        return self._size

    def between(self, start: int, end: int) -> Self:
        return type(self)(self._file, self._start + start, end - start)

    def __iter__(self) -> Iterator[bytes]:
        return stretch_of(self._file.number, self._start, self._start + self._size)


def stretch_of(descriptor: int, at: int, end: int) -> Iterator[bytes]:
    """What stands in a file between two places, in pieces; its position stays."""
    while at < end and (piece := os.pread(descriptor, min(PIECE, end - at), at)):
        at += len(piece)
        yield piece


class Lazy(Large):
    """Bytes that are made again each time: `begin` yields at least the first `end` of them."""

    def __init__(self, begin: Callable[[], Iterable[bytes]], end: int, start: int = 0) -> None:
        self._begin = begin
        self._start = start
        self._end = end

    def __len__(self) -> int:
        return self._end - self._start

    def between(self, start: int, end: int) -> Self:
        return type(self)(self._begin, self._start + end, self._start + start)

    def __iter__(self) -> Iterator[bytes]:
        at = 0
        for piece in self._begin():
            wanted = piece[max(0, self._start - at) : self._end - at]
            at += len(piece)
            if wanted:
                yield wanted
            if at >= self._end:
                return


def opening(data: Content) -> bytes:
    """As much of a message as its head may fill: all of it when it is in memory."""
    return data.first(OPENING) if isinstance(data, Large) else data


def pieces(data: Content) -> Iterable[bytes]:
    """The bytes in pieces: in one when they are in memory."""
    return data if isinstance(data, Large) else (data,)


def between(data: C, start: int, end: int | None = None) -> C:
    """Part of it; without `end` to its end."""
    if isinstance(data, Large):
        return data.between(start, len(data) if end is None else end)
    return data[start:end]  # type: ignore[return-value]  # nobody makes kinds of bytes


def joined(*parts: Content) -> Content:
    """One after the other."""
    if not any(isinstance(part, Large) for part in parts):
        return b"".join(map(bytes, parts))
    return Lazy(lambda: chain.from_iterable(map(pieces, parts)), sum(map(len, parts)))


def entity(head: Head, body: Content) -> Content:
    """The body without chunked framing, by the rule of `http.entity_body`."""
    if not isinstance(body, Large):
        return entity_body(head, body)
    if not is_chunked(head):
        return body

    decoder = Dechunker()
    size = sum(map(len, unframed(decoder, body)))
    if (decoder.broken and not decoder.chunks) or not decoder.consumed:
        return body
    return Lazy(lambda: unframed(Dechunker(), body), size)


def unframed(decoder: Dechunker, body: Large) -> Iterator[bytes]:
    """What `decoder` makes of a body, as far as that goes."""
    for piece in body:
        yield decoder.feed(piece)
        if decoder.broken or decoder.done:
            return
