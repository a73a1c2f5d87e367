"""A record may be larger than memory: it is read, checked, moved and served in pieces."""

import json
import random
import subprocess
import sys

import pytest

from archive import ArchiveError, Index, Message, WarcWriter, recover
from archive import read as read_where_it_lies
from archive.large import IN_MEMORY, Lazy, entity, joined
from archive.verify import verify

MB = 2**20

# In a process of its own, so that its peak is its own. A small record first: what must be loaded
# to do the work is no part of the growth.
CHILD = """
import json, os, resource, sys
from datetime import UTC, datetime
from pathlib import Path
import archive.foreign_frames, archive.unpack
from archive import Exchange, Index, WarcWriter, read, recover
from archive.importer import import_file
from archive.large import pieces
from archive.record import sha256
from archive.spill import spilled
from archive.verify import verify, verify_file
from archive.wacz import pack

HEAD = b"HTTP/1.1 200 OK\\r\\nContent-Type: application/pdf\\r\\nSet-Cookie: a=b\\r\\n"
HEAD += b"Transfer-Encoding: chunked\\r\\n\\r\\n"
LINE = b"%PDF-1.4 0123456789abcdef\\r\\n" * 5000

def body(size):
    yield HEAD
    for _ in range(size // len(LINE)):
        yield b"%x\\r\\n" % len(LINE) + LINE + b"\\r\\n"
    yield b"0\\r\\n\\r\\n"

def work(store, size):
    spill = spilled(store / "incoming", body(size))
    asked = b"GET /a.pdf HTTP/1.1\\r\\nHost: a.test\\r\\nCookie: a=b\\r\\n\\r\\n"
    at = datetime(2026, 1, 2, tzinfo=UTC)
    one = Exchange("http://a.test/a.pdf", asked, spill, at)
    writer = WarcWriter(store, portal="p", crawl="c", worker="w")
    capture = writer.write(one)
    writer.sync()
    again = writer.write(one, same_as=capture)
    writer.abandon()
    with Index(store) as index:
        (done,) = recover(index)
        assert index.rebuild().captures == len(done.captures) == 2
    assert list(verify(store)) == []
    wanted = sha256(spill)
    for found in done.captures:
        assert sha256(read(store, found).response) == wanted
    out = store / "p.wacz"
    assert not pack(store, portal="p", year=2026, out=out, pages=()).problems
    # plain, so that nothing of it is found by members
    plain = store / "plain.warc"
    os.system(f"gzip -dc {store / done.file} > {plain}")
    for path in (out, plain):
        report = import_file(store / "other", path, source=path.stem)
        assert (report.problems, report.indexed) == ([], 2), report
    with Index(store / "other") as index:
        for found in index.captures():
            message = read(store / "other", found).response
            assert sum(map(len, pieces(message))) > size * 0.9
    assert verify_file(plain).clean

small, large = (Path(one) for one in sys.argv[1:3])
archive.unpack.IN_MEMORY = archive.foreign_frames.IN_MEMORY = int(sys.argv[4])
work(small, 10**6)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
work(large, int(sys.argv[3]))
print(json.dumps(1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)))
"""


@pytest.mark.parametrize(
    ("size", "in_memory", "growth"),
    [
        (24 * MB, MB, 12 * MB),
        pytest.param(512 * MB, IN_MEMORY, 32 * MB, marks=pytest.mark.soak, id="as it is in use"),
    ],
)
def test_memory_does_not_grow_with_a_record(tmp_path, size, in_memory, growth):
    stores = [tmp_path / "small", tmp_path / "large"]
    command = [sys.executable, "-c", CHILD, *stores, size, in_memory]
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, check=False, timeout=280
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) < growth


@pytest.fixture
def large(monkeypatch):
    """Everything but the smallest blocks stays where it is."""
    monkeypatch.setattr("archive.unpack.IN_MEMORY", 60)


def read(store, capture):
    return bytes(read_where_it_lies(store, capture).response)


