"""A crawl's figures for Prometheus, on loopback, for as long as it runs."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

from redis import RedisError
from scrapy import signals
from scrapy.exceptions import NotConfigured

from crawler.errors import Unavailable
from crawler.items import SETTLED, Visit
from crawler.outlook import Outlook
from crawler.progress import frontier_of

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

PATIENCE = 5.0  # seconds for a scraper to say what it wants
STATES = ("ready", "in-process", "snoozed", "paused", "exhausted", "retired", "blocked")


class Figures:
    """What is counted, and what is asked of the frontier when somebody looks."""

    def __init__(self) -> None:
        import prometheus_client as prometheus  # noqa: PLC0415 - for those who asked only

        # When a counter began is of no use here.
        prometheus.disable_created_metrics()  # type: ignore[no-untyped-call]
        self._all = prometheus.CollectorRegistry()
        self._settled = prometheus.Counter(
            "gongkai_leases", "Leases settled", ["portal", "verdict"], registry=self._all
        )
        self._bytes = prometheus.Counter(
            "gongkai_received_bytes", "Bodies received", ["portal"], registry=self._all
        )
        self._seconds = prometheus.Histogram(
            "gongkai_exchange_seconds",
            "How long servers took to answer",
            ["portal"],
            buckets=(0.1, 0.3, 1, 3, 10, 30, 60),
            registry=self._all,
        )
        self._issues = prometheus.Counter(
            "gongkai_issues", "What someone should look at", ["portal", "code"], registry=self._all
        )
        self._groups = prometheus.Gauge(
            "gongkai_groups", "Politeness groups by state", ["state"], registry=self._all
        )
        self._waiting = prometheus.Gauge(
            "gongkai_records_waiting", "Records queued, delayed or in flight", registry=self._all
        )
        self._left = prometheus.Gauge(
            "gongkai_seconds_left", "At the delays in force, at least", registry=self._all
        )

    def add(self, visit: Visit) -> None:
        """Count one settled lease."""
        self._settled.labels(visit.portal, visit.verdict).inc()
        self._bytes.labels(visit.portal).inc(visit.size)
        if visit.status:
            self._seconds.labels(visit.portal).observe(visit.elapsed_ms / 1000)
        for issue in visit.issues:
            self._issues.labels(visit.portal, issue.code).inc()

    def look(self, outlook: Outlook) -> None:
        """How the frontier stands."""
        for state in STATES:
            self._groups.labels(state).set(outlook.states[state])
        self._waiting.set(outlook.waiting)
        self._left.set(outlook.seconds)

    def page(self) -> bytes:
        """The text exposition format."""
        from prometheus_client import generate_latest  # noqa: PLC0415

        return generate_latest(self._all)


class Metrics:
    """Scrapy extension: answers `GET /metrics` on 127.0.0.1."""

    def __init__(self, crawler: Crawler, door: socket.socket) -> None:
        self._crawler = crawler
        self._door = door
        self._figures = Figures()
        self._server: asyncio.Server | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Metrics:
        """Raises Unavailable where the port is taken."""
        port = crawler.settings.getint("GONGKAI_METRICS")
        if not port:
            raise NotConfigured
        try:
            door = socket.create_server(("127.0.0.1", port))
        except OSError as error:
            says = f"--metrics {port}: {error.strerror}; name another port"
            raise Unavailable(says) from error
        self = cls(crawler, door)
        crawler.signals.connect(self._figures.add, SETTLED)
        crawler.signals.connect(self._opened, signals.spider_opened)
        crawler.signals.connect(self._closed, signals.engine_stopped)
        return self

    async def _opened(self) -> None:
        self._server = await asyncio.start_server(self._answer, sock=self._door)

    async def _closed(self) -> None:
        if self._server is not None:
            self._server.close()
        self._door.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(TimeoutError, ConnectionError, asyncio.IncompleteReadError):
            async with asyncio.timeout(PATIENCE):
                head = await reader.readuntil(b"\r\n\r\n")
            writer.write(await self._said(head.split(b" ", 2)[1:2]))
            await writer.drain()
        writer.close()

    async def _said(self, path: list[bytes]) -> bytes:
        if path != [b"/metrics"]:
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        frontier = frontier_of(self._crawler)
        if frontier is not None:
            with suppress(RedisError, OSError):  # then the last look stands
                self._figures.look(Outlook.of(await frontier.groups()))
        body = self._figures.page()
        head = (
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        return head.encode() + body
