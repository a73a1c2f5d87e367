"""What waits in the queue: one URL to fetch, and everything needed to know what to do with it.

Stored as JSON without defaults: readable in `redis-cli`, and a queue written by an older version
is still read by a newer one. Never pickled.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from typing import TYPE_CHECKING, Literal

import msgspec

from crawler.frontier.groups import group_of

if TYPE_CHECKING:
    from crawler.items import Link

PRIORITY = {"robots": 0, "listing": 1, "document": 2, "attachment": 3}
UNCLASSED = 2

Verdict = Literal["done", "gone", "skipped", "failed"]
Retry = Literal["retry", "failed", "stale"]


class Record(msgspec.Struct, frozen=True, omit_defaults=True):
    """One fetch. `force` and `attempt` are not stored with it: the frontier keeps them."""

    portal: str
    kind: str
    url: str
    method: str = "GET"
    body: str = ""
    rendered: bool = False
    section: str = ""
    title: str = ""
    date: str = ""
    parent: str = ""
    depth: int = 0
    attempt: int = 0  # fetches that failed before this one
    hops: str = ""
    priority: int = UNCLASSED  # 0 goes first, 3 last
    group: str = ""  # the politeness group a portal names; "" means the registered domain
    force: bool = False  # queue it although it was seen (a redirect to itself, a recrawl)

    @classmethod
    def from_link(
        cls, portal: str, link: Link, *, depth: int = 0, hops: str = "", group: str = ""
    ) -> Record:
        """What a spider said, ready for the queue. A body makes it a POST."""
        return cls(
            portal=portal,
            kind=str(link.kind),
            url=link.url,
            method="POST" if link.body else "GET",
            body=link.body,
            rendered=link.rendered,
            section=link.section,
            title=link.title,
            date=link.date,
            parent=link.parent,
            depth=depth,
            hops=hops,
            priority=PRIORITY.get(str(link.kind), UNCLASSED),
            group=group,
        )

    def redirected(self, url: str, *, keep_body: bool = False) -> Record:
        """The same errand at another address (same class), as a fresh first attempt.

        307 and 308 keep method and body. A group the portal named holds within the same domain;
        elsewhere the target's own domain decides.
        """
        return msgspec.structs.replace(
            self,
            url=url,
            method=self.method if keep_body else "GET",
            body=self.body if keep_body else "",
            parent=self.url,
            attempt=0,
            hops=self.hops + "R",
            group=self.group if group_of(url) == group_of(self.url) else "",
            force=url == self.url,
        )

    def encode(self) -> bytes:
        """The stored form, without `force` and `attempt`."""
        if self.force or self.attempt:
            return ENCODER.encode(msgspec.structs.replace(self, force=False, attempt=0))
        return ENCODER.encode(self)

    @staticmethod
    def decode(stored: bytes, attempt: int = 0) -> Record:
        """The record again, as its nth retry."""
        record = DECODER.decode(stored)
        return msgspec.structs.replace(record, attempt=attempt) if attempt else record

    def stored(self, buckets: int) -> tuple[str | int, ...]:
        """The arguments of `enqueue.lua`, group first; () for what cannot be fetched or stored."""
        own = group_of(self.url)
        group = self.group or own
        if not own or "|" in group:
            return ()
        try:
            text = self.encode().decode()  # a string, because Lua's msgpack knows no bytes
        except UnicodeEncodeError:
            return ()
        number = self.fingerprint()
        item = f"{min(max(self.priority, 0), 3)}|{self.attempt}|{text}"
        return group, number % buckets, str(number), "1" if self.force else "", item

    def fingerprint(self) -> int:
        """63 bits of (method, URL without fragment, body): Redis keeps such numbers in 8 bytes."""
        url = self.url.partition("#")[0] if "#" in self.url else self.url
        text = f"{self.method}\n{url}\n{self.body}".encode()
        return int.from_bytes(blake2b(text, digest_size=8).digest(), "big") >> 1


ENCODER = msgspec.json.Encoder()
DECODER = msgspec.json.Decoder(Record)


class Outcome(StrEnum):
    """What became of one enqueued record."""

    NEW = "new"
    SEEN = "seen"
    REJECT = "reject"  # not http(s), no host, or not text


@dataclass(frozen=True, slots=True)
class Lease:
    """A worker's claim on one record."""

    id: str  # unique within the crawl
    shard: int
    group: str
    record: Record
    attempt: int  # fetches of it that failed before

    @classmethod
    def read(cls, shard: int, lease_id: bytes, group: bytes, item: bytes) -> Lease:
        """From an answer of `lease.lua`."""
        _, attempt, stored = item.split(b"|", 2)
        record = Record.decode(stored, int(attempt))
        return cls(lease_id.decode(), shard, group.decode(), record, int(attempt))


@dataclass(frozen=True, slots=True)
class Ack:
    """A lease given back for good, and what the fetch says about the server."""

    lease: Lease
    verdict: Verdict
    elapsed_ms: int
    idle_ms: int = 0  # since the exchange ended
    crawl_delay_ms: int = 0  # what robots.txt asks for; 0 if nothing
    warc_ref: str = ""

    def stored(self) -> tuple[str | int, ...]:
        """The arguments of `ack.lua`."""
        times = (self.elapsed_ms, self.idle_ms, self.crawl_delay_ms)
        return self.lease.id, self.verdict, *times, self.warc_ref
