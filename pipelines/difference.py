"""What one catalogue would change in another: documents, and each figure before and after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from pipelines import schema

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select

    from pipelines.schema import Row

Read = Callable[["Select[Any]"], Iterator["Row"]]
Place = tuple[str, int]  # a figure's key, and its number among the figures with that key

SHOWN = 20  # lines for people; all of them are in the JSON
_WHAT = ("altered", "lost", "gained")  # the gravest first
_VALUE = ("value", "unit", "status", "approx", "raw")


@dataclass(frozen=True, slots=True)
class FigureChange:
    """A figure that says something else: {value, unit, status, approx, raw}, None if it is not."""

    document: str
    organ: str | None
    year: int | None
    url: str
    key: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None

    @property
    def what(self) -> str:
        """Gained, lost or altered."""
        return "gained" if self.before is None else "lost" if self.after is None else "altered"

    def says(self) -> str:
        """One line for people."""
        before, after = map(_says, (self.before, self.after))
        whose = f"{self.organ or '?'} {self.year or '?'}"
        return f"{self.what:8}{whose}  {self.key}  {before} → {after}  {self.url}"


@dataclass(frozen=True, slots=True)
class Difference:
    """From one catalogue to another: ids of documents, and the figures of any of them."""

    gained: tuple[str, ...]
    lost: tuple[str, ...]
    altered: tuple[str, ...]
    figures: tuple[FigureChange, ...]

    def lines(self) -> Iterator[str]:
        """Counts, then the first figures, the gravest first."""
        count = Counter(change.what for change in self.figures)
        yield (
            f"documents   {len(self.gained)} gained, {len(self.lost)} lost, "
            f"{len(self.altered)} altered"
        )
        yield f"figures     {', '.join(f'{count[what]} {what}' for what in reversed(_WHAT))}"
        by_weight = sorted(self.figures, key=lambda change: _WHAT.index(change.what))
        yield from (f"  {change.says()}" for change in by_weight[:SHOWN])
        if len(by_weight) > SHOWN:
            yield f"  and {len(by_weight) - SHOWN} more: --json tells them all"

    def as_json(self) -> dict[str, Any]:
        """Plain data; `what` of a figure is gained, lost or altered."""
        figures = [{"what": change.what, **asdict(change)} for change in self.figures]
        return {**asdict(self), "figures": figures}


def difference(mine: Read, theirs: Read, scope: list[ColumnElement[bool]]) -> Difference:
    """From what `mine` reads to what `theirs` does, in documents of `scope`.

    A document is altered if anything of it is but the version of the parser that read it. Figures
    are compared as they pass, so that no more than what differs is held.
    """
    before, after = (_documents(read, scope) for read in (mine, theirs))
    figures = tuple(_changes(mine, theirs, scope))
    touched = {change.document for change in figures}
    return Difference(
        gained=tuple(id_ for id_ in after if id_ not in before),
        lost=tuple(id_ for id_ in before if id_ not in after),
        altered=tuple(
            id_
            for id_, row in before.items()
            if id_ in after and (row != after[id_] or id_ in touched)
        ),
        figures=figures,
    )


def _documents(read: Read, scope: list[ColumnElement[bool]]) -> dict[str, int]:
    """A hash of each document by its id."""
    query = select(schema.documents).where(*scope).order_by(*schema.ORDER)
    return {row["id"]: hash(str({**row, "parser": ""})) for row in read(query)}


def _changes(mine: Read, theirs: Read, scope: list[ColumnElement[bool]]) -> Iterator[FigureChange]:
    both = merge(_figures(mine, scope, 0), _figures(theirs, scope, 1), key=itemgetter(0, 1))
    for id_, group in groupby(both, key=itemgetter(0)):
        sides: list[dict[Place, Row]] = [{}, {}]
        for _, side, figures in group:
            sides[side] = figures
        before, after = sides
        for place in dict.fromkeys([*before, *after]):
            old, new = before.get(place), after.get(place)
            if _value(old) != _value(new):
                row = old or new or {}
                yield FigureChange(
                    id_, row["organ"], row["year"], row["url"], place[0], _value(old), _value(new)
                )


def _figures(
    read: Read, scope: list[ColumnElement[bool]], side: int
) -> Iterator[tuple[str, int, dict[Place, Row]]]:
    """(document, side, its figures), in the order of document ids."""
    of, by = schema.documents.c, schema.figures.c
    query = (
        select(by.document_id, by.key, *(by[name] for name in _VALUE), of.organ, of.year, of.url)
        .join(schema.documents)
        .where(*scope)
        .order_by(by.document_id, by.ordinal)
    )
    for id_, rows in groupby(read(query), key=itemgetter("document_id")):
        count: Counter[str] = Counter()
        figures: dict[Place, Row] = {}
        for row in rows:
            figures[row["key"], count[row["key"]]] = row
            count[row["key"]] += 1
        yield id_, side, figures


def _value(row: Row | None) -> Mapping[str, Any] | None:
    return None if row is None else {name: row[name] for name in _VALUE}


def _says(value: Mapping[str, Any] | None) -> str:
    if value is None:
        return "–"
    if value["value"] is None:
        return str(value["status"])
    words = [f"{value['value']:.15g}{value['unit'] or ''}"]
    words += [value["status"]] if value["status"] != "number" else []
    words += [value["approx"]] if value["approx"] else []
    return " ".join(words)
