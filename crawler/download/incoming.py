"""One HTTP/1.x response as it arrives: its bytes, and where it ends (RFC 9112 §6.3)."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

from archive.disk import failure
from archive.http import BLANK, Buffer, Dechunker, Head, is_chunked, read_heads
from archive.spill import Spill, nameless

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

SPILL_AT = 2**20  # bytes of one response held in memory
LONGEST_HEAD = 2**19  # bytes; portals send cookies of 64 KB, nobody sends this
CHUNK_START = re.compile(rb"[ \t]*(?:$|[0-9A-Fa-f]{1,16}[ \t]*(?:[;\r\n]|$))")


class Spool:
    """Bytes received so far: in memory, past `SPILL_AT` in a nameless file in `folder`.

    Without a folder everything stays in memory. Raises ArchiveError when the disk refuses.
    """

    def __init__(self, folder: Path | None) -> None:
        self.size = 0
        self.memory = bytearray()  # empty once they are in the file
        self._folder = folder
        self._file: BinaryIO | None = None

    def add(self, data: bytes) -> None:
        self.size += len(data)
        if self._file is None:
            self.memory += data
            if self._folder is None or self.size <= SPILL_AT:
                return
            self._file, data = nameless(self._folder), bytes(self.memory)
            self.memory.clear()
        try:
            self._file.write(data)
        except OSError as error:
            raise self._failure(error) from error

    def cut(self, surplus: int) -> None:
        """Forget the last bytes."""
        self.size -= surplus
        del self.memory[self.size :]

    def taken(self) -> bytes | Spill:
        """All of it. A `Spill` is the caller's to close."""
        if self._file is None or self._folder is None:
            return bytes(self.memory)
        try:
            self._file.flush()
        except OSError as error:
            raise self._failure(error) from error
        return Spill(self._file, 0, self.size, self._folder)

    def drop(self) -> None:
        """Let go of the file of a response that nobody wants any more."""
        if self._file is not None:
            with suppress(OSError):  # closing writes what a full disk has refused before
                self._file.close()

    def _failure(self, error: OSError) -> Exception:
        assert self._folder is not None
        self.drop()
        return failure(self._folder, error)


class Incoming:
    """Feed it until `complete` or the connection closes. `reusable`: another request may follow."""

    def __init__(self, method: str, max_bytes: int, spool: Spool) -> None:
        self.complete = False
        self.reusable = False
        self.too_long = False
        self._spool = spool
        self._head: Head | None = None
        self._passed = 0  # bytes of interim heads
        self._body_at = 0
        self._length: int | None = None  # None: until the connection closes
        self._dechunker: Dechunker | None = None
        self._headless_body = method == "HEAD"
        self._max_bytes = max_bytes

    def feed(self, data: bytes) -> None:
        self._spool.add(data)
        if self._head is not None:
            self._read_body(data)
        elif self._find_head(len(data)):
            of_body = self._spool.size - self._body_at  # of these bytes, the last
            self._read_body(memoryview(data)[len(data) - of_body :])
        most = self._max_bytes if self._head is not None else min(self._max_bytes, LONGEST_HEAD)
        if not self.complete and self._spool.size > most:
            self.complete = self.too_long = True

    def _read_body(self, data: Buffer) -> None:
        if self._dechunker is not None and not self._dechunker.broken:
            self._dechunker.feed(data)
            self.complete = self._dechunker.done
            if not self._dechunker.chunks and self._claims_falsely():
                self._dechunker = None
                self.reusable = self.reusable and self._length is not None
        if self._dechunker is None and self._length is not None:
            self.complete = self._spool.size - self._body_at >= self._length

    def _claims_falsely(self) -> bool:
        """Whether the body is plain although the head says chunked, as some proxies do."""
        assert self._dechunker is not None
        start = bytes(self._spool.memory[self._body_at : self._body_at + 32])
        return self._dechunker.broken or bool(start and not CHUNK_START.match(start))

    def _find_head(self, new: int) -> bool:
        """Whether the final head is whole, now that so many bytes are new."""
        memory = self._spool.memory
        if not BLANK.search(memory, max(0, len(memory) - new - 2)):  # no head ends in them
            return False
        _, head, start = read_heads(memory[self._passed :])
        self._passed += start
        if head is None:
            return False
        self._head, self._body_at = head, self._passed + head.size
        length, chunked = _length(head), is_chunked(head)
        framed = length is not None or chunked
        if self._headless_body or head.status in {204, 304}:
            framed = not (length or chunked)  # some send what they speak of, a little later
            length, chunked = 0, False
        self._length, self._dechunker = length, Dechunker() if chunked else None
        closing = any(b"close" in value.lower() for value in head.all(b"Connection"))
        self.reusable = framed and not closing and head.start_line.startswith(b"HTTP/1.1")
        return True

    def end(self) -> int:
        """Cut off bytes that came after the end of a framed message; returns how many."""
        surplus = self._surplus()
        if surplus > 0:
            self._spool.cut(surplus)
            self.reusable = False
        return max(surplus, 0)

    def _surplus(self) -> int:
        if not self.complete or self.too_long:
            return 0
        if self._dechunker is not None:
            return len(self._dechunker.rest)
        return self._spool.size - self._body_at - (self._length or 0)

    @property
    def whole(self) -> bool:
        """Whether a connection that closes now has said all there was to say."""
        if self.complete:
            return not self.too_long
        if self._dechunker is not None:
            return self._dechunker.broken  # after the first chunk: what follows is anybody's guess
        return self._head is not None and self._length is None


def _length(head: Head) -> int | None:
    """Content-Length, if all that are sent agree on one number."""
    said = {part.strip() for value in head.all(b"Content-Length") for part in value.split(b",")}
    number = said.pop() if len(said) == 1 else b""
    return int(number) if number.isdigit() and len(number) < 19 else None
