"""Reading bytes back: one capture exactly, or every record of any WARC."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from archive.build import OWN, TLS
from archive.errors import ArchiveError, OriginalLost
from archive.exchange import Message
from archive.foreign import parse
from archive.foreign_capture import confirms
from archive.foreign_frames import form_of, frames
from archive.foreign_read import IMPORT, imported, original_of
from archive.foreign_stream import Stream
from archive.http import find_head, is_chunked
from archive.index import Index
from archive.large import IN_MEMORY, Content, between, entity, joined, opening
from archive.member import BLOCK, MAGIC, DamagedError, Fields, Record
from archive.record import sha256
from archive.scan import Group, digest, groups, opened_for_reading
from archive.unpack import records

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedReader
    from pathlib import Path

    from archive.capture import Capture

VERIFY = "run `gongkai archive verify` on it, then `gongkai archive index`"
BRING = "bring back or import the file that holds it, then run `gongkai archive index`"
RESTORE = "bring the file back from a copy, or run `gongkai archive index`"
ZSTD = (b"\xb5\x2f\xfd", b"\x2a\x4d\x18")  # after the first byte: a frame, a dictionary
VERSIONS = {value: key for key, value in TLS.items()}


@dataclass(frozen=True, slots=True)
class Stored:
    """An exchange as it was archived.

    `response` is the wire bytes (without `interim`), b"" when none came; for a revisit the bytes
    it stands for: its own head with the earlier body, or, for a 304, the earlier response whole
    (the 304 itself is `not_modified`). Past 16 MiB it is a `Large`, read in pieces from where it
    lies. `headers` are the fields of the record.
    """

    url: str
    method: str
    at: datetime
    request: bytes | None
    response: Content
    ip: str | None
    protocol: str
    tls: tuple[str, str] | None
    truncated: str | None
    error: str | None
    facts: dict[str, str]
    interim: tuple[bytes, ...]
    not_modified: bytes
    record_id: str
    record_type: str
    headers: Fields

    @property
    def received(self) -> Message[Content]:
        """The response as it is read."""
        return Message(self.response)

    @property
    def beside(self) -> str:
        """The id of the record this one was written beside; "" when it names none."""
        named = (value for name, value in self.headers if name.lower() == "warc-concurrent-to")
        return next(named, "").strip("<> ")


def read(store: Path, capture: Capture) -> Stored:
    """Return exactly what a capture recorded, from a sealed file or one being written.

    Raises ArchiveError when the file is gone, does not hold this record at this place, its
    digest differs, or the response a revisit stands for is not to be found.
    """
    path = store / capture.file
    try:
        group, request, own = _found(path, capture)
    except FileNotFoundError as error:
        raise ArchiveError(path, "is not there", RESTORE) from error
    except OSError as error:
        raise ArchiveError(path, str(error), RESTORE) from error
    except (DamagedError, StopIteration) as error:
        raise ArchiveError(path, f"no exchange at {capture.offset} ({error})", VERIFY) from error
    response: Content = b"" if group.main.type == "metadata" else group.main.block
    if group.main.type == "revisit":
        response = _revisited(store, capture, group.main)
    return replace(_stored(group, request, response), headers=own)


def _found(path: Path, capture: Capture) -> tuple[Group, Record | None, Fields]:
    """The records of an exchange, its request, and the fields of its main record in the file."""
    if capture.file.startswith(IMPORT):
        group, own = imported(path, capture)
        return group, group.request, own
    with opened_for_reading(path) as file:
        group = next(groups(file, capture.offset))
        _check(path, group.main, capture)
        return group, group.request or _request_before(file, group.main), group.main.fields


def _check(path: Path, record: Record, capture: Capture) -> None:
    """Raise ArchiveError unless this is the record of the capture, unchanged."""
    place = f"the record at {capture.offset}"
    if record.id != capture.record_id:
        raise ArchiveError(path, f"{place} is {record.id}, not {capture.record_id}", VERIFY)
    if not (capture.block_sha256 == digest(record, "WARC-Block-Digest") == sha256(record.block)):
        raise ArchiveError(path, f"{place} is not what was written: its digest differs", VERIFY)


def _revisited(store: Path, capture: Capture, record: Record) -> Content:
    """Return the response a revisit stands for."""
    with Index(store) as index:
        original = index.get(capture.refers_to or "") or original_of(index, capture, record)
    if original is None or original.record_type != "response":
        of = record.get("WARC-Refers-To-Target-URI") or record.get("WARC-Refers-To") or "a response"
        at = record.get("WARC-Refers-To-Date") or "an earlier time"
        problem = f"{capture.record_id} stands for {of} of {at}, which the index lacks"
        raise OriginalLost(store / capture.file, problem, BRING)
    earlier = read(store, original).response
    own = opening(record.block)
    head, before = find_head(own), find_head(opening(earlier))
    if confirms(record) or head is None or before is None:
        return earlier
    body = between(earlier, before.size)
    if is_chunked(before) and not is_chunked(head):
        body = entity(before, body)
    return joined(own, body)


def _request_before(file: BufferedReader, record: Record) -> Record | None:
    """Find the request that stands before the metadata of an exchange without response."""
    peer = (record.get("WARC-Concurrent-To") or "").strip("<>")
    reach = BLOCK
    while record.type == "metadata" and peer and reach <= IN_MEMORY:
        start = max(0, record.offset - reach)
        file.seek(start)
        window = file.read(record.offset - start)
        at = len(window)
        while (at := window.rfind(MAGIC, 0, at)) >= 0:
            try:
                found = next(records(file, start + at))
            except DamagedError:
                continue
            if found.id == peer:
                return found
        if not start:
            break
        reach *= 16
    return None


def _stored(group: Group, request: Record | None, response: Content) -> Stored:
    main, notes = group.main, group.notes
    wire = main if main.type != "metadata" else request or main
    own = {name: value for name, value in notes if name.startswith(OWN)}
    versions = [value for value in wire.all("WARC-Protocol") if value.startswith(("tls/", "TLS"))]
    version = versions[0] if versions else ""
    cipher = wire.get("WARC-Cipher-Suite")
    return Stored(
        url=own.get(OWN + "url") or main.get("WARC-Target-URI") or "",
        method=own.get(OWN + "method", "GET"),
        at=datetime.fromisoformat(main.get("WARC-Date") or ""),
        request=bytes(request.block) if request else None,
        response=response,
        ip=wire.get("WARC-IP-Address"),
        protocol=next(iter(wire.all("WARC-Protocol")), "http/1.1"),
        tls=(VERSIONS.get(version, version), cipher) if cipher is not None else None,
        truncated=own.get(OWN + "truncated"),
        error=own.get(OWN + "error"),
        facts={name: value for name, value in notes if not name.startswith(OWN)},
        interim=tuple(v.encode("latin-1") for k, v in notes if k == OWN + "interim"),
        not_modified=own.get(OWN + "not-modified", "").encode("latin-1"),
        record_id=main.id,
        record_type=main.type,
        headers=main.fields,
    )


def iterate(path: Path) -> Iterator[Record]:
    """Yield every record of a WARC or ARC file, anyone's, compressed by record or not at all.

    Lenient: no digest, date or URI is judged. Blocks are wire bytes, large ones left on disk.
    Raises ArchiveError where bytes belong to no record; what was yielded before stands.
    """

    def tell(offset: int, why: str) -> None:
        raise ArchiveError(path, f"at byte {offset}: {why}", VERIFY)

    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            form = form_of(Stream(file, packed=size))
            if form is None:
                raise ArchiveError(path, "is neither WARC nor ARC", VERIFY)
            for frame in frames(file, form, tell, size):
                yield _unbracketed(parse(frame).record)
    except OSError as error:
        raise ArchiveError(path, str(error), VERIFY) from error


def _unbracketed(record: Record) -> Record:
    """Without what wget writes around an address."""
    name = "WARC-Target-URI"
    uri = record.get(name) or ""
    if not uri.startswith("<"):
        return record
    return replace(record, fields=((name, uri.strip("<>")), *record.fields))
