"""What a browser asks for, read from CDP, and which of it is not asked of anyone. Pure."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy import Request

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Container

    Paused = dict[str, Any]  # the parameters of CDP's Fetch.requestPaused

NOT_NEEDED = frozenset({"Image", "Font", "Media", "TextTrack", "Manifest", "CSPViolationReport"})
OURS = {"user-agent", "accept-encoding", "accept-language"}
OF_THE_CONNECTION = {"host", "connection", "content-length"}


class SubKind(StrEnum):
    """Beside `items.Kind`: a sub-request never enters the queue, so no portal reads it."""

    SUBRESOURCE = "subresource"


@dataclass(frozen=True, slots=True)
class SubLink:
    """As much of a `Link` as a world writes down."""

    url: str
    section: str
    parent: str
    kind: SubKind = SubKind.SUBRESOURCE


@dataclass(frozen=True, slots=True)
class Manners:
    """What a page may ask for, and how fast; `bytes` are of bodies as the browser gets them."""

    owns: Callable[[str], bool]  # by host
    allows: Callable[[str], Awaitable[bool]]  # by URL, what robots.txt says
    delay: float = 0.0  # seconds between the end of one exchange and the start of the next
    requests: int = 60
    bytes: int = 32 * 2**20
    seconds: float = 300.0  # polite pauses included
    skip: frozenset[str] = NOT_NEEDED  # resource types, as CDP names them


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request that was not made, or did not succeed: `why` is a name, `url` what was asked."""

    why: str
    url: str
    type: str

    def __str__(self) -> str:
        return f"{self.why} {self.type} {self.url}"

    @classmethod
    def read(cls, line: str) -> Refusal:
        """Read back what `str` wrote."""
        why, kind, url = line.split(" ", 2)
        return cls(why, url, kind)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that the browser has stopped at."""

    id: str
    url: str
    method: str
    headers: dict[str, str]
    body: bytes | None  # None: CDP does not have all of it
    type: str
    frame: str
    network_id: str

    @classmethod
    def of(cls, paused: Paused) -> Asked:
        request = paused["request"]
        return cls(
            paused["requestId"],
            request["url"],
            request["method"],
            request["headers"],
            _body(request),
            paused["resourceType"],
            paused["frameId"],
            paused.get("networkId", ""),
        )

    @property
    def key(self) -> tuple[str, str, bytes]:
        """By this a replay finds the answer."""
        return self.method, self.url, self.body or b""

    @property
    def document(self) -> bool:
        return self.type == "Document"

    @property
    def local(self) -> bool:
        """Whether nothing of it would leave the browser."""
        return urlsplit(self.url).scheme in {"about", "blob", "data"}

    def refusal(self, manners: Manners, popups: Container[str]) -> str:
        """Why it is not asked of anyone; "" when it may be."""
        parts = urlsplit(self.url)
        headers = {name.lower(): value for name, value in self.headers.items()}
        purpose = headers.get("sec-purpose", "") + headers.get("purpose", "")
        named = {
            "scheme": parts.scheme not in {"http", "https"},
            "popup": self.frame in popups,
            "download": self.document and not self.network_id,  # so CDP tells a saved link
            "prefetch": self.type == "Prefetch" or "prefetch" in purpose,
            "beacon": self.type == "Ping",
            "eventsource": "text/event-stream" in headers.get("accept", ""),
            "not_needed": self.type in manners.skip,
            "offsite": not manners.owns(parts.hostname or ""),
            "unreadable_body": self.body is None,
        }
        return next((why for why, refused in named.items() if refused), "")

    def request(self, page: Request) -> Request:
        """The same in our name and not in Chrome's: one visitor, whoever does the asking."""
        dropped = OURS | OF_THE_CONNECTION
        headers: dict[str, Any] = {
            name: value
            for name, value in self.headers.items()
            if name.lower() not in dropped and not name.lower().startswith("sec-")
        }
        headers |= {name: page.headers[name] for name in OURS if name in page.headers}
        link = SubLink(self.url, page.meta["link"].section, page.url)
        meta = {"portal": page.meta["portal"], "link": link, "egress": page.meta.get("egress", "")}
        return Request(
            self.url, method=self.method, headers=headers, body=self.body or b"", meta=meta
        )


def _body(request: dict[str, Any]) -> bytes | None:
    entries = request.get("postDataEntries", [])
    if not all("bytes" in entry for entry in entries):
        return None
    body = b"".join(base64.b64decode(entry["bytes"]) for entry in entries)
    return body if body or not request.get("hasPostData") else None
