"""The spider of a worker that serves several portals at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import scrapy
from scrapy.spiderloader import get_spider_loader

from crawler.frontier.record import Record

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Worker(scrapy.Spider):
    """Starts the named portals, then works on whatever the crawl's frontier hands out.

    `scrapy crawl NAME` runs one portal as the spider itself; both ends up in the same lease loop.
    """

    name = "worker"

    def __init__(self, portals: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.portals = portals

    async def start(self) -> AsyncIterator[Record]:
        loader = get_spider_loader(self.settings)
        for name in self.portals:
            portal = loader.load(name).from_crawler(self.crawler)
            async for link in portal.start():
                yield Record.from_link(name, link)
