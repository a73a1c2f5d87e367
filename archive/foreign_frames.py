"""Where the records of other people's WARC and ARC files begin and end.

A record's header says how long its block is; what follows must be line ends and another record,
or the end. Where it is not, the bytes around decide and the report says so. Reading goes on at the
next place where a record begins, so no file is read twice and none without end.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from archive.foreign_ends import LINE_ENDS, OVERLAP, end_of, taken_aside
from archive.foreign_stream import Stream, next_member
from archive.http import find_head
from archive.large import IN_MEMORY, pieces
from archive.member import BLOCK, GZIP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.foreign_ends import Tell
    from archive.large import Content

RECORD_LIMIT = 2**32
"""The longest record that is read, in bytes: what is made to unpack without end fills no disk."""
HEAD_LIMIT = 2**20
DAMAGES = 10_000  # places in a file behind which reading goes on


@dataclass(frozen=True, slots=True)
class Form:
    """How records begin: `begins` at the place itself, `mark` anywhere at the start of a line."""

    name: str
    begins: re.Pattern[bytes]
    mark: re.Pattern[bytes]


def _form(name: str, begins: bytes) -> Form:
    return Form(name, re.compile(begins), re.compile(rb"(?<=\n)" + begins))


WARC = _form("warc", rb"WARC/\d+\.\d+[ \t]*\r?\n")
ARC = _form(
    "arc", rb"[A-Za-z][A-Za-z0-9+.-]{0,30}:[^\n]{1,8000} \d{8,18} [^\n]{0,500}[^\n \r][ \r]{0,8}\n"
)


@dataclass(frozen=True, slots=True)
class Frame:
    """One record with the line ends after it, as it stands in the unpacked file.

    `offset` and `length` say in bytes where it can be read from the file by itself; where it
    cannot, `length` is 0 and `offset` the last place from which it can be reached.
    """

    data: Content
    offset: int
    length: int

    def member(self) -> Iterator[bytes]:
        """The record as a gzip member of its own, the same bytes for the same record."""
        packer = zlib.compressobj(6, zlib.DEFLATED, GZIP)
        for piece in pieces(self.data):
            yield packer.compress(piece)
        yield packer.flush()


def form_of(stream: Stream) -> Form | None:
    """Tell WARC from ARC by the first bytes that can be read; None when it is neither."""
    stream.need(OVERLAP)
    start = LINE_ENDS.match(stream.buffer)
    begin = start.end() if start else 0
    for form in (WARC, ARC):
        if form.begins.match(stream.buffer, begin) or stream.resumes(form.begins):
            return form
    return None


def frames(file: BinaryIO, form: Form, tell: Tell, size: int) -> Iterator[Frame]:
    """Read a file of `size` bytes from front to back, over damage where that is possible."""
    start = 0
    for _ in range(DAMAGES):
        stream = Stream(file, start, packed=size)
        yield from run(stream, form, tell)
        if stream.damage is None:
            return
        tell(stream.damage.offset, stream.damage.why)
        again = stream.packing == "gz" and not stream.damage.why.startswith("unpacks")
        found = next_member(file, stream.damage.offset + 1, form.begins) if again else None
        if found is None:
            return
        start = found
    tell(start, "so much is damaged before this place that the rest is left out")


def run(stream: Stream, form: Form, tell: Tell) -> Iterator[Frame]:
    """Read records until the stream ends or is damaged."""
    while stream.need(1):
        stream.need(OVERLAP)
        if not form.begins.match(stream.buffer):
            _skip_to_record(stream, form, tell)
            continue
        measured = _measure(stream, form, tell)
        if measured is None:
            continue
        start, near = stream.place(), stream.near()
        data = _taken(stream, form, *measured, tell)
        if data:
            after = None if start is None else stream.place()
            yield Frame(data, near, 0 if after is None else after - near)


def _taken(stream: Stream, form: Form, head: int, size: int, tell: Tell) -> Content:
    """Take a record out of the stream, as long as it turns out to be; b"" when it is left out.

    It is when nothing of its block is there.
    """
    if size > IN_MEMORY:
        return taken_aside(stream, form, head, size, tell)
    end = end_of(stream, form, head, size, tell)
    data = bytes(stream.buffer[:end]) if end > head or size == head else b""
    stream.drop(end)
    return data


def _skip_to_record(stream: Stream, form: Form, tell: Tell) -> None:
    """Leave out bytes that belong to no record."""
    place, start = stream.near(), stream.at
    blank = True
    while stream.need(1):
        stream.need(BLOCK)
        found = form.mark.search(stream.buffer)
        more = stream.need(len(stream.buffer) + 1)
        step = found.start() if found else len(stream.buffer) - (OVERLAP if more else 0)
        blank = blank and not stream.buffer[:step].strip(b"\r\n")
        stream.drop(step)
        if found:
            break
    if not (blank or stream.damage):
        tell(place, f"{stream.at - start} bytes belong to no record")


def _measure(stream: Stream, form: Form, tell: Tell) -> tuple[int, int] | None:
    """Size of the header and of the whole record as it says; None when it is left out."""
    head, length = _arc(stream) if form is ARC else _warc(stream)
    if not head or length < 0:
        if not stream.damage:
            tell(stream.near(), "a record whose header does not say how long it is")
        stream.drop(head or len(b"WARC/"))
        return None
    if length > RECORD_LIMIT:
        tell(stream.near(), f"a record of {length} bytes is too large to be read")
        if not stream.skip(head + length):
            tell(stream.near(), "the file ends in it")
        return None
    return head, head + length


def _warc(stream: Stream) -> tuple[int, int]:
    """Size of a WARC header and of its block; 0 or -1 when there is none."""
    size = OVERLAP
    while True:
        another = stream.buffer.find(b"\nWARC/", 0, size)  # no line of a header begins so
        head = find_head(bytes(stream.buffer[: another + 1 if another >= 0 else size]))
        if head or another >= 0 or size >= HEAD_LIMIT or not stream.need(size + 1):
            break
        size *= 4
        stream.need(size)
    if head is None:
        return 0, -1
    length = head.get(b"Content-Length") or b""
    return head.size, int(length) if length.isdigit() and len(length) < 19 else -1


def _arc(stream: Stream) -> tuple[int, int]:
    """Size of an ARC header line and of the block after it; -1 when it does not say."""
    head = stream.buffer.find(b"\n") + 1
    length = bytes(stream.buffer[:head]).split()[-1]
    return head, int(length) if length.isdigit() and len(length) < 19 else -1
