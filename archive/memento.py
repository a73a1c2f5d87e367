"""Mementos (RFC 7089): which capture a time means, and what is said about it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import TYPE_CHECKING

from archive import cdx_api
from archive.cdx_api import REPLAYED, apart
from archive.cdxj import stamp
from archive.record import target_uri, timestamp
from archive.surt import surt

if TYPE_CHECKING:
    from archive.capture import Capture
    from archive.index import Index

SLASH = re.compile(r"(?i)(https?):/+")
MAP = "/timemap/link/"
LINKS = "application/link-format"
# Exactly what was asked for; where there is none, what has the same key (https, www., a slash).
WAYS = (("url = ? AND body_sha256 = ''", str), ("urlkey = ?", surt))


def address(text: str) -> str:
    """An address as it was asked for in a path; on the way `//` may have become `/`."""
    found = SLASH.match(text)
    url = f"{found[1]}://{text[found.end() :]}" if found else f"http://{text}"
    return target_uri(url)


def moment(digits: str) -> str:
    """A time as it stands in a path: the end of a year or day, as pywb has it; none: the newest."""
    return cdx_api.moment(digits, cdx_api.LATEST)


def nearest(index: Index, url: str, at: str) -> Capture | None:
    """The capture of an address nearest to a time (to the second), of two as near the older.

    Of those in one second the newest, as the last of some redirects to itself is the page.
    """
    for where, of in WAYS:
        head, value = f"WHERE {where} AND {REPLAYED} AND", of(url)
        sides = index.select(f"{head} at < ? ORDER BY at DESC LIMIT 1", [value, at])
        sides += index.select(f"{head} at >= ? ORDER BY at LIMIT 1", [value, at])
        if sides:
            second = min(sides, key=lambda one: apart(one.at, at)).at[:19]
            tail = "at >= ? AND at <= ? ORDER BY at DESC, file DESC, offset DESC LIMIT 1"
            return index.select(f"{head} {tail}", [value, second, second + "~"])[0]
    return None


def shown(capture: Capture) -> bool:
    """Whether a capture is an answer to a GET: nothing else has an address."""
    return capture.method == "GET" and capture.record_type in {"response", "revisit"}


def place(capture: Capture) -> str:
    """Where the server shows a capture."""
    return f"/{stamp(capture)}id_/{capture.url}"


def http_date(capture: Capture) -> str:
    """A capture's time as HTTP writes times."""
    return format_datetime(datetime.fromisoformat(capture.at), usegmt=True)


def accepted(said: str) -> str:
    """The time in an `Accept-Datetime`, as `Capture.at` begins. Raises ValueError for another."""
    try:
        at = parsedate_to_datetime(said)
        return timestamp(at.replace(tzinfo=at.tzinfo or UTC))[:19]
    except (ValueError, OverflowError) as error:
        raise ValueError("Accept-Datetime: say Sun, 22 Nov 2026 02:13:05 GMT") from error


def links(url: str, base: str) -> str:
    """What is said beside every answer about an address; `base` is the server's."""
    return (
        f'<{_cited(url)}>; rel="original", <{base}/{_cited(url)}>; rel="timegate", '
        f'<{base}{MAP}{_cited(url)}>; rel="timemap"; type="{LINKS}"'
    )


def timemap(index: Index, url: str, base: str) -> bytes | None:
    """All captures of an address, oldest first; None when there is none."""
    for where, of in WAYS:
        found = index.select(f"WHERE {where} AND {REPLAYED} ORDER BY at", [of(url)])
        if found:
            return _listed(url, base, list({place(one): one for one in found}.values()))
    return None


def _listed(url: str, base: str, captures: list[Capture]) -> bytes:
    first, last = http_date(captures[0]), http_date(captures[-1])
    lines = [
        f'<{_cited(url)}>; rel="original"',
        f'<{base}/{_cited(url)}>; rel="timegate"',
        f'<{base}{MAP}{_cited(url)}>; rel="self"; type="{LINKS}"; from="{first}"; until="{last}"',
    ]
    for number, one in enumerate(captures):
        ends = ["first"] * (number == 0) + ["last"] * (number == len(captures) - 1)
        rel = " ".join([*ends, "memento"])
        lines.append(f'<{base}{_cited(place(one))}>; rel="{rel}"; datetime="{http_date(one)}"')
    return ",\n".join(lines).encode("ascii", "replace") + b"\n"


def _cited(url: str) -> str:
    """An address as it can stand between angle brackets."""
    return url.replace("<", "%3C").replace(">", "%3E")
