"""One Chromium whose network leads nowhere: every request it makes is handed to us instead.

Interception is switched on for the browser as a whole, not for a page, so frames, workers, popups,
beacons and downloads of any page come the same way. What interception does not see (WebSockets,
name look-ups, connections opened ahead) ends at a proxy that is not there.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from playwright.async_api import Error, async_playwright

from crawler.download import browser
from crawler.errors import FetchFailed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from playwright.async_api import Browser, CDPSession, Page, Playwright

    from crawler.download.render_asked import Paused

CLOSED_NETWORK = (
    "--proxy-server=127.0.0.1:9",  # discard: nobody listens there
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--dns-prefetch-disable",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-pings",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
)
SMALL = ("--disable-gpu", "--disable-dev-shm-usage", "--mute-audio", "--no-first-run")
LAUNCH_SECONDS = 30
CLOSE_SECONDS = 10

# The clock stands still at the time of the navigation and chance is always the same, so that what
# a script asks for (`?_=1790000000000`) is asked for again in a replay. A script that waits in a
# loop for time to pass sees it pass.
SAME_AGAIN = """(() => {
  const Real = Date; let calls = 0, seed = 1;
  const now = () => %d + Math.floor(calls++ / 1000);
  globalThis.Date = new Proxy(Real, {
    construct: (date, args, self) => Reflect.construct(date, args.length ? args : [now()], self),
    apply: () => new Real(now()).toString(),
    get: (date, name) => name === 'now' ? now : Reflect.get(date, name),
  });
  Real.prototype.constructor = globalThis.Date;
  Math.random = () => (seed = seed * 48271 %% 2147483647) / 2147483647;
})()"""


class Chromium:
    """A browser that is started when first needed, and again after it broke. One page at a time.

    `answer` gets every request of the page that is open; with none open, requests end here.
    """

    def __init__(self) -> None:
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._session: CDPSession | None = None
        self._answer: Callable[[Paused], None] | None = None
        self.popups: set[str] = set()  # frame ids of windows that the open page opened
        self._main_frame = ""

    async def start(self) -> None:
        """Start the browser unless it runs. Raises FetchFailed `no_browser` where there is none."""
        if self._browser is not None and self._browser.is_connected():
            return
        await self.close()
        executable = browser.find()
        if executable is None:
            raise FetchFailed(
                "no_browser",
                "this page exists in rendered form only and no browser was found: install one "
                "(Debian: apt-get install chromium-headless-shell) or name it in GONGKAI_CHROMIUM",
            )
        self._playwright = await async_playwright().start()
        try:
            self._browser = await self._playwright.chromium.launch(
                executable_path=executable,
                chromium_sandbox=os.geteuid() != 0,  # root cannot have one
                args=[*CLOSED_NETWORK, *SMALL],
                timeout=1000 * LAUNCH_SECONDS,
                handle_sigint=False,  # the first Ctrl-C finishes what is in flight
                handle_sigterm=False,
                handle_sighup=False,
            )
            await self._close_network()
        except Error as error:
            await self.close()
            why = error.message.strip().partition("\n")[0]
            raise FetchFailed(
                "no_browser", f"the browser {executable} does not start ({why}): try it by hand"
            ) from error

    async def _close_network(self) -> None:
        assert self._browser is not None
        self._session = session = await self._browser.new_browser_cdp_session()
        session.on("Fetch.requestPaused", self._paused)
        session.on("Target.targetCreated", self._target_created)
        await session.send("Fetch.enable", {"patterns": [{"urlPattern": "*"}]})
        await session.send("Target.setDiscoverTargets", {"discover": True})

    @property
    def version(self) -> str:
        return self._browser.version if self._browser is not None else ""

    @asynccontextmanager
    async def page(
        self, answer: Callable[[Paused], None], *, agent: str, at_ms: int
    ) -> AsyncIterator[tuple[Page, str]]:
        """A page in a context of its own, gone afterwards, and the id of its main frame."""
        assert self._browser is not None
        self.popups, self._main_frame = set(), ""
        context = await self._browser.new_context(
            user_agent=agent,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            accept_downloads=False,
            service_workers="block",
        )
        try:
            await context.add_init_script(SAME_AGAIN % at_ms)
            page = await context.new_page()
            own = await context.new_cdp_session(page)
            tree = await own.send("Page.getFrameTree")
            self._main_frame = tree["frameTree"]["frame"]["id"]
            self.popups.discard(self._main_frame)
            self._answer = answer
            context.on("page", _shut)
            yield page, self._main_frame
        finally:
            self._answer = None
            try:
                async with asyncio.timeout(CLOSE_SECONDS):
                    await context.close()
                    await self.send("Browser.getVersion")  # what was on its way has come by now
            except (Error, TimeoutError):
                await self.close()

    async def send(self, method: str, parameters: dict[str, Any] | None = None) -> None:
        """Tell the browser something. Raises playwright's Error when it refuses or is gone."""
        if self._session is None:
            raise Error("the browser is closed")
        await self._session.send(method, parameters)

    async def close(self) -> None:
        """Stop the browser. May be called twice; `start` starts it again."""
        started, self._playwright, self._browser = self._playwright, None, None
        self._session = None
        if started is not None:
            await started.stop()  # and the browser with it, also one that hangs

    def _paused(self, paused: Paused) -> None:
        if self._answer is not None:
            self._answer(paused)  # else it stays paused until its context is gone

    def _target_created(self, event: dict[str, Any]) -> None:
        target = event["targetInfo"]
        if target["type"] == "page" and target["targetId"] != self._main_frame:
            self.popups.add(target["targetId"])


async def _shut(page: Page) -> None:
    try:
        await page.close()
    except Error:
        return  # it went with its opener
