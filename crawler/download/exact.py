"""One exchange with ourselves before a crawl: do the bytes still reach the archive untouched?

The client is our own, so no Twisted release can change what it records. But Scrapy stands between
it and the crawl: a handler that is not ours, or a Scrapy that calls it otherwise, decodes or
retouches before us, would show only in what is missing from the archive.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import scrapy
from scrapy import signals
from scrapy.core.downloader.handlers import DownloadHandlers
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.settings import Settings
from scrapy.statscollectors import DummyStatsCollector

from archive import Index, read
from crawler.errors import Unavailable
from crawler.items import Kind, Link

if TYPE_CHECKING:
    from scrapy.http import Response
    from scrapy.settings import BaseSettings

ENTITY = b"\x1f\x8b, says the head"  # no gzip at all: whoever decodes stumbles over it
ANSWER = (
    b"HTTP/1.1 200 \xc8\xb7\xb6\xa8\r\nsEt-cOOkie: b=\xb9\xab\r\nContent-Encoding: gzip\r\n"
    b"no colon\r\nTransfer-Encoding: Chunked\r\n\r\n%x;x=y\r\n%b\r\n0\r\nX-Trailer: 1\r\n\r\n"
) % (len(ENTITY), ENTITY)
SECONDS = 20
ADVICE = (
    "so nothing was fetched: see DOWNLOAD_HANDLERS in crawler/settings.py, and use the Scrapy "
    "that `make setup` installs"
)


class SelfTest:
    """Ends a crawl before its first request when captures would not be exact."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> SelfTest:
        self = cls(crawler)
        if crawler.settings["GONGKAI_WORLD"] != "archive":  # there nothing is captured
            crawler.signals.connect(self.opened, signals.spider_opened)
        return self

    async def opened(self) -> None:
        """Scrapy would log any other exception, and crawl on."""
        try:
            await check(self._crawler.settings)
        except Exception as error:  # a test that breaks is no better than one that fails
            known = error if isinstance(error, Unavailable) else _inexact(repr(error))
            assert self._crawler.stats is not None
            self._crawler.stats.set_value("archive/unsealed", known)  # who runs the crawl raises it
            # The engine will not start, so Scrapy would tell nobody to close files when it stops.
            await self._crawler.signals.send_catch_log_async(signals.engine_stopped)
            raise CloseSpider("inexact") from error


async def check(settings: BaseSettings) -> None:
    """Fetch one answer from loopback through the configured handler, into a store of its own.

    Raises Unavailable unless archive and spider get exactly what was sent.
    """
    asked = bytearray()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.extend(await reader.readuntil(b"\r\n\r\n"))
        writer.write(ANSWER)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        with tempfile.TemporaryDirectory(prefix="gongkai-self-test-") as store:
            port = server.sockets[0].getsockname()[1]
            wrong = await _fetched(settings, Path(store), f"http://127.0.0.1:{port}/", asked)
    finally:
        server.close()
    if wrong:
        raise _inexact(wrong)


def _inexact(why: str) -> Unavailable:
    return Unavailable(f"captures would not be exact: {why}; {ADVICE}")


async def _fetched(settings: BaseSettings, store: Path, url: str, asked: bytearray) -> str:
    """Say what is wrong with one exchange, "" when nothing is."""
    own = Settings()  # a copy of a crawl's settings would be as frozen as they are
    own.update(settings)
    named = {"GONGKAI_STORE": str(store), "GONGKAI_CRAWL": "self-test"}
    named |= dict.fromkeys(("GONGKAI_CONNECT_TO", "GONGKAI_EGRESS"), "")
    own.update(named, priority="cmdline")
    crawler = Crawler(scrapy.Spider, own)
    crawler.stats = DummyStatsCollector(crawler)
    crawler.spider = scrapy.Spider("self-test")
    handlers = DownloadHandlers(crawler)
    request = scrapy.Request(url, meta={"portal": "self-test", "link": Link(url, Kind.ATTACHMENT)})
    try:
        async with asyncio.timeout(SECONDS):
            response = await handlers.download_request_async(request)
        return _wrong(store, request, response, bytes(asked))
    except Exception as error:  # noqa: BLE001 - whatever a release may break
        return f"the download handler failed with {error!r}"
    finally:
        await handlers._close()


def _wrong(store: Path, request: scrapy.Request, response: Response, asked: bytes) -> str:
    receipt = request.meta.get("receipt")
    if receipt is None or receipt.capture is None:
        return "the configured download handler keeps nothing"
    with Index(store) as index:
        index.add([receipt.archived])
        stored = read(store, receipt.archived)
    if stored.response != ANSWER:
        return "the archive does not hold the bytes that were sent"
    if stored.request != asked:
        return "the archive does not hold the bytes that were asked"
    if response.body != ENTITY or response.headers.get("Content-Encoding") != b"gzip":
        return "the body was decoded before it was handed on"
    if response.headers.getlist("Set-Cookie") != [b"b=\xb9\xab"]:
        return "the header was rewritten before it was handed on"
    return ""
