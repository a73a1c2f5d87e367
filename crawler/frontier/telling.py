"""How the end of a lease is told to a Redis that may go away before it answers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from crawler.frontier.record import Strike

if TYPE_CHECKING:
    from crawler.frontier.client import Retry
    from crawler.frontier.queue import Queue
    from crawler.frontier.roster import Kept
    from crawler.frontier.session import Session
    from crawler.frontier.work import Work
    from crawler.items import Issue


async def acknowledge(queue: Queue, kept: Kept) -> tuple[bool, list[Issue]]:
    """Queue a page's links, then acknowledge it; False if its lease was not ours any more.

    Also answers which of its links are traps and were not queued. While Redis is gone this lies on
    disk.
    """
    session = queue.session

    async def acknowledge() -> tuple[bool, list[Issue]]:
        issues = await queue.send(kept.records)
        [won] = await session.frontier.ack(kept.session, [kept.ack])
        return won, issues

    answer = await session.line.ask(acknowledge, partial(session.place.keep, kept))
    session.place.settled(kept)
    return answer


async def give_back(
    session: Session,
    work: Work,
    reason: str,
    *,
    backoff_ms: int,
    count: bool = True,
    block_ms: int = 0,
    strike: Strike = Strike.NEUTRAL,
) -> Retry:
    """Return a lease for another try, or for good after the last.

    Told again because the answer was lost, Redis may say that the lease is not ours any more only
    because it was carried out the first time.
    """
    said = False

    async def give_back() -> Retry:
        nonlocal said
        again, said = said, True
        answer = await session.frontier.nack(
            work.session,
            work.lease,
            reason,
            backoff_ms=backoff_ms,
            count=count,
            block_ms=block_ms,
            elapsed_ms=work.elapsed_ms if count else 0,
            idle_ms=work.idle_ms if count else 0,
            strike=strike,
        )
        if answer == "stale" and again:
            return "failed" if count and last_try(session, work) else "retry"
        return answer

    return await session.line.ask(give_back)


def last_try(session: Session, work: Work) -> bool:
    """Whether another failure would be the last."""
    return work.lease.attempt + 1 >= session.attempts


async def is_blocked(session: Session, group: str) -> bool:
    """Whether a group rests for the night because a firewall stands before it."""
    state = await session.line.ask(partial(session.frontier.explain, group))
    return state is not None and state.breaker == "blocked"
