"""One exchange out of a file of others, by the place its capture names."""

from __future__ import annotations

import os
import re
from collections import deque
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO

from archive import fields
from archive.build import OWN
from archive.exchange import Message
from archive.foreign import Foreign, is_http, parse
from archive.foreign_capture import confirms, method_of, referred, replayed_bare, truncation
from archive.foreign_exchange import Outside, Tally, beside, exchanges
from archive.foreign_frames import WARC, Form, form_of, frames
from archive.foreign_stream import Stream, stretch
from archive.foreign_unpack import GZIP_MAGIC
from archive.large import joined, opening
from archive.member import DamagedError, Fields, Record
from archive.record import sha256
from archive.scan import Group

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archive.capture import Capture
    from archive.index import Index

IMPORT = "import/"  # begins the names of files of others, relative to the store
REACH = 2**20  # how far from an answer its request is looked for, in bytes
NEIGHBOURS = 3
BEGINS = re.compile(re.escape(GZIP_MAGIC) + rb"|WARC/\d+\.\d+\s*\n")


def imported(path: Path, capture: Capture) -> tuple[Group, Fields]:
    """Read an exchange as our own writer would have written it, and its record's real fields.

    Raises DamagedError when the record is not there or not the one that was indexed, OSError.
    """
    with path.open("rb") as file:
        end = capture.offset + capture.length
        form = form_of(Stream(stretch(file, capture.offset, end), packed=capture.length))
        main = next(_records(file, capture.offset, end, form), None) if form else None
        if main is None or sha256(main.record.block) != capture.block_sha256:
            raise DamagedError(capture.offset, "it is not what was imported")
        if (main.url, main.at) != (capture.url, capture.at):
            raise DamagedError(capture.offset, f"it is {main.url} of {main.at}")
        main = replace(main, record=_moved(main.record, capture))
        found = Outside(main)
        if not main.record.get("ARC-Header"):
            _neighbours(file, found, capture)
    return _group(found, capture), main.record.fields


def original_of(index: Index, capture: Capture, record: Record) -> Capture | None:
    """Find the response of a revisit of others by the address and time it refers to."""
    if not capture.file.startswith(IMPORT):
        return None
    url, at = referred(Foreign(record, (), ()))
    found = index.find(url, as_of=at + "~") if at else None
    return found if found and found.at[:19] == at else None


def _records(file: BinaryIO, start: int, end: int, form: Form = WARC) -> Iterator[Foreign]:
    """The records in a stretch of a file, as far as they can be read."""
    return map(parse, frames(stretch(file, start, end), form, Tally().problem, end - start))


def _moved(record: Record, capture: Capture) -> Record:
    return replace(record, offset=capture.offset, length=capture.length)


def _neighbours(file: BinaryIO, found: Outside, capture: Capture) -> None:
    """Add the request before or after the answer, and our own notes."""
    end = capture.offset + capture.length
    limit = min(end + REACH, os.fstat(file.fileno()).st_size)
    after = islice(_records(file, end, limit), NEIGHBOURS)
    joined = next(exchanges(_first(found.main, after)))
    if isinstance(joined, Outside):
        found.request, found.notes = joined.request, joined.notes
    found.request = found.request or _before(file, found, capture.offset)


def _first(main: Foreign, others: Iterator[Foreign]) -> Iterator[Foreign]:
    yield main
    yield from others


def _before(file: BinaryIO, found: Outside, end: int) -> Foreign | None:
    """The request that ends where the answer begins."""
    start = max(0, end - REACH)
    file.seek(start)
    window = file.read(end - start)
    places = [match.start() for match in BEGINS.finditer(window)]
    for place in reversed(places[-64:]):
        last = next(iter(deque(_records(file, start + place, end), maxlen=1)), None)
        if last and last.record.type == "request":
            return last if beside(found, last) else None
    return None


def _group(found: Outside, capture: Capture) -> Group:
    """Put an exchange in the form in which the reader knows our own."""
    main = found.main
    type_, block = capture.record_type, main.record.block
    interim: list[bytes] = []
    if is_http(main.record):
        message = Message(block)
        interim, block = message.interim, message.content
    if replayed_bare(main):
        block = joined(_head(capture), block)
    notes = found.notes
    if not notes:
        notes = [(OWN + "method", method_of(found.request))]
        notes += [("portal", capture.portal), ("crawl", capture.crawl)]
        if reason := truncation(main):
            notes.append((OWN + "truncated", reason))
        notes += [(OWN + "interim", one.decode("latin-1")) for one in interim]
        if type_ == "revisit" and confirms(main.record):
            notes.append((OWN + "not-modified", opening(block).decode("latin-1")))
    given = (("WARC-Target-URI", capture.url), ("WARC-Date", capture.at))
    ids = (("WARC-Record-ID", f"<{capture.record_id}>"), *given)
    known = (("WARC-Type", type_), *ids, *main.record.fields)
    clear = replace(main.record, fields=known, block=block)
    noted = replace(main.record, fields=(("WARC-Type", "metadata"), *ids))
    noted = replace(noted, block=fields.dump(notes))
    asked = (found.request.record,) if found.request else ()
    if type_ == "metadata":  # nothing came back: our own metadata stands for the exchange
        return Group((*asked, replace(clear, block=noted.block)))
    return Group((clear, *asked, noted))


def _head(capture: Capture) -> bytes:
    """The head that replay tools agree to give a resource, which was kept without one."""
    kind = f"Content-Type: {capture.media_type}\r\n" if capture.media_type else ""
    return f"HTTP/1.1 200 OK\r\n{kind}\r\n".encode("ascii", "replace")
