"""Every kind of damage has its name; a sound archive yields nothing."""

import base64
import gzip
import hashlib
import itertools
import json
import os
import re
import shutil
import sqlite3
import tracemalloc
import zipfile
import zlib
from datetime import UTC, datetime, timedelta

import pytest
import typer
from typer.testing import CliRunner

from archive import Dom, Index, WarcWriter, recover
from archive.cdxj import line, merge
from archive.importer import import_file
from archive.member import END, pack
from archive.openfile import beside
from archive.scan import salvage
from archive.unpack import records
from archive.verify import Problem, verify, verify_file
from archive.verify_digest import Stated
from archive.verify_fields import read_fields
from archive.verify_problem import CODES, MOST
from archive.wacz import pack as pack_wacz
from crawler.cli import app as gongkai
from crawler.cli import archive_verify

NOT_MODIFIED = b"HTTP/1.1 304 \r\nContent-Type: a/b\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"


def write(store, writer, make, oddities=()):
    """A store with one of everything; returns its captures."""
    with Index(store) as index:
        made = [writer.write(one) for one in oddities]
        made.append(writer.write(make("/a", seconds=200)))
        made.append(writer.write(make("/b", CHUNKED, seconds=201)))
        made.append(writer.write(make("/a", seconds=202), same_as=made[-2]))
        made.append(writer.write(make("/a", NOT_MODIFIED, seconds=203), same_as=made[-3]))
        made.append(writer.write(make("/c", b"", seconds=204, error="refused")))
        dom = Dom("http://www.yanshi.test/a", b"<html>", make(seconds=205).at, made[-5].record_id)
        made.append(writer.write(dom))
        writer.sync()
        index.add(made)
    return made


@pytest.fixture
def store(tmp_path, writer, make, quick):
    write(tmp_path, writer, make)
    writer.close()
    return tmp_path


def the_file(store):
    (path,) = store.glob("warc/*/*/*/*.warc.gz")
    return path


def codes(store, **options):
    found = list(verify(store, **options))
    assert all("\n" not in str(one) and one.repair for one in found)
    return {one.code for one in found}


def split(store):
    """The records of the file: (fields, block), Content-Length left out."""
    with the_file(store).open("rb") as file:
        return [
            ([f for f in one.fields if f[0] != "Content-Length"], one.block)
            for one in records(file)
        ]


def put(store, raw):
    """Replace the bytes of the file and everything derived from them."""
    path = the_file(store)
    path.write_bytes(raw)
    digest = hashlib.sha256(raw).hexdigest()
    beside(path, ".sha256").write_text(f"{digest}  {path.name}\n")
    with path.open("rb") as file:
        found = list(salvage(file, path.relative_to(store).as_posix(), []))
    beside(path, ".cdxj").write_bytes(merge([line(one) for one in found]))
    with Index(store) as index:
        index.rebuild()


def put_records(store, made):
    put(store, b"".join(pack(*one) for one in made))


def place(made, kind, number=0):
    return [n for n, (fields, _) in enumerate(made) if fields[0] == ("WARC-Type", kind)][number]


def change(made, number, name, value):
    """Change a field; None takes it away."""
    fields, block = made[number]
    assert any(key == name for key, _ in fields)
    fields = [(key, value if key == name else old) for key, old in fields]
    made[number] = ([(key, value) for key, value in fields if value is not None], block)


def test_a_sound_store_yields_nothing(tmp_path, writer, make, oddities, quick):
    write(tmp_path, writer, make, oddities)
    assert codes(tmp_path) == set()  # while it is written
    writer.close()
    assert codes(tmp_path) == set()
    assert codes(tmp_path, deep=False) == set()
    path = the_file(tmp_path)
    assert codes(tmp_path, files=[path]) == set()
    report = verify_file(path)
    assert (report.problems, report.clean) == ((), True)
    assert report.versions.keys() == {"1.1"}
    assert report.records["revisit"] == 2
    assert report.payloads.keys() == {"entity", "none"}
    before = sorted((one, one.stat().st_mtime_ns) for one in tmp_path.rglob("*.warc.gz*"))
    assert before == sorted((p, p.stat().st_mtime_ns) for p in tmp_path.rglob("*.warc.gz*"))


def test_two_files_are_judged_together(tmp_path, make, quick):
    with WarcWriter(tmp_path, portal="p", crawl="c", worker="w", max_bytes=1) as writer:
        write(tmp_path, writer, make)
    assert len(list(tmp_path.glob("warc/*/*/*/*.warc.gz"))) > 5
    assert codes(tmp_path) == set()
    for path in tmp_path.glob("warc/*/*/*/*.warc.gz"):
        assert codes(tmp_path, files=[path]) == set()


