"""One crawl of a list of URLs by Scrapy, recorded by one of several recorders.

Runs in the environment of the recorder: reads a job as JSON on standard input, prints what it took.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import scrapy
from scrapy import signals
from scrapy.crawler import CrawlerProcess

QUIET = {
    "LOG_LEVEL": "CRITICAL",
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "ROBOTSTXT_OBEY": False,
}
LEAN = {  # as in our own settings
    "CONCURRENT_REQUESTS": 32,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 32,
    "CONCURRENT_ITEMS": 4,
    "REDIRECT_ENABLED": False,
    "METAREFRESH_ENABLED": False,
    "RETRY_ENABLED": False,
    "COOKIES_ENABLED": False,
    "HTTPPROXY_ENABLED": False,
    "SPIDER_MIDDLEWARES": {
        "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,
        "scrapy.spidermiddlewares.referer.RefererMiddleware": None,
        "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,
        "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
    },
}
WARCIO = """
warc_spec: https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.0/
max_warc_size: 10000000000
collection: bench
description: bench
operator: bench
robots: ignore
user_agent: bench
warc_prefix: bench
warc_dest: .
"""


class Warcio:
    """The middleware that the README of scrapy-warcio says to write."""

    def __init__(self) -> None:
        import scrapy_warcio

        self.now = scrapy_warcio.warc_date
        self.warcio = scrapy_warcio.ScrapyWarcIo()

    def process_request(self, request: Any, spider: Any) -> None:
        request.meta["WARC-Date"] = self.now()

    def process_response(self, request: Any, response: Any, spider: Any) -> Any:
        self.warcio.write(response, request)
        return response


def recorder(name: str) -> dict[str, Any]:
    """The settings that switch a recorder on; it writes into the working directory."""
    if name.startswith("ours"):
        from tests.bench.crawling_ours import SETTINGS

        return SETTINGS[name]
    if name == "scrapy-webarchive":
        extensions = {"scrapy_webarchive.extensions.WaczExporter": 543}
        return {"EXTENSIONS": extensions, "SW_EXPORT_URI": f"file://{Path.cwd()}/"}
    if name == "scrapy-warcio":
        Path("settings.yml").write_text(WARCIO, encoding="utf-8")
        os.environ["SCRAPY_WARCIO_SETTINGS"] = "settings.yml"
        return {"DOWNLOADER_MIDDLEWARES": {Warcio: 543}}
    return {}


class Pages(scrapy.Spider):
    """Asks for everything in its job, and counts what it gets."""

    name = "bench"
    job: dict[str, Any] = {}
    pages = failed = 0

    def start_requests(self) -> Any:
        for url, method, body in self.job["requests"]:
            meta = {"portal": "bench"}
            yield scrapy.Request(
                url,
                method=method,
                body=body,
                headers={"X-Odd": "a  b"},
                meta=meta,
                dont_filter=True,
                errback=self.fail,
            )

    async def start(self) -> Any:
        for request in self.start_requests():
            yield request

    async def parse(self, response: Any) -> None:
        type(self).pages += 1
        if receipt := response.meta.get("receipt"):  # ours: on disk, then findable
            await receipt.durable()
            receipt.publish()

    def fail(self, _failure: Any) -> None:
        type(self).failed += 1


def main() -> None:
    job = Pages.job = json.load(sys.stdin)
    settings = {**QUIET, **(LEAN if job["lean"] else {}), **job.get("settings", {})}
    settings = {**settings, **recorder(job["recorder"])}
    if settings.get("TWISTED_REACTOR_ENABLED", True):
        process: Any = CrawlerProcess(settings)
    else:
        from scrapy.crawler import AsyncCrawlerProcess

        process = AsyncCrawlerProcess(settings)
    began: list[float] = []
    crawler = process.create_crawler(Pages)
    crawler.signals.connect(
        lambda: began.extend((time.perf_counter(), sum(os.times()[:2]))),
        signals.spider_opened,
        weak=False,
    )
    process.crawl(crawler)
    process.start()
    took, used = time.perf_counter() - began[0], sum(os.times()[:2]) - began[1]
    done = {"pages": Pages.pages, "failed": Pages.failed, "seconds": took, "cpu": used}
    print(json.dumps({**done, "scrapy": scrapy.__version__}))


if __name__ == "__main__":
    main()
