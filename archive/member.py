"""One WARC record in one gzip member: what it is, and how it is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from deflate import gzip_compress
from isal import igzip_lib, isal_zlib

from archive.large import PIECE
from archive.spill import Spill, spilled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from archive.http import Buffer
    from archive.large import Content

Fields = tuple[tuple[str, str], ...]

LEVEL = 1  # of libdeflate's 1 to 12: 92 % of what zlib's best saves, at seven times its speed
AT_ONCE = 2**20  # bytes of a block from which igzip takes over, which need not see the end
IGZIP_LEVEL = 2  # of 0 to 3
GZIP = 31  # zlib's number for "gzip header and checksum, largest window"; its mtime is always 0
MAGIC = b"\x1f\x8b\x08\x00\x00\x00\x00\x00"  # how every member of ours begins
BLOCK = 65_536
END = b"\r\n\r\n"
InflateError: type[Exception] = igzip_lib.IsalError  # type: ignore[assignment]  # stubs: an instance


class DamagedError(Exception):
    """The bytes from `offset` on are not a whole record. Caught inside the archive."""

    def __init__(self, offset: int, why: str) -> None:
        super().__init__(f"at byte {offset}: {why}")
        self.offset = offset
        self.why = why


@dataclass(slots=True)  # not frozen: that would cost as much as all else of making one
class Record:
    """A record as read: its fields, its block, and where its member lies in the file (bytes)."""

    fields: Fields
    block: Content
    offset: int
    length: int

    def get(self, name: str) -> str | None:
        """Return the first value of a field, whatever its case."""
        wanted = name.lower()
        return next((value for key, value in self.fields if key.lower() == wanted), None)

    def all(self, name: str) -> list[str]:
        """Return every value of a field, in order."""
        wanted = name.lower()
        return [value for key, value in self.fields if key.lower() == wanted]

    @property
    def type(self) -> str:
        """`WARC-Type`, "" when missing."""
        return self.get("WARC-Type") or ""

    @property
    def id(self) -> str:
        """`WARC-Record-ID` without its angle brackets, "" when missing."""
        return (self.get("WARC-Record-ID") or "").strip("<>")

    @property
    def end(self) -> int:
        """Offset of the byte after the member."""
        return self.offset + self.length


def pack(fields: list[tuple[str, str]], block: Buffer) -> bytes:
    """Write a record as one gzip member, the same bytes for the same input.

    Adds Content-Length. Raises ValueError for a value that would break out of its line.
    """
    start = _start(fields, len(block))
    if len(block) >= AT_ONCE:
        whole = memoryview(block)  # igzip's bytes depend on the pieces it gets: as a Spill's
        pieces = (whole[at : at + PIECE] for at in range(0, len(whole), PIECE))
        return b"".join(_deflated(start, pieces))
    return bytes(gzip_compress(b"".join((start, block, END)), LEVEL))


def packed(fields: list[tuple[str, str]], block: Buffer | Spill) -> bytes | Spill:
    """Do what `pack` does; a large block from disk to disk. The caller closes both files."""
    if isinstance(block, Spill) and len(block) >= AT_ONCE:
        return spilled(block.folder, _deflated(_start(fields, len(block)), block))
    return pack(fields, bytes(block))


def _start(fields: list[tuple[str, str]], size: int) -> bytes:
    """Write the header of a record."""
    head = "".join([f"{name}: {value}\r\n" for name, value in fields])
    if head.count("\n") != len(fields) or head.count("\r") != len(fields):
        raise ValueError(f"a line end inside a WARC field: {fields!r}")
    return f"WARC/1.1\r\n{head}Content-Length: {size}\r\n\r\n".encode()


def _deflated(start: bytes, block: Iterable[Buffer]) -> Iterator[bytes]:
    deflater = isal_zlib.compressobj(IGZIP_LEVEL, isal_zlib.DEFLATED, GZIP)
    yield deflater.compress(start)
    for piece in block:
        yield deflater.compress(piece)
    yield deflater.compress(END)
    yield deflater.flush()
