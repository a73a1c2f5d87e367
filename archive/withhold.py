"""What is not handed out: header values by which somebody could go on as the visitor who was there.

A record without them is another record under the same id, since figures and other records name it
by that. Its digest is made anew; the digest of what the archive keeps stands beside it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from archive import fields
from archive.build import OWN
from archive.foreign import Foreign, is_http, parse
from archive.foreign_exchange import own_notes
from archive.http import find_head
from archive.large import Content, between, joined, opening
from archive.record import sha256

if TYPE_CHECKING:
    from archive.foreign_frames import Frame

PRIVATE = frozenset(
    b"authorization cookie cookie2 proxy-authorization set-cookie set-cookie2".split()
)
HEADS = (OWN + "interim", OWN + "not-modified")  # in our metadata
WITHHELD = "Gongkai-Original-Block-Digest"


def is_private(found: Foreign) -> bool:
    """Whether a record holds something that is not handed out."""
    return _cleaned(found) is not None


def cleaned(frame: Frame) -> Frame:
    """The record without those values; the same frame when it has none."""
    found = parse(frame)
    block = _cleaned(found)
    if block is None:
        return frame
    before = found.record.block
    start = opening(frame.data)
    if start.startswith(b"WARC/"):
        head = find_head(start)
        size = head.size if head else 0
        header = _header(start[:size], before, block)
    else:
        size = start.index(b"\n") + 1
        header = b"%b %d\n" % (start[:size].rstrip().rpartition(b" ")[0], len(block))
    ending = between(frame.data, size + len(before))
    return replace(frame, data=joined(header, block, ending))


def _cleaned(found: Foreign) -> Content | None:
    """The block as it is handed out, None when that is as it is."""
    record = found.record
    if is_http(record):
        start = opening(record.block)
        heads, size = _heads(start)
        return None if heads == start[:size] else joined(heads, between(record.block, size))
    if notes := own_notes(found):
        clean = [(name, _note(value) if name in HEADS else value) for name, value in notes]
        return None if clean == notes else fields.dump(clean)
    return None


def _note(value: str) -> str:
    return _without(value.encode("latin-1", "replace")).decode("latin-1")


def _heads(start: bytes) -> tuple[bytes, int]:
    """The heads of a message, cleaned, and how long they were; a head that was cut is one too."""
    clean, at = b"", 0
    while head := find_head(start, at):
        clean += _without(start[at : at + head.size])
        at += head.size
        if head.status // 100 != 1 or head.status == 101:
            return clean, at
    return clean + _without(start[at:]), len(start)


def _without(head: bytes) -> bytes:
    """A head whose private fields have lost their values."""
    kept, private = [], False
    for line in head.split(b"\n"):
        if line[:1] in (b" ", b"\t"):
            if private:
                continue
            kept.append(line)
            continue
        name, colon, _ = line.partition(b":")
        private = bool(colon) and name.strip().lower() in PRIVATE
        ending = b"\r" if line.endswith(b"\r") else b""
        kept.append(name + colon + ending if private else line)
    return b"\n".join(kept)


def _header(header: bytes, before: Content, block: Content) -> bytes:
    """The WARC header of the new block; its other lines stay as they are, byte for byte."""
    end = b"\r\n" if header.endswith(b"\r\n") else b"\n"
    values = {b"warc-block-digest": f"sha256:{sha256(block)}", b"content-length": str(len(block))}
    lines = []
    for line in header.split(end)[:-2]:
        name, colon, _ = line.partition(b":")
        value = values.get(name.strip().lower())
        lines.append(line if value is None else name + colon + b" " + value.encode())
    lines.append(f"{WITHHELD}: sha256:{sha256(before)}".encode())
    return end.join([*lines, b"", b""])
