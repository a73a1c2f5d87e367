"""The index in SQL. The only strings put together here are names of columns."""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager
from dataclasses import fields
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from archive import cdxj
from archive.capture import Capture
from archive.disk import held
from archive.errors import ArchiveError
from archive.surt import surt

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

VERSION = 3

REBUILD = "run `gongkai archive index`; the WARC files hold everything it needs"
AGAIN = "somebody else is writing there: run this again once that is done"
DISK = "check the disk, what room it has, and who may write there"
ADVICE = {
    **dict.fromkeys((sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED), AGAIN),
    **dict.fromkeys((sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR), DISK),
    **dict.fromkeys((sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN), DISK),
}

NAMES = [field.name for field in fields(Capture)]
EVERY = [*NAMES, "urlkey"]
COLUMNS = ", ".join(EVERY)
MARKS = ", ".join("?" * len(EVERY))
EXCLUDED, KNOWN, FOUND = (
    ", ".join(f"{row}.{name}" for name in EVERY) for row in ("excluded", "known", "fresh")
)

TABLE = f"({COLUMNS}, UNIQUE (record_id))"
ORIGINAL = "record_type = 'response' AND status = 200 AND truncated IS NULL"  # may be pointed at
SCHEMA = (
    f"CREATE TABLE IF NOT EXISTS captures {TABLE}",
    "CREATE INDEX IF NOT EXISTS identity ON captures (url, method, body_sha256, at)",
    "CREATE INDEX IF NOT EXISTS time ON captures (at, url, record_id)",
    "CREATE INDEX IF NOT EXISTS portals ON captures (portal, at, url, record_id)",
    "CREATE INDEX IF NOT EXISTS crawls ON captures (crawl, portal, at)",
    "CREATE INDEX IF NOT EXISTS keys ON captures (urlkey, at)",
    f"CREATE INDEX IF NOT EXISTS originals ON captures (payload_sha256, portal, at)"
    f" WHERE {ORIGINAL}",
    f"PRAGMA user_version = {VERSION}",
)
FRESH = f"CREATE TEMP TABLE fresh {TABLE}"

# The same exchange written twice counts once, whichever copy is seen first: the lower place wins,
# and our own file before an imported one, which knows less of it.
ONCE = f"""({COLUMNS}) VALUES ({MARKS})
    ON CONFLICT (record_id) DO UPDATE SET ({COLUMNS}) = ({EXCLUDED})
    WHERE (excluded.file LIKE 'import/%', excluded.file, excluded.offset)
        < (file LIKE 'import/%', file, offset)"""
ADD_CAPTURE = f"INSERT INTO captures {ONCE}"
ADD_FRESH = f"INSERT INTO temp.fresh {ONCE}"
GROWING = "CREATE TEMP TABLE growing (file UNIQUE)"
# Only what differs is written: crawls wait meanwhile, and writing a million rows takes minutes.
FORGET = """
    DELETE FROM captures WHERE rowid <= ? AND file NOT IN (SELECT file FROM temp.growing)
    AND record_id NOT IN (SELECT record_id FROM temp.fresh)
"""
REPLACE = f"""
    INSERT OR REPLACE INTO captures ({COLUMNS}) SELECT {COLUMNS} FROM temp.fresh
    WHERE NOT EXISTS (
        SELECT 1 FROM captures AS known WHERE known.record_id = fresh.record_id
        AND ({KNOWN}) IS ({FOUND})
    )
"""  # noqa: S608 - likewise
SELECT = f"SELECT {', '.join(NAMES)} FROM captures"  # noqa: S608 - likewise
CRAWLS = """
    SELECT crawl, min(first), max(last), json_group_array(portal), sum(number) FROM (
        SELECT crawl, portal, min(at) AS first, max(at) AS last, count(*) AS number
        FROM captures GROUP BY crawl, portal
    ) GROUP BY crawl ORDER BY 2, 1
"""
DAYS = """
    SELECT max(max(at)) OVER (PARTITION BY substr(at, 1, 10)), portal
    FROM captures WHERE crawl = ? GROUP BY substr(at, 1, 10), portal ORDER BY 1, 2
"""
SPAN = "SELECT min(at), max(at) FROM captures WHERE crawl = ?"
PORTALS = "SELECT portal, count(*), max(at) FROM captures GROUP BY portal"
# An extra sort key would not do: the lines must be in the order of their bytes, key and all.
LINES = f"SELECT DISTINCT cdxj({', '.join(NAMES)}) AS line FROM captures ORDER BY line"  # noqa: S608


def opened(path: Path) -> sqlite3.Connection:
    """The database, made when there is none; only read where nobody may write, as on a disc.

    Raises sqlite3.Error, OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    writable = os.access(path.parent, os.W_OK)
    where = path.absolute().as_uri()
    if not writable:
        path.stat()
        where += "?mode=ro" if path.with_name(path.name + "-wal").exists() else "?immutable=1"
    db = sqlite3.connect(where, timeout=60, isolation_level=None, check_same_thread=False, uri=True)
    try:
        with held(path.parent):  # one process at a time makes the tables
            if writable:
                db.execute("PRAGMA journal_mode = WAL")
                db.execute("PRAGMA synchronous = NORMAL")
                if not _version(db):
                    create(db)
            outdated(db)  # or it is no database
    except sqlite3.Error:
        db.close()
        raise
    return db


def outdated(db: sqlite3.Connection) -> bool:
    """Whether it is of another version."""
    return _version(db) != VERSION


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def failure(path: Path, error: Exception) -> ArchiveError:
    """Say what went wrong with the database, and what to do about it."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
    advice = DISK if isinstance(error, OSError) else ADVICE.get(code, REBUILD)
    return ArchiveError(path, str(error), advice)


def create(db: sqlite3.Connection) -> None:
    """Make the tables."""
    for statement in SCHEMA:
        db.execute(statement)


@contextmanager
def transaction(db: sqlite3.Connection, kind: str = "IMMEDIATE") -> Iterator[None]:
    """Do everything inside, or nothing."""
    db.execute(f"BEGIN {kind}")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def lines(db: sqlite3.Connection, store: Path) -> Iterator[bytes]:
    """Yield the CDXJ lines of what lies in files that are there under their own names, sorted.

    SQLite sorts them, on disk where they are many.
    """
    sealed = lru_cache(1000)(lambda file: (store / file).exists())

    def line(*values: Any) -> bytes | None:
        found = Capture(*values)
        return (cdxj.line(found) or None) if sealed(found.file) else None

    db.create_function("cdxj", len(NAMES), line)
    return (found for (found,) in db.execute(LINES) if found)


def row(capture: Capture) -> tuple[str | int | None, ...]:
    """Return the values of all columns."""
    return (*(getattr(capture, name) for name in NAMES), surt(capture.url))