def test_what_stays_in_its_file_reads_as_what_does_not(tmp_path, writer, index, make, oddities):
    captures = [writer.write(one) for one in oddities]
    chunked = next(one for one in captures if one.url.endswith("/1"))
    own_head = b"HTTP/1.1 200 OK\r\nX-Own: %b\r\n\r\nhello world" % (b"x" * 60)
    captures.append(writer.write(make("/1", own_head, seconds=99), same_as=chunked))
    index.add(captures)
    before = [read(tmp_path, one) for one in captures]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("archive.unpack.IN_MEMORY", 60)
        assert [read(tmp_path, one) for one in captures] == before
        kinds = {type(read_where_it_lies(tmp_path, one).response) for one in captures}
        assert kinds == {bytes, Lazy}
        writer.close()
        assert [read(tmp_path, one) for one in captures] == before
        assert index.rebuild().captures == len(captures)
    assert list(index.captures()) == sorted(captures, key=lambda one: (one.at, one.url))
    assert list(verify(tmp_path)) == []


def test_damage_in_a_large_block_is_noticed(tmp_path, writer, index, make, large):
    noise = random.Random(1).randbytes(5000)  # of which no two stretches are alike
    response = b"HTTP/1.1 200 OK\r\n\r\n" + noise
    capture = writer.write(make(response=response))
    writer.close()
    path = tmp_path / capture.file
    raw = bytearray(path.read_bytes())
    said = []
    for place in range(capture.offset + 500, capture.offset + capture.length, 7):
        raw[place] ^= 0x10
        path.write_bytes(raw)
        try:
            found = bytes(read(tmp_path, capture).response)
        except ArchiveError as error:
            said.append(str(error))
        else:
            assert found == response  # it fell on bits that fill a byte up
        raw[place] ^= 0x10
    assert len(said) > 600
    assert all(str(capture.offset) in one for one in said)


def test_a_cut_large_record_is_cut_off(tmp_path, make, large):
    with WarcWriter(tmp_path, portal="yanshi", crawl="n", worker="w") as writer:
        first = writer.write(make("/1"))
        writer.write(make("/2", b"HTTP/1.1 200 OK\r\n\r\n" + bytes(range(256)) * 99))
        writer.sync()
        writer.abandon()
    (path,) = tmp_path.rglob("*.warc.gz.open")
    path.write_bytes(path.read_bytes()[:-900])
    with Index(tmp_path) as index:
        (done,) = recover(index)
    assert done.captures == (first,)
    assert [problem.code for problem in verify(tmp_path)] == ["damaged-kept"]


def lazily(data, step=3):
    return Lazy(lambda: (data[at : at + step] for at in range(0, len(data), step)), len(data))


def test_parts_of_what_comes_in_pieces():
    data = bytes(range(100))
    whole = lazily(data)
    assert (len(whole), bytes(whole), whole.first(7)) == (100, data, data[:7])
    part = whole.between(10, 90).after(5).between(1, 20)
    assert (len(part), bytes(part), bytes(part)) == (19, data[16:35], data[16:35])
    assert bytes(joined(b"ab", whole.between(0, 3), b"", b"c")) == b"ab" + data[:3] + b"c"
    assert joined(b"a", b"b") == b"ab"


@pytest.mark.parametrize(
    "body",
    [
        b"5\r\nhello\r\n0\r\n\r\n",
        b"5;x=y\r\nhello\r\n0\r\nTrailer: 1\r\n\r\nrest",
        b"5\r\nhel",
        b"5\r\nhelloxx",
        b"<html>not chunked at all</html>",
        b"",
    ],
)
def test_framing_is_taken_off_in_pieces_by_the_same_rule(body):
    from archive.http import entity_body, find_head

    head = find_head(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    assert bytes(entity(head, lazily(body))) == entity_body(head, body)
    interim = b"HTTP/1.1 100 Continue\r\n\r\n"
    message = Message(lazily(interim + b"HTTP/1.1 200 OK\r\n\r\n" + body))
    assert message.interim == [interim]
    assert bytes(message.content) == b"HTTP/1.1 200 OK\r\n\r\n" + body
