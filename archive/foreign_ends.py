"""Where a record of others ends: where its length says, or where the bytes around show.

A long record is put down on disk while its end is looked for.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from archive.disk import failure
from archive.large import Content, Descriptor, InFile

if TYPE_CHECKING:
    from collections.abc import Callable

    from archive.foreign_frames import Form
    from archive.foreign_stream import Stream

    Tell = Callable[[int, str], None]
    """Takes an offset in the file and what is wrong there."""

NEAR = 4096  # a length that is a little too large ends in the header of the next record
FAR = 2**20  # a length that is too small leaves so much behind the record at most
OVERLAP = 16_384
STEP = 2**18  # bytes put down at once
LINE_ENDS = re.compile(rb"[\r\n]{0,64}")


def end_of(stream: Stream, form: Form, head: int, size: int, tell: Tell) -> int:
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
        # In a member what follows goes with the record; else it is reported as belonging to none.
        last = len(buffer) + (not stream.need(len(buffer) + 1))
        end = next(stream.inner(size, last), size)
        ending = LINE_ENDS.match(buffer, size, end)
        if ending and (behind := end - ending.end()):
            tell(place, f"{behind} bytes after it belong to no record")
        return end
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


def taken_aside(stream: Stream, form: Form, head: int, size: int, tell: Tell) -> Content:
    """Take a record out of the stream that is too long for memory; b"" when it is left out."""
    try:
        with tempfile.TemporaryFile() as file:
            end = _Aside(stream, form, head, size, file).run(tell)
            file.flush()
            there = end > head or end == size
            return InFile(Descriptor(os.dup(file.fileno())), 0, end) if there else b""
    except OSError as error:
        raise failure(Path(tempfile.gettempdir()), error) from error


class _Aside:
    """A long record on its way from the stream into a file."""

    def __init__(self, stream: Stream, form: Form, head: int, size: int, file: BinaryIO) -> None:
        self._stream = stream
        self._form = form
        self._head = head
        self._size = size
        self._file = file
        self._begin = stream.at
        self._origin = stream.origin()
        self._near = stream.near()
        self._moved = 0

    def run(self, tell: Tell) -> int:
        """Move the whole record; returns how long it is, 0 when it is left out."""
        stream, size = self._stream, self._size
        if stream.end is not None and self._begin + size > stream.end:
            return self._cut(tell)
        while (left := size - NEAR - self._moved) > 1:
            ended = not stream.need(STEP + OVERLAP)
            window = min(left, len(stream.buffer) - (0 if ended else OVERLAP))
            if window <= 1:
                break
            if begin := self._another(window):
                self._move(begin)
                tell(self._near, f"says it has {size - self._moved} bytes more than there are")
                return self._moved
            self._move(window - 1)  # a line may end with the last byte, and a record follow
        if not stream.need(size - self._moved):
            stream.back(self._origin, self._begin)
            self._file.seek(0)
            self._file.truncate()
            self._moved = 0
            return self._cut(tell)
        end = end_of(stream, self._form, 1, size - self._moved, tell)
        self._move(end)
        return self._moved if end else 0

    def _another(self, window: int) -> int:
        """Where in the buffer a member begins with another record; 0 when none does."""
        ahead = self._stream.inner(max(1, self._head - self._moved), window)
        begins = self._form.begins
        return next((at for at in ahead if begins.match(self._stream.buffer, at)), 0)

    def _move(self, count: int) -> None:
        self._file.write(bytes(self._stream.buffer[:count]))
        self._stream.drop(count)
        self._moved += count

    def _cut(self, tell: Tell) -> int:
        """The file ends before this record does: with others in it, if its length is wrong."""
        stream = self._stream
        more = True
        while more:
            more = stream.need(STEP + OVERLAP)
            begin = max(1, self._head - self._moved)
            if found := self._form.mark.search(stream.buffer, begin):
                self._move(found.start())
                tell(
                    self._near, f"says it has {self._size - self._moved} bytes more than there are"
                )
                return self._moved
            self._move(len(stream.buffer) - (OVERLAP if more else 0))
        there, stated = self._moved - self._head, self._size - self._head
        if stream.damage or not there:
            return 0
        tell(self._near, f"the file ends after {there} of its {stated} bytes")
        return self._moved
