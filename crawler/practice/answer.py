"""From a page to an HTTP answer: validators, compression, and the planned misbehaviour."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from crawler.practice.site import HTML, Page

REASONS = {
    200: "OK",
    302: "Found",
    304: "Not Modified",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    412: "Precondition Failed",
    413: "Content Too Large",
    421: "Misdirected Request",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

Header = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer without its framing, which the server adds."""

    status: int
    headers: tuple[Header, ...]
    body: bytes
    chunked: bool = False
    sent: int | None = None  # bytes after which the connection closes; None: the whole body
    first: "Answer | None" = None  # what a server says instead the first time it is asked
    wait: float = 0.0  # seconds until it is sent


def dress(page: Page, headers: Mapping[str, str], *, gzips: bool, chunked: bool) -> Answer:
    """The answer to a request for a page that exists."""
    if page.location:
        return Answer(302, (("Location", page.location), ("Content-Type", HTML)), b"")
    body = page.body
    coding: tuple[Header, ...] = (("Vary", "Accept-Encoding"),) if gzips else ()
    if gzips and _accepts_gzip(headers.get("accept-encoding", "")):
        # mtime is fixed: the same page is the same bytes, tonight and in a year.
        body, coding = gzip.compress(body, mtime=0), (*coding, ("Content-Encoding", "gzip"))
    etag = f'"{sha256(body).hexdigest()[:20]}"'
    modified = _http_date(page.modified)
    said: tuple[Header, ...] = (
        ("Content-Type", page.content_type),
        ("Last-Modified", modified),
        ("ETag", etag),
        *coding,
    )
    if "if-none-match" in headers:  # decides alone where both are sent (RFC 9110, 13.2.2)
        tags = {tag.strip().removeprefix("W/") for tag in headers["if-none-match"].split(",")}
        unchanged = bool(tags & {etag, "*"})
    else:
        unchanged = headers.get("if-modified-since") == modified
    busy = plain(503, "系统繁忙，请稍后再试", ("Retry-After", "1"))
    first = busy if page.trouble == "http_503_once" else None
    if unchanged:
        return Answer(304, said, b"", first=first)
    if page.trouble == "truncated":
        # Never chunked: the length must promise what does not come.
        return Answer(200, said, body, sent=len(body) * 2 // 3)
    return Answer(200, said, body, chunked=chunked, first=first)


def plain(status: int, says: str, *more: Header) -> Answer:
    """A bare page for everything that is not a document."""
    body = f"<!DOCTYPE html><title>{status} {REASONS[status]}</title><p>{says}</p>".encode()
    return Answer(status, (("Content-Type", HTML), *more), body)


def _accepts_gzip(accepts: str) -> bool:
    for item in accepts.split(","):
        coding, _, weight = item.partition(";")
        if coding.strip() in {"gzip", "*"} and weight.replace(" ", "") not in {"q=0", "q=0.0"}:
            return True
    return False


def _http_date(day: date) -> str:
    """Six in the morning, Greenwich, without asking the locale."""
    return f"{DAYS[day.weekday()]}, {day.day:02d} {MONTHS[day.month - 1]} {day.year} 06:00:00 GMT"
