"""First in line: bytes that were read before, by the same parser, are not read again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.exceptions import DropItem

from crawler.items import Attachment, Document
from pipelines.parser import PARSER_VERSION
from pipelines.store import catalogue_of

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.statscollectors import StatsCollector

    from pipelines.catalogue import Catalogue


class DedupePipeline:
    """Drops documents with the payload that the catalogue already holds for their address.

    The digest is the archive's, of the entity body. The same text at another address, and text
    that changed only in a counter, are for later stages to see.
    """

    def __init__(self, catalogue: Catalogue, stats: StatsCollector) -> None:
        self._catalogue = catalogue
        self._stats = stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> DedupePipeline:
        assert crawler.stats is not None
        return cls(catalogue_of(crawler), crawler.stats)

    def process_item(self, item: object) -> object:
        if isinstance(item, Document | Attachment):
            digest = item.capture.payload_sha256
            if self._catalogue.seen(item.url, digest, PARSER_VERSION):
                self._stats.inc_value(f"dedupe/unchanged/{item.portal}")
                raise DropItem("unchanged since it was last read", log_level="DEBUG")
        return item
