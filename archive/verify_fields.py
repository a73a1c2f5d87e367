"""The header of a WARC record, judged as strictly as its author deserves."""

from __future__ import annotations

import re
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.member import Fields

VERSION = re.compile(r"WARC/(0\.\d+|1\.[01])")
NAME = re.compile(r"[!-9;-~]+")
OURS_AT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:[0-5]\d\.\d{6}Z")
AT = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:[0-5]\d(\.\d{1,9})?)?Z)?)?)?")
WHOLE = "yyyy-01-01T00:00"
FIRST = datetime(1990, 1, 1)  # in UTC, as all of them
AHEAD = timedelta(days=1)
ASCII = re.compile(r"[!-;=?-~]+")
REPEATED = {"warc-concurrent-to", "warc-protocol"}
ALWAYS = {"warc-type", "warc-record-id", "warc-date", "content-length"}
ADDRESSED = {*ALWAYS, "warc-target-uri"}
OF_URI = {"response", "request", "resource", "revisit", "conversion", "continuation"}
TYPES = {*OF_URI, "warcinfo", "metadata"}


Pairs = list[tuple[str, str]]


class Names(dict[str, str]):
    """Names of fields in lower case; "" for what can name none. Most files know a dozen."""

    def __missing__(self, name: str) -> str:
        made = name.lower() if NAME.fullmatch(name) else ""
        if len(self) < 256:
            self[name] = made
        return made


NAMES = Names()


class Fielded:
    """The fields of a header, names in lower case: all in order, and the first of each name."""

    def __init__(self, version: str, fields: Fields, first: dict[str, str], odd: Pairs) -> None:
        self.version = version
        self.fields = fields
        self.first = first
        self.length = first.get("content-length", "")
        self.content_type = first.get("content-type", "")
        self._odd = odd

    @property
    def size(self) -> int | None:
        """Content-Length; None when that is no number."""
        text = self.length
        return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None

    def problems(self, *, ours: bool) -> Iterator[tuple[str, str]]:
        """Say what is wrong with the header."""
        yield from self._odd
        first = self.first
        kind = first.get("warc-type", "")
        needed = ADDRESSED if kind in OF_URI else ALWAYS
        if "" in first.values() or not needed <= first.keys():
            for name in sorted(needed):
                if not first.get(name):
                    yield "field-missing", f"it has no {name}"
        if len(first) != len(self.fields):
            yield from self._again()
        if kind and kind not in TYPES:
            yield "type-unknown", f"its type is {kind!r}"
        name = first.get("warc-record-id", "")
        if name and not (name[0] == "<" and name[-1] == ">" and ASCII.fullmatch(name[1:-1])):
            yield "uri", f"WARC-Record-ID {name[:80]!r} is no URI in angle brackets"
        uri = first.get("warc-target-uri", "")
        if uri and not ASCII.fullmatch(uri):
            yield from self._address(uri, ours=ours)
        if odd := _date(first.get("warc-date", ""), ours=ours):
            yield odd

    def _again(self) -> Iterator[tuple[str, str]]:
        """Say which fields stand there twice."""
        count = Counter(name for name, _ in self.fields)
        if again := sorted(name for name, n in count.items() if n > 1 and name not in REPEATED):
            yield "field-repeated", f"it has more than one {', '.join(again)}"

    def _address(self, uri: str, *, ours: bool) -> Iterator[tuple[str, str]]:
        """Say why an address is none. Ours keep what was asked for, odd ASCII too."""
        if not (ours and uri.isascii() and uri.isprintable() and " " not in uri):
            yield "uri", f"WARC-Target-URI {uri[:80]!r} is not ASCII without blanks and brackets"


def read_fields(head: bytes) -> Fielded:
    """Read a header with its empty line; CRLF or LF, folded or not."""
    odd: Pairs = []
    try:
        text = head.decode()
    except UnicodeDecodeError:
        text = head.decode("utf-8", "replace")
        odd.append(("header", "a WARC field is not UTF-8"))
    lines = text.split("\r\n")
    if text.count("\n") != len(lines) - 1:
        odd.append(("line-ends", "lines of its header end in LF, not CRLF"))
        lines = text.replace("\r\n", "\n").split("\n")
        text = "\r\n".join(lines)
    version = lines[0].removeprefix("WARC/")
    if not VERSION.fullmatch(lines[0]):
        odd.append(("header", f"its first line is {lines[0][:40]!r}"))
    lines = lines[1:-2]
    sound = "\0" not in text and text.count("\r") == len(lines) + 2
    fields = (sound and _plain(lines)) or _unfolded(lines, odd)
    first = dict(fields)
    if len(first) != len(fields):
        first = dict(reversed(fields))
    return Fielded(version, tuple(fields), first, odd)


def _plain(lines: list[str]) -> Pairs:
    """Read lines of which each is a field by itself; else nothing."""
    parts = [line.partition(":") for line in lines]
    fields = [(NAMES[name], value.strip(" \t")) for name, _, value in parts]
    return fields if all(map(itemgetter(1), parts)) and "" not in dict(fields) else []


def _unfolded(lines: list[str], odd: Pairs) -> Pairs:
    """Read lines that may be folded, or no fields at all."""
    fields: Pairs = []
    for line in lines:
        name, colon, value = line.partition(":")
        if line[:1] in (" ", "\t") and fields:
            fields[-1] = (fields[-1][0], f"{fields[-1][1]} {line.strip()}".strip())
        elif not colon or not name.strip() or "\r" in line or "\0" in line:
            odd.append(("header", f"{line[:60]!r} is no WARC field"))
        else:
            fields.append((name.lower(), value.strip()))
    return fields


def _date(text: str, *, ours: bool) -> tuple[str, str] | None:
    """Say what is wrong with a date."""
    if not text:
        return None
    if not (OURS_AT if ours else AT).fullmatch(text):
        return "date", f"WARC-Date {text[:40]!r} is not written as WARC wants it"
    when = _minute(text[: len(WHOLE)])
    if when is None:
        return "date", f"WARC-Date {text!r} is no date"
    if not FIRST <= when <= _latest(int(time.time()) >> 10):
        return "date-odd", f"WARC-Date {text} is before the Web or in the future"
    return None


@lru_cache(maxsize=64)
def _minute(text: str) -> datetime | None:
    """The minute a date begins with. Records that stand together were made together."""
    known = text.rstrip("Z")
    try:
        return datetime.fromisoformat(known + WHOLE[len(known) :])
    except ValueError:
        return None


@lru_cache(maxsize=1)
def _latest(_now: int) -> datetime:
    """The latest date that a record may bear; worked out again every quarter of an hour."""
    return datetime.now(UTC).replace(tzinfo=None) + AHEAD
