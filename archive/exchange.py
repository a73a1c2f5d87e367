"""One HTTP exchange, and its messages: each is read once, whoever asks about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Generic, Literal

from archive.http import read_heads
from archive.large import C, between, entity, opening
from archive.record import payload_sha256

if TYPE_CHECKING:
    from datetime import datetime

    from archive.large import Content
    from archive.spill import Spill

Truncated = Literal["disconnect", "length", "time", "unspecified"]


class Message(Generic[C]):
    """What a block of wire bytes holds. Nothing here raises on any bytes.

    `interim` are the 1xx blocks before a response, `content` the message itself without them,
    `head` its head: None when that never ended.
    """

    def __init__(self, block: C) -> None:
        self.interim, self.head, at = read_heads(opening(block))
        self.content: C = between(block, at) if at else block

    @property
    def start(self) -> bytes:
        """As much of the message as its head may fill."""
        return opening(self.content)

    @property
    def body_size(self) -> int:
        """Bytes after the head, framing and all; 0 without a head."""
        return len(self.content) - self.head.size if self.head else 0

    @cached_property
    def payload_sha256(self) -> str:
        """The digest of the entity body, lower hex; of b"" when the head never ended."""
        return payload_sha256(self.head, self.content)

    @property
    def entity(self) -> Content:
        """The entity body: framing off, content coding on; b"" when the head never ended."""
        return entity(self.head, between(self.content, self.head.size)) if self.head else b""


@dataclass
class Exchange:
    """One request and what came back, bytes as they went over the wire (after TLS).

    `at` is when the request was sent, aware. `response` is b"" when nothing came; leading 1xx
    blocks may stand in it; a `Spill` when it is too large for memory. `tls` is (version, cipher),
    e.g. ("TLSv1.3", "TLS_AES_256_GCM_SHA384").
    `facts` are short texts about the fetch: portal, crawl, kind, section, via, hop, elapsed_ms …
    """

    url: str
    request: bytes
    response: bytes | Spill
    at: datetime
    method: str = "GET"
    ip: str | None = None
    protocol: str = "http/1.1"
    tls: tuple[str, str] | None = None
    truncated: Truncated | None = None
    error: str | None = None
    facts: dict[str, str] = field(default_factory=dict)

    @cached_property
    def received(self) -> Message[bytes | Spill]:
        """The response as it is read."""
        return Message(self.response)
