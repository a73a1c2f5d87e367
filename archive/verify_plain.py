"""The text of WARC files that are not compressed."""

from __future__ import annotations

import os
import re

from archive.member import BLOCK, END
from archive.verify_tape import SHORT, Broken, Ending, Members, Source, Tape, find

ZSTD = (b"\xb5\x2f\xfd", b"\x2a\x4d\x18")  # after the first byte: a frame, a dictionary
RECORD = re.compile(rb"\nWARC/[01]\.\d")


def open_tape(file: Source) -> Tape:
    """Read a file as what its first bytes say it is."""
    file.seek(0)
    start = file.read(4)
    if start.startswith(b"\x1f\x8b"):
        return Members(file)
    return Plain(file)


class Plain:
    """Text that is not compressed: records one after another."""

    compressed = False

    def __init__(self, file: Source) -> None:
        self.file = file
        self.offset = self.at = 0
        self.size = file.seek(0, os.SEEK_END)
        self._raw = b""
        file.seek(0)

    def begin(self) -> bool:
        self.offset = self.at
        self._raw = self._raw or self.file.read(BLOCK)
        start = self._raw[:5]
        if not self.offset and (other := _other_format(self._raw)):
            raise Broken(0, "not-warc", other)
        if self._raw and not start.strip(b"\0"):
            says = f"zero bytes stand here, {self.size - self.offset} bytes before the end"
            raise Broken(self.offset, "zero-tail", says)
        if start and not b"WARC/".startswith(start):
            raise Broken(self.offset, "garbage", f"no WARC record begins here, but {start!r}")
        return bool(self._raw)

    def piece(self) -> bytes:
        text, self._raw = self._raw or self.file.read(BLOCK), b""
        self.at += len(text)
        return text

    def end(self, text: bytes, size: int) -> Ending:
        """The next record must begin where this one ends."""
        while len(text) < 16 and (piece := self.piece()):
            text += piece
        found = SHORT.match(text)
        if found is None:
            code = "record-end" if len(text) >= len(END) else "record-cut"
            says = f"no two empty lines end it; is its Content-Length of {size} right?"
            raise Broken(self.offset, code, says)
        rest = text[found.end() :]
        self.at -= len(rest)
        self._raw = rest + self._raw
        return None if found[0] == END else ("line-ends", "its end is not CRLF CRLF")

    def resume(self, offset: int) -> bool:
        for place in find(self.file, max(0, offset - 1), RECORD):
            self.at, self._raw = place + 1, b""
            self.file.seek(self.at)
            return True
        return False


def _other_format(start: bytes) -> str:
    """Say what a file is that is known not to be WARC."""
    if start[1:4] in ZSTD:
        return "it is compressed with zstd; unpack it with `zstd -d`"
    return "it is an ARC file" if start.startswith(b"filedesc:") else ""
