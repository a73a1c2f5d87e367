"""What verification must remember across files: in tables of its own, on disk where they grow."""

from __future__ import annotations

import json
import sqlite3
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from archive.capture import Capture
from archive.tables import NAMES, SELECT, VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from archive.verify_record import Seen

BATCH = 2000
NEAR = 16  # records: most name one that stands beside them
TABLES = """
    CREATE TABLE part.files (number INTEGER PRIMARY KEY, file TEXT);
    CREATE TABLE part.ids (id TEXT, type TEXT, file INTEGER, offset INTEGER);
    CREATE TABLE part.targets (id TEXT, payload TEXT, url TEXT, at TEXT);
    CREATE TABLE part.links (id TEXT, target TEXT, kind TEXT, payload TEXT, url TEXT, at TEXT,
        file INTEGER, offset INTEGER);
    CREATE TABLE part.lines (line BLOB);
"""
INDEX = """
    CREATE INDEX IF NOT EXISTS part.by_id ON ids (id);
    CREATE INDEX IF NOT EXISTS part.by_target ON targets (id);
"""
INSERT = {
    "files": "INSERT INTO part.files VALUES (?, ?)",
    "ids": "INSERT INTO part.ids VALUES (?, ?, ?, ?)",
    "targets": "INSERT INTO part.targets VALUES (?, ?, ?, ?)",
    "links": "INSERT INTO part.links VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    "lines": "INSERT INTO part.lines VALUES (?)",
}
KEPT = ("ids", "targets", "links")
Rows = list[tuple[object, ...]]
ROWS = f"CREATE TABLE told.rows AS {SELECT}"
ONLY = "WHERE file IN (SELECT value FROM json_each(?))"
BY_PLACE = "CREATE INDEX told.by_place ON rows (file, offset)"
OF_FILE = f"SELECT {', '.join(NAMES)} FROM told.rows WHERE file = ? ORDER BY offset"  # noqa: S608
TWICE = """
    SELECT id, file, offset, first_file, first_offset FROM (
        SELECT id, files.file, offset, row_number() OVER same AS number,
            first_value(files.file) OVER same AS first_file,
            first_value(offset) OVER same AS first_offset
        FROM part.ids JOIN part.files ON files.number = ids.file
        WHERE id IN (SELECT id FROM part.ids WHERE id <> '' GROUP BY id HAVING count(*) > 1)
        WINDOW same AS (PARTITION BY id ORDER BY files.file, offset)
    ) WHERE number > 1 ORDER BY file, offset
"""
LINKS = """
    SELECT links.id, target, kind, files.file, links.offset, ids.type,
        coalesce(links.payload = targets.payload, 1) AND coalesce(links.url = targets.url, 1)
            AND coalesce(substr(links.at, 1, 19) = substr(targets.at, 1, 19), 1)
    FROM part.links AS links JOIN part.files ON files.number = links.file
        LEFT JOIN part.ids AS ids ON ids.id = target
        LEFT JOIN part.targets AS targets ON targets.id = target
    WHERE type IS NULL OR kind = 'revisit'
    GROUP BY links.rowid ORDER BY files.file, links.offset
"""


class Twice(NamedTuple):
    """A record whose id was used before."""

    id: str
    file: str
    offset: int
    first_file: str
    first_offset: int


class Link(NamedTuple):
    """A record that names another: its type, None when it was not seen; and whether they agree."""

    id: str
    target: str
    kind: str
    file: str
    offset: int
    type: str | None
    same: int


