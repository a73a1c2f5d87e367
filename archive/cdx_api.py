"""Questions to the index as CDX servers put them, and the answers: the parameters of pywb.

`url` with `matchType` exact, prefix, host or domain (or `url*`, `*.url`), `from`, `to`, `filter`
(`[!][=|~]field:value`, may be repeated: contains, equals, begins as the regular expression says),
`sort` reverse or closest, `closest`, `limit`, `output` cdxj, json or text, `fl` (or `fields`).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import merge, nsmallest
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote

from archive import cdxj
from archive.record import PRINTABLE, timestamp
from archive.surt import surt

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from archive.cdxj import Row
    from archive.index import Index

KNOWN = ("url", "matchType", "from", "to", "filter", "sort", "closest", "limit", "output", "fl")
MATCHES = ("exact", "prefix", "host", "domain")
OUTPUTS = {"cdxj": "text/x-cdxj", "json": "application/x-ndjson", "text": "text/plain"}
SORTS = ("", "closest", "reverse")
FIELDS = (
    *("urlkey", "timestamp", "url", "mime", "status", "digest"),
    *("length", "offset", "filename", "date", "recordid"),
)
ALIASES = {"original": "url", "mimetype": "mime", "statuscode": "status"}
DIGITS = re.compile(r"\d{1,14}", re.ASCII)
FILTER = re.compile(r"(!?)([=~]?)(?:([^:]*):)?(.*)", re.DOTALL)
WHOLE = re.compile(r"(?i)[a-z][a-z0-9+.-]*://|urn:")
PAGE = 500
EARLIEST, LATEST = "00010101000000", "99991231235959"
REPLAYED = "method = 'GET' AND record_type IN ('response', 'revisit')"
SPAN = f"urlkey >= ? AND urlkey < ? AND at >= ? AND at <= ? AND {REPLAYED}"
FORWARD = "WHERE (urlkey, at, record_id) > (?, ?, ?) AND {} ORDER BY urlkey, at, record_id LIMIT {}"
BACK = (
    "WHERE (urlkey, at, record_id) < (?, ?, ?) AND {} "
    "ORDER BY urlkey DESC, at DESC, record_id DESC LIMIT {}"
)


@dataclass(frozen=True, slots=True)
class Query:
    """A question: keys from `first` to before `after`, times as `Capture.at` begins."""

    first: str
    after: str
    since: str
    until: str
    exact: bool
    filters: tuple[Callable[[Row], bool], ...] = ()
    closest: str = ""
    backwards: bool = False
    limit: int | None = None
    output: str = "cdxj"
    fields: tuple[str, ...] = ()


def query(search: str) -> Query:
    """Read the query of a request. Raises ValueError, which says what is wrong with it."""
    given: dict[str, str] = {}
    filters = []
    for said, raw in parse_qsl(search, keep_blank_values=True, encoding="latin-1"):
        value = quote(raw.encode("latin-1"), safe=PRINTABLE + " ")  # GBK stays GBK
        name = "fl" if said == "fields" else said
        if name not in KNOWN:
            raise ValueError(f"{name}= is not known here: say {', '.join(KNOWN)}")
        if name == "filter":
            filters.append(_filter(value))
        elif given.setdefault(name, value) != value:
            raise ValueError(f"{name}= is said twice")
    first, after, match = _keys(given.get("url", ""), given.get("matchType", ""))
    limit, fields = given.get("limit", ""), given.get("fl", "")
    if limit and not (limit.isascii() and limit.isdigit()):
        raise ValueError("limit is a number of lines")
    return Query(
        first,
        after,
        moment(given.get("from", ""), EARLIEST),
        moment(given.get("to", ""), LATEST) + "~",
        match == "exact",
        tuple(filters),
        moment(given["closest"], LATEST) if given.get("closest") else "",
        _one_of(SORTS, "sort", given.get("sort", "")) == "reverse",
        int(limit) if 0 < len(limit) < 10 else None,
        _one_of(OUTPUTS, "output", given.get("output") or "cdxj"),
        tuple(_one_of(FIELDS, "fl", one) for one in fields.split(",")) if fields else (),
    )


def moment(digits: str, ends: str) -> str:
    """Write up to 14 digits as `Capture.at` begins, to the second, completed from `ends`.

    Raises ValueError when that is no time.
    """
    if digits and not DIGITS.fullmatch(digits):
        raise ValueError("times are up to 14 digits: 20131231235959")
    whole = digits + ends[len(digits) :]
    if ends == LATEST and len(digits) < 8 and whole[6:8] == "31":
        whole = whole[:6] + _last_day(whole) + whole[8:]
    try:
        at = datetime.strptime(whole, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError as error:
        raise ValueError(f"{digits} is no time") from error
    return timestamp(at)[:19]


def apart(one: str, other: str) -> int:
    """Whole seconds between two times as `Capture.at` begins: nobody can ask for less."""
    return abs(_second(one) - _second(other)) // timedelta(seconds=1)


def _second(at: str) -> datetime:
    return datetime.fromisoformat(at[:19])


def _last_day(digits: str) -> str:
    year, month = int(digits[:4]), int(digits[4:6])
    if not 1 <= month <= 11 or not year:
        return "31"
    return f"{(datetime(year, month + 1, 1, tzinfo=UTC) - timedelta(days=1)).day:02}"


def _keys(url: str, match: str) -> tuple[str, str, str]:
    """The first key that fits, the first after those that fit, and how they are matched."""
    if not url:
        raise ValueError("say url=…")
    if not match and url.startswith("*."):
        url, match = url[2:], "domain"
    elif not match and url.endswith("*"):
        url, match = url[:-1], "prefix"
    match = _one_of(MATCHES, "matchType", match or "exact")
    key = surt(url if WHOLE.match(url) else f"http://{url}")
    host = key.partition(")")[0]
    if match == "exact":
        return key, key + "\0", match
    if match == "host":
        return f"{host})", f"{host}*", match
    if match == "domain":
        return host, f"{host}-", match
    if url[-1:] in ("/", "?") and not key.endswith(url[-1]):
        key += url[-1]  # the key of a folder forgets its last slash
    return key, key + "\U0010ffff", match


def _one_of(known: Collection[str], name: str, value: str) -> str:
    if value not in known:
        raise ValueError(f"{name} {value!r}: say {', '.join(filter(None, known))}")
    return value


def _filter(text: str) -> Callable[[Row], bool]:
    """Whether a row is wanted. Raises ValueError for what is no filter."""
    found = FILTER.fullmatch(text)
    assert found is not None
    negated, how, field, value = found.groups()
    if field is not None:
        field = _one_of([*FIELDS, "method"], "filter", ALIASES.get(field, field))
    try:
        pattern = re.compile(value if how == "~" else re.escape(value))
    except re.error as error:
        raise ValueError(f"filter {text}: {error}") from error
    look = {"": pattern.search, "=": pattern.fullmatch, "~": pattern.match}[how]

    def wanted(row: Row) -> bool:
        whole = _text(row, row) if field is None else row.get(field, "")
        return (look(whole) is None) == bool(negated)

    return wanted


def answer(index: Index, asked: Query) -> Iterator[bytes]:
    """The lines that answer a question, in its order."""
    for row in islice(_ordered(index, asked), asked.limit):
        yield _line(row, asked)


def _ordered(index: Index, asked: Query) -> Iterator[Row]:
    def rows(since: str, until: str, *, backwards: bool) -> Iterator[Row]:
        every = _scan(index, asked, since, until, backwards=backwards)
        return (row for row in every if all(wanted(row) for wanted in asked.filters))

    def distance(row: Row) -> int:
        return apart(row["date"], asked.closest)

    if not asked.closest:
        return rows(asked.since, asked.until, backwards=asked.backwards)
    if not asked.exact:
        every = rows(asked.since, asked.until, backwards=False)
        if asked.limit is None:
            return iter(sorted(every, key=distance))
        return iter(nsmallest(asked.limit, every, key=distance))
    before = rows(asked.since, min(asked.until, asked.closest), backwards=True)
    after = rows(max(asked.since, asked.closest), asked.until, backwards=False)
    return merge(before, after, key=distance)


def _scan(index: Index, asked: Query, since: str, until: str, *, backwards: bool) -> Iterator[Row]:
    """Every row between two keys and times, read in pages."""
    span = [asked.first, asked.after, since, until]
    if backwards:
        place = [asked.first, until, ""] if asked.exact else [asked.after, "", ""]
    else:
        place = [asked.first, since, ""]
    tail = (BACK if backwards else FORWARD).format(SPAN, PAGE)
    while True:
        page = index.select(tail, [*place, *span])
        yield from map(cdxj.row, page)
        if len(page) < PAGE:
            return
        place = [surt(page[-1].url), page[-1].at, page[-1].record_id]


def _line(row: Row, asked: Query) -> bytes:
    """One line of an answer, of the fields that are asked for."""
    fields = asked.fields or row
    if asked.output == "text":
        text = " ".join(row.get(name, "-") for name in fields)
    else:
        content = {name: row[name] for name in fields if name in row}
        text = json.dumps(content) if asked.output == "json" else _text(row, content)
    return text.encode("ascii", "backslashreplace") + b"\n"


def _text(row: Row, content: Row) -> str:
    """A line of CDXJ."""
    kept = {name: content[name] for name in content if name not in ("urlkey", "timestamp")}
    return f"{row['urlkey']} {row['timestamp']} {json.dumps(kept)}"
