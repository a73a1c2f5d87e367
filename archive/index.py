"""Which captures there are: SQLite beside the WARC files, rebuilt from them at will.

Several processes may read and write it at once; within a process, threads may share an Index.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from archive import tables
from archive.capture import Capture, Crawl, Rebuilt
from archive.disk import held
from archive.errors import ArchiveError
from archive.foreign_again import every_capture, every_file
from archive.openfile import OPEN
from archive.record import target_uri
from archive.scan import opened_for_reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["Capture", "Crawl", "Index", "Rebuilt"]
PAGE = 500
REBUILD = "run `gongkai archive index`; the WARC files hold everything it needs"


class Index:
    """The captures of a store. Raises ArchiveError when the database cannot be used."""

    def __init__(self, store: Path) -> None:
        self.store = store
        self.path = store / "index" / "captures.sqlite"
        self._lock = threading.RLock()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(
                self.path, timeout=60, isolation_level=None, check_same_thread=False
            )
        except (sqlite3.Error, OSError) as error:
            raise self._failure(error) from error
        try:
            self._prepare()
        except sqlite3.Error as error:
            self._db.close()
            raise self._failure(error) from error

    def __enter__(self) -> Self:
        """Use the index as a context: leaving it closes the database."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the database."""
        self.close()

    def close(self) -> None:
        """Close the database. May be called twice."""
        self._db.close()

    def add(self, captures: Iterable[Capture]) -> None:
        """Add captures in one transaction; those already there change nothing."""
        rows = [tables.row(one) for one in captures]
        with self._change():
            self._usable()
            self._db.executemany(tables.ADD_CAPTURE, rows)

    def find(
        self,
        url: str,
        method: str = "GET",
        body_sha256: str = "",
        *,
        as_of: str | None = None,
        crawl: str | None = None,
        failed: bool = False,
    ) -> Capture | None:
        """Return the newest capture of exactly this request, not later than `as_of`.

        `as_of` is a time as in `Capture.at`, or its beginning: `2013` and `2013-05-01` mean the
        end of that year and day. Exchanges without a response count only when `failed` is set.
        """
        where = ["url = ?", "method = ?", "body_sha256 = ?"]
        values = [target_uri(url), method, body_sha256]
        if as_of is not None:
            where.append("at <= ?")
            values.append(as_of if as_of.endswith("Z") else as_of + "~")
        if crawl is not None:
            where.append("crawl = ?")
            values.append(crawl)
        if not failed:
            where.append("record_type <> 'metadata'")
        order = "ORDER BY at DESC, record_id DESC LIMIT 1"
        rows = self.select(f"WHERE {' AND '.join(where)} {order}", values)
        return rows[0] if rows else None

    def get(self, record_id: str) -> Capture | None:
        """Return the capture with this record id."""
        return next(iter(self.select("WHERE record_id = ?", [record_id])), None)

    def captures(
        self,
        *,
        portal: str | None = None,
        crawl: str | None = None,
        url_prefix: str | None = None,
        limit: int | None = None,
    ) -> Iterator[Capture]:
        """Yield captures in the order of (at, url), as many as there are or `limit`.

        Reads in pages, so it holds no transaction and sees what is added behind its back.
        """
        where = ["(at, url, record_id) > (?, ?, ?)"]
        values: list[str] = []
        for column, value in (("portal", portal), ("crawl", crawl)):
            if value is not None:
                where.append(f"{column} = ?")
                values.append(value)
        if url_prefix is not None:
            where.append("url >= ? AND url < ?")
            values += [url_prefix, url_prefix + "\U0010ffff"]
        place, left = ["", "", ""], -1 if limit is None else limit
        tail = f"WHERE {' AND '.join(where)} ORDER BY at, url, record_id LIMIT "
        while left:
            size = PAGE if left < 0 else min(PAGE, left)
            page = self.select(tail + str(size), place + values)
            yield from page
            if len(page) < size:
                return
            place = [page[-1].at, page[-1].url, page[-1].record_id]
            left -= size if left > 0 else 0

    def crawls(self) -> list[Crawl]:
        """Return the crawls in the order in which they began."""
        with self._reading():
            self._usable()
            rows = self._db.execute(tables.CRAWLS).fetchall()
        return [
            Crawl(name, first, last, tuple(sorted(json.loads(portals))), count)
            for name, first, last, portals, count in rows
        ]

    def portals(self) -> dict[str, tuple[int, str]]:
        """Return how many captures each portal has, and when its last one was made."""
        with self._reading():
            self._usable()
            rows = self._db.execute(tables.PORTALS).fetchall()
        return {portal: (count, last) for portal, count, last in rows}

    def rebuild(self) -> Rebuilt:
        """Make the index anew from the WARC files, sealed and open, and from what was imported.

        What others add meanwhile stays. What a damaged file holds before the damage counts.
        """
        with self._reading():
            last = self._last()
            self._db.execute("DROP TABLE IF EXISTS temp.fresh")
            self._db.execute(tables.FRESH)
            files = every_file(self.store)
            problems = [f"{name}: {why}" for path, name in files if (why := self._read(path, name))]
            with self._change():
                count = self._replace(last)
        return Rebuilt(len(files), count, tuple(problems))

    def _replace(self, last: int) -> int:
        """Put what was read in the place of all rows up to `last`; returns how many rows."""
        if self._outdated:
            self._db.execute("DROP TABLE IF EXISTS captures")
            self._create()
        self._db.execute("DELETE FROM captures WHERE rowid <= ?", (last,))
        count = self._db.execute(tables.REPLACE).rowcount
        self._db.execute("DROP TABLE temp.fresh")
        return count

    def _read(self, path: Path, name: str) -> str:
        """Take in one file, passing over damage; returns what is wrong with it."""
        problems: list[str] = []
        with opened_for_reading(path) as file:
            self._db.execute("BEGIN")
            found = map(tables.row, every_capture(self.store, file, name, problems))
            self._db.executemany(tables.ADD_FRESH, found)
            self._db.execute("COMMIT")
            writing = file.name.endswith(OPEN) and len(problems) == 1
        return "" if writing else "; ".join(problems)

    def _last(self) -> int:
        """Return the highest row number there is."""
        if self._outdated:
            return 0
        return int(self._db.execute("SELECT max(rowid) FROM captures").fetchone()[0] or 0)

    def select(self, tail: str, values: list[str]) -> list[Capture]:
        """Return captures by a piece of SQL: for this folder, see `tables`."""
        with self._reading():
            self._usable()
            rows = self._db.execute(f"{tables.SELECT} {tail}", values).fetchall()
        return [Capture(*found) for found in rows]

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Hold the connection; turn SQLite's errors into ours."""
        with self._lock:
            try:
                yield
            except sqlite3.Error as error:
                raise self._failure(error) from error

    @contextmanager
    def _change(self) -> Iterator[None]:
        """Do everything inside, or nothing."""
        with self._reading():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def _prepare(self) -> None:
        """Make the tables, one process at a time."""
        with held(self.path.parent):
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            self._outdated = version not in (0, tables.VERSION)
            if not version:
                self._create()
            elif not self._outdated:
                self._db.execute(tables.PAYLOADS)

    def _create(self) -> None:
        for statement in tables.SCHEMA:
            self._db.execute(statement)
        self._outdated = False

    def _usable(self) -> None:
        if self._outdated:
            raise ArchiveError(self.path, "was made by another version", REBUILD)

    def _failure(self, error: Exception) -> ArchiveError:
        return ArchiveError(self.path, str(error), REBUILD)
