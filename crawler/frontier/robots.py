"""robots.txt (RFC 9309): what it says, and what its absence says. Pure.

It is fetched like any page, through the frontier and into the archive, before anything else of its
host; the frontier keeps its text for a day.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from protego import Protego

from crawler.errors import FetchFailed

AGENT = "gongkai"
KEPT_SECONDS = 24 * 3600
ROBOTS_AWAY = "robots_unreachable"  # why pages are skipped; the failed robots.txt is the issue
UNREACHABLE = "# nobody could fetch it"  # RFC 9309 §2.3.1.4: then everything is disallowed
LONGEST = 500 * 1024  # RFC 9309 §2.5: at least this much must be read, the rest may be left


def origin_of(url: str) -> str:
    """Scheme, host and port: what one robots.txt speaks for."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def text_of(status: int, media_type: str, body: bytes) -> str:
    """The rules an answer amounts to, as robots.txt text; "" allows everything.

    4xx means there are none. A page of HTML with status 200, which many portals send for any
    address, is no robots.txt either.
    """
    start = body[:LONGEST].lstrip(b"\xef\xbb\xbf \r\n\t")
    if status != 200 or "html" in media_type.lower() or start.startswith(b"<"):
        return ""
    return start.decode("utf-8", "replace")


def forbidden(rules: Rules) -> FetchFailed:
    """Why a URL that `rules` do not allow is not fetched."""
    if rules.reachable:
        return FetchFailed("robots_disallowed", "robots.txt forbids it")
    says = "robots.txt of this host could not be fetched, so nothing else is"
    return FetchFailed(ROBOTS_AWAY, says)


class Rules:
    """What one origin allows us."""

    def __init__(self, text: str) -> None:
        self.reachable = text != UNREACHABLE
        self._rules = Protego.parse(text)

    def allow(self, url: str) -> bool:
        return self.reachable and bool(self._rules.can_fetch(url, AGENT))

    @property
    def crawl_delay_ms(self) -> int:
        return int(1000 * (self._rules.crawl_delay(AGENT) or 0))
