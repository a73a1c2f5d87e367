"""Cookies, for portals that show nothing to whoever forgets theirs.

A host gets back what it set, for as long as the worker lives; no other host does. That is less
than browsers do and all that such portals ask for: they want to see that the visitor came before.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from scrapy.utils.httpobj import urlparse_cached

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response


class CookieMiddleware:
    """Keeps and sends the cookies of requests whose `meta["cookies"]` names a portal."""

    def __init__(self) -> None:
        self._kept: defaultdict[tuple[str, str], dict[bytes, bytes]] = defaultdict(dict)

    def process_request(self, request: Request) -> None:
        if portal := request.meta.get("cookies"):
            kept = self._kept[portal, urlparse_cached(request).netloc]
            if kept:
                request.headers["Cookie"] = b"; ".join(b"=".join(pair) for pair in kept.items())

    def process_response(self, request: Request, response: Response) -> Response:
        if portal := request.meta.get("cookies"):
            kept = self._kept[portal, urlparse_cached(request).netloc]
            for line in response.headers.getlist("Set-Cookie"):
                name, mark, value = line.partition(b";")[0].partition(b"=")
                if mark and name.strip():
                    kept[name.strip()] = value.strip()
        return response
