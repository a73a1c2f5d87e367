"""Which documents are one: a report and the file that repeats it, a page under a new address.

Only documents of the same class, organ and year are compared, so each with a handful: the whole
sets of their shingles cost less than a MinHash of one (README.md). Documents that agree in every
figure are copies. On one portal, the same words around other figures are an earlier version of the
newest of them. All follows from what the catalogue holds, in whatever order it was read.
"""

from __future__ import annotations

import json
import re
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, ForeignKey, Index, Table, delete, func, insert, select

from pipelines import schema
from pipelines.schema import TEXT, Row
from pipelines.settled import settled

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import ColumnElement, Connection

Group = tuple[str, str, int | None]  # class, organ, year

copies = Table(
    "copies",
    schema.metadata,
    Column("document_id", TEXT, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True),
    Column("of", TEXT, nullable=False),
    # text: word for word, near: but for a few, file: linked, revised: of other figures by now,
    # elsewhere: on another portal.
    Column("how", TEXT, nullable=False),
)
Index("documents_said", schema.documents.c.organ, schema.documents.c.year)

ALIKE = 0.9  # of the shingles of two texts, shared
REVISED = 0.8  # the same of their texts without digits, when figures differ
_SHINGLE = 5  # characters
_TELLING = 100  # characters of text below which being alike means nothing
_CLASSES = ("annual_report", "disclosure_guide", "statistics_form", "infographic")
_DIGITS = re.compile(r"[\d.,]+")


def groups_of(rows: Iterable[Row]) -> set[Group]:
    """The groups in which these documents could be copies."""
    return {
        (row["class"], row["organ"], row["year"])
        for row in rows
        if row["organ"] and row["class"] in _CLASSES
    }


def settle_all(connection: Connection) -> None:
    """Say anew what is a copy of what in the whole catalogue."""
    connection.execute(delete(copies))
    table = schema.documents.c
    by = (table["class"], table.organ, table.year)
    query = select(*by).group_by(*by).having(func.count() > 1)
    settle(connection, groups_of(map(dict, connection.execute(query).mappings())))


def settle(connection: Connection, groups: Iterable[Group]) -> None:
    """Say anew what is a copy of what in these groups."""
    table = schema.documents
    for class_, organ, year in sorted(groups, key=str):
        same = [table.c["class"] == class_, table.c.organ == organ]
        query = select(table).where(*same, table.c.year.is_not_distinct_from(year))
        rows = [dict(row) for row in connection.execute(query).mappings()]
        ids = [row["id"] for row in rows]
        connection.execute(delete(copies).where(copies.c.document_id.in_(ids)))
        if len(rows) > 1 and (found := _copies(rows)):
            connection.execute(insert(copies), found)


def originals(portal: str | None = None) -> ColumnElement[bool]:
    """The condition that leaves copies out; of one portal alone, what it says itself stays in."""
    left_out = select(copies.c.document_id)
    if portal:
        left_out = left_out.where(copies.c.how != "elsewhere")
    return schema.documents.c.id.not_in(left_out)


def _copies(rows: Sequence[Row]) -> list[Row]:
    """The copies among the documents of one group, each by what it is a copy of."""
    said = sorted(map(Said, rows), key=Said.rank)
    portals = sorted({each.portal for each in said})
    found: list[Row] = []
    current: list[Said] = []
    for portal in portals:
        kept = _apart((each for each in said if each.portal == portal), "", found)
        current += _newest(kept, found)
    _apart(sorted(current, key=Said.rank), "elsewhere", found)
    return found


def _apart(said: Iterable[Said], how: str, found: list[Row]) -> list[Said]:
    """Those that repeat none before them; the others are `found`."""
    kept: list[Said] = []
    for each in said:
        repeats = ((each.repeats(other), other) for other in kept)
        if match := next((pair for pair in repeats if pair[0]), None):
            found.append({"document_id": each.id, "of": match[1].id, "how": how or match[0]})
        else:
            kept.append(each)
    return kept


def _newest(said: Iterable[Said], found: list[Row]) -> list[Said]:
    """Of each document that was revised the newest version; the earlier ones are `found`."""
    kept: list[Said] = []
    for each in sorted(said, key=Said.date, reverse=True):
        if newer := next((other for other in kept if each.is_revised_by(other)), None):
            found.append({"document_id": each.id, "of": newer.id, "how": "revised"})
        else:
            kept.append(each)
    return kept


class Said:
    """What one document says, as far as others may say it too. `row` is one of `documents`."""

    def __init__(self, row: Row) -> None:
        self.body: dict[str, Any] = json.loads(row["body"])
        self.id: str = row["id"]
        self.url: str = row["url"]
        self.portal: str = row["portal"]
        self.at: str = row["at"]
        self.figures = {
            f["key"]: f["value"] for f in self.body["figures"] if f["value"] is not None
        }
        self._file: dict[str, str] = self.body.get("file") or {}
        self._text = settled(self.body["text"])

    def rank(self) -> tuple[int, bool, str, str]:
        """The fullest first, pages before files, then as they were found."""
        return -len(self.figures), bool(self._file), self.at, self.id

    def date(self) -> tuple[str, str, str]:
        """When it came out, by what it prints; then when it was found."""
        printed = self.body["published_at"] or self.body["written_on"] or ""
        return printed[:10], self.at, self.id

    def repeats(self, other: Said) -> str:
        """How this is the same document as `other`; "" if it is not."""
        if self._contradicts(other):
            return ""
        if self._links(other):
            return "file"
        if min(len(self._text), len(other._text)) < _TELLING:
            return ""
        if self._text == other._text:
            return "text"
        return "near" if _alike(self._shingles, other._shingles) >= ALIKE else ""

    def is_revised_by(self, newer: Said) -> bool:
        """Whether `newer` is this document with other figures: by its words, apart from those."""
        if self.url == newer.url or self._links(newer) or not self._contradicts(newer):
            return False  # what is published together and disagrees is two statements
        if min(len(self._text), len(newer._text)) < _TELLING:
            return False
        return _alike(self._words, newer._words) >= REVISED

    def _links(self, other: Said) -> bool:
        """Whether one is a file that the other's page links to."""
        return self._file.get("parent") == other.url or other._file.get("parent") == self.url

    def _contradicts(self, other: Said) -> bool:
        shared = self.figures.keys() & other.figures.keys()
        return any(self.figures[key] != other.figures[key] for key in shared)

    @cached_property
    def _shingles(self) -> set[str]:
        return _shingled(self._text)

    @cached_property
    def _words(self) -> set[str]:
        return _shingled(_DIGITS.sub("", self._text))


def _shingled(text: str) -> set[str]:
    return {text[i : i + _SHINGLE] for i in range(max(1, len(text) - _SHINGLE + 1))}


def _alike(one: set[str], other: set[str]) -> float:
    """The share of shingles that both have (Jaccard)."""
    return len(one & other) / len(one | other)
