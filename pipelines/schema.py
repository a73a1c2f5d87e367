"""The catalogue's tables and what their rows are made of. All of it can be derived again.

No column holds a counter or a clock: ids are UUIDs of what they identify, times are the captures'.
`figures` and `checks` repeat what `documents.body` says, for queries; exports read the body.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, MetaData, Table, Text, event, func

from pipelines.disk import refused_by_disk
from pipelines.settled import uncounted

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection, Engine

    from crawler.items import Issue, Page

Row = dict[str, Any]
CAPTURE = ("at", "file", "offset", "record_id", "payload_sha256", "parser")
DIGESTS = ("text_sha256", "figures_sha256")

metadata = MetaData()
# Text sorts by code point in every database.
TEXT = Text().with_variant(Text(collation="C"), "postgresql")


def _keys(*names: str) -> list[Column[Any]]:
    return [Column(name, TEXT, primary_key=True) for name in names]


def _texts(*names: str) -> list[Column[Any]]:
    return [Column(name, TEXT, nullable=False) for name in names]


def _capture() -> list[Column[Any]]:
    offset: Column[Any] = Column("offset", Integer, nullable=False)
    return [*_texts(*(name for name in CAPTURE if name != "offset")), offset]


def _of_document() -> list[Column[Any]]:
    document = ForeignKey("documents.id", ondelete="CASCADE")
    return [
        Column("document_id", TEXT, document, primary_key=True),
        Column("ordinal", Integer, primary_key=True),
    ]


documents = Table(
    "documents",
    metadata,
    *_keys("id"),
    *_texts("portal", "url", "class", *DIGESTS, "capture_url"),
    Column("ordinal", Integer, nullable=False),  # its place on the page
    Column("organ", TEXT),
    Column("year", Integer),
    Column("title", TEXT),
    Column("published_at", TEXT),
    *_capture(),
    *_texts("body"),  # the contract's JSON without `id` and `capture`
    Index("documents_portal", "portal", "class", "year"),
    Index("documents_url", "url"),
)
figures = Table(
    "figures",
    metadata,
    *_of_document(),
    *_texts("key", "status", "where"),  # `where` is JSON
    *(Column(name, TEXT) for name in ("unit", "approx", "raw")),
    *(Column(name, Float) for name in ("value", "value_yuan")),
    Index("figures_key", "key"),
)
checks = Table("checks", metadata, *_of_document(), *_texts("check", "result", "severity", "says"))
# One row an issue and crawl that met it; `id` is the same in every crawl.
issues = Table("issues", metadata, *_keys("id", "crawl"), *_texts("portal", "url", "code", "says"))
# What was last read at an address, and by which parser.
pages = Table("pages", metadata, *_keys("url"), *_texts("portal"), *_capture())
# One row each time a document appeared, changed or went, and the capture that showed it.
versions = Table(
    "versions",
    metadata,
    *_keys("id"),
    *_texts("document_id", "event", "portal", "url", *DIGESTS),  # event: new, changed, gone
    Column("year", Integer),
    *_capture(),
    Index("versions_document", "document_id", "at"),
    Index("versions_url", "url"),
)

_by = documents.c
ORDER = (_by.portal, _by["class"], func.coalesce(_by.year, 0), _by.url, _by.ordinal, _by.id)


@dataclass(frozen=True, slots=True)
class Put:
    """What became of the documents of one page."""

    new: int
    changed: int
    unchanged: int


def prepare_sqlite(engine: Engine) -> None:
    """The one place that knows SQLite: WAL, waiting for locks, foreign keys, early write locks."""

    @event.listens_for(engine, "connect")
    def _connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # no BEGIN but ours
        connection.execute("PRAGMA busy_timeout = 60000")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA journal_mode = WAL")

    event.listen(engine, "handle_error", refused_by_disk)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A transaction that reads first and then writes cannot wait for its turn.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def identified(url: str, found: Iterable[Mapping[str, Any]]) -> list[Row]:
    """The documents of one page with their ids, which are the same in every crawl."""
    equals: Counter[tuple[Any, ...]] = Counter()
    out: list[Row] = []
    for document in found:
        what = (document["class"], document["organ"], document["year"])
        out.append({"id": _id(url, *what, equals[what]), **document})
        equals[what] += 1
    return out


def page_row(page: Page, parser: str) -> Row:
    """A row of `pages`."""
    assert page.capture is not None
    return {"portal": page.portal, **asdict(page.capture), "url": page.url, "parser": parser}


def document_rows(page: Page, found: Iterable[Mapping[str, Any]], parser: str) -> list[Row]:
    """Rows of `documents`, in the order of the page."""
    read = page_row(page, parser)
    return [
        {
            **read,
            "id": document.pop("id"),
            "ordinal": ordinal,
            "capture_url": page.capture.url if page.capture else "",
            **{
                name: document[name] for name in ("class", "organ", "year", "title", "published_at")
            },
            "text_sha256": _sha256(uncounted(document["text"])),
            "figures_sha256": _sha256(as_json([{**f, "where": 0} for f in document["figures"]])),
            "body": as_json(document),
        }
        for ordinal, document in enumerate(identified(page.url, found))
    ]


def contract(row: Row) -> Row:
    """A row of `documents` as the JSON that others read."""
    capture = {"url": row["capture_url"], **{name: row[name] for name in CAPTURE}}
    names = ("id", "portal", "url")
    return {**{name: row[name] for name in names}, **json.loads(row["body"]), "capture": capture}


def children(row: Row) -> tuple[list[Row], list[Row]]:
    """The rows of `figures` and of `checks` that a row of `documents` implies."""
    body = json.loads(row["body"])
    shared = [
        [
            {"document_id": row["id"], "ordinal": ordinal, **part}
            for ordinal, part in enumerate(parts)
        ]
        for parts in (body["figures"], body["checks"])
    ]
    # Only figures of money have `value_yuan`.
    figures = [{"value_yuan": None, **part, "where": as_json(part["where"])} for part in shared[0]]
    return figures, [{**part, "check": part["id"]} for part in shared[1]]


def same(old: Row, row: Row) -> bool:
    """True if text and figures are what they were."""
    return all(old[name] == row[name] for name in DIGESTS)


def merged(old: Row | None, row: Row) -> Row:
    """The row to hold: with the first capture as long as text and figures are the same."""
    if old is None or not same(old, row):
        return row
    if old["parser"] == row["parser"]:
        return {**old, "ordinal": row["ordinal"]}
    first = {name: old[name] for name in (*CAPTURE, "capture_url")}
    return {**row, **first, "parser": row["parser"]}


def version_row(what: str, row: Row, read: Row) -> Row:
    """What happened to the document of `row`, and the reading (a row of `pages`) that showed it."""
    kept = ("portal", "url", "year", *DIGESTS)
    version = {"document_id": row["id"], "event": what, **{name: row[name] for name in kept}}
    version |= {name: read[name] for name in CAPTURE}
    return {"id": _id(*version.values()), **version}


def issue_row(crawl: str, portal: str, issue: Issue) -> Row:
    """A row of `issues`."""
    id_ = _id(issue.code, portal, issue.url, issue.says)
    return {"id": id_, "crawl": crawl, "portal": portal, **asdict(issue)}


def as_json(value: object) -> str:
    """Compact JSON, in the order that `value` has."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _id(*parts: object) -> str:
    return str(uuid5(NAMESPACE_URL, as_json(parts)))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
