"""What verification must remember across files: in temporary tables, which spill to disk."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, NamedTuple

from archive.capture import Capture
from archive.tables import NAMES, SELECT, VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from archive.verify_record import Seen

BATCH = 2000
NOTHING = (None, None, None)
TABLES = """
    CREATE TEMP TABLE ids (id, type, payload, url, at, file, offset);
    CREATE TEMP TABLE links (id, target, kind, payload, url, at, file, offset);
    CREATE TEMP TABLE lines (line BLOB);
"""
COPY = f"CREATE TEMP TABLE rows AS {SELECT}"
ROWS = f"SELECT {', '.join(NAMES)} FROM temp.rows ORDER BY file, offset"  # noqa: S608 - columns
TWICE = """
    SELECT id, file, offset, first_file, first_offset FROM (
        SELECT id, file, offset, row_number() OVER same AS number,
            first_value(file) OVER same AS first_file,
            first_value(offset) OVER same AS first_offset
        FROM temp.ids WHERE id <> '' WINDOW same AS (PARTITION BY id ORDER BY file, offset)
    ) WHERE number > 1 ORDER BY file, offset
"""
LINKS = """
    SELECT links.id, target, kind, links.file, links.offset, ids.type,
        coalesce(links.payload = ids.payload, 1) AND coalesce(links.url = ids.url, 1)
            AND coalesce(substr(links.at, 1, 19) = substr(ids.at, 1, 19), 1)
    FROM temp.links AS links LEFT JOIN temp.ids AS ids ON ids.id = target
    WHERE type IS NULL OR kind = 'revisit'
    GROUP BY links.rowid ORDER BY links.file, links.offset
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
    """Ids, links and index rows. Never writes to the index. Raises sqlite3.Error as it comes."""

    def __init__(self, index: Path | None = None) -> None:
        where = f"{index.absolute().as_uri()}?mode=ro" if index else ""
        self.db = sqlite3.connect(where, uri=True, timeout=60, isolation_level=None)
        self._ids: list[tuple[object, ...]] = []
        self._links: list[tuple[object, ...]] = []
        self._lines: list[tuple[bytes]] = []
        try:
            self.db.executescript(TABLES)
        except sqlite3.Error:
            self.db.close()
            raise

    def check(self, *, deep: bool) -> str:
        """Return what is wrong with the database itself, "" when nothing is."""
        version = self.db.execute("PRAGMA user_version").fetchone()[0]
        if version != VERSION:
            return f"it was made by another version ({version})"
        found = self.db.execute("PRAGMA quick_check(1)").fetchone()[0] if deep else "ok"
        return "" if found == "ok" else str(found)

    def rows(self, names: Sequence[str] | None) -> Iterator[Capture]:
        """Copy what the index says now, of all files or of these; yield it by file and offset."""
        if names is None:
            self.db.execute(COPY)
        else:
            marks = ", ".join("?" * len(names))
            self.db.execute(f"{COPY} WHERE file IN ({marks})", names)
        return (Capture(*row) for row in self.db.execute(ROWS))

    def place(self, record_id: str) -> tuple[str, int] | None:
        """Where the index, as it is at this moment, says a record is."""
        query = "SELECT file, offset FROM captures WHERE record_id = ?"
        found = self.db.execute(query, (record_id,)).fetchone()
        return (found[0], found[1]) if found else None

    def add(self, one: Seen, file: str) -> None:
        """Remember a record and whom it names."""
        record = one.record
        said, name, kind, offset = record.first, record.id, record.type, record.offset
        digest = said.get("warc-payload-digest", "").lower() or None
        facts = (digest, said.get("warc-target-uri"), said.get("warc-date"))
        target = kind == "response"  # of other records only the id matters
        self._ids.append((name, kind, *(facts if target else NOTHING), file, offset))
        if kind == "revisit":
            peer = said.get("warc-refers-to", "").strip("<>")
            at = (said.get("warc-refers-to-target-uri"), said.get("warc-refers-to-date"))
            self._links.append((name, peer, "revisit", digest, *at, file, offset))
        if "warc-concurrent-to" in said:
            link = "dom" if kind == "resource" else "beside"
            for peer in record.all("WARC-Concurrent-To"):
                self._links.append((name, peer.strip("<>"), link, *NOTHING, file, offset))
        if len(self._ids) >= BATCH:
            self._flush()

    def add_line(self, line: bytes) -> None:
        """Remember a line that belongs into the sidecar of the file being read."""
        self._lines.append((line,))
        if len(self._lines) >= BATCH:
            self._flush()

    def lines(self) -> Iterator[bytes]:
        """Yield the lines remembered, in order, each once."""
        self._flush()
        query = "SELECT DISTINCT line FROM temp.lines WHERE line <> x'' ORDER BY line"
        return (row[0] for row in self.db.execute(query))

    def forget_lines(self) -> None:
        """Be ready for the next file."""
        self._lines.clear()
        self.db.execute("DELETE FROM temp.lines")

    def twice(self) -> Iterator[Twice]:
        """Yield the records whose id was used before."""
        self._flush()
        return (Twice(*row) for row in self.db.execute(TWICE))

    def links(self) -> Iterator[Link]:
        """Yield every revisit, and every other record whose named neighbour was not seen."""
        self._flush()
        self.db.execute("CREATE INDEX IF NOT EXISTS temp.by_id ON ids (id)")
        return (Link(*row) for row in self.db.execute(LINKS))

    def close(self) -> None:
        """Forget everything."""
        self.db.close()

    def _flush(self) -> None:
        self.db.execute("BEGIN")
        self.db.executemany("INSERT INTO temp.ids VALUES (?, ?, ?, ?, ?, ?, ?)", self._ids)
        self.db.executemany("INSERT INTO temp.links VALUES (?, ?, ?, ?, ?, ?, ?, ?)", self._links)
        self.db.executemany("INSERT INTO temp.lines VALUES (?)", self._lines)
        self.db.execute("COMMIT")
        self._ids.clear()
        self._links.clear()
        self._lines.clear()
