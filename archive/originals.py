"""Which earlier captures a new exchange may be measured against. Policy is the crawler's.

Everything in the index is durable: nobody adds a capture before its file is on disk. Only our own
files count: what was imported says what somebody else was given, and may be taken out again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.openfile import opened
from archive.record import target_uri
from archive.tables import ORIGINAL

if TYPE_CHECKING:
    from archive.capture import Capture
    from archive.index import Index

SEVERAL = 20  # files of early years may lie elsewhere; commonly there is one response
OURS = "portal = ? AND file NOT LIKE 'import/%'"
# Left to choose, SQLite would rather read all captures of the portal in order.
PAYLOAD = (
    f"INDEXED BY originals WHERE payload_sha256 = ? AND {OURS} AND {ORIGINAL}"
    f" ORDER BY at LIMIT {SEVERAL}"
)
PAGE = (
    f"WHERE url = ? AND {OURS} AND method = 'GET' AND body_sha256 = '' AND status = 200"
    " AND truncated IS NULL AND record_type IN ('response', 'revisit') ORDER BY at DESC LIMIT 1"
)


def with_payload(index: Index, portal: str, payload_sha256: str) -> Capture | None:
    """The first whole response of a portal with this payload whose file is still there.

    Never a revisit: a revisit of a revisit would be lost with the one in between.
    """
    return _there(index, index.select(PAYLOAD, [payload_sha256, portal]))


def newest_page(index: Index, portal: str, url: str) -> Capture | None:
    """The newest answer of status 200 to a GET of exactly this address, revisits included."""
    return _there(index, index.select(PAGE, [target_uri(url), portal]))


def original_of(index: Index, capture: Capture) -> Capture | None:
    """The response a capture stands for: itself, unless it is a revisit."""
    if capture.record_type == "response":
        return capture
    found = index.get(capture.refers_to or "")
    return _there(index, [found] if found and found.record_type == "response" else [])


def _there(index: Index, found: list[Capture]) -> Capture | None:
    """Not what only the index remembers: a file may have been moved away."""
    for one in found:
        path = index.store / one.file
        if path.exists() or opened(path).exists():
            return one
    return None
