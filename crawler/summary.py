"""What one run came to: a line an exchange, a line a portal, and the issues someone should see."""

from __future__ import annotations

import asyncio
import json
import os
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from scrapy import signals

from crawler.errors import Unavailable
from crawler.items import SETTLED, Expect, Issue, Visit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scrapy.crawler import Crawler

    from crawler.reach import Reach


class RunLog:
    """Scrapy extension: writes `<store>/crawls/<crawl>/crawl.jsonl` and `issues.jsonl`.

    One line a settled lease, in the order of settling: what the frontier is rebuilt from should
    its Redis be lost. A line survives the process at once and the machine as soon as the fsync that
    it starts is done; one that is lost costs a second fetch. A replay visits nobody and writes
    nothing, it only counts.
    """

    def __init__(self, directory: Path | None) -> None:
        self.pages: Counter[str] = Counter()
        self.verdicts: Counter[str] = Counter()
        self.issues: dict[str, dict[Issue, None]] = defaultdict(dict)  # a portal's, each once
        self._files: list[TextIO] = []
        self._unsynced = False
        self._syncing: asyncio.Task[None] | None = None
        self._refused: OSError | None = None
        if directory is not None:
            directory.mkdir(parents=True, exist_ok=True)
            names = ("crawl.jsonl", "issues.jsonl")
            self._files = [(directory / n).open("a", encoding="utf-8") for n in names]

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RunLog:
        settings = crawler.settings
        directory = Path(settings["GONGKAI_STORE"]) / "crawls" / settings["GONGKAI_CRAWL"]
        self = cls(None if settings["GONGKAI_WORLD"] == "archive" else directory)
        crawler.signals.connect(self._settled, SETTLED)
        crawler.signals.connect(self._closed, signals.engine_stopped)
        return self

    def _settled(self, visit: Visit) -> None:
        self.pages[visit.portal] += visit.verdict == "done"
        self.verdicts[visit.verdict] += 1
        known = self.issues[visit.portal]
        fresh = [issue for issue in visit.issues if issue not in known]
        known |= dict.fromkeys(fresh)
        if self._files:
            self._write(visit, fresh)

    def _write(self, visit: Visit, fresh: list[Issue]) -> None:
        crawl, issues = self._files
        try:
            if self._refused is not None:
                raise self._refused
            print(json.dumps(_exchange(visit), ensure_ascii=False), file=crawl, flush=True)
            for issue in fresh:
                line = {"portal": visit.portal, **asdict(issue)}
                print(json.dumps(line, ensure_ascii=False), file=issues, flush=True)
        except OSError as error:
            raise Unavailable(
                f"{crawl.name}: {error.strerror}; make room, then go on with the same --crawl"
            ) from error
        self._unsynced = True
        if self._syncing is None:
            self._syncing = asyncio.ensure_future(self._sync())

    async def _sync(self) -> None:
        """One fsync for all lines that came during the one before."""
        try:
            while self._unsynced:
                self._unsynced = False
                for file in self._files:
                    await asyncio.to_thread(os.fsync, file.fileno())
        except OSError as error:
            self._refused = error
        finally:
            self._syncing = None

    async def _closed(self) -> None:
        if self._syncing is not None:
            await self._syncing
        for file in self._files:
            with suppress(OSError):  # a line that did not fit was told when it did not
                file.close()


def _exchange(visit: Visit) -> dict[str, object]:
    capture, link = visit.capture, visit.link
    return {
        "settled": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
        "worker": visit.worker,
        "portal": visit.portal,
        "kind": link.kind.value,
        "section": link.section,
        "url": link.url,
        "body": link.body,
        "parent": link.parent,
        "agenda": link.agenda,
        "group": visit.group,
        "attempt": visit.attempt,
        "verdict": visit.verdict,
        "code": visit.code,
        "egress": visit.egress,
        "outcome": visit.outcome,
        "status": visit.status,
        "elapsed_ms": visit.elapsed_ms,
        "bytes": visit.size,
        "at": capture.at if capture else None,
        "file": capture.file if capture else None,
        "offset": capture.offset if capture else None,
        "record_id": capture.record_id if capture else None,
    }


@dataclass(frozen=True, slots=True)
class PortalRun:
    """One portal in one run, as the morning wants to know it."""

    portal: str
    pages: int
    new: int
    changed: int
    unchanged: int
    reports: int
    guides: int
    issues: int
    seconds: float
    short: tuple[str, ...]  # what of the portal's Expect is not met, in words
    listed: Mapping[str, int]  # documents that the listings of a section named, if all were seen
    reach: tuple[Reach, ...]  # by each way that was tried, the last one last

    @property
    def away(self) -> bool:
        """Whether it could not be reached, so that nothing is known of what it shows today."""
        return bool(self.reach) and self.reach[-1].away

    @property
    def state(self) -> str:
        if self.away:
            return "away"
        if self.short:
            return "short"
        return "issues" if self.issues else "done"

    def line(self, expect: Expect) -> str:
        """The canonical line, e.g. `jiangsu_suzhou  done  214 pages  9 new …`."""
        minutes, seconds = divmod(round(self.seconds), 60)
        return "  ".join(
            (
                f"{self.portal:26}",
                f"{self.state:6}",
                f"{self.pages:5} pages",
                f"{self.new:4} new",
                f"{self.changed:3} changed",
                f"{self.unchanged:4} unchanged",
                f"reports {_of(self.reports, expect.reports)}",
                f"guides {_of(self.guides, expect.guides)}",
                f"{self.issues} issue{'' if self.issues == 1 else 's'}",
                f"{minutes}m{seconds:02}s",
            )
        )


def _of(count: int, expected: tuple[int, int] | None) -> str:
    return f"{count}/{expected[0]}" if expected else str(count)


def unmet(expect: Expect, reports: int, guides: int, first: int | None) -> tuple[str, ...]:
    """What a portal's `Expect` asks for and the catalogue does not hold, in words.

    `first` is the year of the earliest report that is held.
    """
    wanted = (("reports", reports, expect.reports), ("guides", guides, expect.guides))
    late = first is not None and expect.since is not None and first > expect.since
    begin = (f"reports: begin in {first} where {expect.since} is expected",) if late else ()
    return begin + tuple(
        f"{name}: {count} where {span[0]} to {span[1]} are expected"
        for name, count, span in wanted
        if span is not None and not span[0] <= count <= span[1]
    )
