"""Scrapy's way into the worlds: the one download handler for http and https."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar
from weakref import WeakKeyDictionary

from crawler.download.vault import Vault
from crawler.download.wire import Wire
from crawler.download.worlds import Archive, Live, World
from crawler.errors import WrongUse

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response


class CaptureHandler:
    """Fetches from the world that the settings name. One world serves both schemes."""

    lazy = False
    _worlds: ClassVar[WeakKeyDictionary[Crawler, World]] = WeakKeyDictionary()

    def __init__(self, world: World) -> None:
        self._world: World | None = world

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> CaptureHandler:
        if crawler not in cls._worlds:
            cls._worlds[crawler] = _world(crawler)
        return cls(cls._worlds[crawler])

    async def download_request(self, request: Request) -> Response:
        """The response to `request`. Raises FetchFailed, or ArchiveError."""
        assert self._world is not None
        return await self._world.fetch(request)

    async def close(self) -> None:
        if self._world is not None:
            await self._world.close()
            self._world = None


def _world(crawler: Crawler) -> World:
    settings = crawler.settings
    store, crawl = Path(settings["GONGKAI_STORE"]), settings["GONGKAI_CRAWL"]
    match settings["GONGKAI_WORLD"]:
        case "archive":
            return Archive(store, settings["GONGKAI_AS_OF"])
        case "live" | "practice":
            wire = Wire(
                connect_to=settings["GONGKAI_CONNECT_TO"],
                seconds=settings.getfloat("DOWNLOAD_TIMEOUT"),
                max_bytes=settings.getint("DOWNLOAD_MAXSIZE"),
            )
            return Live(Vault(store, crawl), wire, crawl)
        case other:
            raise WrongUse(f"there is no world {other!r}: choose live, practice or archive")
