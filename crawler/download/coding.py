"""Content coding that stops before its end: Scrapy hands on what came, and says nothing."""

from __future__ import annotations

import zlib

GZIP = 31  # zlib's numbers for what to expect
ZLIB, BARE = 15, -15  # some servers mean the second by "deflate"
WINDOWS = {b"gzip": (GZIP,), b"x-gzip": (GZIP,), b"deflate": (ZLIB, BARE)}
PIECE = 2**16  # bytes inflated at once


def is_cut(coding: bytes, body: bytes, size: int) -> bool:
    """Whether a body that unpacked to `size` bytes lacks its end, or is damaged before it.

    False of a coding that is not looked at: hardly a portal sends one.
    """
    if coding not in WINDOWS or not body:
        return False
    if coding != b"deflate" and body[-4:] == (size % 2**32).to_bytes(4, "little"):
        return False  # gzip says its size last
    return not any(_ends(body, window) for window in WINDOWS[coding])


def _ends(body: bytes, window: int) -> bool:
    """Whether all of it can be unpacked. What stands behind its end does not count."""
    inflater = zlib.decompressobj(window)
    try:
        while not inflater.eof:
            if not inflater.decompress(body, PIECE) and not inflater.eof:
                return False
            body = inflater.unconsumed_tail
    except zlib.error:
        return False
    return True
