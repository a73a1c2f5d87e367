"""The WARC/1.1 records of one exchange.

Order: response (or revisit), request, metadata; one date on all. The metadata record is always
there and always last: an exchange is whole when its metadata is. Everything the index holds can
be read back from these records alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive import fields
from archive.capture import Capture
from archive.exchange import Exchange, Message
from archive.http import head_size
from archive.member import pack, packed
from archive.record import (
    EMPTY,
    media_type,
    record_id,
    sha256,
    target_uri,
    timestamp,
)
from archive.spill import Spill

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

OWN = "exchange-"  # begins the names in metadata that are no facts
METHOD = re.compile(r"[!-~]+")
REVISIT = "http://netpreserve.org/warc/1.1/revisit/"
SAME_PAYLOAD = REVISIT + "identical-payload-digest"
NOT_MODIFIED = REVISIT + "server-not-modified"
RESPONSE = ("Content-Type", "application/http;msgtype=response")
REQUEST = ("Content-Type", "application/http;msgtype=request")
FIELDS = ("Content-Type", "application/warc-fields")

TLS = {"TLSv1": "tls/1.0", "TLSv1.1": "tls/1.1", "TLSv1.2": "tls/1.2", "TLSv1.3": "tls/1.3"}

Lines = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Built:
    """The gzip members of one exchange in file order, and its capture."""

    members: Sequence[bytes | Spill]
    capture: Capture

    def close(self) -> None:
        """Let go of members that lie on disk."""
        for member in self.members:
            if isinstance(member, Spill):
                member.file.close()


@dataclass(frozen=True, slots=True)
class Answer:
    """The record that answers the request: a response, a revisit, or none (`kind` is "")."""

    kind: str = ""
    block: bytes | Spill = b""
    payload: str = ""
    lines: Iterable[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where records will stand: the file's name in the index, its warcinfo, and its end so far."""

    file: str
    warcinfo_id: str
    offset: int


def build(
    exchange: Exchange, place: Place, *, portal: str, crawl: str, same_as: Capture | None = None
) -> Built:
    """Turn an exchange into records that will stand at `place`.

    `same_as` is the response a revisit stands for: one with the same payload, or, when this
    response is a 304, the one it confirms. ValueError when it is neither, when a fact is named
    like a field of ours, or when a value cannot stand in a WARC field.
    """
    if not METHOD.fullmatch(exchange.method):
        raise ValueError(f"{exchange.method!r} is not a request method")
    answer = _answer(exchange, same_as)
    facts = {"portal": portal, "crawl": crawl, **exchange.facts}
    notes = _notes(exchange, answer, facts)
    return _Records(exchange, place).build(answer, notes, facts, same_as)


def _answer(exchange: Exchange, same_as: Capture | None) -> Answer:
    """Choose the record type and block of what came back."""
    received = exchange.received
    if not received.content:
        return Answer()
    if same_as:
        return _revisit(exchange, received, same_as)
    lines = [RESPONSE]
    if exchange.truncated:
        lines.insert(0, ("WARC-Truncated", exchange.truncated))
    return Answer("response", received.content, received.payload_sha256, lines)


def _revisit(exchange: Exchange, received: Message[bytes | Spill], original: Capture) -> Answer:
    """Stand for an earlier response: keep the head alone, or nothing of a 304."""
    head = received.head
    if head is None or exchange.truncated or original.record_type != "response":
        raise ValueError(f"{exchange.url}: only a whole response may point at a response")
    confirms = head.status == 304
    payload = original.payload_sha256
    if not confirms and received.payload_sha256 != payload:
        raise ValueError(f"{exchange.url}: its payload is not that of {original.record_id}")
    lines = [
        ("WARC-Profile", NOT_MODIFIED if confirms else SAME_PAYLOAD),
        ("WARC-Refers-To", f"<{original.record_id}>"),
        ("WARC-Refers-To-Target-URI", original.url),
        ("WARC-Refers-To-Date", original.at),
    ]
    if confirms:
        return Answer("revisit", b"", payload, [*lines, RESPONSE])
    block = received.start[: head.size]
    return Answer("revisit", block, payload, [*lines, ("WARC-Truncated", "length"), RESPONSE])


