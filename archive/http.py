"""HTTP/1.x messages as portals really send them. Pure; nothing here raises on any bytes.

Live fetching, replay, and digests read messages with this one module, so they cannot disagree
about where a head ends or what the entity body is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Buffer = bytes | bytearray | memoryview

LINE = 16_384
"""Longest chunk-size or trailer line taken seriously, in bytes."""

BLANK = re.compile(rb"\n\r?\n")
LEADING = re.compile(rb"(?:\r?\n)*")
STATUS = re.compile(rb"\S+[ \t]+(\d{3})(?!\d)[ \t]*(.*)", re.DOTALL)
SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,16})[ \t]*(?:;.*)?\r?\n?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Head:
    """Start line and header fields of one message, bytes as received.

    Names keep their case, values lose only the blanks around them; a folded value is joined with
    one space. `size` counts the bytes up to and including the blank line.
    """

    start_line: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    size: int

    @property
    def status(self) -> int:
        """The status code; 0 when the start line has none."""
        found = STATUS.match(self.start_line)
        return int(found[1]) if found else 0

    @property
    def reason(self) -> bytes:
        """The reason phrase, often empty, sometimes GBK."""
        found = STATUS.match(self.start_line)
        return found[2].strip() if found else b""

    def get(self, name: bytes) -> bytes | None:
        """Return the first value of a header, whatever its case; None when absent."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    def all(self, name: bytes) -> list[bytes]:
        """Return every value of a header, in order."""
        wanted = name.lower()
        return [value for key, value in self.headers if key.lower() == wanted]


def find_head(data: Buffer, start: int = 0) -> Head | None:
    """Read the head that begins at `start`; None while its blank line has not come yet.

    Line ends may be CRLF or LF. Empty lines before the start line belong to the head. Lines
    without a colon or a name are left out of the headers, along with what is folded under them.
    """
    found = _bounds(data, start)
    if found is None:
        return None
    begin, blank = found
    lines = bytes(data[begin : blank.start()]).split(b"\n")
    start_line = lines[0].removesuffix(b"\r")
    return Head(start_line, _fields(lines[1:]), blank.end() - start)


def head_size(data: Buffer) -> int | None:
    """`find_head(data).size`, for who wants nothing else."""
    found = _bounds(data, 0)
    return found[1].end() if found else None


def _bounds(data: Buffer, start: int) -> tuple[int, re.Match[bytes]] | None:
    """Where the start line begins, and the blank line after the head."""
    begin = start
    if begin < len(data) and data[begin] in b"\r\n" and (first := LEADING.match(data, begin)):
        begin = first.end()
    blank = BLANK.search(data, begin)
    return (begin, blank) if blank else None


def _fields(lines: list[bytes]) -> tuple[tuple[bytes, bytes], ...]:
    """Split header lines into names and values, unfolding them."""
    fields: list[tuple[bytes, list[bytes]]] = []
    readable = False  # the line before was a field, so a folded line belongs to it
    for line in lines:
        if line[:1] in (b" ", b"\t"):
            if readable:
                fields[-1][1].append(line.strip())
            continue
        name, colon, value = line.partition(b":")
        name = name.strip()
        readable = bool(colon and name)
        if readable:
            fields.append((name, [value.strip()]))
    return tuple((name, b" ".join(filter(None, parts))) for name, parts in fields)


class Dechunker:
    """Takes chunked framing off, piece by piece.

    Sizes may be padded and carry extensions, lines may end in LF, trailers are passed over.
    Framing that cannot be read sets `broken`; what was decoded before stands.
    """

    def __init__(self) -> None:
        self.done = False  # the end of the last trailer has been seen
        self.broken = False  # this is not chunked framing, or no longer
        self.chunks = 0  # chunks read to their end, the last (empty) one included
        self.consumed = 0  # bytes that belong to the message
        self.rest = b""  # bytes after the end, or from where the framing broke
        self._expects: Literal["size", "data", "end", "trailer"] = "size"
        self._left = 0
        self._unread = b""

    def feed(self, data: Buffer) -> bytes:
        """Decode more bytes; returns the body bytes they held, often b""."""
        if self.done or self.broken:
            self.rest += bytes(data)
            return b""
        raw = self._unread + data if self._unread else bytes(data)
        view = memoryview(raw)
        body: list[memoryview] = []
        at = 0
        while at < len(raw) and not (self.done or self.broken):
            if self._expects == "data":
                after = at + min(self._left, len(raw) - at)
                body.append(view[at:after])
                self._left -= after - at
                self._expects = "data" if self._left else "end"
            else:
                after = self._frame(raw, at)
            if after == at:
                break
            at = after
        self.consumed += at
        self._unread = b"" if self.done or self.broken else raw[at:]
        self.rest = raw[at:] if self.done or self.broken else b""
        return b"".join(body)

    def _frame(self, raw: bytes, at: int) -> int:
        """Read the framing at `at`; returns where it ends, or `at` when more must come first."""
        if self._expects == "end" and raw[at] not in b"\r\n":
            self.broken = True
            return at
        end = raw.find(b"\n", at, at + LINE) + 1
        if not end:
            self.broken = len(raw) - at >= LINE
            return at
        if self._expects == "size":
            self._size(raw[at:end])
        elif self._expects == "end":
            self.broken = end - at > 2
            self.chunks += not self.broken
            self._expects = "size"
        else:
            self.done = end - at <= 2 and raw[at] in b"\r\n"
        return at if self.broken else end

    def _size(self, line: bytes) -> None:
        """Read `<hex size>[;extension]`."""
        found = SIZE.fullmatch(line)
        if found is None:
            self.broken = True
            return
        self._left = int(found[1], 16)
        self._expects = "data" if self._left else "trailer"
        self.chunks += not self._left


def is_chunked(head: Head) -> bool:
    """Whether the head claims chunked framing, in any case, beside whatever else."""
    return any(b"chunked" in value.lower() for value in head.all(b"Transfer-Encoding"))


def entity_body(head: Head, body: Buffer) -> bytes:
    """Return the entity body: `body` without chunked framing, content-encoding untouched.

    Portals behind proxies claim chunked framing over plain bodies: when not even the first chunk
    can be read, the bytes are the body. Framing that ends early gives what came until then.
    """
    if not is_chunked(head):
        return bytes(body)
    decoder = Dechunker()
    decoded = decoder.feed(body)
    unreadable = decoder.broken and not decoder.chunks
    return bytes(body) if unreadable or not decoder.consumed else decoded


def read_heads(data: Buffer) -> tuple[list[bytes], Head | None, int]:
    """The 1xx blocks before a final response, the head of that, and where it begins.

    101 is final: no HTTP follows it.
    """
    interim: list[bytes] = []
    at = 0
    while (head := find_head(data, at)) and head.status // 100 == 1 and head.status != 101:
        interim.append(bytes(data[at : at + head.size]))
        at += head.size
    return interim, head, at
