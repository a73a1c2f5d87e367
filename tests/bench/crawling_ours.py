"""Our side of `crawling`: the handler as it is, and one that keeps nothing."""

from __future__ import annotations

from typing import Any

from archive import Exchange
from crawler.download.handler import CaptureHandler
from crawler.download.messages import request_bytes, response_of
from crawler.download.wire import Wire
from crawler.items import Kind, Link


class Recording(CaptureHandler):
    """Gives a request the link that our spiders would have given it."""

    async def download_request(self, request: Any) -> Any:
        request.meta["link"] = Link(request.url, Kind.DOCUMENT)
        return await super().download_request(request)


class Silent:
    """Takes the same bytes off the wire, and lets go of them."""

    lazy = False

    def __init__(self) -> None:
        self._wire = Wire()

    @classmethod
    def from_crawler(cls, crawler: Any) -> Silent:
        return cls()

    async def download_request(self, request: Any) -> Any:
        request.meta["link"] = Link(request.url, Kind.DOCUMENT)
        sent = request_bytes(request)
        answer = await self._wire.exchange(request.url, request.method, sent)
        made = Exchange(request.url, sent, answer.response, answer.sent_at)
        return response_of(request, made)

    async def close(self) -> None:
        await self._wire.close()


def _with(handler: type) -> dict[str, Any]:
    handlers = dict.fromkeys(("data", "file", "ftp", "s3"))
    return {
        "TWISTED_REACTOR_ENABLED": False,
        "DOWNLOAD_HANDLERS": {**handlers, "http": handler, "https": handler},
        "GONGKAI_WORLD": "live",
        "GONGKAI_STORE": ".",
        "GONGKAI_CRAWL": "bench",
        "GONGKAI_CONNECT_TO": "",
        "GONGKAI_EGRESS": "",
    }


SETTINGS = {"ours": _with(Recording), "ours, not kept": _with(Silent)}