def test_a_flipped_bit_is_caught_wherever_it_is(store):
    path = the_file(store)
    raw = path.read_bytes()
    with path.open("rb") as file:
        starts = [one.offset for one in records(file)]
    # XFL and OS say nothing; so do the bits that fill up the last byte of a deflate stream
    idle = {start + n for start in starts for n in (8, 9)}
    idle |= {end - 9 for end in [*starts[1:], len(raw)]}
    for at in range(0, len(raw), 61):
        bad = bytearray(raw)
        bad[at] ^= 1 << at % 8
        path.write_bytes(bad)
        assert "sha256" in codes(store, deep=False)
        if at not in idle:
            assert not verify_file(path).clean or at - max(s for s in starts if s <= at) < 8
            told = codes(store) - {"sha256"}
            assert told, at


def test_a_cut_is_caught_wherever_it_is(store):
    path = the_file(store)
    raw = path.read_bytes()
    with path.open("rb") as file:
        ends = {one.end for one in records(file)}
    for size in sorted({*range(1, len(raw), 251), *ends} - {len(raw)}):
        path.write_bytes(raw[:size])
        told = codes(store)
        assert {"sha256", "index-dangling"} <= told
        assert size in ends or told & {"gzip-cut", "garbage"}
        assert verify_file(path).clean == (size in ends)
    path.write_bytes(b"")
    assert "index-dangling" in codes(store)
    assert not verify_file(path).clean


@pytest.mark.parametrize(
    ("tail", "code"),
    [
        (bytes(4096), "zero-tail"),
        (b"\0", "zero-tail"),
        (b"junk", "garbage"),
        (b"\x1f\x8b", "gzip-cut"),
        (gzip.compress(b"no record", mtime=0), "header"),
    ],
)
def test_what_follows_the_last_record_is_caught(store, tail, code):
    put(store, the_file(store).read_bytes() + tail)
    assert code in codes(store)
    assert code in {one.code for one in verify_file(the_file(store)).problems}


def test_the_rest_of_a_damaged_file_is_judged_too(store):
    path = the_file(store)
    raw = bytearray(path.read_bytes())
    with path.open("rb") as file:
        every = list(records(file))
    third = every[2]
    raw[third.offset + 100] ^= 0xFF
    put(store, bytes(raw))
    told = list(verify(store))
    assert {one.offset for one in told if one.code == "gzip-damaged"} == {third.offset}
    assert verify_file(path).records.total() == len(every) - 1


def member(raw):
    """A gzip member as ours, of any text."""
    deflater = zlib.compressobj(6, zlib.DEFLATED, 31)
    return deflater.compress(raw) + deflater.flush()


def text(fields, block, *, length=None, end=END):
    head = "".join(f"{name}: {value}\r\n" for name, value in fields)
    size = len(block) if length is None else length
    return f"WARC/1.1\r\n{head}Content-Length: {size}\r\n\r\n".encode() + block + end


WRONG_TEXT = {
    "too short a length": (lambda f, b: text(f, b, length=len(b) - 3), {"content-length"}),
    "too long a length": (lambda f, b: text(f, b, length=len(b) + 3), {"content-length"}),
    "far too long a length": (lambda f, b: text(f, b, length=10**12), {"content-length"}),
    "no length at all": (lambda f, b: text(f, b, length=""), {"content-length"}),
    "a wrong end": (lambda f, b: text(f, b, end=b"\r\n\n\r"), {"record-end"}),
    "no end": (lambda f, b: text(f, b, end=b""), {"content-length"}),
    "two records": (lambda f, b: text(f, b) + text(f, b), {"many-records"}),
    "junk inside": (lambda f, b: text(f, b) + b"junk", {"content-length"}),
    "no version": (lambda f, b: text(f, b).replace(b"WARC/1.1", b"HTTP/1.1", 1), {"header"}),
    "another version": (lambda f, b: text(f, b).replace(b"WARC/1.1", b"WARC/7.1", 1), {"header"}),
    "a line that is no field": (
        lambda f, b: text(f, b).replace(b"WARC-Type:", b"no field\r\nWARC-Type:", 1),
        {"header"},
    ),
    "the name of a field alone": (
        lambda f, b: text(f, b).replace(b"WARC-Type:", b"WARC-Truncated\r\nWARC-Type:", 1),
        {"header"},
    ),
    "a zero in a field": (
        lambda f, b: text(f, b).replace(b"WARC-Type:", b"WARC-Truncated: \0\r\nWARC-Type:", 1),
        {"header"},
    ),
    "a lone CR in a field": (
        lambda f, b: text(f, b).replace(b"WARC-Type:", b"WARC-Truncated: a\rb\r\nWARC-Type:", 1),
        {"header"},
    ),
    "bytes that are no text": (
        lambda f, b: text(f, b).replace(b"WARC-Type:", b"X: \xff\r\nWARC-Type:", 1),
        {"header"},
    ),
    "lines that end in LF": (
        lambda f, b: text(f, b).replace(b"response\r\n", b"response\n", 1),
        {"line-ends"},
    ),
    "a header without end": (lambda f, b: b"WARC/1.1\r\nX: y\r\n", {"header"}),
    "a block changed": (lambda f, b: text(f, b.replace(b"hello", b"HELLO")), {"block-digest"}),
}


