"""Which bytes of which files belong to a portal and a year."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from archive.errors import ArchiveError
from archive.foreign import Foreign
from archive.foreign_exchange import Tally, exchanges, records
from archive.foreign_frames import form_of
from archive.foreign_read import IMPORT, imported, original_of
from archive.foreign_report import REPORT, Imported
from archive.foreign_stream import Stream, stretch
from archive.index import Index
from archive.member import DamagedError
from archive.wacz_slices import RESTORE, Range, Slices, reading
from archive.withhold import is_private

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from archive.capture import Capture

YEAR = "WHERE portal = ? AND at >= ? AND at < ? ORDER BY at, url, record_id"


@dataclass(slots=True)
class Choice:
    """The captures of a portal and a year, what their revisits stand for, and where all that is."""

    captures: list[Capture]
    originals: list[Capture] = field(default_factory=list)
    files: list[Slices] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def chosen(store: Path, portal: str, year: int) -> Choice:
    """Choose from the index. Raises ArchiveError when a file cannot be read."""
    with Index(store) as index:
        span = [f"{year:04}", f"{year + 1:04}"]
        choice = Choice(index.select(YEAR, [portal, *span]))
        here = {one.record_id for one in choice.captures}
        for one in choice.captures:
            if one.record_type != "revisit":
                continue
            found = _original(store, index, one)
            if found is None:
                choice.problems.append(f"{one.url} {one.at}: the response it repeats is missing")
            elif found.record_id not in here:
                here.add(found.record_id)
                choice.originals.append(found)
    parts = _parts(store)
    wanted: dict[tuple[str, int, int], list[Capture]] = defaultdict(list)
    for one in choice.captures + choice.originals:
        wanted[one.file, *_part_of(one, parts)].append(one)
    names: set[str] = set()
    for (file, start, size), group in sorted(wanted.items()):
        slices = _slices(store, file, (start, size), group, choice.problems)
        slices.name = _free(_name(file, parts, start, year, whole=slices.name == ""), names)
        choice.files.append(slices)
    return choice


def _original(store: Path, index: Index, revisit: Capture) -> Capture | None:
    """The response a revisit stands for."""
    if found := index.get(revisit.refers_to or ""):
        return found
    if not revisit.file.startswith(IMPORT):
        return None
    try:
        group, _ = imported(store / revisit.file, revisit)
    except DamagedError as error:
        raise ArchiveError(revisit.file, str(error), RESTORE) from error
    return original_of(index, revisit, group.main)


Parts = dict[str, list[tuple[int, int, str]]]


def _parts(store: Path) -> Parts:
    """Where the WARC files lie in what was imported: offset, size, name, by file."""
    found: Parts = defaultdict(list)
    for path in sorted((store / "import").glob(f"*/*{REPORT}")):
        report = Imported.load(path.read_bytes())
        for part in report.parts:
            place = (int(part["offset"]), int(part["size"]), str(part["name"]))
            found[str(part["file"])].append(place)
    return found


def _part_of(capture: Capture, parts: Parts) -> tuple[int, int]:
    """Offset and size of the WARC file that a capture is in; size 0 when it is a file itself."""
    for start, size, _ in parts.get(capture.file, ()):
        if start <= capture.offset < start + size:
            return start, size
    return 0, 0


def _slices(
    store: Path, file: str, part: Range, wanted: list[Capture], problems: list[str]
) -> Slices:
    """The stretches of one WARC file that belong: its name is "" when that is all of it."""
    slices = Slices("", file, wanted=wanted)
    offsets = {one.offset for one in wanted}
    begin, size = part
    everything = (store / file).exists()  # not so while it is written
    with reading(store, file) as opened:
        size = size or os.fstat(opened.fileno()).st_size
        for start, end, main in _units(stretch(opened, begin, begin + size), size, slices):
            if main is None or begin + main in offsets:
                slices.add(begin + start, begin + end)
                if main is not None:
                    offsets.discard(begin + main)
            else:
                everything = False
    problems += [f"{file}: no exchange can be read at {offset}" for offset in sorted(offsets)]
    if everything:
        slices.ranges = [(begin, begin + size)]
    if slices.private or not everything:
        slices.name = "part"
    return slices


def _units(file: BinaryIO, size: int, slices: Slices) -> Iterator[tuple[int, int, int | None]]:
    """Start and end of each exchange and where its answer is; of a warcinfo, with None there."""
    form = form_of(Stream(file, packed=size))
    if form is None:
        return
    file.seek(0)
    for one in exchanges(_watched(records(file, form, Tally(), size), slices)):
        if not isinstance(one, Foreign):
            yield one.start, one.end, one.main.record.offset
        elif one.record.type == "warcinfo":
            yield one.record.offset, one.record.end, None


def _watched(found: Iterator[Foreign], slices: Slices) -> Iterator[Foreign]:
    """Note whether there is anything that is not handed out."""
    for one in found:
        slices.private = slices.private or is_private(one)
        yield one


def _name(file: str, parts: Parts, start: int, year: int, *, whole: bool) -> str:
    """What to call a file in the WACZ."""
    inner = next((name for begin, _, name in parts.get(file, ()) if begin == start), "")
    name = (inner or file).rpartition("/")[2]
    if whole:
        return name
    stem, dot, ending = name.partition(".warc")
    if not dot:
        stem, dot, ending = name.partition(".arc")
    return f"{stem}-{year}{dot}{ending}"


def _free(name: str, taken: set[str]) -> str:
    """The name, or one like it that no other file has."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{number}-{name}"
    taken.add(free)
    return free
