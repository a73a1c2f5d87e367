"""The last look before a request goes out: a worker that slept may have lost its lease."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.exceptions import IgnoreRequest

if TYPE_CHECKING:
    from scrapy import Request


class Fenced(IgnoreRequest):
    """The lease may be somebody else's by now; nothing was sent."""


class FenceMiddleware:
    """Next to the downloader, so that as little as possible lies between look and request."""

    def process_request(self, request: Request) -> None:
        """Raises Fenced where `request.meta["may_send"]` says no."""
        if not request.meta["may_send"]():
            raise Fenced
