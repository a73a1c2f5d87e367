"""Exchanges in the files of others: which request belongs to which answer."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from archive import fields
from archive.build import OWN
from archive.foreign import Foreign, parse
from archive.foreign_frames import Form, frames
from archive.large import IN_MEMORY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ANSWERS = ("response", "revisit", "resource")
HEADS = (OWN + "interim", OWN + "not-modified")  # in our metadata: bytes read as Latin-1
SAMPLE = 200  # problems told one by one; beyond that they are counted


@dataclass(slots=True)
class Tally:
    """What was met in a file: for its report."""

    records: Counter[str] = field(default_factory=Counter)
    oddities: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    problems: list[dict[str, str | int]] = field(default_factory=list)
    more_problems: int = 0
    indexed: int = 0
    packed_alone: bool = True
    """Every record can be read from its place in the file by itself."""

    def problem(self, offset: int, says: str) -> None:
        """Note something lost or wrong at a place in the file."""
        if len(self.problems) < SAMPLE:
            self.problems.append({"offset": offset, "says": says})
        else:
            self.more_problems += 1

    def add(self, other: Tally, start: int, name: str) -> None:
        """Count in what was met in a part of the file, which begins at `start`."""
        for mine, theirs in (
            (self.records, other.records),
            (self.oddities, other.oddities),
            (self.left_out, other.left_out),
        ):
            mine.update(theirs)
        for one in other.problems:
            says = f"{name}: {one['says']}" if name else str(one["says"])
            self.problem(start + int(one["offset"]), says)
        self.more_problems += other.more_problems
        self.indexed += other.indexed


@dataclass(slots=True)
class Outside:
    """One exchange: the answer (or our own metadata where none came), its request, our notes."""

    main: Foreign
    request: Foreign | None = None
    notes: list[tuple[str, str]] = field(default_factory=list)
    end: int = 0
    start: int = 0
    """Where its first record begins and its last one ends, in bytes of the file."""


def records(file: BinaryIO, form: Form, tally: Tally, size: int) -> Iterator[Foreign]:
    """Read every record and count what is odd."""
    for frame in frames(file, form, tally.problem, size):
        found = parse(frame)
        tally.records[found.record.type or "without type"] += 1
        tally.oddities.update(found.oddities)
        tally.packed_alone = tally.packed_alone and bool(frame.length)
        for problem in found.problems:
            tally.problem(frame.offset, f"{found.record.type} {found.url}: {problem}")
        yield found


def exchanges(found: Iterable[Foreign]) -> Iterator[Outside | Foreign]:
    """Join answers with the requests that stand next to them; other records come as they are.

    Order as in the file. A record is a neighbour if one names the other, or, where neither names
    anything, if address and time are the same.
    """
    before: Foreign | None = None  # a request whose answer may come next
    now: Outside | None = None  # an answer whose request may come next
    for one in found:
        type_ = one.record.type
        if now and type_ in ("request", "metadata") and beside(now, one):
            _join(now, one)
            continue
        if now:
            yield now
            now = None
        mine = bool(before and beside(Outside(one), before))
        if type_ in ANSWERS or (type_ == "metadata" and own_notes(one)):
            now = Outside(one, before if mine else None, [], one.record.end, one.record.offset)
            if mine and before:
                now.start = before.record.offset
                before = None
            now.notes = own_notes(one) if type_ == "metadata" else []
        if before:
            yield before
        before = one if type_ == "request" else None
        if not before and not now:
            yield one
    if before:
        yield before
    if now:
        yield now


def _join(now: Outside, one: Foreign) -> None:
    """Add a request or metadata record to the exchange it follows."""
    if one.record.type == "request":
        now.request = now.request or one
    else:
        now.notes = now.notes or own_notes(one)
    now.end = one.record.end


def beside(exchange: Outside, one: Foreign) -> bool:
    """Whether a record belongs to an exchange."""
    for other in filter(None, (exchange.main, exchange.request)):
        if one.record.id in other.peers or other.record.id in one.peers:
            return True
        nameless = not one.peers and not other.peers
        if nameless and one.record.type == "request" and (one.url, one.at) == (other.url, other.at):
            return True
    return False


def own_notes(one: Foreign) -> list[tuple[str, str]]:
    """What our own writer said of the exchange; [] when it was not ours.

    Only what it could have said: names that are names, and heads in Latin-1.
    """
    block = one.record.block
    if one.record.type != "metadata" or len(block) > IN_MEMORY:
        return []
    notes = [
        (name, value.encode("latin-1", "replace").decode("latin-1") if name in HEADS else value)
        for name, value in fields.load(block)
        if fields.NAME.fullmatch(name)
    ]
    names = {name for name, _ in notes}
    return notes if OWN + "method" in names or {"portal", "crawl"} <= names else []
