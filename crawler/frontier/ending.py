"""When a worker goes home although something is left: what it says, and what comes of that."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from crawler.frontier.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crawler.frontier.queue import Queue
    from crawler.frontier.state import GroupState

BATCH = 500  # records queued at once
CHINA = timezone(timedelta(hours=8))  # portals' windows are in their time; no summer time


def left_over(
    groups: Iterable[GroupState], longest_ms: int, stuck: Mapping[str, str]
) -> list[GroupState] | None:
    """The groups with work that nobody may fetch for the next `longest_ms`, or that are `stuck`.

    None as soon as there is one that somebody may fetch from, or is fetching from.
    """
    left = [group for group in groups if _pending(group) or group.leases]
    for group in (group for group in left if group.group not in stuck):
        if group.state in {"ready", "in-process"} or group.inflight:
            return None
        if group.state == "snoozed" and group.until_ms - group.now_ms <= longest_ms:
            return None
    return left


def says(group: GroupState, stuck: Mapping[str, str]) -> str:
    """Why what is left of a group was not fetched, and what would change that."""
    count = _pending(group)
    pages = f"{count} page{'' if count == 1 else 's'} left"
    if group.group in stuck:
        return f"{stuck[group.group]}: {pages}"
    if group.state == "blocked":
        return f"{group.group} answers with challenges: {pages}, nothing more is asked tonight"
    if group.state == "retired":
        return f"{group.group} has used up its budget of {group.budget} fetches: {pages}"
    if group.state == "paused":
        return f"{group.group} is paused: {pages}; `gongkai frontier resume` lets it go on"
    until = datetime.fromtimestamp(group.until_ms / 1000, CHINA)
    return f"{group.group} is not to be asked before {until:%m-%d %H:%M} China time: {pages}"


async def carry(queue: Queue, crawl: str) -> None:
    """Take over what an earlier crawl, which nobody works on any more, left waiting."""
    if not crawl:
        return
    session = queue.session
    earlier, spilt = session.earlier(crawl)

    async def take() -> None:
        batch = list[Record]()
        async for state, _, record in earlier.export():
            if state != "failed":
                batch.append(record)
            if len(batch) == BATCH:
                await queue.send(batch)
                batch = []
        await queue.send(batch)

    await session.line.ask(take)  # from the beginning, if Redis goes away: what is there is seen
    for folder in spilt.glob("*"):
        session.spill.adopt(folder.name, spilt)
    await session.line.ask(earlier.purge)


def _pending(group: GroupState) -> int:
    return sum(group.queued) + group.delayed
