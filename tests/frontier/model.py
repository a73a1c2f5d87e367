"""What lies in Redis, read key by key and put together without the frontier's own code."""

from __future__ import annotations

import json
import struct
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

CHINA_MS = 8 * 3_600_000
DAY_MS = 86_400_000
POLITENESS = struct.Struct("<IIdIdidIddI")  # then the windows and a zero, and shares:
SHARE = struct.Struct("<IIIIIddIIIddd")  # each after the crawl's name and a zero


@dataclass(frozen=True)
class Share:
    """A crawl's share of a group."""

    queued: tuple[int, ...]
    delayed: int
    budget: int
    spent: int
    paused: bool
    blocked: bool
    done: int
    failed: int

    @property
    def open(self) -> bool:
        return not (self.paused or self.blocked or 0 <= self.budget <= self.spent)


@dataclass(frozen=True)
class Politeness:
    """A group, for all crawls."""

    concurrency: int
    inflight: int
    next: int
    strikes: int
    until: int
    windows: str
    shares: dict[str, Share]

    @property
    def places(self) -> int:
        return 1 if self.strikes else self.concurrency

    def opens(self, at: int) -> int:
        """The first minute from `at` on that lies in a window, looked for minute by minute."""
        if not self.windows:
            return at
        for moment in (at, *range(at - at % 60_000 + 60_000, at + DAY_MS + 60_000, 60_000)):
            clock = (moment + CHINA_MS) % DAY_MS // 60_000
            if any(self._within(clock, window) for window in self.windows.split(",")):
                return moment
        raise AssertionError(f"{self.windows} never opens")

    @staticmethod
    def _within(clock: int, window: str) -> bool:
        start, end = (int(time[:2]) * 60 + int(time[3:]) for time in window.split("-"))
        return start <= clock < end if start < end else clock >= start or clock < end


class States:
    """A crawl, summed over its shards."""

    def __init__(self, raw: Any, crawl: str, shards: int) -> None:
        self.items: list[str] = []  # URLs queued, delayed and leased
        self.due: dict[str, int] = {}
        self.queued: dict[str, tuple[int, ...]] = {}  # by class
        self.delayed: Counter[str] = Counter()
        self.leased: Counter[str] = Counter()
        self.leases: dict[str, str] = {}  # id → worker
        self.kept: Counter[str] = Counter()  # URLs of failed records
        self.shares: dict[str, Share] = {}
        self.seen = 0
        for shard in range(shards):
            known = politeness(raw, [shard])
            shares = {name: g.shares[crawl] for name, g in known.items() if crawl in g.shares}
            self.shares |= shares
            self._read(raw, f"{{f:{shard}}}:{crawl}:", sorted(shares))

    def _read(self, raw: Any, prefix: str, groups: list[str]) -> None:
        with raw.pipeline(transaction=False) as pipe:
            for name in ("lease", "failed"):
                pipe.hgetall(prefix + name)
            pipe.zrange(f"{prefix}dly", 0, -1)
            pipe.zrange(f"{prefix}due", 0, -1, withscores=True)
            pipe.hget(f"{prefix}ctl", "buckets")
            leases, failed, delayed, due, buckets = pipe.execute()
        with raw.pipeline(transaction=False) as pipe:
            for group in groups:
                for n in range(4):
                    pipe.lrange(f"{prefix}q:{group}:{n}", 0, -1)
            for n in range(int(buckets or 16)):
                pipe.scard(f"{prefix}s:{n}")
            answers = pipe.execute()
        for at, group in enumerate(groups):
            queues = answers[4 * at :][:4]
            self.items += [url_of(item) for queue in queues for item in queue]
            self.queued[group] = tuple(map(len, queues))
        self.seen += sum(answers[4 * len(groups) :])
        for key, value in leases.items():
            worker, _, group, item = value.split(b"|", 3)
            self.items.append(url_of(item))
            self.leases[key.decode()] = worker.decode()
            self.leased[group.decode()] += 1
        for member in delayed:
            _, _, group, item = member.split(b"|", 3)
            self.items.append(url_of(item))
            self.delayed[group.decode()] += 1
        self.kept += Counter(url_of(value.partition(b"|")[2]) for value in failed.values())
        self.due |= {name.decode(): int(score) for name, score in due}


def politeness(raw: Any, shards: Iterable[int]) -> dict[str, Politeness]:
    """All groups, for all crawls."""
    found = {}
    for shard in shards:
        for name, packed in raw.hgetall(f"{{f:{shard}}}:g").items():
            g = POLITENESS.unpack_from(packed)
            windows, _, rest = packed[POLITENESS.size :].partition(b"\0")
            shares = {}
            while rest:
                crawl, _, rest = rest.partition(b"\0")
                s, rest = SHARE.unpack_from(rest), rest[SHARE.size :]
                share = Share(s[:4], *s[4:7], bool(s[7]), bool(s[9]), *s[10:12])
                assert crawl.decode() not in shares
                shares[crawl.decode()] = share
            known = Politeness(g[1], g[5], g[6], g[7], g[9], windows.decode(), shares)
            found[name.decode()] = known
    return found


def url_of(item: bytes) -> str:
    return str(json.loads(item)[2])
