"""Where the records of other people's WARC and ARC files begin and end.

A record's header says how long its block is; what follows must be line ends and another record,
or the end. Where it is not, the bytes around decide and the report says so. Reading goes on at the
next place where a record begins, so no file is read twice and none without end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from archive.foreign_stream import Stream, next_member
from archive.http import find_head
from archive.member import BLOCK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Tell = Callable[[int, str], None]
    """Takes an offset in the file and what is wrong there."""

RECORD_LIMIT = 2**28
"""The longest record that is read, in bytes: a record is held in memory whole."""
HEAD_LIMIT = 2**20
NEAR = 4096  # a length that is a little too large ends in the header of the next record
FAR = 2**20  # a length that is too small leaves so much behind the record at most
OVERLAP = 16_384
LINE_ENDS = re.compile(rb"[\r\n]{0,64}")


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

    data: bytes
    offset: int
    length: int


def form_of(stream: Stream) -> Form | None:
    """Tell WARC from ARC by the first bytes; None when it is neither."""
    stream.need(OVERLAP)
    start = LINE_ENDS.match(stream.buffer)
    begin = start.end() if start else 0
    return next((form for form in (WARC, ARC) if form.begins.match(stream.buffer, begin)), None)


def frames(file: BinaryIO, form: Form, tell: Tell, size: int) -> Iterator[Frame]:
    """Read a file of `size` bytes from front to back, over damage where that is possible."""
    start: int | None = 0
    while start is not None:
        stream = Stream(file, start, packed=size)
        yield from run(stream, form, tell)
        if stream.damage is None:
            return
        tell(stream.damage.offset, stream.damage.why)
        again = stream.packing == "gz" and not stream.damage.why.startswith("unpacks")
        start = next_member(file, stream.damage.offset + 1, form.begins) if again else None


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
        end = _end(stream, form, *measured, tell)
        if end:
            yield _frame(stream, end)
            stream.drop(end)


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
    while (head := find_head(bytes(stream.buffer[:size]))) is None and size < HEAD_LIMIT:
        if not stream.need(size + 1):
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


def _end(stream: Stream, form: Form, head: int, size: int, tell: Tell) -> int:
    """Count the bytes to the next record; 0 when what is left is no whole record, and left out."""
    place = stream.near()
    whole = stream.need(size)
    stream.need(size + 80)
    buffer = stream.buffer
    for begin in stream.inner(head, size):
        if form.begins.match(buffer, begin):
            tell(place, f"says it has {size - begin} bytes more than there are")
            return begin
    if whole and (end := _clean_end(stream, form, size)):
        if not stream.damage or end < len(buffer) or stream.place(end) is not None:
            return end
        stream.drop(end)  # its member is damaged
        return 0
    return _other_end(stream, form, head, size, tell)


def _other_end(stream: Stream, form: Form, head: int, size: int, tell: Tell) -> int:
    """Where a record ends whose length is wrong or that is cut; 0 when it is left out."""
    place, buffer = stream.near(), stream.buffer
    whole = len(buffer) >= size
    if whole:
        stream.need(size + FAR)
    found = form.mark.search(buffer, max(head, size - NEAR) if whole else head)
    if found and found.start() <= size + FAR:
        difference = size - found.start()
        what = f"{difference} bytes more" if difference > 0 else f"{-difference} bytes less"
        tell(place, f"says it has {what} than there are")
        return found.start()
    if whole:
        return size  # what follows is reported as belonging to no record
    if stream.damage or len(buffer) == head:
        stream.drop(len(buffer))
        return 0
    tell(place, f"the file ends after {len(buffer) - head} of its {size - head} bytes")
    return len(buffer)


def _clean_end(stream: Stream, form: Form, size: int) -> int:
    """Where the record ends if the next one, or nothing, follows its line ends; else 0."""
    found = LINE_ENDS.match(stream.buffer, size)
    end = found.end() if found else size
    stream.need(end + OVERLAP)
    if end == len(stream.buffer) or form.begins.match(stream.buffer, end):
        return end
    return 0


def _frame(stream: Stream, end: int) -> Frame:
    start, after = stream.place(), stream.place(end)
    data = bytes(stream.buffer[:end])
    if start is None or after is None:
        return Frame(data, stream.near(), 0)
    return Frame(data, start, after - start)
