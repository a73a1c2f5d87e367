"""What is not handed out: header values by which somebody could go on as the visitor who was there.

A record without them is another record under the same id, since figures and other records name it
by that. Its digest is made anew; the digest of what the archive keeps stands beside it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from archive import fields
from archive.foreign import Foreign, is_http, parse
from archive.foreign_exchange import HEADS, own_notes
from archive.http import find_head
from archive.large import Content, between, joined, opening
from archive.record import sha256

if TYPE_CHECKING:
    from archive.foreign_frames import Frame

PRIVATE = frozenset(
    b"authorization cookie cookie2 proxy-authorization set-cookie set-cookie2".split()
)
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
    if own_notes(found):
        block = bytes(record.block)
        clean = b"\r\n".join(map(_note, block.split(b"\r\n")))
        return None if clean == block else clean
    return None


def _note(line: bytes) -> bytes:
    """A line of our metadata; if it holds a head, without what is private there."""
    for name, value in fields.load(line):
        if name in HEADS:
            head = value.encode("latin-1", "replace")
            clean = _without(head)
            made = fields.dump([(name, clean.decode("latin-1"))]).removesuffix(b"\r\n")
            return line if clean == head else made
    return line


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
    values = {b"warc-block-digest": f"sha256:{sha256(block)}", b"content-length": str(len(block))}
    *lines, blank, _ = header.split(b"\n")
    kept, value = [], None
    for line in lines:
        if value is not None and line[:1] in (b" ", b"\t"):
            continue  # belongs to the value that was replaced
        name, colon, _ = line.partition(b":")
        value = values.get(name.strip().lower())
        ending = b"\r" if line.endswith(b"\r") else b""
        kept.append(line if value is None else name + colon + b" " + value.encode() + ending)
    kept.append(f"{WITHHELD}: sha256:{sha256(before)}".encode() + blank)
    return b"\n".join([*kept, blank, b""])
