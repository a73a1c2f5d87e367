"""Contestants that take turns, and a table of what they took."""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds by the clock, and of processor time: ours and that of finished child processes."""

    clock: float
    cpu: float


def seconds(work: Callable[[], object]) -> Took:
    """What one piece of work takes."""
    began, used = time.perf_counter(), _used()
    work()
    return Took(time.perf_counter() - began, _used() - used)


def _used() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def rounds(jobs: Mapping[str, Callable[[], Took]], times: int) -> dict[str, list[Took]]:
    """Let every job take its turn, so many times."""
    taken: dict[str, list[Took]] = {name: [] for name in jobs}
    for _ in range(times):
        for name, job in jobs.items():
            taken[name].append(job())
    return taken


def ratio(own: list[float], theirs: list[float]) -> float:
    """How many times as fast as they, in the median round: a round shares its weather."""
    return statistics.median(b / a for a, b in zip(own, theirs, strict=True))


def show(
    title: str,
    taken: Mapping[str, list[Took]],
    against: str,
    count: int,
    *,
    size: int = 0,
    unit: str = "pair",
) -> None:
    """Print medians; `size` in bytes is that of `count` pairs or pages."""
    rate = f"{'MB/s':>7}" if size else ""
    print(f"\n{title:42}{rate}{unit + 's/s':>9}{'CPU ms/' + unit:>13}{'× clock':>9}{'× CPU':>7}")
    for name, each in taken.items():
        clock, cpu = [one.clock for one in each], [one.cpu for one in each]
        theirs = taken[against]
        own = statistics.median(clock)
        row = f"{name:42}" + (f"{size / own / 1e6:7.0f}" if size else "")
        row += f"{count / own:9.0f}{statistics.median(cpu) / count * 1e3:13.3f}"
        row += f"{ratio(clock, [one.clock for one in theirs]):9.2f}"
        print(row + f"{ratio(cpu, [one.cpu for one in theirs]):7.2f}", flush=True)
