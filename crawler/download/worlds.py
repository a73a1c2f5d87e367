"""The three worlds: where an exchange comes from. Everything after them is one code path.

`live` and `practice` differ only in `connect_to`; `archive` reads what they wrote. All three build
the response that the spider sees from the raw bytes by `response_of`, so a replay cannot differ.
"""

from __future__ import annotations

import hashlib
import time
from contextlib import closing
from itertools import chain
from typing import TYPE_CHECKING, Protocol

from scrapy.http import Headers, Request, Response, TextResponse
from scrapy.responsetypes import responsetypes

from archive import Exchange, Index, read
from archive.dom import URN
from archive.http import entity_body, find_head
from archive.large import between, final, opening
from crawler.download.render_receipt import PageReceipt
from crawler.download.shown import page_kept, renders
from crawler.download.vault import StoredReceipt, Vault
from crawler.errors import FetchFailed
from crawler.items import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from archive import Capture
    from archive.large import Content
    from crawler.download.wire import Answer, Wire
    from crawler.items import Link


MOST_READ = 16 * 2**20  # bytes of a body as it came
MOST_DECODED = 64 * 2**20  # bytes that content coding may make of it


class World(Protocol):
    """Answers requests. Leaves a `Receipt` in `request.meta["receipt"]`, also when it raises."""

    async def fetch(self, request: Request) -> Response: ...
    async def shown(self, request: Request) -> Response | None:
        """The response to a page that must be rendered; None when a browser has to make it."""

    async def close(self) -> None: ...


class Live:
    """The network, or whatever `connect_to` puts in its place."""

    def __init__(self, vault: Vault, wire: Wire, crawl: str) -> None:
        self._vault = vault
        self._wire = wire
        self._crawl = crawl

    async def fetch(self, request: Request) -> Response:
        """Fetch, record, and only then look at what came.

        A page that the archive holds is asked for with its validators. Where the server confirms
        it, the answer is the page, and the receipt that of the confirmation.
        Raises FetchFailed when no whole answer came, ArchiveError when it could not be kept.
        """
        self._vault.check()
        known = self._vault.earlier.known(request)
        sent = request_bytes(request, known.validators if known else ())
        answer = await self._wire.exchange(request.url, request.method, sent)
        with closing(answer):
            if answer.unheard is not None:
                await self._keep(request, sent, answer.unheard)
            if known is not None and _confirms(answer):
                await self._keep(request, sent, answer, same_as=known.original)
                return response_of(request, known.stored.response, known.stored)
            exchange = await self._keep(request, sent, answer)
            return response_of(request, answer.response, exchange)

    async def shown(self, request: Request) -> None:
        """Nothing: what a page shows tonight, a browser must find out."""

    async def _keep(
        self, request: Request, sent: bytes, answer: Answer, *, same_as: Capture | None = None
    ) -> Exchange:
        """Record an exchange and leave its receipt; the last one of a request counts."""
        exchange = self._exchange(request, sent, answer)
        portal = str(request.meta["portal"])
        receipt = await self._vault.keep(portal, exchange, same_as=same_as)
        receipt.ended = answer.ended
        request.meta["receipt"] = receipt
        return exchange

    async def close(self) -> None:
        await self._wire.close()
        self._vault.close()

    def _exchange(self, request: Request, sent: bytes, answer: Answer) -> Exchange:
        link: Link = request.meta["link"]
        return Exchange(
            url=request.url,
            method=request.method,
            request=sent,
            response=answer.response,
            at=answer.sent_at,
            ip=answer.ip or None,
            tls=answer.tls,
            truncated=answer.truncated,
            error=answer.error or None,
            facts={
                "portal": str(request.meta["portal"]),
                "crawl": self._crawl,
                "kind": link.kind.value,
                "section": link.section,
                "via": link.parent,
                **answer.facts,
            },
        )


