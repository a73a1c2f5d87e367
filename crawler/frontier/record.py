"""What waits in the queue: one URL to fetch, and everything needed to know what to do with it.

Stored as a JSON array without its last defaults: a queue written by an older version is still read
by a newer one, as long as fields are only added at the end. Never pickled.
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Literal

import msgspec

from crawler.frontier.canon import canonical, pattern_of
from crawler.frontier.groups import group_of

if TYPE_CHECKING:
    from crawler.items import Link

PRIORITY = {"robots": 0, "search": 1, "listing": 1, "document": 2, "attachment": 3}
UNCLASSED = 2
FORM, JSON = "application/x-www-form-urlencoded", "application/json"

Verdict = Literal["done", "gone", "skipped", "failed"]
Retry = Literal["retry", "failed", "stale"]


class Record(msgspec.Struct, frozen=True, array_like=True):
    """One fetch."""

    portal: str
    kind: str
    url: str
    section: str = ""
    title: str = ""
    date: str = ""
    parent: str = ""
    depth: int = 0
    hops: str = ""
    priority: int = UNCLASSED  # 0 goes first, 3 last
    group: str = ""  # the politeness group a portal names; "" means the registered domain
    rendered: bool = False
    method: str = "GET"
    body: str = ""
    attempt: int = 0  # fetches that failed before this one
    force: bool = False  # queue it although it was seen (a redirect to itself); not stored
    alias: str = ""  # the host under which its portal counts this one; "" means its own name
    agenda: str = ""  # what a search has still to look at

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
            agenda=link.agenda,
            section=link.section,
            title=link.title,
            date=link.date,
            parent=link.parent,
            depth=depth,
            hops=hops,
            priority=PRIORITY.get(str(link.kind), UNCLASSED),
            group=group,
        )

    def redirected(self, url: str, *, alias: str = "", keep_body: bool = False) -> Record:
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
            force=canonical(url, alias) == canonical(self.url, self.alias),
            alias=alias,
        )

    def headers(self) -> dict[str, str]:
        """What is said besides: what the body is, and as browsers do, which page led here."""
        said = {}
        if self.body:
            said["Content-Type"] = JSON if self.body.startswith("{") else FORM
        secret = self.parent.startswith("https:") and self.url.startswith("http:")
        if self.parent and self.kind != "robots" and not secret:  # RFC 9110 §10.1.3
            said["Referer"] = self.parent
        return said

    def encode(self) -> bytes:
        """The stored form, without `force`."""
        text = ENCODER.encode(msgspec.structs.replace(self, force=False) if self.force else self)
        return text.removesuffix(DEFAULTS) + b"]" if text.endswith(DEFAULTS) else text

    @staticmethod
    def decode(stored: bytes) -> Record:
        return DECODER.decode(stored)

    def fingerprint(self) -> int:
        """63 bits of what is asked for: Redis keeps such numbers in 8 bytes.

        Of method, canonical URL and body; each origin has a robots.txt of its own, so not of its
        canonical URL. A search may look at a page that was read for another reason, and a step of
        it is one fetch however often it is queued: its agenda counts too.
        """
        if self.agenda:
            return _hash(f"{self.section}\n{self.url}\n{self.agenda}")
        if self.method == "GET" and self.kind != "robots" and not self.body:
            return _fingerprint_of_page(self.url, self.alias)
        url = self.url if self.kind == "robots" else canonical(self.url, self.alias)
        return _hash(f"{self.method}\n{url}\n{self.body}")

    def pattern(self) -> str:
        """What it counts under, lest a server that makes up listings keeps us for ever."""
        return "" if self.kind != "listing" or self.force else pattern_of(self.url)


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


@lru_cache(maxsize=16_384)  # the same links are on every page
def _fingerprint_of_page(url: str, alias: str) -> int:
    return _hash(f"GET\n{canonical(url, alias)}\n")


ENCODER = msgspec.json.Encoder()
DECODER = msgspec.json.Decoder(Record)
DEFAULTS = b',false,"GET","",0,false,"",""]'


class Outcome(StrEnum):
    """What became of one enqueued record."""

    NEW = "new"
    SEEN = "seen"
    SPILL = "spill"  # no room for it now, nothing was stored: the caller keeps it
    TRAP = "trap"  # one listing too many of a pattern that a server can go on making up
    REJECT = "reject"  # not http(s), not text, or the crawl is draining


class Strike(StrEnum):
    """What the end of a lease says about the health of the group's server."""

    NONE = "none"  # it is well
    BUSY = "busy"  # 429, 503, no connection, no answer: leave it alone for a while, then probe
    CHALLENGE = "challenge"  # a firewall: after a few in a row the group rests for the night
    NEUTRAL = "neutral"  # our own fault, or nothing was exchanged


class Lease(msgspec.Struct, frozen=True, array_like=True):
    """A worker's claim on one record."""

    id: str  # unique within the crawl: shard, number, when (ms)
    group: str
    record: Record

    @property
    def shard(self) -> int:
        return int(self.id.partition("-")[0])

    @property
    def attempt(self) -> int:
        """Fetches of it that failed before."""
        return self.record.attempt


class Ack(msgspec.Struct, frozen=True):
    """A lease given back for good, and what the fetch says about the server."""

    lease: Lease
    verdict: Verdict
    elapsed_ms: int
    idle_ms: int = 0  # since the exchange ended
    crawl_delay_ms: int = 0  # what robots.txt asks for; 0 if nothing
    warc_ref: str = ""
    strike: Strike = Strike.NONE