class Ledger:
    """Ids, links and index rows. Never writes to the index. Raises sqlite3.Error as it comes.

    Several processes may share the work and a folder: one copies the `rows`, each has a `part`.
    """

    def __init__(
        self, index: Path | None = None, folder: Path | None = None, part: str = ""
    ) -> None:
        where = f"{index.absolute().as_uri()}?mode=ro" if index else ":memory:"
        self.db = sqlite3.connect(where, uri=True, timeout=60, isolation_level=None)
        self._waiting: dict[str, Rows] = {table: [] for table in INSERT}
        self._ids, self._targets, self._links = map(self._waiting.__getitem__, KEPT)
        self.indexed = index is not None
        self._file = 0
        self._near: deque[str] = deque(maxlen=NEAR)
        try:
            for name, place in (("told", "rows"), ("part", part)):
                shared = str(folder / place) if folder and place else ""
                self.db.execute(f"ATTACH ? AS {name}", (shared,))
                self.db.execute(f"PRAGMA {name}.journal_mode = OFF")
                self.db.execute(f"PRAGMA {name}.synchronous = OFF")
            self.db.executescript(TABLES)
        except sqlite3.Error:
            self.db.close()
            raise

    def check(self, *, deep: bool) -> str:
        """Return what is wrong with the database itself, "" when nothing is."""
        version = self.db.execute("PRAGMA main.user_version").fetchone()[0]
        if version != VERSION:
            return f"it was made by another version ({version})"
        found = self.db.execute("PRAGMA main.quick_check(1)").fetchone()[0] if deep else "ok"
        return "" if found == "ok" else str(found)

    def copy_rows(self, names: Sequence[str] | None) -> None:
        """Copy what the index says now, of all files or of these; without an index, nothing."""
        self.db.execute("DROP TABLE IF EXISTS told.rows")
        if not self.indexed:
            self.db.execute(f"CREATE TABLE told.rows ({', '.join(NAMES)})")
        elif names is None:
            self.db.execute(ROWS)
        else:
            self.db.execute(f"{ROWS} {ONLY}", (json.dumps(names),))
        self.db.execute(BY_PLACE)

    def files(self) -> list[str]:
        """Return the files that the index names, in order."""
        found = self.db.execute("SELECT DISTINCT file FROM told.rows ORDER BY file")
        return [row[0] for row in found]

    def rows(self, file: str) -> Iterator[Capture]:
        """Yield what the index says of a file, by offset."""
        return (Capture(*row) for row in self.db.execute(OF_FILE, (file,)))

    def place(self, record_id: str) -> tuple[str, int] | None:
        """Where the index, as it is at this moment, says a record is; None without an index."""
        if not self.indexed:
            return None
        query = "SELECT file, offset FROM main.captures WHERE record_id = ?"
        found = self.db.execute(query, (record_id,)).fetchone()
        return (found[0], found[1]) if found else None

    def unknown(self, record_id: str) -> bool:
        """Whether there is an index, and it lacks this record."""
        return self.indexed and self.place(record_id) is None

    def turn_to(self, number: int, file: str) -> None:
        """What is added from here on stands in this file."""
        self._file = number
        self._waiting["files"].append((number, file))

    def add(self, one: Seen) -> None:
        """Remember a record and whom it names."""
        said, name, kind, file, offset = one.first, one.id, one.type, self._file, one.offset
        self._ids.append((name, kind, file, offset))
        if kind == "response":
            payload = said.get("WARC-Payload-Digest", "").lower() or None
            where, when = said.get("WARC-Target-URI"), said.get("WARC-Date")
            self._targets.append((name, payload, where, when))
        elif kind == "revisit":
            payload = said.get("WARC-Payload-Digest", "").lower() or None
            peer = said.get("WARC-Refers-To", "").strip("<>")
            where, when = said.get("WARC-Refers-To-Target-URI"), said.get("WARC-Refers-To-Date")
            self._links.append((name, peer, kind, payload, where, when, file, offset))
        if "WARC-Concurrent-To" in said:
            link = "dom" if kind == "resource" else "beside"
            for named in one.all("WARC-Concurrent-To"):
                peer = named.strip("<>")
                if link == "dom" or peer not in self._near:
                    self._links.append((name, peer, link, None, None, None, file, offset))
        self._near.appendleft(name)
        if len(self._ids) >= BATCH:
            self.flush()

    def add_line(self, line: bytes) -> None:
        """Remember a line that belongs into the sidecar of the file being read."""
        self._waiting["lines"].append((line,))

    def lines(self) -> Iterator[bytes]:
        """Yield the lines remembered, in order, each once."""
        self.flush()
        query = "SELECT DISTINCT line FROM part.lines WHERE line <> x'' ORDER BY line"
        return (row[0] for row in self.db.execute(query))

    def forget_lines(self) -> None:
        """Be ready for the next file."""
        self._waiting["lines"].clear()
        self.db.execute("DELETE FROM part.lines")

    def twice(self) -> Iterator[Twice]:
        """Yield the records whose id was used before."""
        self.flush()
        self.db.executescript(INDEX)
        return (Twice(*row) for row in self.db.execute(TWICE))

    def links(self) -> Iterator[Link]:
        """Yield every revisit, and every other record whose named neighbour was not seen."""
        self.flush()
        self.db.executescript(INDEX)
        return (Link(*row) for row in self.db.execute(LINKS))

    def take_in(self, other: Path) -> None:
        """Add what another process wrote down."""
        self.db.execute("ATTACH ? AS other", (str(other),))
        for table in ("files", *KEPT):
            self.db.execute(f"INSERT INTO part.{table} SELECT * FROM other.{table}")  # noqa: S608
        self.db.execute("DETACH other")

    def close(self) -> None:
        """Forget everything."""
        self.db.close()

    def flush(self) -> None:
        """Write down what waits in memory."""
        self.db.execute("BEGIN")
        for table, rows in self._waiting.items():
            self.db.executemany(INSERT[table], rows)
            rows.clear()
        self.db.execute("COMMIT")
