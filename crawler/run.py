"""One crawl from an order to its summary: what crawl, nightly, demo and replay share."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scrapy.crawler import AsyncCrawlerRunner
from scrapy.utils.log import configure_logging

from crawler.frontier.middleware import LeaseMiddleware
from crawler.frontier.worker import Worker
from crawler.order import Order, portals
from crawler.summary import PortalRun, RunLog, unmet
from pipelines.catalogue import Catalogue

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


@dataclass(slots=True)
class Result:
    """What a crawl came to."""

    crawl: str
    began: str  # RFC 3339, UTC
    portals: list[PortalRun] = field(default_factory=list)
    verdicts: dict[str, int] = field(default_factory=dict)
    missing: int = 0  # asked for in the archive and not there
    interrupted: bool = False

    @property
    def clean(self) -> bool:
        return not self.interrupted and all(p.state == "done" for p in self.portals)


async def crawl(order: Order) -> Result:
    """Carry out an order that `check` has passed.

    The first Ctrl-C finishes what is in flight, the second does not; neither loses anything.
    Raises GongkaiError or ArchiveError when it had to stop.
    """
    started = time.monotonic()
    result = Result(order.crawl, f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}")
    settings = order.settings()
    configure_logging(settings)
    runner = AsyncCrawlerRunner(settings)
    crawler = runner.create_crawler(Worker)
    running = runner.crawl(crawler, portals=order.portals)
    with _Interrupt(crawler, running) as interrupt, suppress(asyncio.CancelledError):
        await running
    leases = crawler.get_spider_middleware(LeaseMiddleware)
    if leases is not None and leases.broken is not None:
        raise leases.broken
    assert crawler.stats is not None
    if (unsealed := crawler.stats.get_value("archive/unsealed")) is not None:
        raise unsealed
    result.interrupted = interrupt.asked > 0
    _sum_up(result, order, crawler, time.monotonic() - started)
    return result


class _Interrupt:
    """SIGINT and SIGTERM while a crawl runs."""

    def __init__(self, crawler: Crawler, running: asyncio.Task[None]) -> None:
        self.asked = 0
        self._crawler = crawler
        self._running = running
        self._stopping: asyncio.Task[None] | None = None

    def __enter__(self) -> _Interrupt:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, self._stop)
        return self

    def __exit__(self, *_: object) -> None:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().remove_signal_handler(number)

    def _stop(self) -> None:
        self.asked += 1
        if self.asked == 1:
            print("finishing what is in flight; once more to stop at once", file=sys.stderr)
            self._stopping = asyncio.ensure_future(self._crawler.stop_async())
        else:
            self._running.cancel()


def _sum_up(result: Result, order: Order, crawler: Crawler, seconds: float) -> None:
    log = crawler.get_extension(RunLog)
    assert log is not None
    assert crawler.stats is not None
    known, count = portals(), crawler.stats.get_value
    result.verdicts, result.missing = dict(log.verdicts), count("archive/missing", 0)
    with Catalogue.open(order.store, crawler.settings["GONGKAI_CATALOGUE"] or None) as catalogue:
        for name in order.portals:
            classes = catalogue.counts(name)
            reports = classes.get("annual_report", 0)
            guides = classes.get("disclosure_guide", 0)
            run = PortalRun(
                portal=name,
                pages=log.pages[name],
                new=count(f"store/new/{name}", 0),
                changed=count(f"store/changed/{name}", 0),
                unchanged=count(f"store/unchanged/{name}", 0)
                + count(f"dedupe/unchanged/{name}", 0),
                reports=reports,
                guides=guides,
                issues=len(log.issues[name]),
                seconds=seconds,
                short=() if order.only else unmet(known[name].expect, reports, guides),
            )
            result.portals.append(run)
    if order.world != "archive":
        target = order.store / "crawls" / order.crawl / "summary.json"
        target.write_text(json.dumps(asdict(result), ensure_ascii=False, indent=1) + "\n")
