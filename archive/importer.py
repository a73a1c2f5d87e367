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
from typing import TYPE_CHECKING, BinaryIO

from archive.disk import failure, fsync_folder, make_folder, write_whole
from archive.errors import ArchiveError
from archive.foreign_capture import Origin, captures
from archive.foreign_exchange import Tally
from archive.foreign_frames import Form, frames
from archive.foreign_parts import Part, parts_of
from archive.foreign_report import REPORT, Imported
from archive.foreign_stream import Stream
from archive.index import Index
from archive.member import BLOCK

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from archive.capture import Capture

    Portals = Mapping[str, str] | Callable[[str], str] | None

WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
CONVERTED = ".records."
READABLE = "name a WARC, ARC or WACZ file that can be read"


def import_file(store: Path, path: Path, *, source: str, portals: Portals = None) -> Imported:
    """Copy a WARC, ARC or WACZ file into the store and index it; say all there is to say.

    `portals` says to which portal a host name belongs, "" where it says nothing. The same bytes
    are never imported twice, whatever their name or source: `again` is then true. A file that is
    none of the three is refused, and nothing of it kept. Raises ValueError for a source that
    cannot name a folder, ArchiveError when the file cannot be read or the disk refuses.
    """
    if not WORD.fullmatch(source):
        raise ValueError(f"{source!r} cannot name a folder; use letters, digits, . _ -")
    try:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            if before := _imported(store, sha256):
                return before
            file.seek(0)
            whole = parts_of(file)
            if whole.refused:
                size = os.fstat(file.fileno()).st_size
                return Imported(_plain(path.name), sha256, size, source, refused=whole.refused)
            file.seek(0)
            copy = _copied(store, file, source, _plain(path.name), sha256)
    except OSError as error:
        raise ArchiveError(path, error.strerror or str(error), READABLE) from error
    try:
        return _Taking(store, copy, Imported(_plain(path.name), sha256, 0, source), portals).run()
    except OSError as error:
        raise failure(copy, error) from error


def _plain(name: str) -> str:
    """A file's name as text that any database takes."""
    return name.encode("utf-8", "backslashreplace").decode()


def _imported(store: Path, sha256: str) -> Imported | None:
    """The report on these bytes, if they were imported before."""
    for report in sorted((store / "import").glob(f"*/*.{sha256[:16]}{REPORT}")):
        try:
            before = Imported.load(report.read_bytes())
        except ValueError:
            continue  # the import is done again
        if before.sha256 == sha256 and (store / before.file).exists():
            before.again = True
            return before
    return None


def _copied(store: Path, file: BinaryIO, source: str, name: str, sha256: str) -> Path:
    """Put the bytes into the store under a name that no other bytes have."""
    folder = store / "import" / source
    make_folder(folder)
    copy = folder / name
    if copy.exists():
        with copy.open("rb") as other:
            if hashlib.file_digest(other, "sha256").hexdigest() == sha256:
                return copy  # an earlier import was interrupted
        copy = folder / f"{sha256[:16]}-{name}"
    draft = copy.with_name(copy.name + ".draft")
    try:
        written = hashlib.sha256()
        with draft.open("wb") as out:
            while data := file.read(BLOCK):
                out.write(data)
                written.update(data)
            out.flush()
            os.fsync(out.fileno())
        if written.hexdigest() != sha256:
            raise ArchiveError(name, "changed while it was read", "import it when it is finished")
        draft.replace(copy)
    except OSError as error:
        raise failure(draft, error) from error
    finally:
        draft.unlink(missing_ok=True)
    fsync_folder(folder)
    return copy


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
            report.size = os.fstat(file.fileno()).st_size
            whole = parts_of(file)
            report.format = whole.format
            for says in whole.problems:
                self.tally.problem(0, says)
            for number, part in enumerate(whole.parts):
                inner = f".{number}" if len(whole.parts) > 1 else ""
                ending = f"{inner}{CONVERTED}{part.form.name}.gz"
                self._part(part, copy.with_name(copy.name + ending))
        report.hosts = dict(sorted(report.hosts.items()))
        report.count(self.tally)
        write_whole(copy.with_name(f"{copy.name}.{report.sha256[:16]}{REPORT}"), [report.dump()])
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
            with part.open() as file:
                size = _convert(file, part.form, converted, size)
            name, start = converted.relative_to(self.store).as_posix(), 0
            origin = Origin(name, source, report.crawl, self._portal_of)
            with converted.open("rb") as file:
                found = captures(file, part.form, origin, Tally(), size)
            report.converted.append(name)
        place: dict[str, str | int] = {"file": name, "offset": start, "size": size}
        report.parts.append({"name": part.name, "form": part.form.name, **place})
        self.tally.add(own, part.start or 0, part.name)
        _index(self.store, found, self.tally)


def _is_zstd(part: Part) -> bool:
    with part.open() as file:
        return Stream(file).packing == "zst"


def _convert(file: BinaryIO, form: Form, target: Path, size: int) -> int:
    """Write each record as a gzip member of its own, its unpacked bytes unchanged."""
    draft = target.with_name(target.name + ".draft")
    with draft.open("wb") as out:
        for frame in frames(file, form, Tally().problem, size):
            out.writelines(frame.member())
        out.flush()
        os.fsync(out.fileno())
        size = out.tell()
    draft.replace(target)
    return size


def _index(store: Path, found: list[Capture], tally: Tally) -> None:
    """Add captures; say which record ids other records have already."""
    with Index(store) as index:
        for one in found:
            other = index.get(one.record_id)
            if other and other.payload_sha256 != one.payload_sha256:
                tally.problem(one.offset, f"{one.record_id} is the id of another record too")
            elif other and other.block_sha256 != one.block_sha256:
                tally.oddities["a record that is here already, with another head"] += 1
        index.add(found)
