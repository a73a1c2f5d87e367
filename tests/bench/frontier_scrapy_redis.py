"""The scrapy-redis side of `make bench-frontier`; runs in an environment of its own.

`... jobs URL` reads one job a line on standard input and prints one JSON line for each.
`... crawl URL BASE OUT COUNT ROLE` crawls with its settings as they come, the first one
starting with COUNT URLs, and appends to OUT the path of every page that its callback got.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import frontier_loop
import frontier_urls
import scrapy
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Request, Response
from scrapy.utils.test import get_crawler
from scrapy_redis.scheduler import Scheduler

SETTINGS = {
    "SCHEDULER": "scrapy_redis.scheduler.Scheduler",
    "DUPEFILTER_CLASS": "scrapy_redis.dupefilter.RFPDupeFilter",
    "LOG_LEVEL": "ERROR",
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
}


class Pages(scrapy.Spider):
    """Fetches pages of a server and notes which it got; the first worker starts with `count`."""

    name = "pages"
    base = out = ""
    count, first = 0, False

    async def start(self) -> AsyncIterator[Request]:
        for number in range(self.count if self.first else 0):
            yield Request(f"{self.base}/{number}.html")

    def parse(self, response: Response, **said: str) -> None:
        with Path(self.out).open("a", encoding="utf-8") as file:
            file.write(response.url.removeprefix(self.base) + "\n")


class Jobs:
    """Its scheduler, used as Scrapy's engine uses it."""

    def __init__(self, redis: str) -> None:
        crawler = get_crawler(Pages, SETTINGS | {"REDIS_URL": redis, "SCHEDULER_PERSIST": True})
        self.spider = crawler.spider = Pages.from_crawler(crawler)
        self.scheduler = Scheduler.from_crawler(crawler)
        self.scheduler.stats = None  # its calls warn at every request on this Scrapy: spared it
        self.scheduler.open(self.spider)

    def _timed(self, work: Callable[[], int]) -> dict[str, Any]:
        """What was done, and seconds: by the clock, of our processor time, of the server's."""
        before = self.scheduler.server.info("cpu")
        start, used = time.perf_counter(), time.process_time()
        done = work()
        took, used = time.perf_counter() - start, time.process_time() - used
        after = self.scheduler.server.info("cpu")
        server = sum(after[name] - before[name] for name in ("used_cpu_user", "used_cpu_sys"))
        return {"done": done, "seconds": took, "client": used, "server": server}

    def enqueue(self, job: dict[str, Any]) -> dict[str, Any]:
        """Finished requests, so that only the queue is timed; without a callback to look up."""
        requests = [Request(url) for url in frontier_urls.urls(job)]
        return self._timed(lambda: sum(map(self.scheduler.enqueue_request, requests)))

    def pop(self, job: dict[str, Any]) -> dict[str, Any]:
        def work() -> int:
            count = 0
            while self.scheduler.next_request():
                count += 1
            return count

        return self._timed(work)

    def page(self, job: dict[str, Any]) -> dict[str, Any]:
        """What a callback yields for its links, from strings to the queue."""
        made = list(frontier_urls.pages(job))
        return self._timed(lambda: sum(sum(map(self._link, links)) for links in made))

    def _link(self, link: dict[str, str]) -> bool:
        said = {"title": link["title"], "date": link["date"], "parent": "/"}
        return self.scheduler.enqueue_request(
            Request(link["url"], self.spider.parse, cb_kwargs=said)
        )

    def blocks(self, job: dict[str, Any]) -> dict[str, Any]:
        """Scrapy 2.19 takes a callback's requests in one turn of the loop: so does this."""
        todo = iter(list(frontier_urls.pages(job)))

        async def page() -> None:
            self.scheduler.next_request()
            for link in next(todo):
                self._link(link)

        return frontier_loop.blocks(lambda paced: paced(page), job["seconds"])

    def forget_queue(self, job: dict[str, Any]) -> dict[str, Any]:
        self.scheduler.queue.clear()
        return {}

    def identical(self, job: dict[str, Any]) -> dict[str, Any]:
        """How many of `count` equal requests, all to be fetched, come out again."""
        for _ in range(job["count"]):
            self.scheduler.enqueue_request(
                Request("http://127.0.0.1/", self.spider.parse, dont_filter=True)
            )
        return self.pop(job)


def serve_jobs(redis: str) -> None:
    jobs = Jobs(redis)
    for line in sys.stdin:
        job = json.loads(line)
        print(json.dumps(getattr(jobs, job["do"])(job)), flush=True)


def crawl(redis: str, base: str, out: str, count: str, role: str) -> None:
    settings = {"REDIS_URL": redis, "CONCURRENT_REQUESTS_PER_DOMAIN": 16, "DOWNLOAD_DELAY": 0}
    print("ready", flush=True)
    sys.stdin.readline()
    process = AsyncCrawlerProcess(SETTINGS | settings)
    process.crawl(Pages, base=base, out=out, count=int(count), first=role == "first")
    process.start()


if __name__ == "__main__":
    {"jobs": serve_jobs, "crawl": crawl}[sys.argv[1]](*sys.argv[2:])