@pytest.mark.parametrize(("wrong", "expected"), WRONG_TEXT.values(), ids=list(WRONG_TEXT))
def test_a_record_that_is_wrong_in_sound_gzip_is_caught(store, wrong, expected):
    made = split(store)
    number = place(made, "response", 1)
    members = [member(text(*one)) for one in made]
    members[number] = member(wrong(*made[number]))
    put(store, b"".join(members))
    assert expected <= codes(store)
    assert expected <= {one.code for one in verify_file(the_file(store)).problems}


def drop(kind, number=0):
    def damage(made):
        del made[place(made, kind, number)]

    return damage


def swap(made):
    at = place(made, "response")
    made[at], made[at + 1] = made[at + 1], made[at]


def twice(made):
    at = place(made, "response", 1)
    made += made[at : at + 3]


def field(kind, name, value, number=0):
    def damage(made):
        change(made, place(made, kind, number), name, value)

    return damage


def block(kind, new):
    """Change a block and its digests, as one would who wants nobody to see it."""

    def damage(made):
        at = place(made, kind)
        made[at] = (made[at][0], new)
        change(made, at, "WARC-Block-Digest", f"sha256:{hashlib.sha256(new).hexdigest()}")

    return damage


def chain(made):
    """Let the 304 point at the revisit before it."""
    first, second = place(made, "revisit"), place(made, "revisit", 1)
    change(made, second, "WARC-Refers-To", dict(made[first][0])["WARC-Record-ID"])


def append(kind, name, value):
    def damage(made):
        made[place(made, kind)][0].append((name, value))

    return damage


def point_at_request(made):
    name = dict(made[place(made, "request")][0])["WARC-Record-ID"]
    change(made, place(made, "revisit"), "WARC-Refers-To", name)


UUID = "<urn:uuid:00000000-0000-4000-8000-000000000000>"
ZEROS = "sha256:" + "0" * 64
LATER = "2026-11-22T02:13:05.123457Z"
WRONG_RECORDS = {
    "no warcinfo": (drop("warcinfo"), {"first-record"}),
    "no response": (drop("response"), {"concurrent-to", "record-id", "revisit-lost"}),
    "no request": (drop("request"), {"record-id"}),
    "no metadata": (drop("metadata"), {"exchange-cut"}),
    "no metadata at the end": (drop("metadata", -1), {"exchange-cut"}),
    "no DOM": (drop("resource"), {"concurrent-to", "record-id"}),
    "no original": (
        lambda made: [drop("response")(made), drop("request")(made), drop("metadata")(made)],
        {"revisit-lost", "concurrent-to"},
    ),
    "two swapped": (swap, {"exchange-cut"}),
    "one twice": (twice, {"duplicate-id"}),
    "a second warcinfo": (lambda made: made.append(made[0]), {"first-record", "duplicate-id"}),
    "another block digest": (
        field("response", "WARC-Block-Digest", ZEROS),
        {"block-digest", "record-id"},
    ),
    "another payload digest": (
        field("response", "WARC-Payload-Digest", ZEROS),
        {"payload-digest", "revisit-differs"},
    ),
    "a digest of the wire": (
        field(
            "response",
            "WARC-Payload-Digest",
            f"sha256:{hashlib.sha256(CHUNKED.partition(END)[2]).hexdigest()}",
            1,
        ),
        {"payload-wire"},
    ),
    "no block digest": (field("response", "WARC-Block-Digest", None, 1), {"digest-missing"}),
    "no payload digest": (field("response", "WARC-Payload-Digest", None, 1), {"digest-missing"}),
    "an unknown digest": (
        field("response", "WARC-Payload-Digest", "crc32:1", 1),
        {"digest-unknown"},
    ),
    "an unreadable digest": (
        field("response", "WARC-Payload-Digest", "sha1:1", 1),
        {"payload-digest"},
    ),
    "a digest that is no ASCII": (
        field("response", "WARC-Payload-Digest", "sha256:" + "é" * 44, 1),
        {"payload-digest"},
    ),
    "another id": (field("request", "WARC-Record-ID", UUID), {"record-id"}),
    "an id that is none": (field("request", "WARC-Record-ID", "1"), {"uri", "record-id"}),
    "no id": (field("request", "WARC-Record-ID", None), {"field-missing"}),
    "no date": (field("request", "WARC-Date", None), {"field-missing", "exchange-dates"}),
    "no type": (field("response", "WARC-Type", None, 1), {"field-missing"}),
    "a strange type": (field("response", "WARC-Type", "reply", 1), {"type-unknown"}),
    "a field twice": (append("response", "WARC-Date", LATER), {"field-repeated"}),
    "another date": (field("request", "WARC-Date", LATER), {"exchange-dates"}),
    "a date that is none": (
        field("request", "WARC-Date", "2026-02-30T00:00:00.000000Z"),
        {"date", "exchange-dates"},
    ),
    "a date without fractions": (
        field("request", "WARC-Date", "2026-11-22T02:13:05Z"),
        {"date", "exchange-dates"},
    ),
    "a date in the future": (
        field("request", "WARC-Date", f"{datetime.now(UTC) + timedelta(days=9):%FT%T.000000Z}"),
        {"date-odd", "exchange-dates"},
    ),
    "another address": (
        field("request", "WARC-Target-URI", "http://b.test/"),
        {"exchange-uris"},
    ),
    "an address that is not ASCII": (
        field("request", "WARC-Target-URI", "http://b.test/政府"),
        {"uri", "exchange-uris"},
    ),
    "no address": (
        field("request", "WARC-Target-URI", None),
        {"field-missing", "exchange-uris"},
    ),
    "no peer": (field("request", "WARC-Concurrent-To", None), {"concurrent-to"}),
    "another peer": (field("metadata", "WARC-Concurrent-To", UUID), {"concurrent-to"}),
    "a DOM of nothing": (
        field("resource", "WARC-Concurrent-To", UUID),
        {"concurrent-to", "record-id"},
    ),
    "another warcinfo": (field("request", "WARC-Warcinfo-ID", UUID), {"warcinfo-id"}),
    "another file": (field("warcinfo", "WARC-Filename", "other.warc.gz"), {"file-name"}),
    "a revisit of nothing": (field("revisit", "WARC-Refers-To", UUID), {"revisit-lost"}),
    "a revisit without target": (field("revisit", "WARC-Refers-To", None), {"revisit-lost"}),
    "a revisit of a revisit": (chain, {"revisit-chain"}),
    "a revisit of a request": (point_at_request, {"revisit-lost"}),
    "a revisit of other bytes": (
        field("revisit", "WARC-Payload-Digest", ZEROS),
        {"revisit-differs"},
    ),
    "a revisit of another date": (
        field("revisit", "WARC-Refers-To-Date", "2026-11-22T03:13:05.123457Z"),
        {"revisit-differs"},
    ),
    "other facts": (block("metadata", b"exchange-method: GET\r\nportal: x\r\n"), {"record-id"}),
    "another request": (
        block("request", b"GET /z HTTP/1.1\r\n\r\n"),
        {"record-id"},
    ),
}


