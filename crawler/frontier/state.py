"""How a politeness group stands, for people: what `groups` and `explain` answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from crawler.frontier.record import Record

State = Literal[
    "ready",  # may be leased now
    "in-process",  # all its places are taken
    "snoozed",  # waits: delay, backoff, breaker or window; `until_ms` says how long
    "paused",  # somebody paused the group or the crawl
    "exhausted",  # nothing is left
    "retired",  # its budget is spent
    "blocked",  # its server answered with challenges: not asked again in this crawl
]
Breaker = Literal["closed", "open", "half_open", "blocked"]


class Held(NamedTuple):
    """A lease under way."""

    id: str
    worker: str
    url: str
    held_ms: int


@dataclass(frozen=True, slots=True)
class GroupState:
    """One group in one crawl. Times are the Redis server's clock in ms, 0 for none."""

    group: str
    state: State
    until_ms: int
    now_ms: int
    delay_ms: int  # in force
    configured_ms: int
    crawl_delay_ms: int  # what robots.txt asked for, 0 if nothing or long ago
    concurrency: int
    inflight: int  # of all crawls
    next_ms: int
    breaker: Breaker
    strikes: int
    windows: str
    budget: int | None
    budget_left: int | None
    paused: bool
    queued: tuple[int, int, int, int]  # by class
    delayed: int
    spilled: int  # records for which there was no room
    done: int
    failed: int
    average_ms: int  # of an exchange, weighing the last few most
    leases: tuple[Held, ...]


def read_states(answer: list[Any]) -> list[GroupState]:
    """From what `explain.lua` answers."""
    now, paused, rows, leases = answer
    held: dict[str, list[Held]] = {}
    for group, lease_id, worker, item in leases:
        started = int(lease_id.rsplit("-", 1)[1])
        url = Record.decode(item.encode()).url
        held.setdefault(group, []).append(Held(lease_id, worker, url, now - started))
    return [_read(now, bool(paused), row, tuple(held.get(row[0], ()))) for row in rows]


def _read(now: int, paused: bool, row: list[Any], leases: tuple[Held, ...]) -> GroupState:
    group, fields, due, wakes, delay, places = row
    configured, concurrency, _, asked, asked_until, inflight, following = fields[:7]
    strikes, _, until, average, windows, _ = fields[7:13]
    queued, (delayed, budget, spent, stopped, _, blocked) = tuple(fields[13:17]), fields[17:23]
    done, failed, spilled = fields[23:]
    left = None if budget < 0 else max(0, budget - spent)
    paused = paused or bool(stopped)

    state: State
    if blocked:
        state = "blocked"
    elif not sum(queued) and not delayed:
        state = "in-process" if leases else "exhausted"
    elif left == 0:
        state = "retired"
    elif paused:
        state = "paused"
    elif sum(queued) and due < 0 and inflight >= places:
        state = "in-process"
    else:
        state = "ready" if 0 <= due <= now else "snoozed"
    breaker: Breaker = "closed"
    if blocked or strikes:
        breaker = "blocked" if blocked else "open" if until > now else "half_open"
    return GroupState(
        group=group,
        state=state,
        until_ms=(due if due >= 0 else wakes) if state == "snoozed" else 0,
        now_ms=now,
        delay_ms=delay,
        configured_ms=configured,
        crawl_delay_ms=asked if asked_until > now else 0,
        concurrency=concurrency,
        inflight=inflight,
        next_ms=following,
        breaker=breaker,
        strikes=strikes,
        windows=windows,
        budget=None if budget < 0 else budget,
        budget_left=left,
        paused=paused,
        queued=queued,
        delayed=delayed,
        spilled=spilled,
        done=done,
        failed=failed,
        average_ms=average,
        leases=leases,
    )
