"""Every byte that went over the wire comes back."""

import gzip
import hashlib
import io
import os
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from archive import (
    ArchiveError,
    Exchange,
    Message,
    WarcWriter,
    entity_body,
    iterate,
    read,
)
from archive.build import Place, build
from archive.fields import dump, load
from archive.member import AT_ONCE, MAGIC, pack, packed
from archive.scan import capture as capture_of
from archive.scan import groups
from archive.spill import Spill, spilled
from archive.surt import PLAIN, surt

START = Place("", "urn:uuid:0", 0)


def sealed(store):
    return sorted(store.glob("warc/*/*/*/*.warc.gz"))


def test_every_oddity_round_trips_open_and_sealed(tmp_path, writer, oddities):
    captures = [writer.write(one) for one in oddities]
    for _ in range(2):
        for one, capture in zip(oddities, captures, strict=True):
            stored = read(tmp_path, capture)
            message = Message(one.response)
            assert stored.response == message.content
            assert list(stored.interim) == message.interim
            assert stored.request == (one.request or None)
            assert stored.facts == {"portal": "yanshi", "crawl": "nightly", **one.facts}
            for name in ("url", "method", "at", "protocol", "tls", "truncated", "error"):
                assert getattr(stored, name) == getattr(one, name), name
            if one.request or message.content:
                assert stored.ip == one.ip
        writer.close()


def test_captures_say_what_was_written(tmp_path, writer, oddities):
    for one in oddities:
        capture = writer.write(one)
        message = Message(one.response)
        final, head = message.content, message.head
        body = entity_body(head, final[head.size :]) if head else b""
        assert capture.at == one.at.isoformat().replace("+00:00", "Z")
        assert capture.status == (head.status if head else 0)
        assert capture.record_type == ("response" if final else "metadata")
        if final:
            assert capture.payload_sha256 == hashlib.sha256(body).hexdigest()
            assert capture.block_sha256 == hashlib.sha256(final).hexdigest()
        writer.sync()
        raw = (tmp_path / (capture.file + ".open")).read_bytes()
        member = gzip.decompress(raw[capture.offset :][: capture.length])
        assert member.startswith(b"WARC/1.1\r\n")
        assert capture.record_id.encode() in member