@pytest.mark.parametrize(("damage", "expected"), WRONG_RECORDS.values(), ids=list(WRONG_RECORDS))
def test_records_that_contradict_are_caught(store, damage, expected):
    made = split(store)
    damage(made)
    put_records(store, made)
    told = codes(store)
    assert expected <= told
    # nothing that is derived from the file may disagree with it, so nothing else is told
    assert not {"sha256", "cdxj", "index-row"} & told


def sql(statement):
    def damage(store):
        database = sqlite3.connect(store / "index" / "captures.sqlite")
        database.execute(statement)
        database.commit()
        database.close()

    return damage


def edit(ending, change):
    def damage(store):
        path = beside(the_file(store), ending)
        path.write_bytes(change(path.read_bytes()))

    return damage


def remove(ending):
    def damage(store):
        beside(the_file(store), ending).unlink()

    return damage


def lines(change):
    return lambda raw: b"".join(change(raw.splitlines(keepends=True)))


WRONG_BESIDE = {
    "a row gone": (sql("DELETE FROM captures WHERE url LIKE '%/b'"), {"not-indexed"}),
    "a row elsewhere": (
        sql("UPDATE captures SET offset = offset + 1 WHERE url LIKE '%/b'"),
        {"index-dangling"},
    ),
    "a row in a file that is not there": (
        sql("UPDATE captures SET file = 'warc/1.warc.gz' WHERE url LIKE '%/b'"),
        {"file-gone"},
    ),
    "a row too many": (
        sql(
            "INSERT INTO captures SELECT * FROM captures WHERE false "
            "UNION SELECT url || 'x', method, body_sha256, at, status, media_type, payload_sha256, "
            "block_sha256, file, 10000000, length, 'urn:uuid:x', record_type, refers_to, "
            "truncated, portal, crawl, kind, ip, urlkey FROM captures WHERE url LIKE '%/b'"
        ),
        {"index-dangling"},
    ),
    **{
        f"another {column}": (
            sql(f"UPDATE captures SET {column} = {value} WHERE url LIKE '%/b'"),
            {"index-row"},
        )
        for column, value in {
            "url": "url || '/b'",
            "method": "'POST'",
            "at": "'2026-11-22T02:13:05.123450Z'",
            "status": "404",
            "media_type": "'a/b'",
            "payload_sha256": "'0'",
            "block_sha256": "'0'",
            "length": "length + 1",
            "record_id": "'urn:uuid:0'",
            "record_type": "'revisit'",
            "refers_to": "'urn:uuid:0'",
            "truncated": "'time'",
            "portal": "'x'",
            "crawl": "'x'",
            "kind": "'x'",
            "ip": "NULL",
        }.items()
    },
    "an index of another version": (sql("PRAGMA user_version = 99"), {"index-unusable"}),
    "an index without table": (sql("DROP TABLE captures"), {"index-unusable"}),
    "an index that is none": (
        lambda store: (store / "index" / "captures.sqlite").write_bytes(b"x" * 4096),
        {"index-unusable"},
    ),
    "no index": (lambda store: shutil.rmtree(store / "index"), {"index-unusable"}),
    "a CDXJ line gone": (edit(".cdxj", lines(lambda each: each[1:])), {"cdxj"}),
    "a CDXJ line twice": (edit(".cdxj", lines(lambda each: each[:1] + each)), {"cdxj"}),
    "CDXJ lines out of order": (edit(".cdxj", lines(lambda each: each[::-1])), {"cdxj"}),
    "another CDXJ": (edit(".cdxj", lambda raw: raw.replace(b'"200"', b'"404"')), {"cdxj"}),
    "no CDXJ": (remove(".cdxj"), {"cdxj-missing"}),
    "another digest of the file": (
        edit(".sha256", lambda raw: b"0" * 64 + raw[64:]),
        {"sha256"},
    ),
    "a digest of another file": (edit(".sha256", lambda raw: raw[:66] + b"x\n"), {"sha256"}),
    "no digest": (remove(".sha256"), {"sha256-missing"}),
    "a tail kept": (
        lambda store: the_file(store).with_suffix(".gz.damaged").touch(),
        {"damaged-kept"},
    ),
    "a stray file": (lambda store: (store / "warc" / "notes.txt").touch(), {"stray"}),
    "no WARC": (lambda store: the_file(store).unlink(), {"file-gone"}),
    "a sidecar too many": (
        lambda store: beside(the_file(store), "x.cdxj").touch(),
        {"file-gone"},
    ),
    "a half-sealed file": (
        lambda store: beside(the_file(store), ".cdxj.open").touch(),
        {"left-open"},
    ),
    "a folder in its place": (
        lambda store: (the_file(store).unlink(), the_file_again(store).mkdir()),
        {"unreadable"},
    ),
}


