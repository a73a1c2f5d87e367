"""Pages that exist in rendered form only: a browser runs their scripts, we do the asking.

The page itself is fetched like any other. Only if it is HTML a browser opens it, with no network
but ours: what its scripts ask for goes through the same world, politely and into the archive. What
the spider reads is the DOM, kept beside the exchanges as a record of its own; a replay reads it
there, and comes here only for a page whose DOM was not kept.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import OrderedDict
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from playwright.async_api import Error

from archive import Dom
from crawler.download.render_chromium import Chromium
from crawler.download.render_fulfil import decoded
from crawler.download.render_receipt import PageReceipt
from crawler.download.render_traffic import Hosts, Traffic
from crawler.download.shown import facts, page, renders
from crawler.download.vault import StoredReceipt
from crawler.errors import FetchFailed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Page
    from scrapy import Request
    from scrapy.http import Response

    from crawler.download.render_asked import Manners
    from crawler.download.worlds import World

QUIET_SECONDS = 0.5  # without a request, before a page that is loaded counts as finished
STILL_SECONDS = 10.0  # and one that says it is still loading
ANSWER_SECONDS = 20.0  # for the browser itself, where no portal is waited for
BROWSERS = 2  # pages at a time: the frontier never leases two of one server


class Renderer:
    """Renders the pages of one world, as many at a time as there are browsers."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._free = asyncio.Semaphore(BROWSERS)
        self._idle: list[Chromium] = []
        self._kept: OrderedDict[tuple[str, str], Response] = OrderedDict()
        self._hosts = Hosts()

    async def render(self, request: Request, manners: Manners) -> Response:
        """The page after its scripts ran; what is not HTML, or not found, as it came.

        Leaves a receipt for everything that was asked, also when it raises FetchFailed.
        """
        began = time.monotonic()
        async with self._free:
            chromium = self._idle.pop() if self._idle else Chromium()
            try:
                await chromium.start()
                request.meta["waited"] = time.monotonic() - began
                return await self._rendered(request, manners, chromium, began)
            finally:
                self._idle.append(chromium)

    async def _rendered(
        self, request: Request, manners: Manners, chromium: Chromium, began: float
    ) -> Response:
        sent = time.monotonic()
        request.headers["Accept-Encoding"] = b"gzip, deflate"
        first = await self._world.fetch(request)
        if not renders(first):
            return first
        traffic = Traffic(
            self._world,
            chromium,
            request,
            manners,
            self._kept,
            self._hosts,
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
        self._keep(traffic, receipt, html, url)
        return page(request, traffic.navigation, html, url, traffic.refusals)

    async def close(self) -> None:
        """Close the browsers, each after the page that it has open."""
        for _ in range(BROWSERS):
            await self._free.acquire()
        for chromium in self._idle:
            await chromium.close()
        self._idle.clear()
        self._kept.clear()
        for _ in range(BROWSERS):
            self._free.release()

    async def _read(self, request: Request, traffic: Traffic) -> tuple[bytes, str]:
        """The DOM once the page has come to rest, and the address it then shows."""
        try:
            async with self._open(request, traffic) as opened:
                await opened.goto(request.url, wait_until="commit", timeout=1000 * ANSWER_SECONDS)
                await _at_rest(opened, traffic)
                async with asyncio.timeout(ANSWER_SECONDS):
                    html, url = await opened.content(), opened.url
            if traffic.broken is not None:  # by what was still on the wire
                raise traffic.broken
            return html.encode("utf-8", "replace"), url
        except (Error, TimeoutError) as error:
            why = str(error).strip().partition("\n")[0] or "the browser does not answer"
            raise FetchFailed("render_failed", f"the browser could not show it: {why}") from error

    @asynccontextmanager
    async def _open(self, request: Request, traffic: Traffic) -> AsyncIterator[Page]:
        """A page on which `traffic` is answered, and on which nothing is answered afterwards."""
        agent = (request.headers.get("User-Agent") or b"gongkai").decode("latin-1")
        at = datetime.fromisoformat(request.meta["receipt"].capture.at)
        at_ms = int(1000 * at.timestamp())
        opening = traffic.chromium.page(traffic.answer, agent=agent, at_ms=at_ms)
        async with opening as (opened, frame):
            traffic.main_frame = frame
            await opened.context.add_cookies(_cookies(request))
            opened.on("crash", lambda _: traffic.crashed())
            opened.on("websocket", lambda one: traffic.note("websocket", one.url, "WebSocket"))
            try:
                yield opened
            finally:
                await traffic.stop()

    @staticmethod
    def _keep(traffic: Traffic, receipt: PageReceipt, html: bytes, url: str) -> None:
        """Write the DOM beside the navigation that it was made of; in a replay it is there.

        It stands under the address that was asked for, whatever page a script went on to.
        """
        request = traffic.page
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
            url=request.url,
            html=html,
            at=datetime.now(UTC),
            beside=origin.archived.record_id,
            facts={
                "kind": "dom",
                "section": request.meta["link"].section,
                "via": request.meta["link"].parent,
                "browser": traffic.chromium.version,
                "subrequests": str(traffic.made),
                **facts(url, traffic.refusals),
            },
        )
        kept = origin.vault.record(str(request.meta["portal"]), dom)
        kept.ended = receipt.ended  # the server was left alone when the last exchange ended
        receipt.parts.append(kept)


def _cookies(request: Request) -> list[Any]:
    """What the page was asked with, for what it asks for itself."""
    said = (request.headers.get("Cookie") or b"").decode("latin-1")
    pairs = (one.partition("=") for one in said.split("; ") if one)
    return [{"name": name, "value": value, "url": request.url} for name, _, value in pairs]


async def _at_rest(page: Page, traffic: Traffic) -> None:
    """Wait until the page has loaded and asks for nothing more, or its time is up."""
    until = time.monotonic() + traffic.manners.seconds
    while time.monotonic() < until:
        if traffic.broken is not None:
            raise traffic.broken
        if traffic.idle >= QUIET_SECONDS:
            async with asyncio.timeout(ANSWER_SECONDS):
                if await _complete(page) or traffic.idle >= STILL_SECONDS:
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
