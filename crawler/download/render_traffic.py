"""The requests of one page: one at a time, each through the world."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from playwright.async_api import Error
from scrapy.http import HtmlResponse

from crawler.download.render_asked import Asked, Manners, Refusal
from crawler.download.render_fulfil import decoded, fulfilment
from crawler.errors import FetchFailed

if TYPE_CHECKING:
    from collections import OrderedDict

    from scrapy import Request
    from scrapy.http import Response

    from crawler.download.render_asked import Paused
    from crawler.download.render_chromium import Chromium
    from crawler.download.worlds import World
    from crawler.items import Receipt

KEPT = frozenset({"Script", "Stylesheet"})  # as a browser's cache would, from page to page
KEPT_BYTES = 64 * 2**20
NOTED_MOST = 200
NOTED_LONGEST = 4000  # characters of an address
REDIRECTS = {301, 302, 303, 307, 308}
NAVIGATIONS = 5  # of the main frame, redirects included


@dataclass(slots=True)
class Hosts:
    """Which hosts are being asked, and when each was last: two pages may need the same one."""

    turns: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    ended: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class Traffic:
    """Answers what the browser asks while one page is open."""

    world: World
    chromium: Chromium
    page: Request
    manners: Manners
    kept: OrderedDict[tuple[str, str], Response]  # by portal and URL; no more than `KEPT_BYTES`
    hosts: Hosts
    navigation: Response  # the newest of the main frame; the first was fetched before
    slowest: float = 0.0  # seconds of one exchange
    main_frame: str = ""
    receipts: list[Receipt] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    made: int = 0  # sub-requests
    size: int = 0  # bytes of their bodies
    broken: BaseException | None = None  # why there is no use in waiting
    _navigations: int = 0
    _repeats: int = 0
    _stopped: bool = False
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _answers: dict[tuple[str, str, bytes], Response] = field(default_factory=dict)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _ended: float = field(default_factory=time.monotonic)  # the last exchange
    _changed: float = field(default_factory=time.monotonic)  # the last that the page learnt

    @property
    def idle(self) -> float:
        """Seconds since the page learnt something; 0 while it waits for an answer."""
        return 0.0 if self._tasks else time.monotonic() - self._changed

    def answer(self, paused: Paused) -> None:
        """Take a request over; it is answered in its turn."""
        if not self._stopped:
            task = asyncio.get_running_loop().create_task(self._settle(Asked.of(paused)))
            self._tasks.add(task)
            task.add_done_callback(self._done)

    async def stop(self) -> None:
        """Drop what waits for its turn; what is on the wire is finished, so that it is kept."""
        self._stopped = True
        async with self._turn:
            for task in self._tasks:
                task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def crashed(self) -> None:
        """The page brought its browser down: nothing more will come of it."""
        self.broken = FetchFailed("render_failed", "the browser could not show it: it crashed")

    def note(self, why: str, url: str, kind: str) -> None:
        """Write down, once, what was not done."""
        refusal = Refusal(why, url[:NOTED_LONGEST], kind)
        if refusal not in self.refusals and len(self.refusals) < NOTED_MOST:
            self.refusals.append(refusal)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.broken = error

    async def _settle(self, asked: Asked) -> None:
        """Fulfil, refuse or let go one request."""
        if asked.local:
            await self._tell("Fetch.continueRequest", asked)
            return
        why = asked.refusal(self.manners, self.chromium.popups)
        if not why and not await self.manners.allows(asked.url):
            why = "robots"
        if why:
            self.note(why, asked.url, asked.type)
        response = None if why else await self._response(asked)
        if response is None:
            # An aborted navigation leaves the page as it is; other reasons would replace it.
            reason = "Aborted" if asked.document else "BlockedByClient"
            await self._tell("Fetch.failRequest", asked, errorReason=reason)
        elif await self._tell(
            "Fetch.fulfillRequest", asked, **fulfilment(response, document=asked.document)
        ):
            self._changed = time.monotonic()
        else:
            await self._tell("Fetch.failRequest", asked, errorReason="Failed")

    async def _tell(self, method: str, asked: Asked, **parameters: Any) -> bool:
        """False when the browser refuses: a status it does not know, or a request that is gone."""
        try:
            await self.chromium.send(method, {"requestId": asked.id, **parameters})
        except Error:
            return False
        return True

    async def _response(self, asked: Asked) -> Response | None:
        """The response, decoded; None, with the reason noted, when none may be had."""
        main = asked.document and asked.frame == self.main_frame
        self._navigations += main
        if main and self._navigations == 1:
            return self.navigation
        async with self._turn:
            if (known := self._known(asked)) is not None:
                return known
            try:
                self._within_limits()
                response = await self._fetch(asked)
                if main and response.status not in REDIRECTS:
                    self._navigated(response)
            except FetchFailed as error:
                self.note(error.code, asked.url, asked.type)
                return None
            self._keep(asked, response)
        return response

    def _in_time(self) -> None:
        if self._stopped:
            raise FetchFailed("out_of_time", "the page is not waited for any more")

    def _within_limits(self) -> None:
        self._in_time()
        if self._navigations > NAVIGATIONS:
            raise FetchFailed("navigation_loop", f"more than {NAVIGATIONS} navigations")
        if self.made >= self.manners.requests:
            raise FetchFailed("too_many", f"more than {self.manners.requests} sub-requests")
        if self.size >= self.manners.bytes:
            raise FetchFailed("too_large", f"more than {self.manners.bytes} bytes")

    def _navigated(self, response: Response) -> None:
        if not isinstance(response, HtmlResponse):
            raise FetchFailed("not_html", "a script went on to something that is no page")
        self.navigation = response

    async def _fetch(self, asked: Asked) -> Response:
        """One exchange, after the pause that the portal is promised."""
        host = urlsplit(asked.url).hostname or ""
        async with self.hosts.turns[host]:
            before = max(self._ended, self.hosts.ended.get(host, 0.0))
            await asyncio.sleep(max(0.0, before + self.manners.delay - time.monotonic()))
            self._in_time()
            request = asked.request(self.page)
            self.made += 1
            started = time.monotonic()
            try:
                response = await self.world.fetch(request)
            finally:
                self._ended = self._changed = self.hosts.ended[host] = time.monotonic()
                self.slowest = max(self.slowest, self._ended - started)
                if (receipt := request.meta.get("receipt")) is not None:
                    self.receipts.append(receipt)
        response = decoded(response, self.manners.bytes - self.size)
        self.size += len(response.body)
        return response

    # What need not be asked twice.

    def _known(self, asked: Asked) -> Response | None:
        """What this page was answered before, so that a replay is the same; or a script kept."""
        if asked.document:
            return None
        known = self._answers.get(asked.key)
        if known is None and asked.method == "GET":
            known = self.kept.get((self.page.meta["portal"], asked.url))
        if known is not None and self._repeats < self.manners.requests:
            self._repeats += 1  # a page that polls comes to rest all the same
        return known

    def _keep(self, asked: Asked, response: Response) -> None:
        if asked.document:
            return
        self._answers[asked.key] = response
        if asked.type in KEPT and asked.method == "GET" and response.status == 200:
            self.kept[self.page.meta["portal"], asked.url] = response
            while sum(len(one.body) for one in self.kept.values()) > KEPT_BYTES:
                self.kept.popitem(last=False)
