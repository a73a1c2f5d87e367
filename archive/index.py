"""Which captures there are: SQLite beside the WARC files, rebuilt from them at will.

Several processes may read and write it at once; within a process, threads may share an Index.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Self

from archive import tables
from archive.capture import Capture, Crawl, Rebuilt
from archive.errors import ArchiveError
from archive.rebuild import rebuild
from archive.record import target_uri

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["Capture", "Crawl", "Index", "Rebuilt"]
PAGE = 500


class Index:
    """The captures of a store. Raises ArchiveError when the database cannot be used."""

    def __init__(self, store: Path) -> None:
        self.store = store
        self.path = store / "index" / "captures.sqlite"
        self._lock = threading.RLock()
        try:
            self._db = tables.opened(self.path)
            self._outdated = tables.outdated(self._db)
        except (sqlite3.Error, OSError) as error:
            raise tables.failure(self.path, error) from error

    @classmethod
    def mended(cls, store: Path) -> Self:
        """Open the index, a new one where what is there is damaged; that is kept as `.damaged`."""
        path = store / "index" / "captures.sqlite"
        try:
            with cls(store) as index, index._reading():
                found = index._db.execute("PRAGMA quick_check(1)").fetchone()[0]
        except ArchiveError as error:
            # Its subclasses speak of the moment: locked, unreadable, no room.
            if type(error.__cause__) is not sqlite3.DatabaseError:
                raise
            found = str(error)
        if found != "ok":
            for ending in ("", "-wal", "-shm"):
                part = path.with_name(path.name + ending)
                if part.exists():
                    part.replace(part.with_name(part.name + ".damaged"))
        return cls(store)

    def __enter__(self) -> Self:
        """Use the index as a context: leaving it closes the database."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the database."""
        self.close()

    def close(self) -> None:
        """Close the database, once nobody reads it. May be called twice."""
        with self._lock:  # SQLite crashes when it is closed under a query of another thread
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
        failed: bool = False,
    ) -> Capture | None:
        """Return the newest capture of exactly this request, not later than `as_of`.

        `as_of` is a time as in `Capture.at`, or its beginning: `2013` and `2013-05-01` mean the
        end of that year and day. Exchanges without a response count only when `failed` is set. Of
        captures of one moment (others keep whole seconds) the one further on in its file is newer.
        """
        where = ["url = ?", "method = ?", "body_sha256 = ?"]
        values = [target_uri(url), method, body_sha256]
        if as_of is not None:
            where.append("at <= ?")
            values.append(as_of if as_of.endswith("Z") else as_of + "~")
        if not failed:
            where.append("record_type <> 'metadata'")
        order = "ORDER BY at DESC, file DESC, offset DESC LIMIT 1"
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
        limit: int | None = None,
    ) -> Iterator[Capture]:
        """Yield captures in the order of (at, url), as many as there are or `limit`.

        Reads in pages, so it holds no transaction and sees what is added behind its back.
        """
        where = ["(at, url, record_id) > (?, ?, ?)"]
        values: list[str] = []
        place, by = ["", "", ""], ""
        if crawl is not None and portal is None:  # SQLite would sort the whole crawl for each page
            by = "INDEXED BY time "
            place[0], last = self._span(crawl)
            where.append("at <= ?")
            values.append(last)
        for column, value in (("portal", portal), ("crawl", crawl)):
            if value is not None:
                where.append(f"{column} = ?")
                values.append(value)
        left = -1 if limit is None else limit
        tail = f"{by}WHERE {' AND '.join(where)} ORDER BY at, url, record_id LIMIT "
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

    def days(self, crawl: str) -> list[tuple[str, str]]:
        """Return when each day of a crawl had its last capture, once for each of its portals."""
        with self._reading():
            self._usable()
            return list(self._db.execute(tables.DAYS, (crawl,)))

    def portals(self) -> dict[str, tuple[int, str]]:
        """Return how many captures each portal has, and when its last one was made."""
        with self._reading():
            self._usable()
            rows = self._db.execute(tables.PORTALS).fetchall()
        return {portal: (count, last) for portal, count, last in rows}

    def rebuild(self) -> Rebuilt:
        """Make the index anew from the sealed WARC files and from what was imported.

        Of files still open it keeps what it knows, since only those who write them know what was
        acknowledged. What others add meanwhile stays. What a damaged file holds before the damage
        counts.
        """
        with self._reading():
            return rebuild(self.store, self._db)

    def lines(self) -> Iterator[bytes]:
        """Yield the CDXJ lines of everything that lies in sealed files, sorted by their bytes."""
        self._usable()
        try:
            with closing(
                sqlite3.connect(f"{self.path.absolute().as_uri()}?mode=ro", uri=True)
            ) as db:
                yield from tables.lines(db, self.store)
        except sqlite3.Error as error:
            raise tables.failure(self.path, error) from error

    def select(self, tail: str, values: list[str]) -> list[Capture]:
        """Return captures by a piece of SQL: for this folder, see `tables`."""
        with self._reading():
            self._usable()
            rows = self._db.execute(f"{tables.SELECT} {tail}", values).fetchall()
        return [Capture(*found) for found in rows]

    def _span(self, crawl: str) -> tuple[str, str]:
        """When a crawl had its first and its last capture."""
        with self._reading():
            self._usable()
            first, last = self._db.execute(tables.SPAN, (crawl,)).fetchone()
        return first or "", last or ""

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Hold the connection; turn SQLite's errors into ours."""
        with self._lock:
            try:
                yield
            except sqlite3.Error as error:
                raise tables.failure(self.path, error) from error

    @contextmanager
    def _change(self) -> Iterator[None]:
        """Do everything inside, or nothing."""
        with self._reading(), tables.transaction(self._db):
            yield

    def _usable(self) -> None:
        self._outdated = self._outdated and tables.outdated(self._db)
        if self._outdated:
            raise ArchiveError(self.path, "was made by another version", tables.REBUILD)
