"""Rows of the catalogue brought up to one reading of a page; what they said before is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert

from pipelines import schema, versions
from pipelines.schema import Put, Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import ColumnElement, Connection, Table


def bring_up(connection: Connection, held: dict[str, Row], rows: list[Row], read: Row) -> Put:
    """Insert, replace, keep or remove the documents of one page, and note each in `versions`."""
    fresh = {row["id"]: schema.merged(held.get(row["id"]), row) for row in rows}
    new = [row for id_, row in fresh.items() if id_ not in held]
    changed = [row for id_, row in fresh.items() if id_ in held and not schema.same(held[id_], row)]
    gone = [row for id_, row in held.items() if id_ not in fresh]
    events = (("new", new), ("changed", changed), ("gone", gone))
    notes = [schema.version_row(what, row, read) for what, group in events for row in group]
    ids = schema.versions.c.id.in_([note["id"] for note in notes])
    replace(connection, schema.versions, [ids], notes)
    versions.keep(connection, [held[row["id"]] for row in (*changed, *gone)])
    store(connection, [row for id_, row in fresh.items() if held.get(id_) != row], gone)
    return Put(len(new), len(changed), len(rows) - len(new) - len(changed))


def store(connection: Connection, rows: Iterable[Row], gone: Sequence[Row] = ()) -> None:
    table = schema.documents
    for row in gone:
        replace(connection, table, [table.c.id == row["id"]], [])
    for row in rows:
        figures, checks = schema.children(row)
        replace(connection, table, [table.c.id == row["id"]], [row])
        replace(connection, schema.figures, None, figures)
        replace(connection, schema.checks, None, checks)


def replace(
    connection: Connection, table: Table, old: list[ColumnElement[bool]] | None, rows: list[Row]
) -> None:
    """Delete what matches and insert rows; a portable upsert."""
    if old is not None:
        connection.execute(delete(table).where(*old))
    if rows:
        connection.execute(insert(table), rows)
