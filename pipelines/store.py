"""Last: documents go into the catalogue before their lease is acknowledged."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from scrapy import signals

from crawler.items import SETTLED, Visit
from pipelines.attachments.join import joined
from pipelines.catalogue import Catalogue
from pipelines.extract import Unread
from pipelines.parse import Read
from pipelines.parser import PARSER_VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scrapy.crawler import Crawler
    from scrapy.statscollectors import StatsCollector

_open: WeakKeyDictionary[Crawler, Catalogue] = WeakKeyDictionary()


def catalogue_of(crawler: Crawler) -> Catalogue:
    """The catalogue of a run, opened once. Raises Unavailable when it cannot be written."""
    if crawler not in _open:
        settings = crawler.settings
        url = settings["GONGKAI_CATALOGUE"] or None
        _open[crawler] = Catalogue.open(Path(settings["GONGKAI_STORE"]), url)
    return _open[crawler]


class StorePipeline:
    """Writes what was read, and the issues of every visit."""

    def __init__(self, catalogue: Catalogue, stats: StatsCollector, crawl: str) -> None:
        self._catalogue = catalogue
        self._stats = stats
        self._crawl = crawl

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> StorePipeline:
        assert crawler.stats is not None
        self = cls(catalogue_of(crawler), crawler.stats, crawler.settings["GONGKAI_CRAWL"])
        crawler.signals.connect(self._settled, SETTLED)
        crawler.signals.connect(self._closed, signals.engine_stopped)
        return self

    def process_item(self, item: object) -> object:
        if isinstance(item, Unread):
            self._catalogue.add_issues(self._crawl, item.portal, item.issues)
        if isinstance(item, Read):
            put = self._catalogue.put(item.page, self._whole(item), parser=PARSER_VERSION)
            for what in ("new", "changed", "unchanged"):
                if count := getattr(put, what):
                    self._stats.inc_value(f"store/{what}/{item.page.portal}", count)
            self._catalogue.add_issues(self._crawl, item.page.portal, item.page.issues)
        return item

    def _whole(self, read: Read) -> Sequence[Mapping[str, Any]]:
        """The documents, those of a file with what the page that links to it knows."""
        if not read.page.parts:
            return read.documents
        return joined(read.page, read.documents, self._catalogue.at(read.page.parent))

    def _settled(self, visit: Visit) -> None:
        if visit.issues:
            self._catalogue.add_issues(self._crawl, visit.portal, visit.issues)

    def _closed(self) -> None:
        self._catalogue.close()
