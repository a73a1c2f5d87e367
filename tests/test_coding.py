"""Content coding: whether a body was unpacked to its end."""

from __future__ import annotations

import gzip
import random
import zlib

import pytest

from crawler.download.coding import is_cut

TEXT = random.Random(7).randbytes(150_000) + b"<td>352</td>" * 20_000
BARE = zlib.compressobj(wbits=-15)
PACKED = {
    "gzip": (b"gzip", gzip.compress(TEXT)),
    "x-gzip": (b"x-gzip", gzip.compress(TEXT)),
    "deflate": (b"deflate", zlib.compress(TEXT)),
    "deflate, bare": (b"deflate", BARE.compress(TEXT) + BARE.flush()),
}


@pytest.mark.parametrize("name", PACKED)
def test_a_body_is_whole_or_lacks_its_end(name: str) -> None:
    coding, body = PACKED[name]
    assert not is_cut(coding, body, len(TEXT))
    last = 1 if name == "deflate, bare" else 8  # bytes of a checksum, or of the last block
    for kept in (1, 10, 1000, len(body) // 2, len(body) - last, len(body) - 1):
        assert is_cut(coding, body[:kept], kept), kept


@pytest.mark.parametrize("name", PACKED)
def test_what_stands_after_the_end_does_not_count(name: str) -> None:
    coding, body = PACKED[name]
    assert not is_cut(coding, body + bytes(16), len(TEXT))


def test_damage_in_the_middle_is_a_cut() -> None:
    coding, body = PACKED["gzip"]
    assert is_cut(coding, body[:75_000] + bytes(50) + body[75_050:], 75_000)


def test_an_empty_body_and_other_codings_are_not_looked_at() -> None:
    assert not is_cut(b"gzip", b"", 0)
    assert not is_cut(b"br", b"x", 1)
    assert not is_cut(b"", b"x", 1)
