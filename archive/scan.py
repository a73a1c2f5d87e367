"""Reading our own WARC files from front to back: which exchanges, and what they capture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, BinaryIO

from archive import fields
from archive.build import OWN
from archive.capture import Capture
from archive.http import find_head
from archive.large import opening
from archive.member import BLOCK, MAGIC, DamagedError, Record
from archive.openfile import OPEN, WARC
from archive.record import EMPTY, media_type
from archive.unpack import records

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedReader
    from pathlib import Path


@dataclass(frozen=True)
class Group:
    """The adjacent records of one exchange, the last of them its metadata; or a warcinfo alone."""

    records: tuple[Record, ...]

    @property
    def end(self) -> int:
        """Offset of the byte after the last record."""
        return self.records[-1].end

    @cached_property
    def main(self) -> Record:
        """The response, revisit or DOM; the metadata when nothing came back."""
        kinds = ("response", "revisit", "resource")
        return next((one for one in self.records if one.type in kinds), self.records[-1])

    @cached_property
    def request(self) -> Record | None:
        """The request, None when it was never sent."""
        return next((one for one in self.records if one.type == "request"), None)

    @property
    def whole(self) -> bool:
        """Whether the record that the metadata was written beside is here."""
        peer = (self.records[-1].get("WARC-Concurrent-To") or "").strip("<>")
        return not peer or peer == self.records[0].id

    @cached_property
    def notes(self) -> list[tuple[str, str]]:
        """The fields of the metadata record."""
        return fields.load(self.records[-1].block)


def groups(file: BinaryIO, offset: int = 0) -> Iterator[Group]:
    """Read whole exchanges from `offset` on.

    Raises DamagedError at the first byte that is not part of a whole exchange, also when the file
    ends between the records of one.
    """
    waiting: list[Record] = []
    for record in records(file, offset):
        waiting.append(record)
        if record.type in ("metadata", "warcinfo"):
            yield Group(tuple(waiting))
            waiting = []
    if waiting:
        raise DamagedError(waiting[0].offset, "the file ends before the exchange does")


def salvage(file: BinaryIO, name: str, problems: list[str]) -> Iterator[Capture]:
    """Read the captures of a file named `name` in the index, passing over damage.

    Each damaged stretch adds a line to `problems`; what cannot be read whole is left out.
    """
    at: int | None = 0
    while at is not None:
        try:
            for group in groups(file, at):
                if group.main.type != "warcinfo" and group.whole:
                    yield capture(group, name)
            return
        except DamagedError as error:
            problems.append(str(error))
            at = _next_member(file, error.offset + 1)


def _next_member(file: BinaryIO, offset: int) -> int | None:
    """Find the next place from `offset` on where a record can be read."""
    before = b""
    file.seek(offset)
    while piece := file.read(BLOCK):
        window = before + piece
        at = -1
        while (at := window.find(MAGIC, at + 1)) >= 0:
            place = file.tell()
            try:
                next(records(file, offset + at))
            except DamagedError:
                file.seek(place)
            else:
                return offset + at
        before = window[-len(MAGIC) + 1 :]
        offset += len(window) - len(before)
    return None


def warc_files(store: Path) -> list[tuple[Path, str]]:
    """Return every WARC file of ours, sealed or open: its sealed path, its name in the index."""
    found = {
        path.with_name(path.name.removesuffix(OPEN))
        for path in (store / "warc").glob(f"*/*/*/*{WARC}*")
        if path.name.endswith((WARC, WARC + OPEN))
    }
    return [(path, path.relative_to(store).as_posix()) for path in sorted(found)]


def opened_for_reading(final: Path) -> BufferedReader:
    """Open a file under its sealed name or, while it is written, under its open one.

    Raises FileNotFoundError, naming the sealed path, when it is under neither.
    """
    for path in (final, final.with_name(final.name + OPEN)):
        try:
            return path.open("rb")
        except FileNotFoundError:
            continue
    return final.open("rb")  # it may have been sealed between the two looks


def capture(group: Group, name: str) -> Capture:
    """Say of an exchange on disk exactly what was said when it was written."""
    main = group.main
    notes = dict(group.notes)
    confirmation = notes.get(OWN + "not-modified", "").encode("latin-1", "replace")
    bare = main.type in {"metadata", "resource"}
    head = None if bare else find_head(opening(main.block) or confirmation)
    body = digest(group.request, "WARC-Payload-Digest") if group.request else ""
    return Capture(
        url=main.get("WARC-Target-URI") or "",
        method=notes.get(OWN + "method", "GET"),
        body_sha256="" if body == EMPTY else body,
        at=main.get("WARC-Date") or "",
        status=head.status if head else 0,
        media_type=media_type(head),
        payload_sha256=digest(main, "WARC-Payload-Digest"),
        block_sha256=digest(main, "WARC-Block-Digest"),
        file=name,
        offset=main.offset,
        length=main.length,
        record_id=main.id,
        record_type=main.type,
        refers_to=(main.get("WARC-Refers-To") or "").strip("<>") or None,
        truncated=notes.get(OWN + "truncated"),
        portal=notes.get("portal", ""),
        crawl=notes.get("crawl", ""),
        kind=notes.get("kind", ""),
        ip=(group.request or main).get("WARC-IP-Address") or main.get("WARC-IP-Address"),
    )


def digest(record: Record, field: str) -> str:
    """Return a SHA-256 field as bare hex, "" when missing."""
    return (record.get(field) or "").removeprefix("sha256:")
