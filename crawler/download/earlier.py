"""What earlier crawls kept: what a server need not send again, and what need not be kept twice."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from archive import ArchiveError, read, timestamp
from archive.http import entity_body, is_chunked
from archive.originals import newest_page, original_of, with_payload
from archive.record import target_uri
from crawler.items import Kind

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scrapy import Request

    from archive import Capture, Exchange, Index, Stored
    from archive.http import Head

SMALLEST = 1000  # bytes of a payload: below that a revisit is as large as what it saves
LARGEST = 16 * 2**20  # bytes of a record that is read back to answer in a server's stead
FRESH = timedelta(days=30)  # some servers answer 304 whatever has changed: ask in full now and then
# A confirmed page is replayed under the head of the response it was first seen in, which may have
# been that of another address: it must be read in the same way.
DECIDING = (b"Content-Type", b"Content-Encoding")
SAYABLE = re.compile(rb"[ !-~\x80-\xff]{1,1000}")
CONDITIONAL = {Kind.SEARCH, Kind.LISTING, Kind.DOCUMENT}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Known:
    """A page we hold: its response, as it was, and the headers that ask whether it still is."""

    original: Capture
    stored: Stored
    validators: tuple[tuple[bytes, bytes], ...]


class Earlier:
    """Reads the archive on behalf of the crawl that is filling it.

    `settle` is told which address or payload is about to be looked for.
    """

    def __init__(self, store: Path, index: Index, settle: Callable[[str], None]) -> None:
        self._store = store
        self._index = index
        self._settle = settle

    def known(self, request: Request) -> Known | None:
        """The page that a server may confirm by 304; None when it must send what it has."""
        kind, portal = request.meta["link"].kind, str(request.meta["portal"])
        todays = request.meta.keys() & {"rendered", "cookies"}  # a script's, or a visitor's state
        if todays or kind not in CONDITIONAL or request.method != "GET" or request.body:
            return None
        self._settle(target_uri(request.url))
        newest = newest_page(self._index, portal, request.url)
        if newest is None or newest.at < timestamp(datetime.now(UTC) - FRESH):
            return None
        original = original_of(self._index, newest)
        if original is None or max(newest.length, original.length) > LARGEST:
            return None
        try:
            latest = read(self._store, newest)
            stored = latest if original is newest else read(self._store, original)
        except ArchiveError as error:
            log.warning("%s is fetched in full: %s", request.url, error.problem)
            return None
        head, first = latest.received.head, stored.received.head
        if head is None or first is None or any(head.all(n) != first.all(n) for n in DECIDING):
            return None
        validators = _validators(head)
        return Known(original, stored, validators) if validators else None

    def same(self, portal: str, exchange: Exchange) -> Capture | None:
        """The response that this one repeats byte for byte, if a revisit may stand for it."""
        received = exchange.received
        head = received.head
        if exchange.truncated or head is None or head.status != 200:
            return None
        if received.body_size < SMALLEST or not _reads_alike(head, received.start):
            return None
        payload = received.payload_sha256
        self._settle(payload)
        return with_payload(self._index, portal, payload)


def _validators(head: Head) -> tuple[tuple[bytes, bytes], ...]:
    asked = ((b"If-None-Match", b"ETag"), (b"If-Modified-Since", b"Last-Modified"))
    said = ((name, head.get(header) or b"") for name, header in asked)
    return tuple((name, value) for name, value in said if SAYABLE.fullmatch(value))


def _reads_alike(head: Head, start: bytes) -> bool:
    """Whether the payload can stand under this head without the framing it came in.

    The original may have come without chunks. Its bytes under a head that claims chunks are read
    right unless they happen to look like chunks themselves.
    """
    if not is_chunked(head):
        return True
    begin = entity_body(head, start[head.size :])
    return entity_body(head, begin) == begin