def _notes(exchange: Exchange, answer: Answer, facts: dict[str, str]) -> bytes:
    """Write the metadata block: what the other records cannot say, then the facts."""
    if taken := [name for name in facts if name.startswith(OWN)]:
        raise ValueError(f"facts must not be named {taken}; {OWN}… is the archive's own")
    lines: Lines = [(OWN + "method", exchange.method)]
    if target_uri(exchange.url) != exchange.url:
        lines.append((OWN + "url", exchange.url))
    if exchange.error is not None:
        lines.append((OWN + "error", exchange.error))
    if exchange.truncated:
        lines.append((OWN + "truncated", exchange.truncated))
    lines += [(OWN + "interim", block.decode("latin-1")) for block in exchange.received.interim]
    if answer.kind and not answer.block:
        lines.append((OWN + "not-modified", exchange.received.start.decode("latin-1")))
    return fields.dump([*lines, *sorted(facts.items())])


class _Records:
    """Builds the records that share one URL, time, request and connection."""

    def __init__(self, exchange: Exchange, place: Place) -> None:
        self.exchange = exchange
        self.place = place
        self.uri = target_uri(exchange.url)
        self.at = timestamp(exchange.at)
        self.request_sha256 = sha256(exchange.request)
        self.source: Lines = [
            ("WARC-Date", self.at),
            ("WARC-Target-URI", self.uri),
            ("WARC-Warcinfo-ID", f"<{place.warcinfo_id}>"),
        ]
        self.wire = self.source + _connection(exchange)

    def build(
        self,
        answer: Answer,
        notes: bytes,
        facts: dict[str, str],
        same_as: Capture | None,
    ) -> Built:
        """Build the members in file order, and the capture naming the one that matters."""
        exchange = self.exchange
        head = exchange.received.head
        members: list[bytes | Spill] = []
        body = EMPTY
        name = peer = ""
        block = sha256(answer.block) if answer.kind else ""
        self.key = (self.uri, exchange.method, self.at, self.request_sha256, block)
        if answer.kind:
            name = peer = self._name(answer.kind)
            lines = self._lines(answer.kind, name, self.wire, block, answer.payload)
            members.append(packed([*lines, *answer.lines], answer.block))
        if exchange.request:
            if head_size(exchange.request) != len(exchange.request):
                body = Message(exchange.request).payload_sha256
            own = self._name("request")
            lines = self._lines("request", own, self.wire, self.request_sha256, body)
            members.append(pack([*lines, *_beside(peer), REQUEST], exchange.request))
            peer = peer or own
        digest = sha256(notes)
        own = self._name("metadata", digest)
        lines = self._lines("metadata", own, self.source if peer else self.wire, digest)
        members.append(pack([*lines, *_beside(peer), FIELDS], notes))
        main = 0 if name else len(members) - 1
        capture = Capture(
            url=self.uri,
            method=exchange.method,
            body_sha256="" if body == EMPTY else body,
            at=self.at,
            status=head.status if head else 0,
            media_type=media_type(head),
            payload_sha256=answer.payload,
            block_sha256=block or digest,
            file=self.place.file,
            offset=self.place.offset + sum(map(len, members[:main])),
            length=len(members[main]),
            record_id=name or own,
            record_type=answer.kind or "metadata",
            refers_to=same_as.record_id if same_as and answer.kind == "revisit" else None,
            truncated=exchange.truncated,
            portal=facts["portal"],
            crawl=facts["crawl"],
            kind=facts.get("kind", ""),
            ip=exchange.ip or None,
        )
        return Built(members, capture)

    def _name(self, kind: str, *more: str) -> str:
        """Derive an id from what was asked, when, and what came back."""
        return record_id(kind, *self.key, *more)

    def _lines(self, kind: str, name: str, shared: Lines, block: str, payload: str = "") -> Lines:
        lines = [("WARC-Type", kind), ("WARC-Record-ID", f"<{name}>"), *shared]
        lines.append(("WARC-Block-Digest", f"sha256:{block}"))
        if payload:
            lines.append(("WARC-Payload-Digest", f"sha256:{payload}"))
        return lines


def _beside(peer: str) -> Lines:
    """Name the record this one was written beside, if any."""
    return [("WARC-Concurrent-To", f"<{peer}>")] if peer else []


def _connection(exchange: Exchange) -> Lines:
    """Say over what connection the bytes went."""
    lines = [("WARC-IP-Address", exchange.ip)] if exchange.ip else []
    lines.append(("WARC-Protocol", exchange.protocol))
    if exchange.tls:
        version, cipher = exchange.tls
        lines.append(("WARC-Protocol", TLS.get(version, version)))
        lines.append(("WARC-Cipher-Suite", cipher))
    return lines