@pytest.mark.parametrize("size", [0, 1, AT_ONCE - 1, AT_ONCE, 3 << 20])
def test_a_record_is_the_same_member_in_memory_and_from_disk(tmp_path, size):
    block = (os.urandom(999) * (size // 999 + 1))[:size]
    fields = [("WARC-Type", "resource")]
    member = pack(fields, block)
    assert member.startswith(MAGIC)
    head, _, text = gzip.decompress(member).partition(b"\r\n\r\n")
    assert head.endswith(b"Content-Length: %d" % size)
    assert text == block + b"\r\n\r\n"
    with spilled(tmp_path, [b"before", block]).file as file:
        stored = packed(fields, Spill(file, 6, size, tmp_path))
        from_disk = bytes(stored)
        if isinstance(stored, Spill):
            stored.file.close()
    assert from_disk == member == pack(fields, block)


@given(st.from_regex(PLAIN, fullmatch=True))
def test_the_short_way_to_a_sort_key_is_the_long_way(url):
    assert surt(url) == surt(f"{url}?")


def test_the_body_of_a_post_is_part_of_its_identity(writer, make):
    request = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na=1\r\n0\r\n\r\n"
    assert writer.write(make()).body_sha256 == ""
    posted = writer.write(make(request=request, method="POST"))
    assert posted.body_sha256 == hashlib.sha256(b"a=1").hexdigest()


def test_the_order_of_records_and_their_links(tmp_path, writer, make):
    writer.write(make(tls=("TLSv1.3", "TLS_AES_256_GCM_SHA384")))
    writer.write(make(response=b""))
    writer.write(make(response=b"", request=b""))
    writer.close()
    found = list(iterate(sealed(tmp_path)[0]))
    kinds = ["warcinfo", "response", "request", "metadata", "request", "metadata", "metadata"]
    assert [one.type for one in found] == kinds
    info, response, request, metadata = found[:4]
    assert info.get("WARC-Filename") == sealed(tmp_path)[0].name
    assert b"isPartOf: nightly\r\n" in info.block
    assert response.all("WARC-Protocol") == ["http/1.1", "tls/1.3"]
    assert response.get("WARC-Cipher-Suite") == "TLS_AES_256_GCM_SHA384"
    assert {one.get("WARC-Date") for one in found[1:]} == {"2026-11-22T02:13:05.123456Z"}
    assert {one.get("WARC-Warcinfo-ID") for one in found[1:]} == {f"<{info.id}>"}
    for one in (request, metadata):
        assert one.all("WARC-Concurrent-To") == [f"<{response.id}>"]
    assert found[5].all("WARC-Concurrent-To") == [f"<{found[4].id}>"]
    assert found[6].all("WARC-Concurrent-To") == []
    assert len({one.id for one in found}) == len(found)


def test_ids_and_bytes_depend_on_nothing_else(oddities):
    def built():
        return [build(one, START, portal="p", crawl="c") for one in oddities]

    assert built() == built()
    ids = {one.capture.record_id for one in built()}
    assert len(ids) == len(oddities)
    later = replace(oddities[0], at=oddities[0].at + timedelta(microseconds=1))
    assert build(later, START, portal="p", crawl="c").capture.record_id not in ids


def test_times_are_kept_in_utc(writer, make):
    beijing = datetime(2026, 11, 22, 10, 13, 5, tzinfo=timezone(timedelta(hours=8)))
    assert writer.write(make(at=beijing)).at == "2026-11-22T02:13:05.000000Z"
    with pytest.raises(ValueError, match="time zone"):
        writer.write(make(at=datetime(2026, 11, 22)))


def test_addresses_are_ascii_and_the_one_asked_for_is_kept(tmp_path, writer, make):
    capture = writer.write(make(url="http://a.test/政 府?a=%D5%FE|#top"))
    assert capture.url == "http://a.test/%E6%94%BF%20%E5%BA%9C?a=%D5%FE|"
    assert read(tmp_path, capture).url == "http://a.test/政 府?a=%D5%FE|#top"


@pytest.mark.parametrize(
    "wrong",
    [{"ip": "1\r\nX: y"}, {"method": ""}, {"facts": {"a b": "c"}}, {"facts": {"exchange-x": ""}}],
)
def test_wrong_use_is_refused_and_leaves_no_trace(tmp_path, writer, make, wrong):
    first = writer.write(make())
    with pytest.raises(ValueError):  # noqa: PT011
        writer.write(make(**wrong))
    second = writer.write(make(seconds=1))
    assert read(tmp_path, first).response == read(tmp_path, second).response


def test_other_readers_agree(tmp_path, writer, oddities):
    plain = [one for one in oddities if b"hunked" not in one.response]
    for one in plain:
        writer.write(one)
    writer.close()
    (path,) = sealed(tmp_path)
    assert subprocess.run(["gzip", "-t", path], check=False).returncode == 0
    warcio = [sys.executable, "-m", "warcio.cli", "check", path]
    done = subprocess.run(warcio, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")
    with path.open("rb") as file:
        names = [r.rec_headers.get_header("WARC-Record-ID") for r in ArchiveIterator(file)]
    assert names == [f"<{one.id}>" for one in iterate(path)]


def test_sealing_leaves_three_files_that_fit(tmp_path, writer, oddities):
    captures = [writer.write(one) for one in oddities]
    (opened,) = tmp_path.glob("warc/*/*/*/*.warc.gz.open")
    assert not sealed(tmp_path)
    writer.close()
    writer.close()
    (path,) = sealed(tmp_path)
    assert path.name == opened.name.removesuffix(".open")
    assert path.relative_to(tmp_path).as_posix() == captures[0].file
    stem = path.name.removesuffix(".warc.gz")
    assert sorted(p.name for p in path.parent.iterdir()) == [
        stem + ending for ending in (".cdxj", ".sha256", ".warc.gz")
    ]
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert path.with_name(stem + ".sha256").read_text() == f"{digest}  {path.name}\n"
    lines = path.with_name(stem + ".cdxj").read_bytes().splitlines()
    assert lines == sorted(lines)
    assert len(lines) == sum(one.record_type == "response" for one in captures)


def test_nothing_is_made_before_the_first_exchange(tmp_path, writer):
    writer.sync()
    writer.close()
    assert list(tmp_path.iterdir()) == []


def test_files_roll_over_by_size_and_by_age(tmp_path, make):
    for limits in ({"max_bytes": 1}, {"max_seconds": 0}):
        with WarcWriter(tmp_path, portal="p", crawl="c", worker="w", **limits) as writer:
            names = {writer.write(make(seconds=n)).file for n in range(3)}
        assert len(names) == 3
        assert all((tmp_path / name).is_file() for name in names)


def test_a_revisit_stands_for_the_same_payload(tmp_path, writer, index, make):
    first = writer.write(make())
    other = make(
        response=make().response.replace(b"200 OK\r\n", b"200 OK\r\nAge: 1\r\n"), seconds=9
    )
    again = writer.write(other, same_as=first)
    index.add([first, again])
    assert (again.record_type, again.refers_to) == ("revisit", first.record_id)
    assert read(tmp_path, again).response == other.response
    confirmed = writer.write(make(response=b"HTTP/1.1 304 Not\r\n\r\n", seconds=10), same_as=first)
    stored = read(tmp_path, confirmed)
    assert (stored.response, stored.not_modified) == (make().response, b"HTTP/1.1 304 Not\r\n\r\n")
    with pytest.raises(ValueError, match="payload"):
        writer.write(make(response=make().response + b"!"), same_as=first)
    with pytest.raises(ValueError, match="response"):
        writer.write(other, same_as=again)


def test_a_revisit_of_a_chunked_response_keeps_the_body(tmp_path, writer, index, make):
    chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"
    first = writer.write(make(response=chunks))
    index.add([first])
    plain = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab"
    again = writer.write(make(response=plain, seconds=1), same_as=first)
    assert read(tmp_path, again).response == plain


def test_reading_the_wrong_place_is_an_error_that_says_what_to_do(tmp_path, writer, make):
    first, second = writer.write(make()), writer.write(make(seconds=1))
    for wrong in (
        replace(first, offset=second.offset),
        replace(first, offset=first.offset + 1),
        replace(first, offset=10**9),
        replace(first, block_sha256="0" * 64),
        replace(first, file="warc/none.warc.gz"),
    ):
        with pytest.raises(ArchiveError, match="gongkai archive"):
            read(tmp_path, wrong)


def test_a_revisit_without_its_original_is_an_error(tmp_path, writer, index, make):
    first = writer.write(make())
    again = writer.write(make(seconds=1), same_as=first)
    with pytest.raises(ArchiveError, match="index lacks"):
        read(tmp_path, again)


def test_threads_share_a_writer_and_its_fsyncs(tmp_path, writer, make, monkeypatch):
    calls = []
    real = os.fsync
    monkeypatch.setattr("os.fsync", lambda descriptor: (calls.append(1), real(descriptor)))
    captures = []

    def work(number):
        for step in range(10):
            captures.append(writer.write(make(f"/{number}/{step}")))
            writer.sync()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    before = len(calls)
    writer.sync()
    assert len(calls) == before  # nothing new, no fsync
    assert len({one.offset for one in captures}) == 80
    assert all(read(tmp_path, one).url == one.url for one in captures)


def test_names_that_cannot_be_file_names_are_refused(tmp_path):
    for name in ("../up", "", "a/b", "政府"):
        with pytest.raises(ValueError, match="file name"):
            WarcWriter(tmp_path, portal=name, crawl="c", worker="w")


def test_fields_come_back_as_they_were():
    fields = [("a", "\\n\n\r\\"), ("b", ""), ("a", " x "), ("c", "政\udc80\\u0041\x85")]
    assert load(dump(fields)) == fields


def test_any_warc_can_be_read_through(tmp_path):
    path = tmp_path / "outside.warc"
    path.write_bytes(
        b"WARC/1.0\r\nWARC-Type: resource\r\nWARC-Target-URI: <http://a.test/>\r\n"
        b"Content-Length: 3\r\n\r\nabc\r\n\r\n"
        b"WARC/1.1\nWARC-Type: response\nContent-Length: 2\n\nhi\n\n"
    )
    found = list(iterate(path))
    assert [(one.type, one.block) for one in found] == [("resource", b"abc"), ("response", b"hi")]
    assert found[0].get("warc-target-uri") == "http://a.test/"
    assert path.read_bytes()[found[1].offset :].startswith(b"WARC/1.1\n")


@pytest.mark.parametrize("junk", [b"junk\r\n" * 9, b"\x28\xb5\x2f\xfd" + b"z" * 50])
def test_what_is_no_warc_is_an_error_that_names_it(tmp_path, junk):
    path = tmp_path / "junk.warc.gz"
    path.write_bytes(junk)
    for wrong in (path, tmp_path / "none.warc.gz"):
        with pytest.raises(ArchiveError, match=wrong.name):
            list(iterate(wrong))


HEADS = st.sampled_from(
    b"|HTTP/1.1 100 \r\n\r\n|HTTP/1.1 200 OK\r\n\r\n|HTTP/1.1 304 \n\n"
    b"|HTTP/1.0 404\nTransfer-Encoding: chunked\ncontent-type: \xb9\xab;x\n\n".split(b"|")
)


@given(
    st.text(min_size=1),
    st.binary(max_size=50),
    st.tuples(HEADS, st.binary(max_size=50)).map(b"".join),
    st.dictionaries(st.from_regex("[a-d_-]{1,3}", fullmatch=True).filter(str.isalpha), st.text()),
    st.none() | st.text(),
)
def test_what_is_on_disk_says_the_same_as_the_writer(url, request, response, facts, error):
    one = Exchange(url, request, response, datetime(2026, 1, 1, tzinfo=UTC), facts=facts)
    one.error = error
    built = build(one, START, portal="p", crawl="c")
    (group,) = groups(io.BytesIO(b"".join(built.members)))
    assert capture_of(group, "") == built.capture
    notes = dict(group.notes)
    assert {name: notes[name] for name in facts} == facts
    assert notes.get("exchange-error") == error
    assert (group.request.block if group.request else b"") == request
    assert (group.main.block if built.capture.status else b"") in response
