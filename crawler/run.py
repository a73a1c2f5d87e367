"""One crawl from an order to its summary: what crawl, worker, nightly, demo and replay share."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scrapy.crawler import AsyncCrawlerRunner
from scrapy.utils.log import configure_logging

from crawler.errors import WrongUse
from crawler.frontier.middleware import LeaseMiddleware
from crawler.frontier.rebuild import RebuildMiddleware, Rebuilt
from crawler.frontier.worker import Worker
from crawler.order import Order, portals
from crawler.reckoning import sum_up
from crawler.summary import PortalRun, RunLog

if TYPE_CHECKING:
    from pathlib import Path

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
    seconds: float = 0.0
    left_over: dict[str, list[str]] = field(default_factory=dict)  # why pages of a portal were left

    @property
    def clean(self) -> bool:
        done = all(p.state == "done" for p in self.portals)
        return done and not self.interrupted and not self.left_over


async def crawl(order: Order) -> Result:
    """Carry out an order that `check` has passed.

    The first Ctrl-C finishes what is in flight, the second does not; neither loses anything.
    Raises GongkaiError or ArchiveError when it had to stop.
    """
    if order.world != "archive":
        _remember(order)
    result, crawler = await _run(order, order.portals)
    sum_up(result, order, crawler)
    if order.world != "archive":
        target = _home(order) / "summary.json"
        target.write_text(json.dumps(asdict(result), ensure_ascii=False, indent=1) + "\n")
    return result


async def work(order: Order) -> Result:
    """Help with a crawl that somebody else began, whatever its portals, until nothing is left.

    Ends and raises like `crawl`; the result tells of this worker's own pages.
    """
    result, crawler = await _run(order, ())
    log = crawler.get_extension(RunLog)
    assert log is not None
    known = portals()
    own = replace(order, portals=tuple(sorted(name for name in log.pages if name in known)))
    sum_up(result, own, crawler)
    return result


async def rebuild(order: Order) -> Rebuilt:
    """Fill the frontier of a crawl, as `joining` gives it, from its journal and the archive.

    Fetches nothing, and may be repeated. Raises GongkaiError or ArchiveError when it had to stop.
    """
    settings = order.settings()
    changed = {
        "GONGKAI_REBUILD": True,
        "GONGKAI_WORLD": "archive",
        "SPIDER_MIDDLEWARES": {
            **settings.getdict("SPIDER_MIDDLEWARES"),
            "crawler.frontier.middleware.LeaseMiddleware": None,
            "crawler.frontier.rebuild.RebuildMiddleware": 100,
        },
        "ITEM_PIPELINES": {},
        "EXTENSIONS": {},
    }
    settings.update(changed, priority="cmdline")
    configure_logging(settings)
    runner = AsyncCrawlerRunner(settings)
    crawler = runner.create_crawler(Worker)
    await runner.crawl(crawler, portals=order.portals)
    rebuilding = crawler.get_spider_middleware(RebuildMiddleware)
    assert rebuilding is not None
    if rebuilding.broken is not None:
        raise rebuilding.broken
    return rebuilding.queue.rebuilt


def joining(order: Order) -> Order:
    """The order of a crawl begun on this store, by default the last, as another worker needs it.

    Elsewhere only the given order says what the crawl is like; it must name the crawl then.
    Raises WrongUse when it does not.
    """
    begun = order.store.glob(f"crawls/{order.crawl or '*'}/order.json")
    last = max(begun, key=lambda path: path.stat().st_mtime, default=None)
    if last is not None:
        said = json.loads(last.read_text(encoding="utf-8"))
        said["portals"] = tuple(said["portals"])
        return replace(order, crawl=last.parent.name, **said)
    if not order.crawl:
        raise WrongUse(f"no crawl was begun on {order.store}: name one that was with --crawl")
    return order


def _remember(order: Order) -> None:
    """Note what `joining` and a rebuild of the frontier need to know."""
    names = ("portals", "world", "connect_to", "delay", "limit", "only")
    said = {name: getattr(order, name) for name in names}
    _home(order).mkdir(parents=True, exist_ok=True)
    fresh = _home(order) / "order.json.new"
    fresh.write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    fresh.rename(_home(order) / "order.json")


def _home(order: Order) -> Path:
    return order.store / "crawls" / order.crawl


async def _run(order: Order, seeds: tuple[str, ...]) -> tuple[Result, Crawler]:
    """One worker, from its start to its end."""
    started = time.monotonic()
    result = Result(order.crawl, f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}")
    settings = order.settings()
    configure_logging(settings)
    runner = AsyncCrawlerRunner(settings)
    crawler = runner.create_crawler(Worker)
    running = runner.crawl(crawler, portals=seeds)
    with _Interrupt(crawler, running) as interrupt, suppress(asyncio.CancelledError):
        await running
    leases = crawler.get_spider_middleware(LeaseMiddleware)
    if leases is not None and leases.broken is not None:
        raise leases.broken
    assert crawler.stats is not None
    if (unsealed := crawler.stats.get_value("archive/unsealed")) is not None:
        raise unsealed
    result.interrupted = interrupt.asked > 0
    result.seconds = time.monotonic() - started
    result.left_over = leases.leasing.left_over() if leases is not None else {}
    return result, crawler


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
                if self.asked:  # a late one must not keep us from saying how to go on
                    signal.signal(number, signal.SIG_IGN)

    def _stop(self) -> None:
        self.asked += 1
        if self.asked == 1:
            print("finishing what is in flight; once more to stop at once", file=sys.stderr)
            self._stopping = asyncio.ensure_future(self._crawler.stop_async())
        else:
            self._running.cancel()