def the_file_again(store):
    (path,) = store.glob("warc/*/*/*/*.sha256")
    return path.with_name(path.name.replace(".sha256", ".warc.gz"))


@pytest.mark.parametrize(("damage", "expected"), WRONG_BESIDE.values(), ids=list(WRONG_BESIDE))
def test_what_lies_beside_must_agree(store, damage, expected):
    damage(store)
    assert codes(store) == expected


def test_every_kind_of_problem_is_provoked_somewhere():
    provoked = set().union(
        *(expected for _, expected in (*WRONG_TEXT.values(), *WRONG_RECORDS.values())),
        *(expected for _, expected in WRONG_BESIDE.values()),
    )
    elsewhere = {
        "not-warc", "gzip-damaged", "gzip-cut", "gzip-header", "zero-tail", "garbage", "not-gzip",
        "bomb", "gave-up", "record-cut", "import-report", "import-gone", "import-changed",
        "wacz", "wacz-missing", "wacz-digest", "wacz-unlisted", "wacz-packed",
    }  # fmt: skip
    assert provoked | elsewhere == CODES.keys()


def test_the_advice_mends(store):
    path = the_file(store)
    beside(path, ".cdxj").write_bytes(b"x\n")
    beside(path, ".sha256").unlink()
    beside(path, ".cdxj.open").touch()
    with Index(store) as index:
        recover(index)
    sql("DELETE FROM captures")(store)
    assert codes(store) == {"not-indexed"}
    with Index(store) as index:
        index.rebuild()
    assert codes(store) == set()


def test_every_command_that_is_advised_exists():
    repairs = " ".join(repair for *_, repair in CODES.values())
    advised = set(re.findall(r"`gongkai ([^`]*)`", repairs))
    assert "archive recover" in advised
    for words in advised:
        done = CliRunner().invoke(gongkai, [*words.split(), "--help"])
        assert done.exit_code == 0, words


@pytest.mark.parametrize("workers", [1, 2])
def test_processes_that_share_the_work_find_the_same(tmp_path, make, quick, workers):
    with WarcWriter(tmp_path, portal="p", crawl="c", worker="w", max_bytes=1) as writer:
        write(tmp_path, writer, make)
    assert list(verify(tmp_path, workers=workers)) == []
    first, second, *others = sorted(tmp_path.glob("warc/*/*/*/*.warc.gz"))
    for path in (first, beside(second, ".cdxj")):
        path.unlink()
    raw = bytearray(others[0].read_bytes())
    raw[-7] ^= 1  # of its checksum
    others[0].write_bytes(raw)
    assert [str(one) for one in verify(tmp_path, workers=workers)] == [
        str(one) for one in verify(tmp_path, workers=1)
    ]
    told = {one.code for one in verify(tmp_path, workers=workers)}
    assert {"file-gone", "cdxj-missing", "gzip-damaged", "sha256", "revisit-lost"} <= told


