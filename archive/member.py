"""One WARC record in one gzip member: writing it, and reading it back strictly."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from archive.http import Buffer, find_head

if TYPE_CHECKING:
    from collections.abc import Iterator

Fields = tuple[tuple[str, str], ...]

LEVEL = 6
GZIP = 31  # zlib's number for "gzip header and checksum, largest window"; its mtime is always 0
MAGIC = b"\x1f\x8b\x08\x00\x00\x00\x00\x00"  # how every member of ours begins
BLOCK = 65_536
END = b"\r\n\r\n"


class DamagedError(Exception):
    """The bytes from `offset` on are not a whole record. Caught inside the archive."""

    def __init__(self, offset: int, why: str) -> None:
        super().__init__(f"at byte {offset}: {why}")
        self.offset = offset
        self.why = why


@dataclass(frozen=True, slots=True)
class Record:
    """A record as read: its fields, its block, and where its member lies in the file (bytes)."""

    fields: Fields
    block: bytes
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
    head = "".join(f"{name}: {value}\r\n" for name, value in fields)
    if head.count("\n") != len(fields) or head.count("\r") != len(fields):
        raise ValueError(f"a line end inside a WARC field: {fields!r}")
    start = f"WARC/1.1\r\n{head}Content-Length: {len(block)}\r\n\r\n".encode()
    deflater = zlib.compressobj(LEVEL, zlib.DEFLATED, GZIP)
    parts = (deflater.compress(start), deflater.compress(block), deflater.compress(END))
    return b"".join((*parts, deflater.flush()))


def records(file: BinaryIO, offset: int = 0) -> Iterator[Record]:
    """Read records from `offset` to the end of the file.

    Raises DamagedError at the first byte that does not continue a file of whole records.
    """
    file.seek(offset)
    pending = b""
    while pending := pending or file.read(BLOCK):
        inflater = zlib.decompressobj(GZIP)
        pieces: list[bytes] = []
        length = 0
        while not inflater.eof:
            if not (pending := pending or file.read(BLOCK)):
                raise DamagedError(offset, "the gzip member is cut short")
            try:
                pieces.append(inflater.decompress(pending))
            except zlib.error as error:
                raise DamagedError(offset, f"no gzip member ({error})") from error
            length += len(pending) - len(inflater.unused_data)
            pending = inflater.unused_data
        yield parse(b"".join(pieces), offset, length)
        offset += length


def parse(data: bytes, offset: int, length: int) -> Record:
    """Read an inflated member that must hold exactly one record, else DamagedError."""
    head = find_head(data)
    if head is None or not head.start_line.startswith(b"WARC/1."):
        raise DamagedError(offset, "the member does not begin with a WARC/1 header")
    size = head.get(b"Content-Length") or b""
    if not size.isdigit() or head.size + int(size) + len(END) != len(data):
        raise DamagedError(offset, f"Content-Length {size!r} is not the size of the block")
    if not data.endswith(END):
        raise DamagedError(offset, "the record does not end in two empty lines")
    fields = tuple((key.decode("utf-8", "replace"), _text(value)) for key, value in head.headers)
    return Record(fields, data[head.size : -len(END)], offset, length)


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")
