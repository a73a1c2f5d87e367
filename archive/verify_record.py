"""Records of any WARC file, read a piece at a time, each judged by itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from archive.http import BLANK
from archive.member import END, MAGIC, Record
from archive.verify_digest import Digests, Verdict
from archive.verify_fields import read_fields
from archive.verify_tape import STRETCHES, Broken, Members, Tape, open_tape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.verify_problem import Findings

HEAD = 1 << 20
"""Longest WARC or HTTP head taken seriously, and most of a metadata block that is kept."""

LAST = {"bomb", "not-warc"}  # after these nothing more is looked for
SHORT = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True)
class Known(Record):
    """A record whose fields are looked up often. `first` has names in lower case."""

    first: dict[str, str]

    def get(self, name: str) -> str | None:
        """Return the first value of a field, whatever its case."""
        return self.first.get(name.lower())

    @property
    def type(self) -> str:
        """`WARC-Type`, "" when missing."""
        return self.first.get("warc-type", "")

    @property
    def id(self) -> str:
        """`WARC-Record-ID` without its angle brackets, "" when missing."""
        return self.first.get("warc-record-id", "").strip("<>")


@dataclass(frozen=True, slots=True)
class Seen:
    """A record that could be read to its end.

    `record` holds as much of the block as the checks that follow need: an HTTP head, or
    metadata; `size` is that of the whole block.
    """

    record: Known
    version: str
    size: int
    payload: Verdict

    @property
    def type(self) -> str:
        """`WARC-Type`."""
        return self.record.type

    @property
    def id(self) -> str:
        """`WARC-Record-ID` without brackets."""
        return self.record.id


def seen(file: BinaryIO, findings: Findings, *, growing: bool = False) -> Iterator[Seen]:
    """Read a file to its end, passing over damage; what is wrong goes to `findings`.

    Of a `growing` file the last stretch is not judged: its writer is not done, or was cut off.
    """
    tape = open_tape(file)
    if findings.ours and not tape.compressed:
        findings.note("not-gzip", "the records are not compressed")
    stretches = 0
    while not findings.full:
        try:
            if not tape.begin():
                return
            yield _Reading(tape, findings).record()
        except Broken as broken:
            stretches += 1
            over = broken.code in LAST or stretches > STRETCHES
            over = over or (growing and broken.code == "gzip-cut")
            more = not over and _resume(tape, broken)
            if more or not growing:
                findings.note(broken.code, broken.says, broken.offset)
            if stretches > STRETCHES:
                findings.note("gave-up", f"more than {STRETCHES} damaged stretches")
            if not more:
                return


def at(file: BinaryIO, offset: int, findings: Findings) -> Seen | None:
    """Read the one record whose member begins at `offset`; None when there is none."""
    tape = Members(file, offset)
    try:
        return _Reading(tape, findings).record() if tape.begin() else None
    except Broken:
        return None


def _resume(tape: Tape, broken: Broken) -> bool:
    try:
        return tape.resume(broken.offset + 1)
    except Broken:
        return False


class _Reading:
    """One record while it is read."""

    def __init__(self, tape: Tape, findings: Findings) -> None:
        self.tape = tape
        self.findings = findings
        self.offset = tape.offset
        self.text = b""  # read but not used yet

    def record(self) -> Seen:
        """Read the record and judge it. Raises Broken when it cannot be read."""
        if isinstance(self.tape, Members) and self.findings.ours:
            self._starts_as_ours(self.tape)
        head = self._head()
        if head.startswith(b"filedesc:"):
            raise Broken(self.offset, "not-warc", "it is an ARC file")
        if not head.startswith(b"WARC/"):
            raise Broken(self.offset, "header", "the member does not begin with a WARC header")
        made = read_fields(head)
        size = made.size
        if size is None:
            raise Broken(self.offset, "content-length", f"Content-Length is {made.length!r}")
        digests = Digests(made, HEAD)
        self._block(size, digests)
        whole = self._end(size)
        name = made.first.get("warc-record-id", "").strip("<>")
        for code, says in made.problems(ours=self.findings.ours):
            self.findings.note(code, says, self.offset, name)
        if whole:
            self._judge(digests, name)
        length = self.tape.at - self.offset
        record = Known(made.fields, digests.kept, self.offset, length, made.first)
        return Seen(record, made.version, size, digests.payload)

    def _starts_as_ours(self, tape: Members) -> None:
        if not tape.starts_with(MAGIC):
            says = "the gzip header is not as Gongkai writes it"
            self.findings.note("gzip-header", says, self.offset)

    def _head(self) -> bytes:
        """Return the lines up to and with the empty one."""
        while (found := BLANK.search(self.text)) is None:
            if len(self.text) > HEAD:
                raise Broken(self.offset, "header", f"no end of the header in {HEAD} bytes")
            piece = self.tape.piece()
            if not piece:
                code = "header" if self.tape.compressed else "record-cut"
                raise Broken(self.offset, code, "the WARC header does not end")
            self.text += piece
        head, self.text = self.text[: found.end()], self.text[found.end() :]
        return head

    def _block(self, size: int, digests: Digests) -> None:
        """Hand the block to the digests."""
        left = size
        while left:
            piece = self.text or self.tape.piece()
            if not piece:
                says = f"the block ends {left} bytes before its Content-Length of {size}"
                code = "content-length" if self.tape.compressed else "record-cut"
                raise Broken(self.offset, code, says)
            taken = piece if len(piece) <= left else piece[:left]
            self.text = piece[len(taken) :]
            left -= len(taken)
            digests.feed(taken)
        digests.end()

    def _end(self, size: int) -> bool:
        """Read what must follow the block; False when the block may be of another size."""
        while len(self.text) < 16 and (piece := self.tape.piece()):
            self.text += piece
        if self.tape.compressed:
            return self._end_of_member(size)
        found = SHORT.match(self.text)
        if found is None:
            code = "record-end" if len(self.text) >= len(END) else "record-cut"
            raise Broken(self.offset, code, "no two empty lines end it; is its length right?")
        if found[0] != END:
            self.findings.note("line-ends", "its end is not CRLF CRLF", self.offset)
        self.tape.put_back(self.text[found.end() :])
        return True

    def _end_of_member(self, size: int) -> bool:
        """Read a member to its end, which must be that of the record."""
        text, more = self.text, self._skip()
        if text == END and not more:
            return True
        if text == b"\n\n" and not more:
            self.findings.note("line-ends", "its end is LF LF", self.offset)
            return True
        rest = len(text) + more
        found = SHORT.match(text)
        if found and text[found.end() :].startswith(b"WARC/"):
            says = f"the gzip member goes on for {rest} bytes after its first record"
            self.findings.note("many-records", says, self.offset)
            return True
        if rest == len(END):
            self.findings.note("record-end", f"it ends in {text!r}, not CRLF CRLF", self.offset)
        else:
            says = f"Content-Length {size} leaves {rest} bytes after the block, not {len(END)}"
            self.findings.note("content-length", says, self.offset)
        return False

    def _skip(self) -> int:
        """Read the member to its end; returns how many bytes that was."""
        count = 0
        while piece := self.tape.piece():
            count += len(piece)
        return count

    def _judge(self, digests: Digests, name: str) -> None:
        """Say which digests are wrong or missing."""
        for code, says in digests.problems():
            self.findings.note(code, says, self.offset, name)