@pytest.fixture
def imported(tmp_path, quick):
    """A store with an imported file; returns the store and the copy."""
    (tmp_path / "theirs.warc").write_bytes(warc("1.0", b"\r\n", b"a", b"b"))
    report = import_file(tmp_path, tmp_path / "theirs.warc", source="s")
    assert codes(tmp_path) == set()
    return tmp_path, tmp_path / report.file


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda copy: copy.unlink(), "import-gone"),
        (lambda copy: copy.write_bytes(copy.read_bytes().replace(b"a", b"c", 1)), "import-changed"),
        (lambda copy: copy.write_bytes(copy.read_bytes()[:-1]), "import-changed"),
        (lambda copy: copy.with_name("other.warc").touch(), "import-report"),
        (lambda copy: next(copy.parent.glob("*.json")).write_text("{"), "import-report"),
    ],
)
def test_imported_files_are_held_against_their_reports(imported, damage, code):
    store, copy = imported
    damage(copy)
    assert code in codes(store)


@pytest.fixture
def wacz(store, tmp_path):
    """The store as a WACZ."""
    out = tmp_path / "out.wacz"
    pack_wacz(store, portal="yanshi", year=2026, out=out, pages=())
    assert verify_file(out).problems == ()
    return out


def rezip(path, change, how=zipfile.ZIP_STORED):
    """Write a WACZ again with changed entries."""
    with zipfile.ZipFile(path) as package:
        entries = {one.filename: package.read(one) for one in package.infolist()}
    change(entries)
    with zipfile.ZipFile(path, "w", how) as package:
        for name, data in entries.items():
            package.writestr(name, data)


def the_warc(entries):
    return next(name for name in entries if name.startswith("archive/"))


def flip(name):
    def change(entries):
        entries[name] = entries[name].replace(b"e", b"E", 1)

    return change


def without(beginning):
    def change(entries):
        for name in [one for one in entries if one.startswith(beginning)]:
            del entries[name]

    return change


WRONG_WACZ = {
    "no list": (without("datapackage.json"), {"wacz-missing", "wacz-unlisted"}),
    "no seal": (without("datapackage-digest"), {"wacz-missing"}),
    "no WARC": (without("archive/"), {"wacz-missing"}),
    "no index": (without("indexes/"), {"wacz-missing"}),
    "no pages": (without("pages/"), {"wacz-missing"}),
    "another list": (flip("datapackage.json"), {"wacz-digest"}),
    "other pages": (flip("pages/pages.jsonl"), {"wacz-digest"}),
    "a file more": (lambda entries: entries.update({"x": b"x"}), {"wacz-unlisted"}),
    "a list that is none": (lambda e: e.update({"datapackage.json": b"["}), {"wacz"}),
    "a WARC cut short": (
        lambda entries: entries.update({the_warc(entries): entries[the_warc(entries)][:-9]}),
        {"wacz-digest", "gzip-cut"},
    ),
}


@pytest.mark.parametrize(("change", "expected"), WRONG_WACZ.values(), ids=list(WRONG_WACZ))
def test_what_is_wrong_with_a_wacz_is_told(wacz, change, expected):
    rezip(wacz, change)
    report = verify_file(wacz)
    assert expected <= {one.code for one in report.problems}
    assert not report.clean


def test_a_wacz_that_is_packed_or_no_zip_is_told(wacz):
    rezip(wacz, lambda entries: None, zipfile.ZIP_DEFLATED)
    assert {one.code for one in verify_file(wacz).problems} == {"wacz-packed"}
    wacz.write_bytes(wacz.read_bytes()[:-30])
    assert {one.code for one in verify_file(wacz).problems} == {"wacz"}


def test_a_file_whose_writer_died_is_told_and_mended(tmp_path, make, quick):
    writer = WarcWriter(tmp_path, portal="p", crawl="c", worker="w")
    write(tmp_path, writer, make)
    (path,) = tmp_path.glob("warc/*/*/*/*.gz.open")
    with path.open("ab") as file:
        file.write(path.read_bytes()[:300])  # half an exchange, as its writer left it
    assert codes(tmp_path) == set()
    writer._file.close()
    assert codes(tmp_path) == {"left-open"}
    with Index(tmp_path) as index:
        recover(index)
    assert codes(tmp_path) == {"damaged-kept"}


def test_an_open_file_is_judged_up_to_its_last_whole_exchange(tmp_path, make, quick):
    with WarcWriter(tmp_path, portal="p", crawl="c", worker="w") as writer:
        captures = write(tmp_path, writer, make)
        (path,) = tmp_path.glob("warc/*/*/*/*.gz.open")
        with path.open("r+b") as file:
            file.seek(captures[1].offset + 100)
            file.write(b"\0\0\0\0")
        assert "gzip-damaged" in codes(tmp_path)


