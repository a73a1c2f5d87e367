"""Indexing anew what was imported: the reports say where it lies and whose it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from archive.foreign_capture import Origin, captures, renamed
from archive.foreign_exchange import Tally
from archive.foreign_report import REPORT, Imported
from archive.foreign_stream import stretch
from archive.scan import salvage, warc_files

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from archive.capture import Capture


def every_file(store: Path) -> list[tuple[Path, str]]:
    """Our own WARC files, then the reports on files of others: path, name in the store."""
    reports = sorted((store / "import").glob(f"*/*{REPORT}"))
    return [*warc_files(store), *((path, path.relative_to(store).as_posix()) for path in reports)]


def every_capture(store: Path, file: BinaryIO, name: str, problems: list[str]) -> Iterable[Capture]:
    """The captures of one of them, as when they were first indexed."""
    if not name.endswith(REPORT):
        return salvage(file, name, problems)
    try:
        report = Imported.load(file.read())
        return again(store, report, problems)
    except (ValueError, OSError) as error:
        problems.append(str(error))
        return []


def again(store: Path, report: Imported, problems: list[str]) -> list[Capture]:
    """The captures of an import, as when they were first indexed. Raises OSError."""
    found: list[Capture] = []
    for part in report.parts:
        start, size, name = int(part["offset"]), int(part["size"]), str(part["file"])
        source = report.origin(str(part["name"]))
        origin = Origin(name, source, report.crawl, lambda h: report.hosts.get(h, ""), start)
        with (store / name).open("rb") as file:
            inner = stretch(file, start, start + size)
            here = captures(inner, report.form(part), origin, Tally(), size)
            found += renamed(here, origin, part.get("renamed", ()))
    if len(found) != report.indexed:
        problems.append(f"{report.file} held {report.indexed} captures, now {len(found)}")
    return found
