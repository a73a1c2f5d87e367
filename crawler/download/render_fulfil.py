"""From a response as it was recorded to what a browser is told instead of the network."""

from __future__ import annotations

import base64
import re
import zlib
from typing import TYPE_CHECKING, Any

from crawler.download.charset import decode
from crawler.errors import FetchFailed

if TYPE_CHECKING:
    from scrapy.http import Response

CODINGS = {b"gzip": 47, b"x-gzip": 47, b"deflate": 47}  # 47: zlib tells gzip and zlib apart
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
TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def decoded(response: Response, most: int) -> Response:
    """Without content coding. Raises FetchFailed for one we did not ask for, or too much."""
    names = b",".join(response.headers.getlist("Content-Encoding")).lower().split(b",")
    body = response.body
    for name in reversed([name.strip() for name in names]):
        if name in {b"", b"identity"}:
            continue
        if name not in CODINGS:
            code = name.decode("ascii", "replace")
            raise FetchFailed("content_coding", f"sent as {code!r}, which we did not ask for")
        body = _inflated(body, CODINGS[name], most)
    if len(body) > most or "unread" in response.flags:
        raise FetchFailed("too_large", f"more than the {most} bytes left for this page")
    headers = response.headers.copy()
    headers.pop("Content-Encoding", None)
    return response.replace(body=body, headers=headers)


def _inflated(body: bytes, window: int, most: int) -> bytes:
    """What was compressed, as far as it came whole. FetchFailed when it is no such thing."""
    pieces: list[bytes] = []
    left = most + 1
    while body and left > 0:
        inflater = zlib.decompressobj(window)
        try:
            piece = inflater.decompress(body, left)
        except zlib.error as error:
            if window == RAW_DEFLATE or pieces:
                says = f"not compressed as it says: {error}"
                raise FetchFailed("content_coding", says) from error
            return _inflated(body, RAW_DEFLATE, most)
        pieces.append(piece)
        left -= len(piece)
        body = inflater.unused_data  # gzip may come in several members
    return b"".join(pieces)


def fulfilment(response: Response, *, document: bool) -> dict[str, Any]:
    """The parameters of CDP's Fetch.fulfillRequest. Header values go as the bytes they were.

    A document is declared to be in the charset it is in; everything else is left to the browser.
    """
    headers = [
        (name, value)
        for name, values in response.headers.items()
        for value in values
        if name.lower() not in OF_THE_CONNECTION and TOKEN.fullmatch(name)
    ]
    if document and response.body:
        kind = response.headers.get("Content-Type") or b"text/html"
        charset = decode(response.body, kind).encoding.encode()
        headers = [(name, value) for name, value in headers if name.lower() != b"content-type"]
        headers.append((b"Content-Type", kind.partition(b";")[0] + b"; charset=" + charset))
    lines = b"\0".join(name + b": " + _line(value) for name, value in headers)
    return {
        "responseCode": response.status,
        "binaryResponseHeaders": base64.b64encode(lines).decode(),
        "body": base64.b64encode(response.body).decode(),
    }


def _line(value: bytes) -> bytes:
    return value.translate(None, b"\0\r\n")
