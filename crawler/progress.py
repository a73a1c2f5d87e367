"""A live line on the terminal: how the crawl that runs here is getting on."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections import Counter, deque
from contextlib import suppress
from typing import TYPE_CHECKING

from redis import RedisError
from scrapy import signals
from scrapy.exceptions import NotConfigured

from crawler.frontier.middleware import LeaseMiddleware
from crawler.items import SETTLED, Visit
from crawler.outlook import Outlook, spell

if TYPE_CHECKING:
    from rich.live import Live
    from scrapy.crawler import Crawler

    from crawler.frontier.client import Frontier

FRAME, LOOK = 0.5, 3.0  # seconds between two drawings, and two looks at all groups
RECENT = 30.0  # seconds over which a rate is measured


def frontier_of(crawler: Crawler) -> Frontier | None:
    """The frontier that a running crawl works on, once it is open."""
    leases = crawler.get_spider_middleware(LeaseMiddleware)
    return leases.frontier if leases is not None else None


class Progress:
    """Scrapy extension: one line on the terminal, rewritten in place, gone when the crawl ends."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._began = time.monotonic()
        self._verdicts: Counter[str] = Counter()
        self._issues = 0
        self._recent: deque[float] = deque()
        self._outlook: Outlook | None = None
        self._drawing: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Progress:
        if not crawler.settings.getbool("GONGKAI_PROGRESS"):
            raise NotConfigured
        self = cls(crawler)
        crawler.signals.connect(self._settled, SETTLED)
        crawler.signals.connect(self._opened, signals.spider_opened)
        crawler.signals.connect(self._closed, signals.spider_closed)
        return self

    def _settled(self, visit: Visit) -> None:
        self._verdicts[visit.verdict] += 1
        self._issues += len(visit.issues)
        self._recent.append(time.monotonic())

    def _opened(self) -> None:
        self._drawing = asyncio.ensure_future(self._draw())

    async def _closed(self) -> None:
        if self._drawing is not None:
            self._drawing.cancel()
            with suppress(asyncio.CancelledError):
                await self._drawing

    async def _draw(self) -> None:
        from rich.console import Console  # noqa: PLC0415 - no crawl without a terminal needs it
        from rich.live import Live  # noqa: PLC0415

        console = Console(stderr=True)
        with Live(console=console, auto_refresh=False, transient=True) as live, _logging_above():
            looked = -LOOK
            while True:
                if self._outlook is None or time.monotonic() >= looked + LOOK:
                    looked = time.monotonic()
                    await self._look()
                # In a thread: a terminal that somebody halts (Ctrl-S) must not halt the crawl.
                await asyncio.to_thread(self._show, live)
                await asyncio.sleep(FRAME)

    async def _look(self) -> None:
        frontier = frontier_of(self._crawler)
        if frontier is not None:
            with suppress(RedisError, OSError):  # the crawl itself says when Redis is gone
                self._outlook = Outlook.of(await frontier.groups())

    def _show(self, live: Live) -> None:
        from rich.text import Text  # noqa: PLC0415

        live.update(Text(self._line(), no_wrap=True, overflow="ellipsis"), refresh=True)

    def _line(self) -> str:
        now, verdicts, outlook = time.monotonic(), self._verdicts, self._outlook
        while self._recent and self._recent[0] < now - RECENT:
            self._recent.popleft()
        rate = len(self._recent) / max(1.0, min(RECENT, now - self._began))
        parts = [spell(now - self._began), f"{verdicts['done']} done"]
        parts += [f"{verdicts[v]} {v}" for v in ("gone", "failed") if verdicts[v]]
        parts.append(f"{rate:.1f}/s")
        if self._issues:
            parts.append(f"{self._issues} issue{'' if self._issues == 1 else 's'}")
        if outlook is not None:
            parts += [f"{outlook.waiting} waiting", f"at least {spell(outlook.seconds)} more"]
            parts.append(", ".join(f"{n} {state}" for state, n in sorted(outlook.states.items())))
        return "  ".join(parts)


class _logging_above:  # noqa: N801 - reads as a sentence: with … _logging_above()
    """Log lines go through the live display, which writes them above its own."""

    def __enter__(self) -> None:
        self._moved = [
            (handler, handler.setStream(sys.stderr))
            for handler in logging.root.handlers
            if type(handler) is logging.StreamHandler
        ]

    def __exit__(self, *_: object) -> None:
        for handler, stream in self._moved:
            if stream is not None:
                handler.setStream(stream)