def test_a_header_that_recovery_could_not_find_is_told(store):
    raw = bytearray(the_file(store).read_bytes())
    raw[4] = 1  # the time in the gzip header
    path = the_file(store)
    path.write_bytes(raw)
    assert "gzip-header" in codes(store)
    path.write_bytes(gzip.decompress(bytes(raw)))
    assert "not-gzip" in codes(store)


def warc(version, end, *blocks, digest=""):
    made = b""
    for number, block_ in enumerate(blocks):
        head = [
            f"WARC/{version}",
            "WARC-Type: resource",
            f"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{number:012}>",
            "WARC-Date: 2014-01-02T03:04:05Z",
            "WARC-Target-URI: http://a.test/",
            *([digest] if digest else []),
            f"Content-Length: {len(block_)}",
        ]
        made += end.join(one.encode() for one in head) + end * 2 + block_ + end * 2
    return made


@pytest.mark.parametrize("version", ["0.17", "0.18", "1.0", "1.1"])
@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
@pytest.mark.parametrize("packed", [True, False])
def test_the_files_of_others_are_judged_mildly(tmp_path, version, end, packed):
    path = tmp_path / "other.warc"
    raw = warc(version, end, b"a" * 100_000, b"", b"b")
    if packed:
        parts = raw.split(b"WARC/" + version.encode())[1:]
        raw = b"".join(gzip.compress(b"WARC/" + version.encode() + one) for one in parts)
    path.write_bytes(raw)
    report = verify_file(path)
    assert report.clean
    assert (report.records, report.versions) == ({"resource": 3}, {version: 3})
    told = {one.code for one in report.problems}
    assert told == {"digest-missing", "first-record"} | ({"line-ends"} if end == b"\n" else set())


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda raw: raw[:-3], "record-cut"),
        (lambda raw: raw[:60], "record-cut"),
        (lambda raw: raw.replace(b"Length: 100", b"Length: 99", 1), "record-end"),
        (lambda raw: raw + bytes(5000), "zero-tail"),
        (lambda raw: b"filedesc://x 1.1.1.1 2 text/plain 1\n" + raw, "not-warc"),
        (lambda raw: b"\x28\xb5\x2f\xfd" + raw, "not-warc"),
        (lambda raw: gzip.compress(b"filedesc://x\n\n", mtime=0), "not-warc"),
        (lambda raw: b"junk\r\n" + raw, "garbage"),
        (lambda raw: b"", "not-warc"),
        (gzip.compress, "many-records"),
        (lambda raw: raw + raw, "duplicate-id"),
        (lambda raw: raw.replace(b"Date: 2014-01", b"Date: 2014-13"), "date"),
        (lambda raw: raw.replace(b"WARC-Date", b"WARC-Data"), "field-missing"),
    ],
)
def test_uncompressed_files_of_others(tmp_path, change, code):
    path = tmp_path / "other.warc"
    path.write_bytes(change(warc("1.0", b"\r\n", b"a" * 100, b"b" * 100)))
    report = verify_file(path)
    assert code in {one.code for one in report.problems}
    assert not report.clean


@pytest.mark.parametrize(
    "date", ["2014", "2014-01", "2014-01-02", "2014-01-02T03:04:05.123456789Z"]
)
def test_dates_may_be_coarse_or_fine(tmp_path, date):
    path = tmp_path / "other.warc"
    raw = warc("1.1", b"\r\n", b"a")
    path.write_bytes(raw.replace(b"2014-01-02T03:04:05Z", date.encode()))
    assert verify_file(path).clean


@pytest.mark.parametrize(
    "label", ["sha1:%s", "SHA-1:%s", "sha1: %s", "sha256:%s", "md5:%s", "sha512:%s"]
)
@pytest.mark.parametrize("form", ["hex", "base32", "base64"])
def test_digests_in_every_spelling(tmp_path, label, form):
    name = label.split(":", maxsplit=1)[0].lower().replace("-", "")
    made = hashlib.new(name, b"a").digest()
    spelt = {
        "hex": made.hex(),
        "base32": base64.b32encode(made).decode(),
        "base64": base64.b64encode(made).decode(),
    }[form]
    path = tmp_path / "other.warc"
    for block_, right in ((b"a", True), (b"b", False)):
        path.write_bytes(
            warc("1.0", b"\r\n", block_, digest=f"WARC-Payload-Digest: {label % spelt}")
        )
        report = verify_file(path)
        assert report.clean == right
        assert report.payloads == {"entity" if right else "fail": 1}


