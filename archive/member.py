"""One WARC record in one gzip member: writing it, and reading it back strictly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from isal import igzip_lib, isal_zlib

from archive.http import Buffer, find_head
from archive.spill import Spill, spilled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Fields = tuple[tuple[str, str], ...]

LEVEL = 2  # of igzip's 0 to 3: a tenth more bytes than zlib's best, at ten times its speed
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
    return b"".join(_deflated(fields, (block,), len(block)))


def pack_spill(fields: list[tuple[str, str]], block: Spill) -> Spill:
    """Do what `pack` does, from disk to disk. The caller closes both files."""
    return spilled(block.folder, _deflated(fields, block, len(block)))


def packed(fields: list[tuple[str, str]], block: Buffer | Spill) -> bytes | Spill:
    """Do either, as the block demands."""
    return pack_spill(fields, block) if isinstance(block, Spill) else pack(fields, block)


def _deflated(fields: list[tuple[str, str]], block: Iterable[Buffer], size: int) -> Iterator[bytes]:
    head = "".join(f"{name}: {value}\r\n" for name, value in fields)
    if head.count("\n") != len(fields) or head.count("\r") != len(fields):
        raise ValueError(f"a line end inside a WARC field: {fields!r}")
    start = f"WARC/1.1\r\n{head}Content-Length: {size}\r\n\r\n".encode()
    deflater = isal_zlib.compressobj(LEVEL, isal_zlib.DEFLATED, GZIP)
    yield deflater.compress(start)
    for piece in block:
        yield deflater.compress(piece)
    yield deflater.compress(END)
    yield deflater.flush()


def records(file: BinaryIO, offset: int = 0) -> Iterator[Record]:
    """Read records from `offset` to the end of the file.

    Raises DamagedError at the first byte that does not continue a file of whole records.
    """
    file.seek(offset)
    pending = b""
    while pending := pending or file.read(BLOCK):
        inflater = isal_zlib.decompressobj(GZIP)
        pieces: list[bytes] = []
        length = 0
        while not inflater.eof:
            if not (pending := pending or file.read(BLOCK)):
                raise DamagedError(offset, "the gzip member is cut short")
            try:
                pieces.append(inflater.decompress(pending))
            except InflateError as error:
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
