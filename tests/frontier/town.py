"""A district of the practice metropolis, the commands that crawl it, and what must come of that."""

from __future__ import annotations

import json
import os
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

from redis import Redis

from archive import Index
from crawler.practice.metropolis import Metropolis
from crawler.practice.server import Played, serving
from pipelines.catalogue import Catalogue
from tests.zygote import Child, Zygote

SPIDERS = "tests.bench.metropolis_portals"


class Town:
    """Crawled as `night` into `<directory>/store`."""

    def __init__(
        self, directory: Path, zygote: Zygote, city: Metropolis, address: str, delay: float
    ) -> None:
        self.directory = directory
        self.store = directory / "store"
        self.home = self.store / "crawls" / "night"
        self.city = city
        self.delay = delay
        self._zygote = zygote
        self._address = address

    def crawl(self, *options: str, die_at: str = "", **environment: str) -> Child:
        """`gongkai crawl` of the one portal."""
        return self._zygote.run(
            "crawl", "practice_qu00", "--store", self.store, "--world", "practice", "--connect-to",
            self._address, "--delay", str(self.delay), "--crawl", "night", *options,
            die_at=die_at, **environment,
        )  # fmt: skip

    def gongkai(self, *words: str, **environment: str) -> Child:
        """Another command on the same store."""
        return self._zygote.run(*words, "--store", self.store, **environment)

    @property
    def asked(self) -> list[str]:
        """The URLs that the server was asked for, in their order."""
        return [f"http://{v['host']}{v['target']}" for v in self._visits()]

    @property
    def journal(self) -> list[dict[str, Any]]:
        path = self.home / "crawl.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [json.loads(line) for line in lines]

    def settled(self, *verdicts: str) -> list[str]:
        """URLs that the journal says to have come to this."""
        return [line["url"] for line in self.journal if line["verdict"] in verdicts]

    def assert_complete(self) -> None:
        """Everything archived, every report in the catalogue once, every server left in peace."""
        with Index(self.store) as index:
            archived = {c.url for c in index.captures() if c.status == 200}
        assert archived == set(self.city.urls())
        with Catalogue.open(self.store) as catalogue:
            found = Counter(document["url"] for document in catalogue.documents())
        assert found == Counter(self.city.reports())
        assert not list(self.store.rglob("*.open"))
        assert not list(self.home.glob("workers/*"))
        self.assert_polite()

    def assert_polite(self) -> None:
        """One visitor to each server, and never hurried."""
        spans: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
        for visit in self._visits():
            spans[visit["host"]].append((visit["start"], visit["end"]))
        for host, visits in spans.items():
            for (start, end), (following, _) in pairwise(sorted(visits)):
                assert following >= end, host
                assert following - start >= self.delay, host

    def _visits(self) -> list[dict[str, Any]]:
        log = self.directory / "access.jsonl"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


@contextmanager
def town(
    directory: Path, zygote: Zygote, city: Metropolis, *, delay: float = 0.05,
    played: Played | None = None,
) -> Iterator[Town]:  # fmt: skip
    """`played` may answer in the city's stead."""
    with serving(played or city, directory / "access.jsonl") as address:
        yield Town(directory, zygote, city, address, delay)


def until(what: Callable[[], object], child: Child | None = None, seconds: float = 60) -> None:
    """Wait for something to be true while a command runs."""
    deadline = time.monotonic() + seconds
    while not what():
        assert child is None or child.poll() is None, child.said
        assert time.monotonic() < deadline
        time.sleep(0.01)


def redis_pid(url: str) -> int:
    with Redis.from_url(url) as redis:
        return int(redis.info("server")["process_id"])


def kill_redis(url: str) -> None:
    """Returns when it is dead."""
    pid = redis_pid(url)
    assert pid > 1
    os.kill(pid, signal.SIGKILL)
    until(lambda: not Path(f"/proc/{pid}/cmdline").exists() or _zombie(pid))


def _zombie(pid: int) -> bool:
    return "State:\tZ" in Path(f"/proc/{pid}/status").read_text()
