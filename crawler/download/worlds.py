"""The three worlds: where an exchange comes from. Everything after them is one code path.

`live` and `practice` differ only in `connect_to`; `archive` reads what they wrote. All three build
the response that the spider sees from the raw bytes by `response_of`, so a replay cannot differ.
"""

from __future__ import annotations

import hashlib
import time
from contextlib import closing
from typing import TYPE_CHECKING, Protocol

from scrapy.http import Request, Response

from archive import Exchange, Index, OriginalLost, read
from archive.dom import URN
from crawler.download.messages import request_bytes, response_of
from crawler.download.render_receipt import PageReceipt
from crawler.download.shown import page_kept, renders
from crawler.download.vault import StoredReceipt, Vault
from crawler.errors import FetchFailed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from archive import Capture, Stored
    from crawler.download.wire import Answer, Wire
    from crawler.items import Link


class World(Protocol):
    """Answers requests. Leaves a `Receipt` in `request.meta["receipt"]`, also when it raises."""

    async def fetch(self, request: Request) -> Response: ...
    async def shown(self, request: Request) -> Response | None:
        """The response to a page that must be rendered; None when a browser has to make it."""

    async def close(self) -> None: ...


class Live:
    """The network, or whatever `connect_to` puts in its place.

    `others` are the wires of further egresses, by the names that `request.meta["egress"]` gives.
    """

    def __init__(
        self, vault: Vault, wire: Wire, crawl: str, others: Mapping[str, Wire] | None = None
    ) -> None:
        self._vault = vault
        self._wire = wire
        self._others = others or {}
        self._crawl = crawl

    async def fetch(self, request: Request) -> Response:
        """Fetch, record, and only then look at what came.

        A page that the archive holds is asked for with its validators. Where the server confirms
        it, the answer is the page, and the receipt that of the confirmation.
        Raises FetchFailed when no whole answer came, EgressFailed when the server could not even be
        asked, of which nothing is kept, and ArchiveError when an exchange could not be kept.
        """
        self._vault.check()
        known = self._vault.earlier.known(request)
        sent = request_bytes(request, known.validators if known else ())
        answer = await self._by(request).exchange(request.url, request.method, sent)
        with closing(answer):
            if (before := answer.unheard) is not None:
                await self._keep(request, before, self._exchange(request, sent, before))
            if answer.stuck is not None:
                raise answer.stuck
            exchange = self._exchange(request, sent, answer)
            if known is not None and _confirms(exchange):
                await self._keep(request, answer, exchange, same_as=known.original)
                return response_of(request, known.stored)
            await self._keep(request, answer, exchange)
            return response_of(request, exchange)

    async def shown(self, request: Request) -> None:
        """Nothing: what a page shows tonight, a browser must find out."""

    async def _keep(
        self,
        request: Request,
        answer: Answer,
        exchange: Exchange,
        *,
        same_as: Capture | None = None,
    ) -> None:
        """Record an exchange and leave its receipt; the last one of a request counts."""
        portal = str(request.meta["portal"])
        receipt = await self._vault.keep(portal, exchange, same_as=same_as)
        receipt.ended = answer.ended
        request.meta["receipt"] = receipt

    async def close(self) -> None:
        for wire in (self._wire, *self._others.values()):
            await wire.close()
        self._vault.close()

    def _by(self, request: Request) -> Wire:
        return self._others.get(request.meta.get("egress", ""), self._wire)

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
                **self._by(request).egress.facts,
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
        stored = self._read(found)
        request.meta["receipt"] = StoredReceipt(found, None, time.monotonic())
        return response_of(request, stored)

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
        stored = self._read(navigation)
        page = response_of(Request(navigation.url, meta=request.meta), stored)
        own, made = (StoredReceipt(one, None) for one in (navigation, dom))
        request.meta["receipt"] = PageReceipt(own, [made], dom.payload_sha256)
        return page_kept(request, page, bytes(kept.response), kept.facts)

    async def close(self) -> None:
        self._index.close()

    def _read(self, found: Capture) -> Stored:
        try:
            return read(self._store, found)
        except OriginalLost as error:
            raise FetchFailed("missing", f"{error.problem}: {error.advice}") from error


def _confirms(exchange: Exchange) -> bool:
    """Whether the server says 304 and nothing is missing of that."""
    head = exchange.received.head
    return head is not None and head.status == 304 and exchange.truncated is None
