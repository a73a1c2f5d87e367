"""Scrapy's scheduler, reduced to a hand-over: what is here is leased already."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from scrapy.core.scheduler import BaseScheduler

if TYPE_CHECKING:
    from scrapy import Request


class LeaseScheduler(BaseScheduler):
    """A queue in memory between the lease loop and the downloader.

    The queue that matters is in Redis. A request that carries no lease would be fetched without
    politeness, so it is refused; only `LeaseMiddleware` makes requests.
    """

    def __init__(self) -> None:
        self._leased: deque[Request] = deque()

    def has_pending_requests(self) -> bool:
        return bool(self._leased)

    def enqueue_request(self, request: Request) -> bool:
        if "link" not in request.meta:
            return False
        self._leased.append(request)
        return True

    def next_request(self) -> Request | None:
        return self._leased.popleft() if self._leased else None
