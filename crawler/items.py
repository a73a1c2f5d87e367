"""The words everyone shares: what spiders say, and what the pipelines hand on.

Everything here is plain data without behaviour beyond its own consistency, so that it can travel
between machines (`Link`) and between rooms that may not import each other (`Document`, `Page`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

SETTLED = object()
"""Scrapy signal, sent once a lease is settled: `visit`, a `Visit`."""


class Kind(StrEnum):
    """What a link leads to; `Portal.crawl_<kind>` reads the answer."""

    ROBOTS = "robots"
    SEARCH = "search"
    LISTING = "listing"
    DOCUMENT = "document"
    ATTACHMENT = "attachment"


@dataclass(frozen=True, slots=True)
class Link:
    """A URL worth fetching and why. Strings only: it is stored as JSON, never pickled."""

    url: str
    kind: Kind = Kind.DOCUMENT
    section: str = ""  # annual_report, guide; "" where it does not matter
    title: str = ""  # as the listing prints it
    date: str = ""  # as the listing prints it
    parent: str = ""  # the page that links here
    body: str = ""  # sent by POST when not empty: JSON if it begins with "{", else a form
    rendered: bool = False  # the page is what its scripts make of it
    agenda: str = ""  # of a search: what it has still to look at, and for what


@dataclass(frozen=True, slots=True)
class Expect:
    """What a portal should yield, compared after every run. Ranges are inclusive (min, max)."""

    reports: tuple[int, int] | None = None
    guides: tuple[int, int] | None = None
    since: int | None = None  # first report year the portal still shows


@dataclass(frozen=True, slots=True)
class Capture:
    """Where the bytes of one exchange lie in the archive.

    `at` is when the request was sent (RFC 3339, UTC, microseconds), `file` is relative to the
    store, `offset` counts bytes in that file, `payload_sha256` is the lower-case hex digest of the
    entity body (transfer framing removed, content coding kept).
    """

    url: str
    at: str
    file: str
    offset: int
    record_id: str
    payload_sha256: str


class Receipt(Protocol):
    """What the downloader leaves in `request.meta["receipt"]` for whoever settles the lease.

    `capture` is None when nothing came back. The lease may be acknowledged only after `durable`,
    and the capture becomes findable only by `publish`, after the acknowledgement has won.
    """

    @property
    def capture(self) -> Capture | None: ...
    @property
    def ended(self) -> float:
        """When the exchange ended, on the clock of `time.monotonic`."""

    async def durable(self) -> None: ...
    def publish(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Issue:
    """Something a person should look at: `code` for machines, `says` for people."""

    code: str
    says: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Visit:
    """One settled lease: what was asked, how it went, what someone should look at."""

    portal: str
    link: Link
    verdict: str  # done, gone, skipped, failed, retry, stale
    status: int  # of the HTTP answer, 0 if none came
    elapsed_ms: int
    capture: Capture | None
    issues: tuple[Issue, ...]
    worker: str = ""
    group: str = ""  # the politeness group
    attempt: int = 0  # fetches of it that failed before this one
    size: int = 0  # bytes of the answer's body
    code: str = ""  # of the issue that it is not done for
    egress: str = ""  # the way by which it was asked
    outcome: str = ""  # how far the server was reached; "" where it was not asked


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that a document links to. Captured like any page; read by the pipelines."""

    portal: str
    section: str
    url: str
    parent: str  # the page that links to it
    capture: Capture
    body: bytes | None = None  # None: too large to be handed on, it is in the archive
    title: str = ""  # the words of the link
    date: str = ""  # from the listing, "" if none


@dataclass(frozen=True, slots=True)
class Document:
    """A page that may hold reports or guides, as a spider found it, not yet read."""

    portal: str
    section: str
    url: str
    html: str  # decoded page, whole
    article: str  # the family's article region as HTML; "" where no landmark matched
    title: str  # from the listing, "" if none
    date: str  # from the listing, "" if none
    meta: Mapping[str, str]  # <meta name=… content=…> plus "title" (the <title> element)
    attachments: tuple[str, ...]  # absolute URLs
    capture: Capture
    charset: Mapping[str, object] | None = None  # what it was decoded by, and why; None: no bytes


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of an expanded grid. `origin` marks the top-left of a merged cell's copies."""

    text: str
    origin: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """A table as a rectangular grid: merged cells repeated, rows all of one length."""

    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, or one table, in reading order."""

    text: str = ""
    table: Table | None = None
    heading: int = 0  # 1–6 for <h1>–<h6>, 0 otherwise


@dataclass(frozen=True, slots=True)
class Part:
    """A file as the parser reads it: the attachment itself, or one member of an archive."""

    kind: str  # pdf, docx …
    blocks: tuple[Block, ...]
    name: str = ""  # its path inside the archive
    seen: bool = False  # read from pictures by OCR, at least in part


@dataclass(frozen=True, slots=True)
class Page:
    """What the parser reads: clean blocks of one page and what is known about it from outside."""

    blocks: tuple[Block, ...]
    url: str = ""
    section: str = ""
    title: str = ""  # from the listing
    date: str = ""  # from the listing
    meta: Mapping[str, str] = field(default_factory=dict)
    attachments: tuple[str, ...] = ()
    portal: str = ""
    capture: Capture | None = None
    issues: tuple[Issue, ...] = ()
    parent: str = ""  # of an attachment: the page that links to it
    parts: tuple[Part, ...] = ()  # of an attachment: its files; `blocks` is empty then
    charset: Mapping[str, object] | None = None  # of a page, as in `Document`
    file: str = ""  # the name of the local file it was read from
