"""From a Scrapy request to the bytes that are sent, and from what came to Scrapy's response."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol

from scrapy.http import Headers, Request, Response, TextResponse
from scrapy.responsetypes import responsetypes

from crawler.errors import FetchFailed
from crawler.items import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from archive import Message
    from crawler.items import Link

MOST_READ = 16 * 2**20  # bytes of a page as it came
MOST_OF_FILE = 64 * 2**20  # and of a file: reports are scanned, a page to a megabyte
MOST_DECODED = 64 * 2**20  # bytes that content coding may make of it


class Outcome(Protocol):
    """What `response_of` needs to know of an exchange."""

    @property
    def received(self) -> Message[Any]: ...

    @property
    def truncated(self) -> str | None: ...
    @property
    def error(self) -> str | None: ...
    @property
    def facts(self) -> Mapping[str, str]: ...


def response_of(request: Request, outcome: Outcome) -> Response:
    """The Scrapy response of what was received, or FetchFailed where that is no whole answer.

    A file of more than `MOST_OF_FILE` bytes comes without its body and flagged "unread": whoever
    wants it reads it from the archive. A page of `MOST_READ` is nothing a portal can read.
    """
    message = outcome.received
    head, how = message.head, outcome.facts.get("failure", "")
    if outcome.truncated and not how:  # something came
        code = {"time": "timeout", "length": "too_large"}.get(outcome.truncated, "truncated")
        says = f"after {len(message.content)} bytes: {outcome.error or outcome.truncated}"
        raise FetchFailed(code, says)
    if head is None:
        raise FetchFailed("unreachable", outcome.error or "the answer is not HTTP", how)
    headers = Headers(head.headers)
    if request.method != "HEAD" and message.body_size > _most(request):
        return _unread(request, head.status, headers, message.body_size)
    body = b""
    if request.method != "HEAD":
        body = bytes(message.entity)
    request.meta.setdefault("download_maxsize", MOST_DECODED)
    kind = responsetypes.from_args(headers=headers, url=request.url, body=body)
    return kind(url=request.url, status=head.status, headers=headers, body=body, request=request)


def _most(request: Request) -> int:
    link: Link | None = request.meta.get("link")
    return MOST_OF_FILE if link is not None and link.kind == Kind.ATTACHMENT else MOST_READ


def _unread(request: Request, status: int, headers: Headers, size: int) -> Response:
    headers.pop("Content-Encoding", None)  # nothing is left to decode
    kind = responsetypes.from_args(headers=headers, url=request.url)
    if issubclass(kind, TextResponse) and request.meta["link"].kind != Kind.ATTACHMENT:
        says = f"a page of {size} bytes is in the archive, but too large to be read"
        raise FetchFailed("too_large", says)
    return Response(request.url, status, headers, flags=["unread"], request=request)


def request_bytes(request: Request, more: Iterable[tuple[bytes, bytes]] = ()) -> bytes:
    """The request as it goes over the wire, HTTP/1.1, with further headers in the end."""
    host, _, path = request.url.partition("://")[2].partition("/")
    if "?" in host:
        host, _, query = host.partition("?")
        path = f"?{query}"
    path = path.partition("#")[0]
    lines = [f"{request.method} /{path} HTTP/1.1", f"Host: {host.rpartition('@')[2]}"]
    own = ((name, value) for name, values in request.headers.items() for value in values)
    lines += [f"{n.decode('latin-1')}: {v.decode('latin-1')}" for n, v in chain(own, more)]
    if request.body or request.method == "POST":
        lines.append(f"Content-Length: {len(request.body)}")
    lines.append("Connection: keep-alive")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + request.body
