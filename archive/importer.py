"""Taking in files of others: copied as they are, looked through once, put in the index.

A file lies in `<store>/import/<source>/` byte for byte. Where its records cannot be read one by one
(zstd, several records in one gzip member, compressed in a WACZ) a second file `….records.warc.gz`
beside it holds the same unpacked bytes, each record its own gzip member; the index points there.
The report lies beside as `….import.json`. It is written last: a file with a report is imported.
"""

from __future__ import annotations

import hashlib
import os
import re
from typing import TYPE_CHECKING, Any

from archive.disk import failure, fsync_folder, write_whole
from archive.foreign_capture import Origin, captures, renamed
from archive.foreign_copy import (
    CONVERTED,
    imported,
    intact,
    place_of,
    plain,
    put,
    readable,
    report_on,
    sha256_of,
    turn,
)
from archive.foreign_exchange import Tally
from archive.foreign_frames import frames
from archive.foreign_parts import Part, parts_of
from archive.foreign_report import Imported
from archive.foreign_stream import Stream
from archive.index import Index

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from archive.capture import Capture

    Portals = Mapping[str, str] | Callable[[str], str] | None

WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def import_file(store: Path, path: Path, *, source: str, portals: Portals = None) -> Imported:
    """Copy a WARC, ARC or WACZ file into the store and index it; say all there is to say.

    `portals` says to which portal a host name belongs, "" where it says nothing. The same bytes
    are never imported twice, whatever their name or source: `again` is then true. If what lies
    in the store of them is damaged, it is mended where it is. A file that is none of the three
    is refused, and nothing of it kept. Raises ValueError for a source that cannot name a folder,
    ArchiveError when the file cannot be read or the disk refuses.
    """
    if not WORD.fullmatch(source):
        raise ValueError(f"{source!r} cannot name a folder; use letters, digits, . _ -")
    with readable(path) as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        whole = parts_of(file)
        report = Imported(plain(path.name), sha256, os.fstat(file.fileno()).st_size, source)
        report.format, report.refused = whole.format, whole.refused
        if report.refused:
            return report
        with turn(store):
            before = imported(store, sha256)
            if before and intact(store, before):
                before.again = True
                return before
            if before:  # what was damaged comes back where it was
                report.name, report.source = before.name, before.source
            copy = store / before.file if before else place_of(store, report)
            file.seek(0)
            put(copy, path, file, sha256)
            try:
                return _Taking(store, copy, report, portals).run()
            except OSError as error:
                raise failure(copy, error) from error


class _Taking:
    """Looks through a copy, indexes it, and writes its report."""

    def __init__(self, store: Path, copy: Path, report: Imported, portals: Portals) -> None:
        self.store = store
        self.copy = copy
        self.report = report
        self.tally = Tally()
        self._portals = portals

    def run(self) -> Imported:
        report, copy = self.report, self.copy
        report.file = copy.relative_to(self.store).as_posix()
        with copy.open("rb") as file:
            whole = parts_of(file)
            for says in whole.problems:
                self.tally.problem(0, says)
            for number, part in enumerate(whole.parts):
                inner = f".{number}" if len(whole.parts) > 1 else ""
                ending = f"{inner}{CONVERTED}{part.form.name}.gz"
                self._part(part, copy.with_name(copy.name + ending))
        report.hosts = dict(sorted(report.hosts.items()))
        report.count(self.tally)
        write_whole(report_on(copy, report), [report.dump()])
        fsync_folder(copy.parent)
        return report

    def _portal_of(self, host: str) -> str:
        known = self._portals(host) if callable(self._portals) else (self._portals or {}).get(host)
        if known:
            self.report.hosts[host] = known
        return known or ""

    def _part(self, part: Part, converted: Path) -> None:
        """Index one WARC or ARC where it lies, if its records can be read there one by one."""
        report, own = self.report, Tally()
        name, start, size = report.file, part.start, part.size
        source = report.origin(part.name)
        with part.open() as file:
            origin = Origin(name, source, report.crawl, self._portal_of, start or 0)
            found = captures(file, part.form, origin, own, size)
        if start is None or not own.packed_alone or _is_zstd(part):
            size = _convert(part, converted)
            name, start = converted.relative_to(self.store).as_posix(), 0
            origin = Origin(name, source, report.crawl, self._portal_of)
            with converted.open("rb") as file:
                found = captures(file, part.form, origin, again := Tally(), size)
            own.oddities |= again.oddities
            own.indexed = len(found)
            report.converted.append(name)
        place: dict[str, Any] = {"file": name, "offset": start, "size": size}
        if name in report.converted:
            place["sha256"] = sha256_of(converted)
        if taken := _index(self.store, found, origin, own):
            place["renamed"] = taken
        report.parts.append({"name": part.name, "form": part.form.name, **place})
        self.tally.add(own, part.start or 0, part.name)


def _is_zstd(part: Part) -> bool:
    with part.open() as file:
        return Stream(file).packing == "zst"


def _convert(part: Part, target: Path) -> int:
    """Write each record as a gzip member of its own, its unpacked bytes unchanged."""
    with part.open() as file:
        found = frames(file, part.form, Tally().problem, part.size)
        write_whole(target, (piece for frame in found for piece in frame.member()))
    return target.stat().st_size


def _index(store: Path, found: list[Capture], origin: Origin, tally: Tally) -> list[str]:
    """Add captures; returns the ids that other records had before."""
    taken = []
    with Index(store) as index:
        for one in found:
            other = index.get(one.record_id)
            if other is None or (other.file, other.offset) == (one.file, one.offset):
                continue
            if _content(other) != _content(one):
                tally.oddities["an id that a record of another file has"] += 1
                taken.append(one.record_id)
            elif other.block_sha256 != one.block_sha256:
                tally.oddities["a record that is here already, with another head"] += 1
        index.add(renamed(found, origin, taken))
    return taken


def _content(one: Capture) -> tuple[str, ...]:
    """What two copies of a record have in common."""
    return one.url, one.at, one.payload_sha256
