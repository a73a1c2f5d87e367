"""Pages that exist in rendered form only: a browser runs their scripts, we do the asking.

The page itself is fetched like any other. Only if it is HTML a browser opens it, with no network
but ours: what its scripts ask for goes through the same world, politely and into the archive, and
comes out of the archive the same way in a replay. What the spider reads is the DOM, kept beside
the exchanges as a record of its own.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import OrderedDict
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from playwright.async_api import Error
from scrapy.http import HtmlResponse

from archive import Dom
from crawler.download.render_chromium import Chromium
from crawler.download.render_fulfil import decoded
from crawler.download.render_receipt import PageReceipt
from crawler.download.render_traffic import Traffic
from crawler.download.vault import StoredReceipt
from crawler.errors import FetchFailed
from crawler.items import Issue

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Page
    from scrapy import Request
    from scrapy.http import Response

    from crawler.download.render_asked import Manners
    from crawler.download.worlds import World

QUIET_SECONDS = 0.5  # without a request, before a page counts as finished
ANSWER_SECONDS = 20.0  # for the browser itself, where no portal is waited for

# Refused as a matter of course; anything else may be what the page was opened for.
EXPECTED = {"beacon", "download", "eventsource", "not_needed", "popup", "prefetch", "websocket"}


class Renderer:
    """Renders the pages of one world, one after another, in one browser."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._chromium = Chromium()
        self._turn = asyncio.Lock()
        self._kept: OrderedDict[tuple[str, str], Response] = OrderedDict()

    async def render(self, request: Request, manners: Manners) -> Response:
        """The page after its scripts ran; what is not HTML, or not found, as it came.

        Leaves a receipt for everything that was asked, also when it raises FetchFailed.
        """
        began = time.monotonic()
        async with self._turn:
            await self._chromium.start()
            request.headers["Accept-Encoding"] = b"gzip, deflate"
            sent = time.monotonic()
            request.meta["waited"] = sent - began
            first = await self._world.fetch(request)
            if not 200 <= first.status < 300 or not isinstance(first, HtmlResponse):
                return first
            traffic = Traffic(
                self._world,
                self._chromium,
                request,
                manners,
                self._kept,
                decoded(first, manners.bytes),
                slowest=time.monotonic() - sent,
            )
            receipt = PageReceipt(request.meta["receipt"], traffic.receipts)
            request.meta["receipt"] = receipt
            try:
                html, url = await self._read(request, traffic)
            finally:
                # A busy server is told by one exchange, not by how many a page needs.
                request.meta["waited"] = receipt.ended - began - traffic.slowest
            return self._response(request, traffic, receipt, html, url)

    async def close(self) -> None:
        async with self._turn:
            await self._chromium.close()
            self._kept.clear()

    async def _read(self, request: Request, traffic: Traffic) -> tuple[bytes, str]:
        """The DOM once the page has come to rest, and the address it then shows."""
        try:
            async with self._open(request, traffic) as page:
                await page.goto(request.url, wait_until="commit", timeout=1000 * ANSWER_SECONDS)
                await _at_rest(page, traffic)
                async with asyncio.timeout(ANSWER_SECONDS):
                    html = await page.content()
                    return html.encode("utf-8", "replace"), page.url
        except (Error, TimeoutError) as error:
            why = str(error).strip().partition("\n")[0] or "the browser does not answer"
            raise FetchFailed("render_failed", f"the browser could not show it: {why}") from error

    @asynccontextmanager
    async def _open(self, request: Request, traffic: Traffic) -> AsyncIterator[Page]:
        """A page on which `traffic` is answered, and on which nothing is answered afterwards."""
        agent = (request.headers.get("User-Agent") or b"gongkai").decode("latin-1")
        at = datetime.fromisoformat(request.meta["receipt"].capture.at)
        at_ms = int(1000 * at.timestamp())
        async with self._chromium.page(traffic.answer, agent=agent, at_ms=at_ms) as (page, frame):
            traffic.main_frame = frame
            page.on("websocket", lambda socket: traffic.note("websocket", socket.url, "WebSocket"))
            try:
                yield page
            finally:
                await traffic.stop()

    def _response(
        self, request: Request, traffic: Traffic, receipt: PageReceipt, html: bytes, url: str
    ) -> Response:
        navigation = traffic.navigation
        self._keep(request, traffic, receipt, html)
        request.meta["issues"] = tuple(_issues(traffic))
        request.meta["refused"] = tuple(traffic.refusals)
        headers = navigation.headers.copy()
        headers["Content-Type"] = b"text/html; charset=utf-8"
        return HtmlResponse(
            url=url,
            status=navigation.status,
            headers=headers,
            body=html,
            encoding="utf-8",
            request=request,
            flags=["rendered"],
        )

    def _keep(self, request: Request, traffic: Traffic, receipt: PageReceipt, html: bytes) -> None:
        """Write the DOM beside the navigation that it was made of; in a replay it is there."""
        first, navigated = receipt.navigation, traffic.navigation.meta["receipt"]
        if navigated is not receipt:  # a script went on to another page
            receipt.parts.remove(navigated)
            receipt.parts.append(first)
            receipt.navigation = navigated
        receipt.dom_sha256 = hashlib.sha256(html).hexdigest()
        origin = receipt.navigation
        if not isinstance(origin, StoredReceipt) or origin.vault is None:
            return
        dom = Dom(
            url=traffic.navigation.url,
            html=html,
            at=datetime.now(UTC),
            beside=origin.archived.record_id,
            facts={
                "kind": "dom",
                "section": request.meta["link"].section,
                "via": request.meta["link"].parent,
                "browser": self._chromium.version,
                "subrequests": str(traffic.made),
                "refused": "\n".join(map(str, traffic.refusals)),
            },
        )
        kept = origin.vault.record(str(request.meta["portal"]), dom)
        kept.ended = receipt.ended  # the server was left alone when the last exchange ended
        receipt.parts.append(kept)


async def _at_rest(page: Page, traffic: Traffic) -> None:
    """Wait until the page has loaded and asks for nothing more, or its time is up."""
    until = time.monotonic() + traffic.manners.seconds
    while time.monotonic() < until:
        if traffic.broken is not None:
            raise traffic.broken
        if traffic.idle >= QUIET_SECONDS:
            async with asyncio.timeout(ANSWER_SECONDS):
                if await _complete(page):
                    return
        await asyncio.sleep(0.05)
    traffic.note("out_of_time", page.url, "Document")


async def _complete(page: Page) -> bool:
    try:
        return bool(await page.evaluate("document.readyState") == "complete")
    except Error:
        if page.is_closed():
            raise
        return False  # it is on its way to another document


def _issues(traffic: Traffic) -> list[Issue]:
    """What someone should look at, once a kind; scripts from elsewhere stand in the facts only."""
    found: dict[str, Issue] = {}
    for refusal in traffic.refusals:
        counts_visitors = refusal.why == "offsite" and refusal.type != "XHR"
        if refusal.why not in EXPECTED and not counts_visitors:
            says = f"the page was rendered without {refusal.url} ({refusal.why})"
            found.setdefault(refusal.why, Issue(f"render_{refusal.why}", says, traffic.page.url))
    return list(found.values())
