"""Records of any WARC file, read a piece at a time, each judged by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.http import BLANK
from archive.member import MAGIC, Record
from archive.unpack import NUMBER
from archive.verify_digest import Digests, Verdict
from archive.verify_fields import read_fields
from archive.verify_plain import open_tape
from archive.verify_tape import STRETCHES, Broken, Members, Tape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.verify_problem import Findings
    from archive.verify_tape import Source

HEAD = 1 << 20
"""Longest WARC or HTTP head taken seriously, and most of a metadata block that is kept."""

LAST = {"bomb", "not-warc"}  # after these nothing more is looked for
ELSEWHERE = {"record-end", "content-length"}  # its block may be of another size than was read


@dataclass(slots=True)
class Seen(Record):
    """A record that could be read to its end, with the first of its fields by their names.

    `block` holds as much as the checks that follow need: an HTTP head, or metadata.
    """

    first: dict[str, str]
    version: str
    payload: Verdict
    type: str
    id: str

    def get(self, name: str) -> str | None:
        """Return the first value of a field, its name spelled as the standard does."""
        return self.first.get(name)

    def all(self, name: str) -> list[str]:
        """Return every value of a field, in order."""
        if len(self.first) == len(self.fields):
            found = self.first.get(name)
            return [] if found is None else [found]
        return Record.all(self, name)


def seen(file: Source, findings: Findings, *, growing: bool = False) -> Iterator[Seen]:
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
            yield _read(tape, findings)
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


def at(file: Source, offset: int, findings: Findings) -> Seen | None:
    """Read the one record whose member begins at `offset`; None when there is none."""
    tape = Members(file, offset)
    try:
        return _read(tape, findings) if tape.begin() else None
    except Broken:
        return None


def _resume(tape: Tape, broken: Broken) -> bool:
    try:
        return tape.resume(broken.offset + 1)
    except Broken:
        return False


def _read(tape: Tape, findings: Findings) -> Seen:
    """Read the record that the tape is turned to, and judge it. Raises Broken."""
    offset = tape.offset
    if findings.ours and isinstance(tape, Members) and not tape.starts_with(MAGIC):
        findings.note("gzip-header", "the gzip header is not as Gongkai writes it", offset)
    text, begin = _head(tape)
    made = read_fields(text[:begin])
    first = made.first
    length = first.get("Content-Length", "")
    if not NUMBER.fullmatch(length):
        raise Broken(offset, "content-length", f"Content-Length is {length!r}")
    size = int(length)
    digests = Digests(made, HEAD)
    rest = _block(tape, text, begin, size, digests)
    name = first.get("WARC-Record-ID", "").strip("<>")
    odd = tape.end(rest, size)
    for code, says in made.problems(ours=findings.ours):
        findings.note(code, says, offset, name)
    if odd:
        findings.note(*odd, offset)
    if not (odd and odd[0] in ELSEWHERE):
        for code, says in digests.problems():
            findings.note(code, says, offset, name)
    return Seen(
        made.fields, digests.kept, offset, tape.at - offset,
        first, made.version, digests.payload, first.get("WARC-Type", ""), name,
    )  # fmt: skip


def _head(tape: Tape) -> tuple[bytes, int]:
    """Return text that holds the whole header, and where that ends."""
    text, offset = tape.piece(), tape.offset
    while (found := BLANK.search(text)) is None:
        if len(text) > HEAD:
            raise Broken(offset, "header", f"no end of the header in {HEAD} bytes")
        piece = tape.piece()
        if not piece:
            code = "header" if tape.compressed else "record-cut"
            raise Broken(offset, code, "the WARC header does not end")
        text += piece
    if text.startswith(b"filedesc:"):
        raise Broken(offset, "not-warc", "it is an ARC file")
    if not text.startswith(b"WARC/"):
        raise Broken(offset, "header", "the member does not begin with a WARC header")
    return text, found.end()


def _block(tape: Tape, text: bytes, begin: int, size: int, digests: Digests) -> bytes:
    """Hand the block, which begins in `text`, to the digests; returns what was read after it."""
    left = size - digests.feed(memoryview(text)[begin : begin + size])
    begin += size - left
    while left:
        text, begin = tape.piece(), left
        if not text:
            says = f"the block ends {left} bytes before its Content-Length of {size}"
            raise Broken(tape.offset, "content-length" if tape.compressed else "record-cut", says)
        left -= digests.feed(memoryview(text)[:left])
    digests.end()
    return text[begin:]
