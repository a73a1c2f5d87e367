"""RAR files of version 4 whose members are stored as they are: no program here packs RAR."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable

_FILE, _ARCHIVE, _END = 0x74, 0x73, 0x7B
_STORED, _LONG = 0x30, 0x8000


def rar(members: Iterable[tuple[str, bytes]]) -> bytes:
    """The members under names in GBK, as WinRAR of a Chinese Windows writes them."""
    out = b"Rar!\x1a\x07\x00" + _header(_ARCHIVE, 0, b"\0" * 6)
    for name, body in members:
        raw = name.encode("gb18030")
        facts = struct.pack(
            "<IIBIIBBHI", len(body), len(body), 2, zlib.crc32(body), 0x58214000, 20, _STORED,
            len(raw), 0x20,
        )  # fmt: skip
        out += _header(_FILE, _LONG, facts + raw) + body
    return out + _header(_END, 0x4000, b"")


def _header(kind: int, flags: int, facts: bytes) -> bytes:
    rest = struct.pack("<BHH", kind, flags, 7 + len(facts)) + facts
    return struct.pack("<H", zlib.crc32(rest) & 0xFFFF) + rest
