"""Which bytes of which files belong to a portal and a year."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from archive.errors import ArchiveError
from archive.foreign import Foreign
from archive.foreign_exchange import Tally, exchanges, records
from archive.foreign_frames import Form, form_of
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
    parts = _parts(store, choice.problems)
    wanted: dict[tuple[str, int, int], list[Capture]] = defaultdict(list)
    for one in choice.captures + choice.originals:
        wanted[one.file, *_part_of(one, parts)].append(one)
    names: set[str] = set()
    for (file, start, size), group in sorted(wanted.items()):
        slices = _slices(store, file, (start, size), group, choice.problems)
        if slices.ranges:
            slices.name = free(_name(slices, parts, start, year), names)
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
    except (DamagedError, OSError) as error:
        raise ArchiveError(revisit.file, str(error), RESTORE) from error
    return original_of(index, revisit, group.main)


Parts = dict[str, list[tuple[int, int, str]]]


def _parts(store: Path, problems: list[str]) -> Parts:
    """Where the WARC files lie in what was imported: offset, size, name, by file."""
    found: Parts = defaultdict(list)
    for path in sorted((store / "import").glob(f"*/*{REPORT}")):
        try:
            report = Imported.load(path.read_bytes())
        except (OSError, ValueError) as error:
            problems.append(f"{path}: the report on an import cannot be read: {error}")
            continue
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
    """The stretches of one WARC file that belong."""
    slices = Slices("", file, wanted=wanted)
    offsets = {one.offset for one in wanted}
    begin, size = part
    with reading(store, file) as opened:
        size = size or os.fstat(opened.fileno()).st_size
        stream = Stream(stretch(opened, begin, begin + size), packed=size)
        form = form_of(stream)
        slices.ending = f".{form.name}{'.gz' if stream.packing else ''}" if form else ""
        everything = bool(form) and (store / file).exists()  # not so while it is written
        inside = stretch(opened, begin, begin + size)
        for start, end, main in _units(inside, form, size, slices):
            if main is None or begin + main in offsets:
                slices.add(begin + start, begin + end)
                if main is not None:
                    offsets.discard(begin + main)
            else:
                everything = False
    problems += [f"{file}: no exchange can be read at {offset}" for offset in sorted(offsets)]
    if everything:
        slices.ranges = [(begin, begin + size)]
    slices.changed = slices.private or not everything
    return slices


def _units(
    file: BinaryIO, form: Form | None, size: int, slices: Slices
) -> Iterator[tuple[int, int, int | None]]:
    """Start and end of each exchange and where its answer is; of a warcinfo, with None there."""
    if form is None:
        return
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


def _name(slices: Slices, parts: Parts, start: int, year: int) -> str:
    """What to call a file in the WACZ: its kind last, and the year when it is not as it was."""
    file = slices.file
    inner = next((name for begin, _, name in parts.get(file, ()) if begin == start), "")
    name = (inner or file).rpartition("/")[2].removesuffix(slices.ending)
    plain = "".join(one if one.isprintable() and one != "$" else "_" for one in name)
    return plain + (f"-{year}" if slices.changed else "") + slices.ending


def free(name: str, taken: set[str]) -> str:
    """The name, or one like it that no other file has."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{number}-{name}"
    taken.add(free)
    return free
