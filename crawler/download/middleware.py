"""What happens to a response between the archive and the spider: content coding off, then text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.http import Response, TextResponse

from crawler.download.charset import decode
from crawler.download.coding import is_cut
from crawler.items import Issue

if TYPE_CHECKING:
    from scrapy import Request


class CodingMiddleware(HttpCompressionMiddleware):
    """Takes content coding off, and reports one that stops in the middle: a table may be cut."""

    def process_response(  # type: ignore[override]  # nobody says for which spider any more
        self, request: Request, response: Response
    ) -> Response:
        coding = (response.headers.get("Content-Encoding") or b"").strip().lower()
        decoded = super().process_response(request, response)
        assert isinstance(decoded, Response)
        if request.method != "HEAD" and is_cut(coding, response.body, len(decoded.body)):
            says = f"its {coding.decode()} coding stops in the middle; what came until then is read"
            _note(request, Issue("coding_cut", says, request.url))
        return decoded


class CharsetMiddleware:
    """Sets the encoding of every text response and reports declarations that were wrong.

    The charset is found by evidence, not by declaration.
    """

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
            _note(request, Issue("charset_conflict", says, host))
        return response.replace(encoding=decoded.encoding)


def _note(request: Request, issue: Issue) -> None:
    request.meta["issues"] = (*request.meta.get("issues", ()), issue)
