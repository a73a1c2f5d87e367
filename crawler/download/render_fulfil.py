"""From a response as it was recorded to what a browser is told instead of the network."""

from __future__ import annotations

import base64
import re
import zlib
from http.client import responses as phrases
from typing import TYPE_CHECKING, Any

from scrapy.http import HtmlResponse
from scrapy.responsetypes import responsetypes

from crawler.download.charset import decode
from crawler.errors import FetchFailed

if TYPE_CHECKING:
    from scrapy.http import Response

CODINGS = {b"gzip": 47, b"x-gzip": 47, b"deflate": 47}  # 47: zlib tells gzip and zlib apart
UNASKED = {b"br", b"zstd", b"compress"}
RAW_DEFLATE = -15
OF_THE_CONNECTION = {
    b"alt-svc",
    b"connection",
    b"content-encoding",
    b"content-length",
    b"keep-alive",
    b"proxy-authenticate",
    b"proxy-connection",
    b"te",
    b"trailer",
    b"transfer-encoding",
    b"upgrade",
}
XHTML = b"application/xhtml+xml"
TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def decoded(response: Response, most: int) -> Response:
    """Without content coding. Raises FetchFailed for one we did not ask for, or too much."""
    names = b",".join(response.headers.getlist("Content-Encoding")).lower().split(b",")
    body = response.body
    for name in reversed([name.strip() for name in names]):
        if name in UNASKED:
            says = f"sent as {name.decode()}, which we did not ask for"
            raise FetchFailed("content_coding", says)
        if name in CODINGS:  # else it is no coding: some say `utf-8` there
            body = _inflated(body, CODINGS[name], most)
    if len(body) > most or "unread" in response.flags:
        raise FetchFailed("too_large", f"more than the {most} bytes left for this page")
    headers = response.headers.copy()
    if headers.pop("Content-Encoding", None) is None:
        return response
    kind = responsetypes.from_args(headers, response.url, body=body)
    return response.replace(body=body, headers=headers, cls=kind)


def _inflated(body: bytes, window: int, most: int) -> bytes:
    """What was compressed, as far as it came whole. FetchFailed when it is no such thing.

    What follows the end and is not compressed is left out, as browsers do.
    """
    pieces: list[bytes] = []
    left = most + 1
    while body and left > 0:
        inflater = zlib.decompressobj(window)
        try:
            piece = inflater.decompress(body, left)
        except zlib.error as error:
            if pieces:
                break
            if window == RAW_DEFLATE:
                says = f"not compressed as it says: {error}"
                raise FetchFailed("content_coding", says) from error
            return _inflated(body, RAW_DEFLATE, most)
        pieces.append(piece)
        left -= len(piece)
        body = inflater.unused_data  # gzip may come in several members
    return b"".join(pieces)


def fulfilment(response: Response, *, document: bool) -> dict[str, Any]:
    """The parameters of CDP's Fetch.fulfillRequest. Header values go as the bytes they were.

    A document is shown in the charset it is in, and a page as a page, whatever the head says;
    everything else is left to the browser.
    """
    told = document and response.body
    dropped = set(OF_THE_CONNECTION)
    if told:
        dropped.add(b"content-type")
    if told and isinstance(response, HtmlResponse):
        dropped.add(b"content-disposition")  # or it would be saved
    headers = [
        (name, value)
        for name, values in response.headers.items()
        for value in values
        if name.lower() not in dropped and TOKEN.fullmatch(name)
    ]
    if told:
        headers.append((b"Content-Type", _told(response)))
    lines = b"\0".join(name + b": " + _line(value) for name, value in headers)
    return {
        "responseCode": response.status,
        "responsePhrase": phrases.get(response.status, "Unknown"),  # it must have one
        "binaryResponseHeaders": base64.b64encode(lines).decode(),
        "body": base64.b64encode(response.body).decode(),
    }


def _told(response: Response) -> bytes:
    """The Content-Type of a document."""
    said = response.headers.get("Content-Type") or b"text/html"
    kind = said.partition(b";")[0].strip()
    if isinstance(response, HtmlResponse) and kind.lower() != XHTML:
        kind = b"text/html"
    return kind + b"; charset=" + decode(response.body, said).encoding.encode()


def _line(value: bytes) -> bytes:
    return value.translate(None, b"\0\r\n")
