"""A file of others brought into the store: byte for byte, under a name of its own."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from archive.disk import DRAFT, drafted, failure, fsync_folder, held, make_folder
from archive.errors import ArchiveError
from archive.foreign_report import REPORT, Imported
from archive.member import BLOCK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedReader
    from pathlib import Path

CONVERTED = ".records."
LONGEST = 200  # bytes of a name; what is put before and behind it needs the rest of 255
READABLE = "name a WARC, ARC or WACZ file that can be read"


@contextmanager
def readable(path: Path) -> Iterator[BufferedReader]:
    """Open a file of others. Raises ArchiveError, also for what has no end, as a pipe."""
    try:
        if path.exists() and not path.is_file():
            raise ArchiveError(path, "is not a regular file", READABLE)
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise ArchiveError(path, error.strerror or str(error), READABLE) from error


@contextmanager
def turn(store: Path) -> Iterator[None]:
    """Let one import at a time write; the others wait. Raises ArchiveError."""
    folder = store / "import"
    try:
        make_folder(folder)
    except OSError as error:
        raise failure(folder, error) from error
    with held(folder):
        yield


def plain(name: str) -> str:
    """A file's name as text that any database takes."""
    return name.encode("utf-8", "backslashreplace").decode()


def imported(store: Path, sha256: str) -> Imported | None:
    """The report on these bytes, if they were imported before."""
    for report in sorted((store / "import").glob(f"*/*.{sha256[:16]}{REPORT}")):
        try:
            before = Imported.load(report.read_bytes())
        except (OSError, ValueError):
            continue  # the import is done again
        if before.sha256 == sha256 and report_on(store / before.file, before) == report:
            return before
    return None


def report_on(copy: Path, report: Imported) -> Path:
    """Where the report on a copy lies."""
    return copy.with_name(f"{copy.name}.{report.sha256[:16]}{REPORT}")


def intact(store: Path, report: Imported) -> bool:
    """Whether all the bytes that a report names are there, as they were."""
    return all(sha256_of(store / name) == sha256 for name, _, sha256 in report.files())


def sha256_of(path: Path) -> str:
    """The digest of a file; "" when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def place_of(store: Path, report: Imported) -> Path:
    """Where a copy belongs: under a name that no other bytes have, nor what lies beside them."""
    name = report.name
    reserved = CONVERTED in name or name.endswith((DRAFT, REPORT))
    if reserved or not name.isprintable() or len(name.encode()) > LONGEST:
        name = f"{report.sha256[:16]}.{report.format}"
    copy = store / "import" / report.source / name
    if copy.exists() and sha256_of(copy) != report.sha256:
        copy = copy.with_name(f"{report.sha256[:16]}-{name}")
    return copy


def put(copy: Path, path: Path, file: BinaryIO, sha256: str) -> None:
    """Write the copy. Raises ArchiveError, and leaves nothing behind."""
    if sha256_of(copy) == sha256:
        return  # an earlier import was interrupted
    written, advice = hashlib.sha256(), "import it when it is finished"
    try:
        make_folder(copy.parent)
        with drafted(copy) as out:
            for piece in _blocks(path, file):
                out.write(piece)
                written.update(piece)
            if written.hexdigest() != sha256:
                raise ArchiveError(path, "changed while it was read", advice)
        fsync_folder(copy.parent)
    except OSError as error:
        raise failure(copy, error) from error


def _blocks(path: Path, file: BinaryIO) -> Iterator[bytes]:
    """What a file of others holds. Raises ArchiveError when it cannot be read further."""
    try:
        while data := file.read(BLOCK):
            yield data
    except OSError as error:
        raise ArchiveError(path, error.strerror or str(error), READABLE) from error
