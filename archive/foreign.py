"""Records that others wrote: what they say, in the words of our own, and what is odd about them.

WARC 0.17 to 1.1 and ARC 1 and 2, with the mistakes that tools make: LF for CRLF, `<URI>`, blanks
and raw bytes in addresses, digests of other things in other alphabets, times of any precision.
Nothing is corrected in a file; what cannot be read is said, never guessed.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING
from urllib.parse import quote

from archive.foreign_ends import LINE_ENDS
from archive.http import find_head, is_chunked
from archive.large import Content, between, entity, opening, pieces
from archive.member import END, Fields, Record
from archive.record import PRINTABLE, record_id, timestamp

if TYPE_CHECKING:
    from archive.foreign_frames import Frame

VERSIONS = (b"WARC/1.0", b"WARC/1.1")
LABEL = re.compile(r"(md5|sha-?1|sha-?224|sha-?256|sha-?384|sha-?512):(\S+)", re.IGNORECASE)
DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?Z)?)?)?")
ARC_1 = re.compile(r"(.+) (\S+) (\d{8,18})(?: (.{0,500}))? \d+")
ARC_2 = re.compile(r"(.+) (\S+) (\d{8,14}) (.{0,500}) (?:\d{3}|-) \S+ \S+ (?:\d+|-) \S+ \d+")
ARC_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(?:(\d\d)())?)?")


@dataclass(frozen=True, slots=True)
class Foreign:
    """A record as read. `oddities` were tolerated; `problems` mean bytes that cannot be trusted."""

    record: Record
    oddities: tuple[str, ...]
    problems: tuple[str, ...]
    short: bool = False
    """The block ends before its header says."""

    @property
    def url(self) -> str:
        """The address, ASCII and without fragment; "" when missing."""
        value = (self.record.get("WARC-Target-URI") or "").strip()
        bare = value.removeprefix("<").removesuffix(">").partition("#")[0]
        return quote(bare, safe=PRINTABLE)

    @property
    def at(self) -> str:
        """The time as `Capture.at`; "" when it is not to be read."""
        return moment(self.record.get("WARC-Date") or "", DATE)

    @property
    def peers(self) -> list[str]:
        """Ids of the records this one was written beside."""
        return [value.strip(" <>") for value in self.record.all("WARC-Concurrent-To")]


def moment(text: str, form: re.Pattern[str]) -> str:
    """Write a UTC time of any precision as `Capture.at`; "" when it is none."""
    found = form.fullmatch(text.strip())
    try:
        if found is None:
            return timestamp(datetime.fromisoformat(text.strip()))
        year, month, day, hour, minute, second, fraction = found.groups()
        micro = int((fraction or "0")[:6].ljust(6, "0"))
        day_of = date(int(year), int(month or 1), int(day or 1))
        clock = time(int(hour or 0), int(minute or 0), int(second or 0), micro)
        return timestamp(datetime.combine(day_of, clock, UTC))
    except (ValueError, OverflowError):
        return ""


def parse(frame: Frame) -> Foreign:
    """Read one record. The frame comes from `frames`, so its header can be read."""
    if opening(frame.data).startswith(b"WARC/"):
        return _warc(frame)
    return _arc(frame)


def named(found: Foreign, sha256: str) -> str:
    """The record's id without brackets; one derived from its place in a file when it has none."""
    return found.record.id.strip() or record_id("import", sha256, str(found.record.offset))


def _warc(frame: Frame) -> Foreign:
    start = opening(frame.data)
    head = find_head(start)
    if head is None:
        raise ValueError("a frame without a header")
    oddities = []
    version = head.start_line.strip()
    if version not in VERSIONS:
        oddities.append(f"version {version.decode('latin-1')}")
    if b"\r\n" not in start[: head.size]:
        oddities.append("LF ends the lines of the header")
    block, ending, short = _split(frame.data, head.size, int(head.get(b"Content-Length") or 0))
    if ending != END:
        oddities.append("the record does not end in two empty lines")
    fields = tuple((name.decode("latin-1"), _text(value)) for name, value in head.headers)
    record = Record(fields, block, frame.offset, frame.length)
    uri = record.get("WARC-Target-URI") or ""
    if uri.startswith("<"):
        oddities.append("brackets around the address")
    raw = head.get(b"WARC-Target-URI") or b""
    if not raw.isascii() or b" " in raw:
        oddities.append("an address with blanks or raw bytes")
    return _judged(record, oddities, short=short)


