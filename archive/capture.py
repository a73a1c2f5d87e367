"""What the index knows: captures, crawls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Capture:
    """One exchange and where its bytes are.

    `url` `method` `body_sha256` together say what was asked; `at` says when. Hashes are lower
    hex. `file` is relative to the store and is the sealed name, also while the file is open.
    """

    url: str
    """The address asked for: ASCII, no fragment (`record.target_uri`)."""
    method: str
    body_sha256: str
    """Of the request's entity body; "" when it had none."""
    at: str
    """When the request was sent: `2026-11-22T02:13:05.123456Z`, always six digits."""
    status: int
    """0 when no response, or none with a status line, came."""
    media_type: str
    """Lower case without parameters; "" when the response does not say."""
    payload_sha256: str
    """Of the entity body: framing off, content-encoding on; "" when no response came."""
    block_sha256: str
    """Of the record's block: for a response, every byte of it."""
    file: str
    offset: int
    length: int
    """Offset and length of the gzip member in `file`, in bytes."""
    record_id: str
    """`urn:uuid:…`"""
    record_type: str
    """"response", "revisit", or "metadata" when no response came."""
    refers_to: str | None
    """record_id of the response a revisit stands for."""
    truncated: str | None
    """"disconnect", "length", "time" or "unspecified" when the response is incomplete."""
    portal: str
    crawl: str
    kind: str
    """The fact `kind` of the exchange; "" when it has none."""
    ip: str | None


class Crawl(NamedTuple):
    """One crawl as the index knows it: first and last `at`, portals in order, captures."""

    crawl: str
    first_at: str
    last_at: str
    portals: tuple[str, ...]
    captures: int


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild read, and a line for each file that is not whole to its end."""

    files: int
    captures: int
    problems: tuple[str, ...]
