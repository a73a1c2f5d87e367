"""The small exact rules by which records are named, dated, digested."""

from __future__ import annotations

import hashlib
import re
import uuid
from datetime import UTC, datetime
from urllib.parse import quote

from archive import fields
from archive.http import Buffer, Dechunker, Head, entity_body, is_chunked
from archive.large import Large, unframed
from archive.member import pack

NAMESPACE = uuid.UUID("6f2a6d0c-51f3-5d0e-9a8e-2b8d0c7a4e11").bytes
EMPTY = hashlib.sha256(b"").hexdigest()
TARGET = re.compile(r"[!-\"$-~]+")
PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))


def timestamp(at: datetime) -> str:
    """Write an aware time as `2026-11-22T02:13:05.123456Z`. ValueError when naive."""
    if at.tzinfo is None:
        raise ValueError(f"{at!r} has no time zone; the archive keeps UTC")
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def target_uri(url: str) -> str:
    """Return the address as it is asked for: ASCII, no fragment, nothing else changed."""
    if TARGET.fullmatch(url):
        return url
    bare = url.partition("#")[0].encode("utf-8", "surrogatepass")
    return quote(bare, safe=PRINTABLE)


def sha256(data: Buffer | Large) -> str:
    """Digest as lower hex."""
    digest = hashlib.sha256()
    for piece in data if isinstance(data, Large) else (data,):
        digest.update(piece)
    return digest.hexdigest()


def record_id(*facts: str) -> str:
    """Derive a record's id from what it identifies: a UUIDv5 (RFC 9562 §5.5)."""
    name = hashlib.sha1(NAMESPACE + "\n".join(facts).encode(), usedforsecurity=False).hexdigest()
    variant = "89ab"[int(name[16], 16) % 4]
    return f"urn:uuid:{name[:8]}-{name[8:12]}-5{name[13:16]}-{variant}{name[17:20]}-{name[20:32]}"


def media_type(head: Head | None) -> str:
    """Return the Content-Type in lower case, without parameters."""
    value = (head and head.get(b"Content-Type")) or b""
    return value.partition(b";")[0].strip().lower().decode("ascii", "backslashreplace")


def payload_sha256(head: Head | None, message: bytes | Large) -> str:
    """Digest the entity body of a message; of b"" when its head never ended."""
    if head is None:
        return EMPTY
    if isinstance(message, Large):
        return _payload_of_large(head, message.after(head.size))
    body = memoryview(message)[head.size :]
    return sha256(entity_body(head, body) if is_chunked(head) else body)


def _payload_of_large(head: Head, body: Large) -> str:
    """What `payload_sha256` says, in one pass where the framing is as the head says."""
    if not is_chunked(head):
        return sha256(body)
    decoder, digest = Dechunker(), hashlib.sha256()
    for piece in unframed(decoder, body):
        digest.update(piece)
    unreadable = decoder.broken and not decoder.chunks
    return sha256(body) if unreadable or not decoder.consumed else digest.hexdigest()


def warcinfo(filename: str, at: datetime, content: dict[str, str]) -> tuple[bytes, str]:
    """Build the first record of a file; returns its member and its id."""
    block = fields.dump((name, value) for name, value in content.items() if value)
    date = timestamp(at)
    name = record_id("warcinfo", filename, date, sha256(block))
    head = [
        ("WARC-Type", "warcinfo"),
        ("WARC-Record-ID", f"<{name}>"),
        ("WARC-Date", date),
        ("WARC-Filename", filename),
        ("WARC-Block-Digest", f"sha256:{sha256(block)}"),
        ("Content-Type", "application/warc-fields"),
    ]
    return pack(head, block), name
