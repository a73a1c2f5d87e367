"""The text of WARC files compressed by record, a piece at a time and within limits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from isal import isal_zlib

from archive.member import BLOCK, END, GZIP, InflateError

if TYPE_CHECKING:
    from collections.abc import Iterator

GROWTH = 1 << 18  # most bytes inflated at once
EXPANDS = 100  # text this many times the file, beyond the allowance, is an attack
ALLOWANCE = 1 << 28
STRETCHES = 100  # damaged stretches of a file before it is given up
PROBES = 100_000  # places looked at for a next member
GZIP_START = b"\x1f\x8b\x08"
SHORT = re.compile(rb"\r?\n\r?\n")
Ending = tuple[str, str] | None
"""What is wrong with the end of a record: code and words; None when nothing is."""


class Broken(Exception):
    """The record that begins at `offset` cannot be read. Caught inside verification."""

    def __init__(self, offset: int, code: str, says: str) -> None:
        super().__init__(says)
        self.offset = offset
        self.code = code
        self.says = says


class Source(Protocol):
    """What is asked of a file."""

    def read(self, size: int) -> bytes: ...
    def seek(self, offset: int, whence: int = 0, /) -> int: ...
    def tell(self) -> int: ...


class Tape(Protocol):
    """A file as text. `offset` is where the record began, `at` where the next byte comes from."""

    offset: int
    at: int
    compressed: bool

    def begin(self) -> bool:
        """Turn to the next record; False at the end of the file."""

    def piece(self) -> bytes:
        """Return more of its text, b"" at the end of its member or of the file."""

    def end(self, text: bytes, size: int) -> Ending:
        """Judge what follows a block of `size` bytes; `text` is what of it was read already."""

    def resume(self, offset: int) -> bool:
        """Turn to the next place from `offset` on where a record may begin; False: none."""


class Members:
    """Text in gzip members, each of which should hold one record."""

    compressed = True

    def __init__(self, file: Source, offset: int = 0) -> None:
        self.file = file
        self.offset = self.at = offset
        self.text = 0  # bytes inflated so far, of all members
        self.probes = 0
        self._raw = b""
        self._inflater = isal_zlib.decompressobj(GZIP)
        file.seek(offset)

    def begin(self) -> bool:
        self.offset = self.at
        while len(self._raw) < 10 and (more := self.file.read(BLOCK)):
            self._raw += more
        if not self._raw:
            return False
        if not self._raw.startswith(GZIP_START[: len(self._raw)]):
            raise self._foreign()
        if len(self._raw) > 3 and self._raw[3] & 0xE0:
            raise Broken(self.offset, "gzip-damaged", "the gzip header has reserved flags")
        self._inflater = isal_zlib.decompressobj(GZIP)
        return True

    def piece(self) -> bytes:
        inflater = self._inflater
        while not inflater.eof:
            ended = not self._raw and not self._fill()
            try:
                text = inflater.decompress(self._raw, GROWTH)
            except InflateError as error:
                says = f"the gzip member is damaged ({error})"
                raise Broken(self.offset, "gzip-damaged", says) from error
            rest = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
            self.at += len(self._raw) - len(rest)
            self._raw = rest
            if text:
                self._count(len(text))
                return text
            if ended and not inflater.eof:
                raise Broken(self.offset, "gzip-cut", "the file ends inside this gzip member")
        return b""

    def end(self, text: bytes, size: int) -> Ending:
        """The member must end with the record."""
        while len(text) < 16 and (piece := self.piece()):
            text += piece
        more = 0
        while piece := self.piece():
            more += len(piece)
        if text == END and not more:
            return None
        if text == b"\n\n" and not more:
            return "line-ends", "its end is LF LF"
        rest = len(text) + more
        found = SHORT.match(text)
        if found and text.startswith(b"WARC/", found.end()):
            return "many-records", f"the member goes on for {rest} bytes after its first record"
        if rest == len(END):
            return "record-end", f"it ends in {text!r}, not CRLF CRLF"
        says = f"Content-Length {size} leaves {rest} bytes after the block, not {len(END)}"
        return "content-length", says

    def starts_with(self, magic: bytes) -> bool:
        """Whether the member now turned to begins with these bytes. Ask before `piece`."""
        return self._raw.startswith(magic)

    def resume(self, offset: int) -> bool:
        for place in find(self.file, offset, re.compile(re.escape(GZIP_START))):
            self.probes += 1
            if self.probes > PROBES:
                raise Broken(offset, "gave-up", "too many places look like gzip members")
            if self._probe(place):
                self.file.seek(place)
                self.at, self._raw = place, b""
                return True
        return False

    def _probe(self, place: int) -> bool:
        """Whether a record begins in a member here. Leaves the file where it was."""
        before = self.file.tell()
        self.file.seek(place)
        try:
            text = isal_zlib.decompressobj(GZIP).decompress(self.file.read(4096), 8)
        except InflateError:
            return False
        finally:
            self.file.seek(before)
        return text.startswith(b"WARC/")

    def _fill(self) -> bool:
        self._raw = self.file.read(BLOCK)
        return bool(self._raw)

    def _count(self, size: int) -> None:
        self.text += size
        if self.text > ALLOWANCE and self.text > EXPANDS * self.at + ALLOWANCE:
            says = f"{self.at} bytes inflate to more than {self.text}; not read further"
            raise Broken(self.offset, "bomb", says)

    def _foreign(self) -> Broken:
        """Say what stands where a member should begin."""
        size, only_zeros = 0, True
        piece = self._raw
        while piece:
            size += len(piece)
            only_zeros = only_zeros and not piece.strip(b"\0")
            piece = self.file.read(BLOCK) if only_zeros else b""
        if only_zeros:
            return Broken(self.offset, "zero-tail", f"the file ends in {size} zero bytes")
        return Broken(self.offset, "garbage", "no gzip member begins here")


def find(file: Source, offset: int, wanted: re.Pattern[bytes]) -> Iterator[int]:
    """Yield the places from `offset` on where a short pattern matches."""
    file.seek(offset)
    before, overlap = b"", 8
    while piece := file.read(BLOCK):
        window = before + piece
        for found in wanted.finditer(window):
            if found.end() > len(before):
                yield offset + found.start()
        before = window[-overlap:]
        offset += len(window) - len(before)
