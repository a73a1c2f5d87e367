"""A crawl whose workers and whose Redis are killed all the time, and what comes of it.

    make chaos            or  python -m tests.bench.chaos --hosts 20 --documents 170 --kills 200

Worker processes crawl the practice metropolis. Whoever is next on the list, a worker or the
embedded Redis, is killed when the crawl has come as much further, so that the kills are spread over
all of it; a worker is replaced, Redis is for the workers to bring back. Then the server's own log,
the archive and the catalogue say what was lost, doubled, or asked for too soon.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from archive import Index
from crawler.practice.metropolis import Metropolis
from crawler.practice.server import serving
from pipelines.catalogue import Catalogue
from tests.zygote import Child, Zygote, zygote

PORTALS = "tests.bench.metropolis_portals"
ODDS = {"SIGKILL of a worker": 12, "SIGKILL of Redis": 3, "restart of Redis": 1}


@dataclass
class Outcome:
    """What a run came to."""

    seconds: float = 0.0
    hosts: int = 0
    urls: int = 0
    requests: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    asked_again: int = 0  # requests beyond one for each URL
    missing: list[str] = field(default_factory=list)  # URLs that are not in the archive
    lost: list[str] = field(default_factory=list)  # documents that are not in the catalogue
    doubled: list[str] = field(default_factory=list)  # documents that are there more than once
    strange: list[str] = field(default_factory=list)  # documents that nobody wrote
    overlaps: int = 0  # requests that came while the group's last was being answered
    too_soon: int = 0  # requests that came within the delay
    closest: float = float("inf")  # seconds between the starts of two requests to one group
    failures: list[str] = field(default_factory=list)  # workers that ended otherwise than planned
    left: int = 0  # files of workers and spilt records that nobody took care of

    @property
    def clean(self) -> bool:
        wrong = (self.missing, self.lost, self.doubled, self.strange, self.failures)
        return not any(wrong) and not (self.overlaps or self.too_soon or self.left)

    def lines(self) -> list[str]:
        """The summary."""
        kills = ", ".join(f"{count} × {what}" for what, count in self.kills.items())
        return [
            f"crawled    {self.urls} URLs of {self.hosts} hosts in {self.seconds:.0f} s, "
            f"{self.requests} requests",
            f"killed     {self.kills.total()} times: {kills}",
            f"archive    {len(self.missing)} URLs missing",
            f"catalogue  {len(self.lost)} documents lost, {len(self.doubled)} doubled, "
            f"{len(self.strange)} invented",
            f"asked again {self.asked_again} times",
            f"politeness {self.overlaps} overlaps, {self.too_soon} within the delay, "
            f"closest {self.closest:.3f} s",
            f"workers    {len(self.failures)} ended otherwise than killed or done; "
            f"{self.left} files left behind",
            *(f"  {what}" for what in [*self.failures, *self.missing, *self.lost][:20]),
            "clean" if self.clean else "NOT CLEAN",
        ]


class Chaos:
    """One run in `directory`."""

    def __init__(
        self, directory: Path, zygote: Zygote, city: Metropolis, *, delay: float, seed: int
    ) -> None:
        self.outcome = Outcome(hosts=city.districts * city.hosts)
        self._directory = directory
        self._store = directory / "store"
        self._zygote = zygote
        self._city = city
        self._delay = delay
        self._dice = random.Random(seed)
        self._log = directory / "access.jsonl"
        self._read = self._count = 0  # bytes and lines of it

    def run(self, *, workers: int, kills: int, seconds: float) -> Outcome:
        """Raises TimeoutError when the crawl does not end."""
        started = time.monotonic()
        self._end = started + seconds
        self.outcome.urls = sum(1 for _ in self._city.urls())
        with serving(self._city, self._log) as address:
            crew = [self._first(address)]
            self._until(lambda: self._visits() > 0, crew)
            crew += [self._worker() for _ in range(workers - 1)]
            step = self.outcome.urls / (kills + 1)
            for number in range(1, kills + 1):
                self._until(lambda due=number * step: self._visits() >= due, crew)
                self._strike(crew)
            while crew:
                self._until(lambda: False, crew)
        self.outcome.seconds = time.monotonic() - started
        self._judge()
        return self.outcome

    def _first(self, address: str) -> Child:
        names = [f"practice_qu{n:02}" for n in range(self._city.districts)]
        return self._zygote.run(
            "crawl", *names, "--store", self._store, "--world", "practice", "--connect-to", address,
            "--delay", str(self._delay), "--crawl", "chaos",
        )  # fmt: skip

    def _worker(self) -> Child:
        return self._zygote.run("worker", "--store", self._store)

    def _until(self, done: Any, crew: list[Child]) -> None:
        """Wait, and see who has gone home; returns as well when all have."""
        while crew and not done():
            for child in list(crew):
                if (code := child.poll()) is not None:
                    crew.remove(child)
                    if code:
                        self.outcome.failures.append(f"exit {code}: {child.said[-2000:]}")
            if time.monotonic() > self._end:
                raise TimeoutError(f"{self._visits()} visits of {self.outcome.urls} URLs")
            time.sleep(0.02)

    def _strike(self, crew: list[Child]) -> None:
        if not crew:
            return
        what = self._dice.choices([*ODDS], [*ODDS.values()])[0]
        if what == "SIGKILL of a worker":
            child = crew.pop(self._dice.randrange(len(crew)))
            child.kill()
            child.wait()
            crew.append(self._worker())
        else:
            found: list[int] = []
            self._until(lambda: found or found.extend(self._redis()) or found, crew)
            if not found:
                return
            os.kill(found[0], signal.SIGKILL if "KILL" in what else signal.SIGTERM)
        self.outcome.kills[what] += 1

    def _redis(self) -> list[int]:
        """The process id of this store's Redis; none while it is down."""
        with suppress(FileNotFoundError, ProcessLookupError, ValueError):
            home = self._store / "redis"
            pid = int((home / "redis.pid").read_text())
            if (home / "socket").read_bytes() in Path(f"/proc/{pid}/cmdline").read_bytes():
                return [pid]
        return []

    def _visits(self) -> int:
        """How many requests the server has seen."""
        if self._log.exists():
            with self._log.open("rb") as log:
                log.seek(self._read)
                fresh = log.read()
            self._read, self._count = self._read + len(fresh), self._count + fresh.count(b"\n")
        return self._count

    def _judge(self) -> None:
        wanted = set(self._city.urls())
        visits = [json.loads(line) for line in self._log.read_text().splitlines()]
        self.outcome.requests = len(visits)
        self.outcome.asked_again = len(visits) - len(wanted)
        self._judge_politeness(visits)
        with Index(self._store) as index:
            archived = {c.url for c in index.captures() if c.status == 200 and not c.truncated}
        self.outcome.missing = sorted(wanted - archived)
        with Catalogue.open(self._store) as catalogue:
            found = Counter(document["url"] for document in catalogue.documents())
        reports = set(self._city.reports())
        self.outcome.lost = sorted(reports - found.keys())
        self.outcome.doubled = sorted(url for url, count in found.items() if count > 1)
        self.outcome.strange = sorted(found.keys() - reports)
        home = self._store / "crawls" / "chaos"
        left = [*home.glob("workers/*"), *home.glob("spill/*/*"), *self._store.rglob("*.open")]
        self.outcome.left = len(left)

    def _judge_politeness(self, visits: list[dict[str, Any]]) -> None:
        groups: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
        for visit in visits:
            groups[visit["host"]].append((visit["start"], visit["end"]))
        for spans in groups.values():
            spans.sort()
            for (start, end), (following, _) in pairwise(spans):
                self.outcome.overlaps += following < end
                self.outcome.too_soon += following - start < self._delay
                self.outcome.closest = min(self.outcome.closest, following - start)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    for name, default in (("districts", 6), ("hosts", 20), ("documents", 170), ("workers", 4),
                          ("kills", 200), ("seed", 1)):  # fmt: skip
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--delay", type=float, default=0.5, help="seconds of every group")
    parser.add_argument("--seconds", type=float, default=3600, help="give up after so long")
    said = parser.parse_args()
    city = Metropolis(said.districts, said.hosts, said.documents)
    with (
        tempfile.TemporaryDirectory() as folder,
        zygote(Path(folder), GONGKAI_SPIDERS=PORTALS) as parent,
    ):
        with suppress(PermissionError):
            os.nice(-10)  # the server must not be late: its log is the judge
        chaos = Chaos(Path(folder), parent, city, delay=said.delay, seed=said.seed)
        outcome = chaos.run(workers=said.workers, kills=said.kills, seconds=said.seconds)
    print("\n".join(outcome.lines()))
    sys.exit(not outcome.clean)


if __name__ == "__main__":
    main()
