"""How long an event loop keeps others waiting. Standard library only, for both sides."""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

EVERY = 0.05  # seconds between two pages of 64 links
Page = Callable[[], Awaitable[object]]


class Watch(selectors.DefaultSelector):
    """Notes how long the loop worked each time before it looked for news again."""

    def __init__(self) -> None:
        super().__init__()
        self.turns: list[float] = []
        self._since = time.perf_counter()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.turns.append(time.perf_counter() - self._since)
        news = super().select(timeout)
        self._since = time.perf_counter()
        return news


def blocks(work: Callable[[Callable[[Page], Awaitable[None]]], Any], seconds: float) -> dict:
    """Run `await work(paced)`, where `await paced(page)` does a page every 50 ms for so long.

    Answers the 99th percentile and the longest of the waits, in seconds.
    """
    watch = Watch()
    took = 0.0

    async def paced(page: Page) -> None:
        nonlocal took
        watch.turns.clear()
        start = time.perf_counter()
        for due in range(round(seconds / EVERY)):
            await asyncio.sleep(max(0.0, start + due * EVERY - time.perf_counter()))
            await page()
        took = time.perf_counter() - start

    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(watch)) as runner:
        runner.run(work(paced))
    return {"p99": waits(watch.turns, took), "longest": max(watch.turns), "seconds": took}


def waits(turns: Sequence[float], total: float, share: float = 0.99) -> float:
    """What a callback due at a random moment of `total` waits at most, in `share` of the cases.

    By time, not by turn: one block of 50 ms holds up all that falls due in it.
    """
    low, high = 0.0, max(turns)
    for _ in range(40):
        middle = (low + high) / 2
        if sum(turn - middle for turn in turns if turn > middle) > (1 - share) * total:
            low = middle
        else:
            high = middle
    return high
