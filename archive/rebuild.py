"""The index made anew, and the merged CDXJ made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive import tables
from archive.capture import Rebuilt
from archive.disk import failure, fsync_folder, held, make_folder, write_whole
from archive.foreign_again import every_capture, every_file
from archive.openfile import opened
from archive.scan import opened_for_reading

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from archive.index import Index

MERGED = "captures.cdxj"
UNKNOWN = (
    "is still open, and what was acknowledged of it is not known any more: "
    "run `gongkai archive index` again once it is sealed"
)


def rebuild(store: Path, db: sqlite3.Connection) -> Rebuilt:
    """Replace the rows of every file that is read; see `Index.rebuild`. One at a time."""
    turn = store / "index" / "rebuilding"
    try:
        make_folder(turn)
        with held(turn):
            return _rebuild(store, db)
    except OSError as error:
        raise failure(turn, error) from error


def _rebuild(store: Path, db: sqlite3.Connection) -> Rebuilt:
    outdated = tables.outdated(db)
    last = (
        0 if outdated else db.execute("SELECT coalesce(max(rowid), 0) FROM captures").fetchone()[0]
    )
    for table, statement in (("fresh", tables.FRESH), ("growing", tables.GROWING)):
        db.execute(f"DROP TABLE IF EXISTS temp.{table}")
        db.execute(statement)
    problems: list[str] = []
    count = 0
    for path, name in every_file(store):
        if opened(path).exists():
            db.execute("INSERT INTO temp.growing VALUES (?)", (name,))
            problems += [] if last else [f"{name}: {UNKNOWN}"]
            continue
        count += 1
        if why := _read(store, db, path, name):
            problems.append(f"{name}: {why}")
    with tables.transaction(db):
        if outdated:
            db.execute("DROP TABLE captures")
            tables.create(db)
        db.execute(tables.FORGET, (last,))
        db.execute(tables.REPLACE)
        captures = db.execute("SELECT count(*) FROM captures").fetchone()[0]
    db.execute("DROP TABLE temp.fresh")
    return Rebuilt(count, captures, tuple(problems))


def merge(index: Index) -> Path:
    """Write one sorted CDXJ of everything in sealed files, for tools that replay; returns where.

    It is there whole or as it was before. Raises ArchiveError when the disk refuses.
    """
    target = index.path.with_name(MERGED)
    turn = index.path.with_name("merging")
    try:
        make_folder(turn)
        with held(turn):
            write_whole(target, index.lines())
            fsync_folder(target.parent)
    except OSError as error:
        raise failure(target, error) from error
    return target


def _read(store: Path, db: sqlite3.Connection, path: Path, name: str) -> str:
    """Take in one file, passing over damage; returns what is wrong with it."""
    problems: list[str] = []
    with tables.transaction(db, "DEFERRED"):
        try:
            with opened_for_reading(path) as file:
                found = map(tables.row, every_capture(store, file, name, problems))
                db.executemany(tables.ADD_FRESH, found)
        except OSError as error:  # what is known of it may still be true
            db.execute("INSERT INTO temp.growing VALUES (?)", (name,))
            problems.append(f"cannot be read: {error.strerror or error}")
    return "; ".join(problems)
