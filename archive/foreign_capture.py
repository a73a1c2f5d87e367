"""From the exchanges of others to captures."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urlsplit

from archive.build import OWN
from archive.capture import Capture
from archive.dom import URN
from archive.exchange import Message
from archive.foreign import Foreign, digest_of, is_http, named
from archive.foreign_exchange import Outside, Tally, exchanges, records
from archive.http import find_head, is_chunked
from archive.large import Content, opening
from archive.record import EMPTY, media_type, record_id, sha256

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from archive.foreign_frames import Form
    from archive.member import Record

REASONS = ("disconnect", "length", "time", "unspecified")
FITTING = ("http://", "https://", URN)
METHOD = re.compile(rb"([!-~]+)[ \t]+\S")


Places = dict[tuple[str, str], str]
"""Ids of the answers so far by (address, time) and by ("", stated payload digest)."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What the captures of a file have in common. `file` is relative to the store."""

    file: str
    sha256: str
    crawl: str
    portal_of: Callable[[str], str]
    base: int = 0
    """Where in `file` the records begin, in bytes."""


def captures(file: BinaryIO, form: Form, origin: Origin, tally: Tally, size: int) -> list[Capture]:
    """The captures of a whole file, in its order."""
    made: dict[str, Capture] = {}
    places: Places = {}
    for one in exchanges(records(file, form, tally, size)):
        if isinstance(one, Foreign):
            if one.record.type == "request":
                tally.left_out["request without answer"] += 1
            continue
        if why := _unfit(one):
            tally.left_out[why] += 1
            continue
        capture = capture_of(one, origin, places)
        original = made.get(capture.refers_to or "")
        if original and capture.record_type == "revisit" and not capture.payload_sha256:
            capture = replace(capture, payload_sha256=original.payload_sha256)
        # Where records have no places of their own yet, they are gone through again when they have.
        if (twin := made.get(capture.record_id)) and capture.length:
            if replace(capture, offset=twin.offset, length=twin.length) == twin:
                tally.oddities["a record that stands in the file twice"] += 1
                continue
            tally.oddities["an id that another record of the file has"] += 1
            (capture,) = renamed([capture], origin, [capture.record_id])
        if capture.record_type == "response":
            places.setdefault((capture.url, capture.at[:19]), capture.record_id)
            if stated := one.main.record.get("WARC-Payload-Digest"):
                places.setdefault(("", stated.strip()), capture.record_id)
        made[capture.record_id] = capture
    tally.indexed += len(made)
    return list(made.values())


def renamed(found: list[Capture], origin: Origin, taken: Collection[str]) -> list[Capture]:
    """The captures, those whose ids other records have taken under ids made from their places."""
    ids = {
        one.record_id: record_id("import", origin.sha256, str(one.offset - origin.base))
        for one in found
        if one.record_id in taken
    }
    return [
        replace(
            one,
            record_id=ids.get(one.record_id, one.record_id),
            refers_to=ids.get(one.refers_to or "", one.refers_to),
        )
        for one in found
    ]


def _unfit(exchange: Outside) -> str:
    """Why an exchange cannot stand in the index; "" when it can."""
    if not exchange.main.url.lower().startswith(FITTING):
        return f"{exchange.main.record.type} that is not http"
    if not exchange.main.at:
        return f"{exchange.main.record.type} without a time"
    return ""


def capture_of(exchange: Outside, origin: Origin, places: Places) -> Capture:
    """Say of an exchange what our own writer would have said."""
    main, request, notes = exchange.main, exchange.request, dict(exchange.notes)
    message: Message[Content] = Message(main.record.block if is_http(main.record) else b"")
    head = message.head
    if not message.content:
        head = find_head(notes.get(OWN + "not-modified", "").encode("latin-1", "replace"))
    bare = replayed_bare(main)
    body = Message(request.record.block).payload_sha256 if request else EMPTY
    return Capture(
        url=main.url,
        method=notes.get(OWN + "method") or method_of(request),
        body_sha256="" if body == EMPTY else body,
        at=main.at,
        status=200 if bare else head.status if head else 0,
        media_type=_kind(main.record) if bare else media_type(head),
        payload_sha256=_payload(main.record, message),
        block_sha256=sha256(main.record.block),
        file=origin.file,
        offset=origin.base + main.record.offset,
        length=main.record.length,
        record_id=named(main, origin.sha256),
        record_type="response" if bare else main.record.type,
        refers_to=_original(main, places),
        truncated=notes.get(OWN + "truncated") or truncation(main),
        portal=origin.portal_of(_host(main.url)) or notes.get("portal", ""),
        crawl=origin.crawl,
        kind=notes.get("kind", ""),
        ip=(request or main).record.get("WARC-IP-Address") or main.record.get("WARC-IP-Address"),
    )


def replayed_bare(main: Foreign) -> bool:
    """Whether this is a file of the web kept without its head, which stands for a response."""
    return main.record.type == "resource" and not main.url.startswith(URN)


def truncation(main: Foreign) -> str | None:
    """Why an answer is incomplete, in the words of a capture. A revisit always lacks its body."""
    stated = main.record.get("WARC-Truncated")
    if main.record.type == "revisit" or not (stated or main.short or _cut(main.record)):
        return None
    reason = (stated or "").strip().lower()
    return reason if reason in REASONS else "unspecified"


def _cut(record: Record) -> bool:
    """Whether fewer bytes came than the answer promised; wget keeps those without a word."""
    if record.type != "response" or not is_http(record):
        return False
    message = Message(record.block)
    head = message.head
    promised = (head and head.get(b"Content-Length")) or b""
    if head is None or not promised.isdigit() or is_chunked(head):
        return False
    return 0 < message.body_size < int(promised)  # none at all: the answer to a HEAD


def method_of(request: Foreign | None) -> str:
    """The method of a request; GET when it was not kept."""
    found = METHOD.match(opening(request.record.block)) if request else None
    return found[1].decode("ascii") if found else "GET"


def _original(main: Foreign, places: Places) -> str | None:
    """The id of the response that a revisit stands for, if it says or the file shows."""
    if main.record.type != "revisit":
        return None
    stated = (main.record.get("WARC-Refers-To") or "").strip(" <>")
    if stated or (found := places.get(referred(main))):
        return stated or found
    if confirms(main.record):
        return None
    # The same payload is the same payload, wherever it was.
    return places.get(("", (main.record.get("WARC-Payload-Digest") or "").strip()))


def confirms(record: Record) -> bool:
    """Whether a revisit says that nothing had changed, in WARC 1.0 or 1.1."""
    return (record.get("WARC-Profile") or "").endswith("/server-not-modified")


def referred(main: Foreign) -> tuple[str, str]:
    """Address and time (to the second) of the response that a revisit stands for."""
    uri = main.record.get("WARC-Refers-To-Target-URI") or main.record.get("WARC-Target-URI") or ""
    date = main.record.get("WARC-Refers-To-Date") or ""
    given = (("WARC-Target-URI", uri), ("WARC-Date", date))
    other = Foreign(type(main.record)(given, b"", 0, 0), (), ())
    return other.url, other.at[:19]


def _payload(record: Record, message: Message[Content]) -> str:
    """SHA-256 of the entity body; of a revisit what it states, if that is a SHA-256."""
    if record.type == "revisit":
        stated = digest_of(record.get("WARC-Payload-Digest") or "")
        return stated[1].hex() if stated and stated[0] == "sha256" else ""
    if record.type == "metadata":
        return ""
    return message.payload_sha256 if message.content else sha256(record.block)


def _kind(record: Record) -> str:
    return (record.get("Content-Type") or "").partition(";")[0].strip().lower()


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