def _arc(frame: Frame) -> Foreign:
    """Read an ARC record as the WARC record it would be."""
    line, _, _ = opening(frame.data).partition(b"\n")
    text = _text(line.strip())
    # Address and media type may hold blanks, the others may not; a later word may look like a time.
    words = ARC_2.fullmatch(text) or ARC_1.fullmatch(text)
    url, ip, day, kind = words.groups("") if words else (text, "", "", "")
    block, _, short = _split(frame.data, len(line) + 1, int(line.split()[-1]))
    begin = opening(block)
    http = find_head(begin) is not None and begin.startswith(b"HTTP/")
    type_ = "warcinfo" if url.startswith("filedesc:") else "response" if http else "resource"
    fields: Fields = (
        ("WARC-Type", type_),
        ("WARC-Target-URI", url),
        ("WARC-Date", moment(day, ARC_DATE)),
        ("WARC-IP-Address", ip),
        ("Content-Type", "application/http;msgtype=response" if http else kind),
        ("ARC-Header", text),
    )
    record = Record(fields, block, frame.offset, frame.length)
    return _judged(record, ["an address with blanks or raw bytes"] * (" " in url), short=short)


def _text(value: bytes) -> str:
    """Read text; the bytes of what is no UTF-8 are percent-encoded, as an address needs them."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return quote(value, safe=PRINTABLE + " \t")


def _split(data: Content, head: int, length: int) -> tuple[Content, bytes, bool]:
    """Block, the line ends after it, and whether the block is shorter than it should be."""
    end = head + length
    if end <= len(data):
        ending = LINE_ENDS.match(bytes(between(data, end, min(len(data), end + 64))))
        return between(data, head, end), ending[0] if ending else b"", False
    ending_too = bytes(between(data, max(head, len(data) - len(END)))) == END
    cut = len(data) - len(END) if ending_too else len(data)
    return between(data, head, cut), END if ending_too else b"", True


def _judged(record: Record, oddities: list[str], *, short: bool) -> Foreign:
    """Compare the digests with what is there."""
    stated = record.get("WARC-Block-Digest")
    if short and stated and not _compare(stated, {"": record.block}):
        oddities, short = [*oddities, "a Content-Length that the block digest refutes"], False
    problems = ["its block is shorter than its header says"] if short else []
    if stated and (wrong := _compare(stated, {"": record.block})):
        (oddities if "unknown" in wrong else problems).append(f"block digest: {wrong}")
    stated = record.get("WARC-Payload-Digest")
    if stated and record.type in ("response", "request", "resource"):
        bodies = payloads(record)
        wrong = _compare(stated, bodies)
        if wrong in bodies and wrong:
            oddities.append(f"payload digest is of the {wrong}")
        elif wrong:
            (oddities if "unknown" in wrong else problems).append(f"payload digest: {wrong}")
    if record.type == "response" and _falsely_chunked(record.block):
        oddities.append("Transfer-Encoding is chunked, the body is not")
    if record.get("WARC-Segment-Number"):
        problems.append("one segment of a record; segments are not joined")
    return Foreign(record, tuple(oddities), tuple(problems), short)


def payloads(record: Record) -> dict[str, Content]:
    """What a payload digest may be of, by name; "" is what it should be of."""
    if not is_http(record):
        return {"": record.block}
    head = find_head(opening(record.block))
    if head is None:
        return {"": b"", "block": record.block}
    wire = between(record.block, head.size)
    return {"": entity(head, wire), "body with its framing": wire, "block": record.block}


def is_http(record: Record) -> bool:
    """Whether the block is an HTTP message."""
    kind = (record.get("Content-Type") or "").strip().lower()
    return kind.startswith("application/http") or (
        not kind and opening(record.block).startswith(b"HTTP/")
    )


def _compare(stated: str, bodies: dict[str, Content]) -> str:
    """The name of the bytes that a digest is of ("" the right ones), or what is wrong with it."""
    digest = digest_of(stated)
    if digest is None:
        return "unknown kind"
    name, value = digest
    for which, body in bodies.items():
        found = hashlib.new(name, usedforsecurity=False)
        for piece in pieces(body):
            found.update(piece)
        if found.digest() == value:
            return which
    return "is not that of the bytes"


def digest_of(stated: str) -> tuple[str, bytes] | None:
    """Algorithm and value of `sha1:BASE32`, `sha256:hex` and the like; None for other kinds."""
    found = LABEL.fullmatch(stated.strip())
    if found is None:
        return None
    name, text = found[1].lower().replace("-", ""), found[2].rstrip("=")
    size = hashlib.new(name, usedforsecurity=False).digest_size
    try:
        if len(text) == 2 * size:
            return name, bytes.fromhex(text)
        value = base64.b32decode(text.upper() + "=" * (-len(text) % 8))
    except ValueError:
        return None
    return (name, value) if len(value) == size else None


def _falsely_chunked(block: Content) -> bool:
    head = find_head(opening(block))
    if head is None or not is_chunked(head):
        return False
    wire = between(block, head.size)
    return bool(wire) and entity(head, wire) == wire