class Archive:
    """What earlier crawls wrote: the newest capture not later than `as_of` ("": any).

    What is missing is missing, never fetched.
    """

    def __init__(self, store: Path, as_of: str) -> None:
        self._store = store
        self._index = Index(store)
        self._as_of = as_of or None

    async def fetch(self, request: Request) -> Response:
        """Answer from the archive. Raises FetchFailed as the exchange did then, or `missing`."""
        body = hashlib.sha256(request.body).hexdigest() if request.body else ""
        found = self._index.find(request.url, request.method, body, as_of=self._as_of, failed=True)
        if found is None:
            when = f" at or before {self._as_of}" if self._as_of else ""
            raise FetchFailed("missing", f"the archive holds no capture of it{when}")
        stored = read(self._store, found)
        request.meta["receipt"] = StoredReceipt(found, None, time.monotonic())
        return response_of(request, stored.response, stored)

    async def shown(self, request: Request) -> Response | None:
        """The page as its scripts made it then; what was not rendered, as it came."""
        first = await self.fetch(request)
        receipt: StoredReceipt = request.meta["receipt"]
        dom = self._index.find(URN + request.url, as_of=self._as_of)
        if not renders(first):
            return first
        if dom is None or dom.at < receipt.archived.at:  # the browser failed at it then
            return None
        kept = read(self._store, dom)
        navigation = self._index.get(kept.beside)
        if navigation is None:
            return None
        stored = read(self._store, navigation)
        page = response_of(Request(navigation.url, meta=request.meta), stored.response, stored)
        own, made = (StoredReceipt(one, None) for one in (navigation, dom))
        request.meta["receipt"] = PageReceipt(own, [made], dom.payload_sha256)
        return page_kept(request, page, bytes(kept.response), kept.facts)

    async def close(self) -> None:
        self._index.close()


class Outcome(Protocol):
    """What `response_of` needs to know of an exchange besides its bytes."""

    @property
    def truncated(self) -> str | None: ...
    @property
    def error(self) -> str | None: ...


def response_of(request: Request, raw: Content, outcome: Outcome) -> Response:
    """The Scrapy response of raw HTTP bytes, or FetchFailed where they are not a whole one.

    A file of more than `MOST_READ` bytes comes without its body and flagged "unread": whoever
    wants it reads it from the archive. A page of that size is nothing a portal can read.
    """
    _, message = final(raw)
    head = find_head(opening(message))
    if outcome.truncated:
        code = {"time": "timeout", "length": "too_large"}.get(outcome.truncated, "truncated")
        says = f"after {len(message)} bytes: {outcome.error or outcome.truncated}"
        raise FetchFailed(code, says)
    if head is None:
        raise FetchFailed("unreachable", outcome.error or "the answer is not HTTP")
    headers = Headers()
    for name, value in head.headers:
        headers.appendlist(name, value)
    size = len(message) - head.size
    if request.method != "HEAD" and size > MOST_READ:
        return _unread(request, head.status, headers, size)
    body = b""
    if request.method != "HEAD":
        body = entity_body(head, bytes(between(message, head.size)))
    request.meta.setdefault("download_maxsize", MOST_DECODED)
    kind = responsetypes.from_args(headers=headers, url=request.url, body=body)
    return kind(url=request.url, status=head.status, headers=headers, body=body, request=request)


def _unread(request: Request, status: int, headers: Headers, size: int) -> Response:
    kind = responsetypes.from_args(headers=headers, url=request.url)
    if issubclass(kind, TextResponse) and request.meta["link"].kind != Kind.ATTACHMENT:
        says = f"a page of {size} bytes is in the archive, but too large to be read"
        raise FetchFailed("too_large", says)
    headers.pop("Content-Encoding", None)  # nothing is left to decode
    return Response(request.url, status, headers, flags=["unread"], request=request)


def _confirms(answer: Answer) -> bool:
    """Whether the server says 304 and nothing is missing of that."""
    _, message = final(answer.response)
    head = find_head(opening(message))
    return head is not None and head.status == 304 and answer.truncated is None


def request_bytes(request: Request, more: Iterable[tuple[bytes, bytes]] = ()) -> bytes:
    """The request as it goes over the wire, HTTP/1.1, with further headers in the end."""
    host, _, path = request.url.partition("://")[2].partition("/")
    if "?" in host:
        host, _, query = host.partition("?")
        path = f"?{query}"
    path = path.partition("#")[0]
    lines = [f"{request.method} /{path} HTTP/1.1", f"Host: {host.rpartition('@')[2]}"]
    own = ((name, value) for name, values in request.headers.items() for value in values)
    lines += [f"{n.decode('latin-1')}: {v.decode('latin-1')}" for n, v in chain(own, more)]
    if request.body or request.method == "POST":
        lines.append(f"Content-Length: {len(request.body)}")
    lines.append("Connection: keep-alive")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + request.body
