"""Decoding, right after content coding is gone: the charset by evidence, not by declaration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.http import TextResponse

from crawler.download.charset import decode
from crawler.items import Issue

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response


class CharsetMiddleware:
    """Sets the encoding of every text response and reports declarations that were wrong."""

    def process_response(self, request: Request, response: Response) -> Response:
        if not isinstance(response, TextResponse) or not response.body:
            return response
        if "rendered" in response.flags:  # UTF-8 of our own making, whatever its <meta> says
            return response
        decoded = decode(response.body, response.headers.get("Content-Type"))
        request.meta["charset"] = decoded.record()
        if decoded.conflict:
            declared = ", ".join(f"{by} {name}" for by, name in decoded.declared.items() if name)
            says = f"declared as {declared}, but the bytes are {decoded.encoding}"
            host = "/".join(response.url.split("/", 3)[:3])  # a site is wrong everywhere alike
            request.meta["issues"] = (Issue("charset_conflict", says, host),)
        return response.replace(encoding=decoded.encoding)
