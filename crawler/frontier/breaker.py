"""The one place that ends a crawl because the machine fails: disk, Redis, catalogue."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from redis.exceptions import RedisClusterException, RedisError

from archive import ArchiveError
from crawler.errors import GongkaiError, Unavailable, WrongUse

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator


STOPS = (ArchiveError, Unavailable, WrongUse)  # a CrawlError ends its page only


class Breaker:
    """Once tripped, nothing more is leased, read or acknowledged.

    The first failure is the one that is told; those after it follow from it. Sets `changed`, so
    that whoever waits looks again.
    """

    def __init__(self, changed: asyncio.Event) -> None:
        self.tripped: ArchiveError | GongkaiError | None = None
        self._changed = changed
        self.over = False  # the crawl is closing: a connection lost from here on is its end

    def trip(self, error: ArchiveError | GongkaiError) -> None:
        if not self.over or isinstance(error, ArchiveError):
            self.tripped = self.tripped or error
        self._changed.set()

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Whatever the machine refuses in here trips, and goes no further."""
        try:
            yield
        except STOPS as error:
            self.trip(error)
        except (RedisError, RedisClusterException) as error:
            self.trip(_of_redis(error))
        except OSError as error:
            self.trip(Unavailable(f"{error}; then go on with the same --crawl"))


def _of_redis(error: Exception) -> Unavailable:
    full = str(error).startswith("MISCONF")
    advice = "make room on its disk" if full else "see that it runs"
    return Unavailable(
        f"Redis failed during the crawl ({error}): {advice}, then go on with the same --crawl"
    )
