"""Which documents say the same: a report and the file that repeats it, a page under a new address.

A document is a copy when another one of its portal has its class, organ and year, and its text or
its link says that it is the same. A revised report has other figures: it is no copy. All follows
from what the catalogue holds, in whatever order it was read.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, ForeignKey, Table, delete, func, insert, select

from pipelines import schema
from pipelines.schema import TEXT, Row
from pipelines.settled import settled

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import ColumnElement, Connection

Group = tuple[str, str, str, int | None]  # portal, class, organ, year

copies = Table(
    "copies",
    schema.metadata,
    Column("document_id", TEXT, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True),
    Column("of", TEXT, nullable=False),
    Column("how", TEXT, nullable=False),  # text: word for word, near: but for a few, file: linked
)

ALIKE = 0.9  # of the shingles of two texts, shared
_SHINGLE = 5  # characters
_TELLING = 100  # characters of text below which being alike means nothing
_CLASSES = ("annual_report", "disclosure_guide", "statistics_form", "infographic")


def groups_of(rows: Iterable[Row]) -> set[Group]:
    """The groups in which these documents could be copies."""
    return {
        (row["portal"], row["class"], row["organ"], row["year"])
        for row in rows
        if row["organ"] and row["class"] in _CLASSES
    }


def all_groups(connection: Connection) -> set[Group]:
    """Every group of more than one document."""
    table = schema.documents.c
    by = (table.portal, table["class"], table.organ, table.year)
    query = select(*by).group_by(*by).having(func.count() > 1)
    return groups_of(connection.execute(query).mappings().all())  # type: ignore[arg-type]


def settle(connection: Connection, groups: Iterable[Group]) -> None:
    """Say anew what is a copy of what in these groups."""
    table = schema.documents
    for portal, class_, organ, year in sorted(groups, key=str):
        same = [table.c.portal == portal, table.c["class"] == class_, table.c.organ == organ]
        query = select(table).where(*same, table.c.year.is_not_distinct_from(year))
        rows = [dict(row) for row in connection.execute(query).mappings()]
        ids = [row["id"] for row in rows]
        connection.execute(delete(copies).where(copies.c.document_id.in_(ids)))
        if found := _copies(rows):
            connection.execute(insert(copies), found)


def originals() -> ColumnElement[bool]:
    """The condition that leaves copies out."""
    return schema.documents.c.id.not_in(select(copies.c.document_id))


def _copies(rows: Sequence[Row]) -> list[Row]:
    """The copies among the documents of one group; the fullest, then the first, is the original."""
    kept: list[_Said] = []
    found = []
    for said in sorted(map(_Said, rows), key=_Said.rank):
        how, original = next(((h, k) for k in kept if (h := said.repeats(k))), ("", said))
        if how:
            found.append({"document_id": said.id, "of": original.id, "how": how})
        else:
            kept.append(said)
    return found


class _Said:
    """What one document says, as far as others may say it too."""

    def __init__(self, row: Row) -> None:
        body: dict[str, Any] = json.loads(row["body"])
        self.id, self.url, self._at = row["id"], row["url"], row["at"]
        self._file = body.get("file") or {}
        self._text = settled(body["text"])
        self._figures = {f["key"]: f["value"] for f in body["figures"] if f["value"] is not None}
        self._shingles: set[str] | None = None

    def rank(self) -> tuple[int, bool, str, str]:
        return -len(self._figures), bool(self._file), self._at, self.id

    def repeats(self, other: _Said) -> str:
        """How this is the same document as `other`; "" if it is not."""
        shared = self._figures.keys() & other._figures.keys()
        if any(self._figures[key] != other._figures[key] for key in shared):
            return ""
        if other.url == self._file.get("parent") or self.url == other._file.get("parent"):
            return "file"
        if min(len(self._text), len(other._text)) < _TELLING:
            return ""
        if self._text == other._text:
            return "text"
        mine, theirs = self.shingles(), other.shingles()
        return "near" if len(mine & theirs) >= ALIKE * len(mine | theirs) else ""

    def shingles(self) -> set[str]:
        if self._shingles is None:
            ends = max(1, len(self._text) - _SHINGLE + 1)
            self._shingles = {self._text[i : i + _SHINGLE] for i in range(ends)}
        return self._shingles
