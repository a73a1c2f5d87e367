"""Reading HTTP/1.x leniently."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import Dechunker, Message, entity_body, find_head, is_chunked

CHUNKED = find_head(b"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, Chunked\r\n\r\n")


def test_a_head_keeps_case_order_and_gbk():
    raw = b"HTTP/1.1 200 \xc8\xb7\xb6\xa8\r\nB: 1\r\nA:\xb9\xab \r\nb: 2\r\n\r\nbody"
    head = find_head(raw)
    assert head.headers == ((b"B", b"1"), (b"A", b"\xb9\xab"), (b"b", b"2"))
    assert (head.status, head.reason) == (200, b"\xc8\xb7\xb6\xa8")
    assert (head.get(b"b"), head.all(b"B"), head.get(b"C")) == (b"1", [b"1", b"2"], None)
    assert raw[head.size :] == b"body"


def test_a_head_may_end_in_lf_be_folded_and_hold_junk():
    raw = b"\r\n\nHTTP/1.0 404\nA: b\n\t c\nno colon\n  under it\n: nameless\nD:\r\n\nrest"
    head = find_head(raw)
    assert head.headers == ((b"A", b"b c"), (b"D", b""))
    assert (head.status, head.reason, raw[head.size :]) == (404, b"", b"rest")


def test_a_header_of_a_million_folds_is_read_in_one_go():
    """Time that grows with the square of the length would be minutes here."""
    head = find_head(b"H 200\r\nA: b\r\n" + b" c\r\n" * 1_000_000 + b"\r\n")
    assert head.headers == ((b"A", b"b" + b" c" * 1_000_000),)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_a_head_is_found_anywhere_in_any_buffer(kind):
    assert find_head(kind(b"xxH 200 OK\r\n\r\n"), 2).start_line == b"H 200 OK"
    assert find_head(kind(b"H 200 OK\r\n")) is None


@pytest.mark.parametrize("line", [b"SSH-2.0", b"HTTP/1.1", b"HTTP/1.1 2000 OK", b"H 20", b""])
def test_a_start_line_without_status_has_status_0(line):
    assert find_head(line + b"\nA: b\n\n").status == 0


@pytest.mark.parametrize(
    ("raw", "body"),
    [
        (b"5;x=y\r\nhello\r\n0\r\nT: v\r\n\r\n", b"hello"),
        (b"0005\nhello\n 1 \n!\r\n0\n\n", b"hello!"),
        (b"a\r\n0123456789\r\n0\r\n", b"0123456789"),
        (b"5\r\nhel", b"hel"),
        (b"5\r\nhello\r\nzz\r\nmore", b"hello"),
        (b"0\r\n\r\n", b""),
        (b"", b""),
        (b"<html>\r\n</html>", b"<html>\r\n</html>"),
        (b"\r\n\r\n<html>", b"\r\n\r\n<html>"),
        (b"add\nup: no chunk" + b"." * 3000, b"add\nup: no chunk" + b"." * 3000),
        (b"f" * 20_000, b"f" * 20_000),
    ],
)
def test_the_entity_body(raw, body):
    assert entity_body(CHUNKED, raw) == body
    assert is_chunked(CHUNKED)


def test_content_encoding_stays():
    head = find_head(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n")
    assert entity_body(head, memoryview(b"\x1f\x8b")) == b"\x1f\x8b"
    assert not is_chunked(head)


def test_interim_responses_are_split_off():
    early, last = b"HTTP/1.1 103 Early\r\nA: b\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\nbody"
    upgrade = b"HTTP/1.1 101 Switching Protocols\r\n\r\n\x81"
    for before in ([], [early], [early, early]):
        for final in (last, upgrade, b"HTTP/1.1 200 no end", b""):
            message = Message(b"".join(before) + final)
            assert (message.interim, message.content) == (before, final)
            assert message.head == find_head(final)


@given(st.binary(), st.integers(0, 20))
def test_no_bytes_make_it_raise(data, start):
    head = find_head(data, start)
    if head:
        assert 0 < head.size <= len(data) - start
        assert head.status >= 0
        assert isinstance(head.reason, bytes)
    Message(data)
    assert isinstance(entity_body(CHUNKED, data), bytes)


LINES = st.sampled_from(
    [b"\r\n", b"\n", b"5", b"a", b"0", b";x", b"hello", b" ", b":", b"\r", b"HTTP/1.1 100"]
)


@given(st.lists(LINES).map(b"".join))
def test_nor_do_nearly_right_bytes(data):
    find_head(data)
    message = Message(data)
    assert b"".join(message.interim) + message.content == data
    entity_body(CHUNKED, data)


def pieces(data, cuts):
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[a:b] for a, b in pairwise(places)]


@given(
    st.lists(st.binary(min_size=1)),
    st.lists(st.integers(0, 10_000)),
    st.tuples(
        st.sampled_from([b"\r\n", b"\n"]),
        st.sampled_from([b"", b";a=b", b' ; q="x"']),
        st.sampled_from(["%x", "%X", "%06x"]),
    ),
    st.lists(st.sampled_from([b"T: v", b"x"])),
    st.binary(),
)
def test_dechunking_undoes_chunking_however_it_is_cut(chunks, cuts, style, trailers, rest):
    end, extension, form = style
    raw = b"".join((form % len(c)).encode() + extension + end + c + end for c in chunks)
    raw += b"0" + extension + end + b"".join(t + end for t in trailers) + end
    decoder = Dechunker()
    assert b"".join(decoder.feed(piece) for piece in pieces(raw + rest, cuts)) == b"".join(chunks)
    assert (decoder.done, decoder.broken) == (True, False)
    assert (decoder.consumed, decoder.rest) == (len(raw), rest)


@given(st.lists(LINES).map(b"".join), st.lists(st.integers(0, 100)))
def test_cuts_change_nothing_for_broken_framing_either(data, cuts):
    whole, parts = Dechunker(), Dechunker()
    assert whole.feed(data) == b"".join(parts.feed(piece) for piece in pieces(data, cuts))
    for name in ("done", "broken", "chunks", "consumed", "rest"):
        assert getattr(whole, name) == getattr(parts, name)
