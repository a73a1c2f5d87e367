"""What a document said before: its versions over all its places, and what changed between them.

`schema.versions` notes when a document appeared, changed or went, and the capture that showed it;
`former` keeps what it said until then. A place is one document of the catalogue: one address, and
its position there.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from sqlalchemy import Column, Integer, Table, delete, insert, select

from crawler.errors import WrongUse
from pipelines import schema
from pipelines.copies import Said, copies
from pipelines.schema import DIGESTS, TEXT, Row
from pipelines.settled import lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection

former = Table(
    "former",
    schema.metadata,
    *(Column(name, TEXT, primary_key=True) for name in ("document_id", *DIGESTS)),
    Column("portal", TEXT, nullable=False),
    Column("year", Integer),
    Column("body", TEXT, nullable=False),
)
_SHOWN = ("at", "file", "offset", "record_id")


@dataclass(slots=True)
class Place:
    """Where a version stood. `how` is that of `copies`, or "listed"; `gone_at`: when it was not."""

    id: str
    portal: str
    url: str
    how: str
    capture: Row
    gone_at: str | None = None


@dataclass(slots=True)
class Version:
    """One version, its places, and what it changed; nothing for the first.

    `text` holds (lines before, lines after), `figures` (key, value before, value after), None
    where a value is missing or blank.
    """

    published_at: str | None
    written_on: str | None
    title: str | None
    places: list[Place] = field(default_factory=list)
    text: list[tuple[list[str], list[str]]] = field(default_factory=list)
    figures: list[tuple[str, float | None, float | None]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class History:
    """A document over time; `id` is the place that is listed and exported."""

    id: str
    class_: str
    organ: str | None
    year: int | None
    versions: list[Version]


@dataclass(frozen=True, slots=True)
class _Event:
    row: Row  # of schema.versions
    said: Said | None  # None: it went
    is_first: bool = False  # of its place

    def when(self) -> tuple[str, str, str]:
        """A place counts from the date that it prints, what follows from when it was seen."""
        printed = self.said.date()[0] if self.said and self.is_first else ""
        return printed or self.row["at"][:10], self.row["at"], self.row["document_id"]


def keep(connection: Connection, rows: Iterable[Row]) -> None:
    """Keep what rows of `documents` say before they are replaced or removed."""
    names = [column.name for column in former.columns if column.name != "document_id"]
    for row in rows:
        old = {"document_id": row["id"], **{name: row[name] for name in names}}
        same = [former.c[name] == old[name] for name in ("document_id", *DIGESTS)]
        connection.execute(delete(former).where(*same))
        connection.execute(insert(former), old)


def history(connection: Connection, id_: str) -> History:
    """The versions of a document, by the id of any of its places. Raises WrongUse for no id."""
    listed, how = _places(connection, id_)
    told = [event for place in how for event in _events(connection, place)]
    if not any(event.said for event in told):
        raise WrongUse(f"no document has the id {id_}: `gongkai export` lists them all")
    found: list[tuple[Version, Said]] = []
    for event in sorted(told, key=_Event.when):
        if (says := event.said) is None:
            _leave(found, event.row)
            continue
        version = _same(found, event.row, says) or _next(found, says)
        capture = {name: event.row[name] for name in _SHOWN}
        kind = how[says.id] or "listed"
        version.places.append(Place(says.id, says.portal, says.url, kind, capture))
    body = found[-1][1].body
    versions = [version for version, _ in found]
    return History(listed, body["class"], body["organ"], body["year"], versions)


def _places(connection: Connection, id_: str) -> tuple[str, dict[str, str]]:
    """The listed place, and all of them → how each is a copy; "" for the listed one."""
    top, above = id_, {id_}
    query = select(copies.c.of)
    while (of := connection.scalar(query.where(copies.c.document_id == top))) and of not in above:
        top = of
        above.add(of)
    how, new = {top: ""}, [top]
    while new:
        rows = connection.execute(select(copies).where(copies.c.of.in_(new))).mappings()
        below = {row["document_id"]: row["how"] for row in rows if row["document_id"] not in how}
        how |= below
        new = list(below)
    return top, how


def _events(connection: Connection, id_: str) -> Iterator[_Event]:
    """What happened at one place; the same bytes read anew by another parser are one event."""
    columns = schema.versions.c
    query = select(schema.versions).where(columns.document_id == id_)
    is_first = True
    rows = [dict(row) for row in connection.execute(query.order_by(columns.at)).mappings()]
    for row, following in zip(rows, [*rows, None][1:], strict=True):
        if following and following["event"] == "changed" and _same_bytes(row, following):
            following |= {"event": row["event"], **{name: row[name] for name in _SHOWN}}
        elif row["event"] == "gone":
            yield _Event(row, None)
        else:
            said = Said({**row, "id": id_, "body": _body(connection, row)})
            yield _Event(row, said, is_first)
            is_first = False


def _same_bytes(row: Row, other: Row) -> bool:
    return bool(row["payload_sha256"] == other["payload_sha256"])


def _body(connection: Connection, row: Row) -> str:
    """What a document said at an event: as it does now, or as it was kept."""
    for table, id_ in ((schema.documents, schema.documents.c.id), (former, former.c.document_id)):
        digests = [table.c[name] == row[name] for name in DIGESTS]
        query = select(table.c.body).where(id_ == row["document_id"], *digests)
        if body := connection.scalar(query):
            return str(body)
    raise WrongUse(
        f"{row['url']}: what it said on {row['at'][:10]} was not kept; `gongkai replay` reads the"
        " archive again"
    )


def _same(found: Sequence[tuple[Version, Said]], row: Row, says: Said) -> Version | None:
    """The version that this is another place of. What changed where it stood is none."""
    if row["event"] == "changed":
        found = [each for each in found[-1:] if all(p.id != says.id for p in each[0].places)]
    return next((v for v, before in reversed(found) if says.repeats(before)), None)


def _next(found: list[tuple[Version, Said]], says: Said) -> Version:
    body = says.body
    version = Version(body["published_at"], body["written_on"], body["title"])
    if found:
        before = found[-1][1]
        version.text = list(_changed(lines(before.body["text"]), lines(body["text"])))
        version.figures = list(_moved(before, says))
    found.append((version, says))
    return version


def _leave(found: Sequence[tuple[Version, Said]], row: Row) -> None:
    for version, _ in found:
        for place in version.places:
            if place.id == row["document_id"] and place.gone_at is None:
                place.gone_at = row["at"]


def _changed(before: list[str], after: list[str]) -> Iterator[tuple[list[str], list[str]]]:
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for what, a, b, c, d in matcher.get_opcodes():
        if what != "equal":
            yield before[a:b], after[c:d]


def _moved(before: Said, after: Said) -> Iterator[tuple[str, float | None, float | None]]:
    """Figures of one key are told apart by their order."""
    old, new = _values(before), _values(after)
    for key in dict.fromkeys([*old, *new]):
        if old.get(key) != new.get(key):
            yield key[0], old.get(key), new.get(key)


def _values(said: Said) -> dict[tuple[str, int], float | None]:
    count: Counter[str] = Counter()
    values: dict[tuple[str, int], float | None] = {}
    for figure in said.body["figures"]:
        values[figure["key"], count[figure["key"]]] = figure["value"]
        count[figure["key"]] += 1
    return values
