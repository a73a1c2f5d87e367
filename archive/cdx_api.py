"""Questions to the index as CDX servers and RFC 7089 put them, and the answers."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from heapq import nsmallest
from typing import TYPE_CHECKING

from archive import cdxj
from archive.record import timestamp
from archive.surt import surt

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from archive.capture import Capture
    from archive.index import Index

MATCHES = ("exact", "prefix", "host", "domain")
OUTPUTS = ("cdxj", "json")
DIGITS = re.compile(r"\d{1,14}")
PAGE = 500
EARLIEST, LATEST = "00010101000000", "99991231235959"
REPLAYED = "method = 'GET' AND record_type IN ('response', 'revisit')"
PLAIN = "WHERE urlkey >= ? AND urlkey < ? AND at >= ? AND at <= ?"
ORDER = "ORDER BY urlkey, at, record_id"


@dataclass(frozen=True, slots=True)
class Query:
    """A question: keys from `first` to before `after`, times as in `Capture.at`."""

    first: str
    after: str
    since: str
    until: str
    output: str = "cdxj"
    limit: int | None = None
    closest: str = ""
    newest_first: bool = False


def query(given: Mapping[str, str]) -> Query:
    """Read the parameters of a request. Raises ValueError, which says what is wrong with them."""
    url, match = given.get("url", ""), given.get("matchType", "")
    if not url:
        raise ValueError("say url=…")
    if not match and url.endswith("*"):
        url, match = url[:-1], "prefix"
    if not match and url.startswith("*."):
        url, match = url[2:], "domain"
    match = match or "exact"
    output = given.get("output") or "cdxj"
    if match not in MATCHES or output not in OUTPUTS:
        raise ValueError(f"matchType is one of {MATCHES}, output one of {OUTPUTS}")
    limit = given.get("limit", "")
    if limit and not (limit.isascii() and limit.isdigit()):
        raise ValueError("limit is a number of lines")
    first, after = keys(url, match)
    return Query(
        first,
        after,
        moment(given.get("from", ""), EARLIEST),
        moment(given.get("to", ""), LATEST)[:19] + "~",
        output,
        min(int(limit), 2**31) if limit else None,
        moment(given["closest"], EARLIEST) if given.get("closest") else "",
        given.get("sort") == "reverse",
    )


def keys(url: str, match: str) -> tuple[str, str]:
    """The first key that fits, and the first after those that fit."""
    address = url if "://" in url else f"http://{url}"
    key = surt(address)
    host = key.partition(")")[0]
    if match == "exact":
        return key, key + "\0"
    if match == "host":
        return f"{host})", f"{host}*"
    if match == "domain":
        return host, f"{host}-"
    if address.endswith("/") and not key.endswith("/"):
        key += "/"  # the key of a folder forgets its last slash
    return key, key + "\U0010ffff"


def moment(digits: str, ends: str) -> str:
    """Write up to 14 digits as `Capture.at`, completed from `ends`. Raises ValueError."""
    if digits and not DIGITS.fullmatch(digits):
        raise ValueError("times are up to 14 digits: 20131231235959")
    whole = digits + ends[len(digits) :]
    if ends == LATEST and whole[6:8] == "31":
        whole = whole[:6] + _last_day(whole) + whole[8:] if len(digits) < 8 else whole
    try:
        at = datetime.strptime(whole, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError as error:
        raise ValueError(f"{digits} is no time") from error
    return timestamp(at)


def _last_day(digits: str) -> str:
    year, month = int(digits[:4]), int(digits[4:6])
    if not 1 <= month <= 11 or not year:
        return "31"
    return f"{(datetime(year, month + 1, 1, tzinfo=UTC) - timedelta(days=1)).day:02}"


def found(index: Index, asked: Query) -> Iterator[Capture]:
    """The captures that answer a question, in its order."""
    if asked.closest or asked.newest_first:
        every = _found(index, asked)
        if asked.closest:
            count = 2**31 if asked.limit is None else asked.limit
            yield from nsmallest(count, every, key=lambda one: distance(one, asked.closest))
            return
        backwards = sorted(every, key=lambda one: one.at, reverse=True)
        yield from backwards[: asked.limit]
        return
    left = asked.limit
    for one in _found(index, asked):
        if left is not None:
            if not left:
                return
            left -= 1
        yield one


def _found(index: Index, asked: Query) -> Iterator[Capture]:
    """Everything between two keys and times, read in pages."""
    place = [asked.first, "", ""]
    span = [asked.first, asked.after, asked.since, asked.until]
    tail = f"{PLAIN} AND {REPLAYED} AND (urlkey, at, record_id) > (?, ?, ?) {ORDER} LIMIT {PAGE}"
    while True:
        page = index.select(tail, [*span, *place])
        yield from page
        if len(page) < PAGE:
            return
        place = [surt(page[-1].url), page[-1].at, page[-1].record_id]


def distance(capture: Capture, at: str) -> float:
    """Seconds between a capture and a time."""
    there, here = (datetime.fromisoformat(one) for one in (capture.at, at))
    return abs((there - here).total_seconds())


def nearest(index: Index, url: str, at: str) -> Capture | None:
    """The capture of this address nearest to a time; of one with the same key if there is none."""
    for where, value in (("url = ?", url), ("urlkey = ?", surt(url))):
        sides = []
        for side, order in (("at <= ?", "DESC"), ("at > ?", "ASC")):
            tail = f"WHERE {where} AND {REPLAYED} AND {side} ORDER BY at {order}, record_id LIMIT 1"
            sides += index.select(tail, [value, at])
        if sides:
            return min(sides, key=lambda one: distance(one, at))
    return None


def line(capture: Capture, output: str) -> bytes:
    """One line of an answer."""
    text = cdxj.line(capture)
    if output == "cdxj":
        return text
    key, stamp, content = text.decode().split(" ", 2)
    return json.dumps({"urlkey": key, "timestamp": stamp, **json.loads(content)}).encode() + b"\n"


def stamp(capture: Capture) -> str:
    """The 14 digits of a capture's time."""
    return capture.at.translate(cdxj.DIGITS)[:14]


def http_date(capture: Capture) -> str:
    """A capture's time as HTTP writes times."""
    return format_datetime(datetime.fromisoformat(capture.at), usegmt=True)


def cited(url: str) -> str:
    """An address as it can stand between angle brackets."""
    return url.replace("<", "%3C").replace(">", "%3E")


def timemap(url: str, base: str, captures: list[Capture]) -> bytes:
    """The captures of an address as RFC 7089 lists them, oldest first; `base` is the server's."""
    first, last = http_date(captures[0]), http_date(captures[-1])
    lines = [
        f'<{cited(url)}>; rel="original"',
        f'<{base}/timemap/link/{cited(url)}>; rel="self"; type="application/link-format"; '
        f'from="{first}"; until="{last}"',
    ]
    for number, one in enumerate(captures):
        ends = ["first"] * (number == 0) + ["last"] * (number == len(captures) - 1)
        rel = " ".join([*ends, "memento"])
        place = f"{base}/{stamp(one)}id_/{cited(one.url)}"
        lines.append(f'<{place}>; rel="{rel}"; datetime="{http_date(one)}"')
    return ",\n".join(lines).encode("ascii", "replace") + b"\n"