def test_hostile_files_end_soon_and_in_a_problem(tmp_path, monkeypatch):
    monkeypatch.setattr("archive.verify_tape.ALLOWANCE", 1 << 22)
    path = tmp_path / "bomb.warc.gz"
    bomb = warc("1.0", b"\r\n", bytes(1 << 24))
    path.write_bytes(gzip.compress(bomb))
    assert [one.code for one in verify_file(path).problems][-1] in {"bomb", "first-record"}
    assert "bomb" in {one.code for one in verify_file(path).problems}
    monkeypatch.undo()
    shapes = {
        "header": gzip.compress(b"WARC/1.0\r\n" + b"X: y\r\n" * 400_000),
        "garbage": b"\x1f\x8b\x08\0" + bytes(range(256)) * 4000 + b"\x1f\x8b\x08" * 30_000,
        "gave-up": (gzip.compress(b"WARC/1.0\r\n\r\n")[:-3] + b"x") * 300,
    }
    for code, raw in shapes.items():
        path.write_bytes(raw)
        told = {one.code for one in verify_file(path).problems}
        assert told & {code, "gzip-damaged", "gave-up"}, told
    path.write_bytes(warc("1.0", b"\r\n", b"a") * (2 * MOST))
    assert len(verify_file(path).problems) == MOST + 1


def test_memory_does_not_grow_with_a_record(tmp_path):
    path = tmp_path / "large.warc.gz"
    body = os.urandom(1 << 20) * 12
    path.write_bytes(gzip.compress(warc("1.0", b"\r\n", body), 1))
    del body
    tracemalloc.start()
    report = verify_file(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert report.clean
    assert peak < 6 << 20


def test_problems_are_one_line_and_severities_matter():
    codes_ = itertools.chain.from_iterable((a, b) for a, b, _ in CODES.values())
    assert set(codes_) == {"error", "warning", "info"}
    shown = str(Problem("a", 3, "urn:x", "uri", "odd \n\x1b here", "do it", "info"))
    assert shown == "a:3: info uri: odd \\n\\x1b here (urn:x); do it"


@pytest.fixture
def command():
    app = typer.Typer()
    app.callback()(lambda: None)
    archive_verify.register(app)
    return lambda *args: CliRunner().invoke(app, ["verify", *map(str, args)])


def test_the_command(store, command, tmp_path):
    done = command("--store", store)
    assert (done.exit_code, done.stdout) == (0, "")
    path = the_file(store)
    path.with_suffix(".gz.damaged").touch()
    done = command("--store", store)
    assert (done.exit_code, len(done.stdout.splitlines())) == (0, 1)  # worth knowing, not wrong
    beside(path, ".cdxj").unlink()
    assert command("--store", store, "--quick").exit_code == 0
    done = command("--store", store, "--json")
    assert done.exit_code == 1
    assert {one["code"] for one in json.loads(done.stdout)} == {"cdxj-missing", "damaged-kept"}
    assert command("--store", store, path).exit_code == 1
    outside = tmp_path / "outside.warc"
    outside.write_bytes(warc("1.0", b"\r\n", b"a"))
    assert command("--store", store, outside).exit_code == 0
    assert command("--store", store, "none.warc").exit_code != 0
    assert command("--store", tmp_path / "none").exit_code != 0


HEADER = b"WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.test/x\r\n"
HEADER += b"Content-Length: 1\r\n\r\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"WARC-Type", b"warc-TYPE"),
        (b": ", b":"),
        (b": ", b":  "),
        (b"response", b"response \t"),
        (b": http", b":\r\n http"),
        (b"\r\n", b"\n"),
        (b"\r\nContent", b"\nContent"),
        (b"Content", b"WARC-Type: request\r\nContent"),
    ],
)
def test_a_header_says_the_same_however_it_is_written(old, new):
    assert old in HEADER
    assert read_fields(HEADER.replace(old, new)).first == read_fields(HEADER).first


def test_a_field_of_a_million_folds_is_read_in_one_go():
    """Time that grows with the square of the length would be minutes here."""
    head = HEADER.replace(b"response", b"response" + b"\r\n x" * 1_000_000)
    assert len(read_fields(head).first["WARC-Type"]) == 2_000_008


@pytest.mark.parametrize("size", [20, 32, 64])
def test_a_digest_is_known_in_every_spelling(size):
    name = {20: "sha1", 32: "sha-256", 64: "sha512"}[size]
    made = hashlib.new(name.replace("-", ""), b"x")
    value = made.digest()
    b32 = base64.b32encode(value).decode()
    right = [value.hex(), value.hex().upper(), b32, b32.lower(), b32.rstrip("=")]
    right.append(base64.b64encode(value).decode())
    for one in right:
        assert Stated(f"{name}:{one}").fits(made), one
        wrong = ("2" if one[3] != "2" else "3").join((one[:3], one[4:]))
        assert not Stated(f"{name}:{wrong}").fits(made), one
    for one in (b32[:-1] + "8", b32.replace(b32[0], "_"), "٣" * len(b32), b32[1:], " ", ""):
        assert not Stated(f"{name}:{one}").fits(made), one
