"""Scrapy's way into the worlds: the one download handler for http and https."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar
from weakref import WeakKeyDictionary

from archive import ArchiveError
from crawler import egress
from crawler.download import render
from crawler.download.tls import Handshakes
from crawler.download.vault import Vault
from crawler.download.wire import Wire
from crawler.download.worlds import Archive, Live, World
from crawler.errors import WrongUse

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.settings import BaseSettings
    from scrapy.statscollectors import StatsCollector


class CaptureHandler:
    """Fetches from the world that the settings name. One world serves both schemes."""

    lazy = False
    _worlds: ClassVar[WeakKeyDictionary[Crawler, Opening]] = WeakKeyDictionary()

    def __init__(self, opening: Opening) -> None:
        self._opening = opening

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> CaptureHandler:
        assert crawler.stats is not None
        return cls(cls._worlds.setdefault(crawler, Opening(crawler.settings, crawler.stats)))

    async def download_request(self, request: Request) -> Response:
        """The response to `request`. Raises FetchFailed, or ArchiveError."""
        return await render.fetch_or_render(self._opening.world(), request)

    async def close(self) -> None:
        await self._opening.close()


class Opening:
    """A world that opens with the first request.

    Scrapy would log a handler that fails while it is made, and go on without it; a request that
    fails ends the crawl.
    """

    def __init__(self, settings: BaseSettings, stats: StatsCollector) -> None:
        self._settings = settings
        self._stats = stats
        self._world: World | None = None

    def world(self) -> World:
        """Raises ArchiveError when the store cannot be used."""
        if self._world is None:
            self._world = _world(self._settings)
        return self._world

    async def close(self) -> None:
        """Leaves an ArchiveError in the stats: Scrapy would log it with a traceback and go on."""
        world, self._world = self._world, None
        if world is not None:
            try:
                await render.close(world)
            except ArchiveError as error:
                self._stats.set_value("archive/unsealed", error)


def _world(settings: BaseSettings) -> World:
    store, crawl = Path(settings["GONGKAI_STORE"]), settings["GONGKAI_CRAWL"]
    match settings["GONGKAI_WORLD"]:
        case "archive":
            return Archive(store, settings["GONGKAI_AS_OF"])
        case "live" | "practice":
            known, ways = Handshakes(), egress.read(settings["GONGKAI_EGRESS"])
            if settings["GONGKAI_CONNECT_TO"]:
                ways = egress.read("")  # there is only one way there
            wires = {
                name: Wire(
                    connect_to=settings["GONGKAI_CONNECT_TO"],
                    seconds=settings.getfloat("DOWNLOAD_TIMEOUT"),
                    max_bytes=settings.getint("DOWNLOAD_MAXSIZE"),
                    spill_to=store / "incoming",
                    handshakes=known,
                    egress=way,
                )
                for name, way in ways.items()
            }
            return Live(Vault(store, crawl), wires.pop(egress.DEFAULT), crawl, wires)
        case other:
            raise WrongUse(f"there is no world {other!r}: choose live, practice or archive")
