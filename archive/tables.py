"""The index in SQL. The only strings put together here are names of columns."""

from __future__ import annotations

from dataclasses import fields

from archive.capture import Capture
from archive.surt import surt

VERSION = 1

NAMES = [field.name for field in fields(Capture)]
COLUMNS = ", ".join([*NAMES, "urlkey"])
MARKS = ", ".join("?" * (len(NAMES) + 1))
EXCLUDED = ", ".join(f"excluded.{name}" for name in [*NAMES, "urlkey"])

TABLE = f"({COLUMNS}, UNIQUE (record_id))"
PAYLOADS = "CREATE INDEX IF NOT EXISTS payloads ON captures (payload_sha256, portal)"
SCHEMA = (
    f"CREATE TABLE IF NOT EXISTS captures {TABLE}",
    "CREATE INDEX IF NOT EXISTS identity ON captures (url, method, body_sha256, at)",
    "CREATE INDEX IF NOT EXISTS time ON captures (at, url, record_id)",
    "CREATE INDEX IF NOT EXISTS portals ON captures (portal, at, url, record_id)",
    "CREATE INDEX IF NOT EXISTS crawls ON captures (crawl, portal, at)",
    "CREATE INDEX IF NOT EXISTS keys ON captures (urlkey, at)",
    PAYLOADS,
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
REPLACE = f"INSERT OR REPLACE INTO captures ({COLUMNS}) SELECT {COLUMNS} FROM temp.fresh"  # noqa: S608 - likewise
SELECT = f"SELECT {', '.join(NAMES)} FROM captures"  # noqa: S608 - likewise
CRAWLS = """
    SELECT crawl, min(first), max(last), json_group_array(portal), sum(number) FROM (
        SELECT crawl, portal, min(at) AS first, max(at) AS last, count(*) AS number
        FROM captures GROUP BY crawl, portal
    ) GROUP BY crawl ORDER BY 2, 1
"""
PORTALS = "SELECT portal, count(*), max(at) FROM captures GROUP BY portal"


def row(capture: Capture) -> tuple[str | int | None, ...]:
    """Return the values of all columns."""
    return (*(getattr(capture, name) for name in NAMES), surt(capture.url))
