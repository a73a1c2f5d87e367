"""An archived response as a spider is given it, outside a crawl."""

from __future__ import annotations

from functools import cache

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.statscollectors import DummyStatsCollector

from crawler.download.middleware import CharsetMiddleware, CodingMiddleware
from crawler.order import project_settings


def as_crawled(request: Request, response: Response) -> Response:
    """What the middlewares of a crawl make of what a world answers."""
    return CharsetMiddleware().process_response(
        request, _coding().process_response(request, response)
    )


@cache
def _coding() -> CodingMiddleware:
    crawler = Crawler(Spider, project_settings())
    crawler.stats = DummyStatsCollector(crawler)
    made = CodingMiddleware.from_crawler(crawler)
    assert isinstance(made, CodingMiddleware)
    return made
