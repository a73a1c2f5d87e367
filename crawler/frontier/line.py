"""The way to a Redis that may go away and come back.

Whoever asks while it is gone waits; a question whose answer was lost is asked again. That may
repeat what was carried out, so only what may be repeated is asked here. A full disk is no loss: it
will not pass by waiting, and ends the crawl (`breaker.py`).
"""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from redis import exceptions

from crawler.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

LOOK = 0.25  # seconds between two attempts to reach it
GRACE = 2.0  # seconds after its return in which every other worker has reached it as well
REFUSED = (exceptions.AuthenticationError, exceptions.AuthorizationError)
AWAY = (
    exceptions.ConnectionError,  # also while it loads its data
    exceptions.TimeoutError,
    exceptions.ReadOnlyError,  # a primary that has just become a replica
    exceptions.ClusterDownError,
    exceptions.RedisClusterException,  # no node is to be reached
    exceptions.TryAgainError,
)

Answer = TypeVar("Answer")


class Parted(Exception):
    """The crawl ends while Redis is gone: what could not be said stays on disk."""


class Line:
    """One worker's questions to Redis.

    `reach` looks whether it is back, and raises as a question would, or Unavailable when it never
    will be; it runs before any waiting question goes on. `patience` is how many seconds a Redis
    that was there before is waited for, `wanted` whether the crawl still goes on.
    """

    def __init__(
        self, reach: Callable[[], Awaitable[None]], patience: float, wanted: Callable[[], bool]
    ) -> None:
        self._reach = reach
        self._patience = patience
        self._wanted = wanted
        self._there = asyncio.Event()
        self._there.set()
        self._looking: asyncio.Task[None] | None = None
        self._given_up: Exception | None = None
        self._back = -GRACE

    @property
    def up(self) -> bool:
        """Whether Redis is there, as far as is known."""
        return self._there.is_set() and self._given_up is None

    @property
    def calm(self) -> bool:
        """Whether it has been there for long enough to take more on than what is in flight.

        Right after its return others may still be on their way back to what they hold.
        """
        return self.up and time.monotonic() >= self._back + GRACE

    async def ask(
        self, question: Callable[[], Awaitable[Answer]], waits: Callable[[], None] | None = None
    ) -> Answer:
        """The answer; `waits` is called before each wait.

        Raises Parted when the crawl ends meanwhile, Unavailable when Redis was gone for too long,
        and what Redis itself objects to.
        """
        while True:
            if waits is not None and not self._there.is_set():
                waits()
            await self._there.wait()
            if self._given_up is not None:
                raise self._given_up
            try:
                return await question()
            except AWAY as error:
                self.lost(error)

    def lost(self, error: Exception) -> None:
        """A question went unanswered. Raises it again if waiting will not help."""
        if isinstance(error, REFUSED):
            raise error
        if self._there.is_set():
            self._there.clear()
            self._looking = asyncio.create_task(self._look(error))

    def returned(self) -> None:
        """It has just come back."""
        self._back = time.monotonic()

    async def close(self) -> None:
        """Stop looking for it."""
        if self._looking is not None:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking

    async def _look(self, error: Exception) -> None:
        gone = time.monotonic()
        minutes = f"{self._patience / 60:.3g} min"
        _say(f"Redis is gone ({error}): finishing what is in flight, then waiting up to {minutes}")
        try:
            while not await self._reached():
                if not self._wanted():
                    self._given_up = Parted()
                    return
                if time.monotonic() > gone + self._patience:
                    raise Unavailable(
                        f"Redis has been gone for {minutes} ({error}): nothing is lost; see that "
                        "it runs, then go on with the same --crawl"
                    )
                await asyncio.sleep(LOOK)
        except (Unavailable, exceptions.RedisError, OSError) as final:
            self._given_up = final
        else:
            self.returned()
            _say(f"Redis is back after {self._back - gone:.1f} s")
        finally:
            self._there.set()

    async def _reached(self) -> bool:
        try:
            await self._reach()
        except AWAY as error:
            if isinstance(error, REFUSED):
                raise Unavailable(f"Redis came back and refuses us ({error})") from error
            return False
        return True


def _say(what: str) -> None:
    print(f"gongkai: {what}", file=sys.stderr, flush=True)
