"""The header of a WARC record, judged as strictly as its author deserves."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.member import Fields

VERSIONS = {"WARC/1.0", "WARC/1.1"}
OLDER = re.compile(r"WARC/0\.\d+")
OTHER = bytes({*range(256)} - {*b"\0\t\r\n"})
OURS_AT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:[0-5]\d\.\d{6}Z")
AT = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:[0-5]\d(\.\d{1,9})?)?Z)?)?)?")
WHOLE = "yyyy-01-01T00:00"
FIRST = datetime(1990, 1, 1)  # in UTC, as all of them
AHEAD = timedelta(days=1)
ID = re.compile(r"<[!-;=?-~]+>")
ASCII = re.compile(r"[!-;=?-~]+")
REPEATED = {"warc-concurrent-to", "warc-protocol"}
ADDRESSED = ("WARC-Type", "WARC-Record-ID", "WARC-Date", "WARC-Target-URI", "Content-Length")
ALWAYS = tuple(name for name in ADDRESSED if name != "WARC-Target-URI")
STANDARD = {
    *ADDRESSED,
    "Content-Type",
    *(
        f"WARC-{name}"
        for name in (
            "Block-Digest", "Cipher-Suite", "Concurrent-To", "Filename", "IP-Address",
            "Identified-Payload-Type", "Payload-Digest", "Profile", "Protocol", "Refers-To",
            "Refers-To-Date", "Refers-To-Target-URI", "Segment-Number", "Segment-Origin-ID",
            "Segment-Total-Length", "Truncated", "Warcinfo-ID",
        )
    ),
}  # fmt: skip
SPELLED = {name.lower(): name for name in STANDARD}
OF_URI = {"response", "request", "resource", "revisit", "conversion", "continuation"}
TYPES = {*OF_URI, "warcinfo", "metadata"}


Pairs = list[tuple[str, str]]


class Fielded:
    """The fields of a header: all in order, and the first of each as the standard spells it."""

    __slots__ = ("_odd", "fields", "first", "version")

    def __init__(self, version: str, fields: Fields, first: dict[str, str], odd: Pairs) -> None:
        self.version = version
        self.fields = fields
        self.first = first
        self._odd = odd

    def problems(self, *, ours: bool) -> Iterator[tuple[str, str]]:
        """Say what is wrong with the header."""
        yield from self._odd
        first = self.first
        kind, name, date, uri, _ = values = [first.get(one) for one in ADDRESSED]
        if not all(values):
            needed = ADDRESSED if kind in OF_URI else ALWAYS
            yield from (("field-missing", f"it has no {x}") for x in needed if not first.get(x))
        if len(first) != len(self.fields):
            yield from self._again()
        if kind and kind not in TYPES:
            yield "type-unknown", f"its type is {kind!r}"
        if name and not ID.fullmatch(name):
            yield "uri", f"WARC-Record-ID {name[:80]!r} is no URI in angle brackets"
        if uri and not ASCII.fullmatch(uri):
            yield from self._address(uri, ours=ours)
        if date and (odd := _date(date, ours=ours)):
            yield odd

    def _again(self) -> Iterator[tuple[str, str]]:
        """Say which fields stand there twice."""
        count = Counter(name.lower() for name, _ in self.fields)
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
    first = {name: value for name, _, value in [line.partition(": ") for line in lines[1:-2]]}
    fields = tuple(first.items())
    plain = STANDARD.issuperset(first) and len(first) == len(lines) - 3
    plain = plain and head.translate(None, OTHER) == b"\r\n" * (len(lines) - 1)
    plain = plain and "" not in first.values()
    if not plain or " \r" in text or ":  " in text:  # then each line is looked at closely
        if text.count("\n") != len(lines) - 1:
            odd.append(("line-ends", "lines of its header end in LF, not CRLF"))
            lines = text.replace("\r\n", "\n").split("\n")
        fields = tuple(_unfolded(lines[1:-2], odd))
        first = {SPELLED.get(name.lower(), name): value for name, value in reversed(fields)}
    if lines[0] not in VERSIONS and not OLDER.fullmatch(lines[0]):
        odd.append(("header", f"its first line is {lines[0][:40]!r}"))
    return Fielded(lines[0].removeprefix("WARC/"), fields, first, odd)


def _unfolded(lines: list[str], odd: Pairs) -> Pairs:
    """Read lines that may be folded, or no fields at all."""
    fields: list[tuple[str, list[str]]] = []
    for line in lines:
        name, colon, value = line.partition(":")
        if line[:1] in (" ", "\t") and fields:
            fields[-1][1].append(line.strip())
        elif not colon or not name.strip() or "\r" in line or "\0" in line:
            odd.append(("header", f"{line[:60]!r} is no WARC field"))
        else:
            fields.append((name, [value.strip()]))
    return [(name, " ".join(filter(None, parts))) for name, parts in fields]


def _date(text: str, *, ours: bool) -> tuple[str, str] | None:
    """Say what is wrong with a date."""
    if not (OURS_AT if ours else AT).fullmatch(text):
        return "date", f"WARC-Date {text[:40]!r} is not written as WARC wants it"
    odd = _minute(text[: len(WHOLE)])
    return (odd[0], f"WARC-Date {text} {odd[1]}") if odd else None


@lru_cache(maxsize=64)  # records that stand together were made together
def _minute(text: str) -> tuple[str, str] | None:
    """Say what is wrong with the minute that a date begins with."""
    known = text.rstrip("Z")
    try:
        when = datetime.fromisoformat(known + WHOLE[len(known) :])
    except ValueError:
        return "date", "is no date"
    if not FIRST <= when <= datetime.now(UTC).replace(tzinfo=None) + AHEAD:
        return "date-odd", "is before the Web or in the future"
    return None
