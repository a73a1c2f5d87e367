"""Files of others are kept as they are, read as far as they go, and never trusted."""

import base64
import gzip
import hashlib
import io
import json
import zipfile
from dataclasses import replace

import pytest
import typer
import zstandard
from foreign_files import ANSWER, ASKED, BODY, URL, arc, arc_record, members, pair, read, record
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive import ArchiveError, Index, entity_body, find_head
from archive.importer import import_file


@pytest.fixture(autouse=True, params=["in memory", "on disk"])
def where_records_are_kept(request, monkeypatch):
    """Every test holds for long records too, which are put down on disk."""
    if request.param == "on disk":
        monkeypatch.setattr("archive.foreign_frames.IN_MEMORY", 100)
        monkeypatch.setattr("archive.foreign_ends.NEAR", 16)
        monkeypatch.setattr("archive.foreign_ends.STEP", 64)


def test_a_file_with_a_member_a_record_is_found_and_read_in_its_place(take, store):
    report, (first, second) = take(members([*pair(1), *pair(2)]), portals={"www.yanshi.test": "p"})
    assert (report.format, report.indexed, report.problems) == ("warc.gz", 2, [])
    assert report.records == {"request": 2, "response": 2}
    capture, stored = first
    assert (capture.portal, capture.crawl, capture.method) == ("p", "import-others", "GET")
    assert (capture.status, capture.media_type) == (200, "text/html")
    assert capture.payload_sha256 == hashlib.sha256(BODY).hexdigest()
    assert capture.at == "2013-05-01T02:03:01.000000Z"
    assert (stored.response, stored.request) == (ANSWER, ASKED)
    assert stored.facts == {"portal": "p", "crawl": "import-others"}
    assert stored.headers[0] == ("WARC-Type", "response")
    with Index(store) as index:
        assert index.find(URL) == second[0]


def test_all_layouts_say_the_same(take, store):
    every = [record("warcinfo", b"software: x\r\n", number=9), *pair(1), *pair(2)]
    whole = b"".join(every)
    packer = zstandard.ZstdCompressor()
    dictionary = zstandard.ZstdCompressionDict(b"WARC-Target-URI: " + URL.encode() * 20)
    with_it = zstandard.ZstdCompressor(dict_data=dictionary)
    raw = dictionary.as_bytes()
    layouts = {
        "plain.warc": whole,
        "members.warc.gz": members(every),
        "one.warc.gz": gzip.compress(whole),
        "pairs.warc.gz": members([b"".join(every[:3]), b"".join(every[3:])]),
        "frames.warc.zst": b"".join(map(packer.compress, every)),
        "dictionary.warc.zst": b"\x5d\x2a\x4d\x18"
        + len(raw).to_bytes(4, "little")
        + raw
        + b"".join(map(with_it.compress, every)),
        "packed.warc.zst": b"\x5d\x2a\x4d\x18"
        + len(packer.compress(raw)).to_bytes(4, "little")
        + packer.compress(raw)
        + b"".join(map(with_it.compress, every)),
    }
    seen = []
    for number, (name, data) in enumerate(layouts.items()):
        report, _ = take(data, name, source=f"s{number}")
        assert (report.problems, report.indexed) == ([], 2), name
        with Index(store) as index:
            shared = index.find(URL)
        seen.append((read(store, shared).response, read(store, shared).request))
        if report.converted:
            (converted,) = report.converted
            assert gzip.decompress((store / converted).read_bytes()) == whole
        assert bool(report.converted) == (name not in ("plain.warc", "members.warc.gz"))
        (store / "index" / "captures.sqlite").unlink()
        for file in (store / "index").iterdir():
            file.unlink()
    assert set(seen) == {(ANSWER, ASKED)}


@pytest.mark.parametrize("version", ["0.17", "0.18", "1.0", "1.1"])
@pytest.mark.parametrize("newline", ["\r\n", "\n"])
def test_every_version_and_line_end_is_read(take, version, newline):
    data = b"".join(record(number=n, version=version, newline=newline) for n in (1, 2))
    report, found = take(data, "a.warc")
    assert [stored.response for _, stored in found] == [ANSWER, ANSWER]
    assert report.problems == []
    assert (f"version WARC/{version}" in report.oddities) == (version < "1")
    assert ("LF ends the lines of the header" in report.oddities) == (newline == "\n")


SHA1 = hashlib.sha1(ANSWER).digest()
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n"
FRAMED = b"1\r\na\r\n0\r\n\r\n"
ODD = {
    "brackets": ({"WARC_Target_URI": f"<{URL}>"}, "brackets around the address"),
    "a blank": ({"WARC_Target_URI": URL + "/x y"}, "an address with blanks or raw bytes"),
    "raw gbk": ({"WARC_Target_URI": URL + "/\udcd5\udcfe"}, "an address with blanks or raw bytes"),
    "no id": ({"WARC_Record_ID": None}, None),
    "hex digest": ({"WARC_Block_Digest": f"sha1:{SHA1.hex()}"}, None),
    "base32 digest": ({"WARC_Block_Digest": f"SHA1:{base64.b32encode(SHA1).decode()}"}, None),
    "strange digest": ({"WARC_Block_Digest": "crc32:1"}, "block digest: unknown kind"),
    "no digest label": ({"WARC_Block_Digest": "abc"}, "block digest: unknown kind"),
    "digest of the wire": (
        {
            "block": CHUNKED + FRAMED,
            "WARC_Payload_Digest": f"md5:{hashlib.md5(FRAMED).hexdigest()}",
        },
        "payload digest is of the body with its framing",
    ),
    "false framing": ({"block": CHUNKED + b"<html>"}, "Transfer-Encoding is chunked, the body"),
    "a day": ({"WARC_Date": "2013-05-01"}, None),
    "nanoseconds": ({"WARC_Date": "2013-05-01T02:03:04.123456789Z"}, None),
    "a time zone": ({"WARC_Date": "2013-05-01T10:03:04+08:00"}, None),
    "no content type": ({"Content_Type": None}, None),
    "no http": ({"block": b"garbage"}, None),
    "interim": ({"block": b"HTTP/1.1 100 Go\r\n\r\n" + ANSWER}, None),
}


@pytest.mark.parametrize(("fields", "oddity"), ODD.values(), ids=list(ODD))
def test_oddities_are_tolerated_counted_and_kept(take, fields, oddity):
    data = b"".join([record(**fields), record(number=2)])
    report, found = take(data, "a.warc")
    assert (report.indexed, report.problems) == (2, [])
    assert bool(report.oddities) == bool(oddity)
    assert not oddity or next(iter(report.oddities)).startswith(oddity)
    block = fields.get("block", ANSWER)
    odd = next(stored for capture, stored in found if capture.offset == 0)
    assert b"".join([*odd.interim, odd.response]) == block
    assert all(capture.url.isascii() and " " not in capture.url for capture, _ in found)


WRONG = {
    "block digest": {"WARC_Block_Digest": f"sha1:{'0' * 40}"},
    "payload digest": {"WARC_Payload_Digest": f"sha256:{'0' * 64}"},
    "a little too long": {"Content_Length": str(len(ANSWER) + 9)},
    "much too long": {"Content_Length": str(len(ANSWER) + 9999)},
    "too short": {"Content_Length": str(len(ANSWER) - 9)},
    "no length": {"Content_Length": None},
    "a length of letters": {"Content_Length": "many"},
    "an absurd length": {"Content_Length": "9" * 15},
    "a segment": {"WARC_Segment_Number": "1"},
}


@pytest.mark.parametrize("fields", WRONG.values(), ids=list(WRONG))
@pytest.mark.parametrize("pack", [b"".join, members], ids=["plain", "members"])
def test_what_is_wrong_is_said_with_its_place(take, fields, pack):
    first = record(number=1)
    report, found = take(pack([first, record(number=2, **fields), *pair(3)]), "a.warc")
    assert report.problems
    begin = len(pack([first]))
    assert any(one["offset"] >= begin for one in report.problems)
    assert found[0][1].response == ANSWER
    if fields.get("Content_Length") != "9" * 15:  # the file ends before that does
        assert found[-1][0].at.startswith("2013-05-01T02:03:03")


def test_a_length_that_the_digest_refutes_does_not_make_a_record_short(take):
    digest = f"sha256:{hashlib.sha256(ANSWER).hexdigest()}"
    wrong = record(Content_Length=str(len(ANSWER) + 9), WARC_Block_Digest=digest)
    report, found = take(wrong + record(number=2), "a.warc")
    assert [stored.response for _, stored in found] == [ANSWER, ANSWER]
    assert found[0][0].truncated is None
    assert len(report.problems) == 1


@pytest.mark.parametrize(("promised", "reason"), [(20, "unspecified"), (19, None), (5, None)])
def test_an_answer_that_is_shorter_than_it_promised_was_cut(take, promised, reason):
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % promised + b"x" * 19
    _, ((capture, stored),) = take(record(block=answer))
    assert (capture.truncated, stored.truncated) == (reason, reason)
    assert stored.response == answer


POSTED = b"POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nk=1"
ONE = "<urn:uuid:00000000-0000-4000-8000-000000000001>"
ORDERS = {
    "before": [record("request", POSTED, number=1), record(number=2, WARC_Concurrent_To=ONE)],
    "after": [
        record(number=1),
        record("metadata", b"fetchTimeMs: 1", number=3, WARC_Concurrent_To=ONE),
        record("request", POSTED, number=2, WARC_Concurrent_To=ONE),
    ],
    "without names": [record("request", POSTED, number=1), record(number=61)],
}


@pytest.mark.parametrize("order", ORDERS.values(), ids=list(ORDERS))
@pytest.mark.parametrize("pack", [b"".join, members], ids=["plain", "members"])
def test_the_request_may_stand_before_or_after_and_gives_the_method(take, order, pack):
    _, ((capture, stored),) = take(pack(order), "a.warc")
    assert (capture.method, stored.method) == ("POST", "POST")
    assert capture.body_sha256 == hashlib.sha256(b"k=1").hexdigest()
    assert stored.request == POSTED


def test_a_request_of_another_exchange_is_not_taken(take):
    other = record("request", ASKED, number=5, WARC_Target_URI=URL + "/other")
    report, ((_, stored),) = take(members([other, record(number=1), other]))
    assert stored.request is None
    assert report.left_out == {"request without answer": 2}


REFERS = "<urn:uuid:00000000-0000-4000-8000-000000000001>"
DIGEST = f"sha1:{base64.b32encode(hashlib.sha1(BODY).digest()).decode()}"
REVISITS = {
    "by id": {"WARC_Refers_To": REFERS},
    "by address and time": {
        "WARC_Refers_To_Target_URI": URL,
        "WARC_Refers_To_Date": "2013-05-01T02:03:01Z",
    },
    "by digest": {"WARC_Payload_Digest": DIGEST},
}


@pytest.mark.parametrize("fields", REVISITS.values(), ids=list(REVISITS))
def test_a_revisit_gives_the_earlier_body_under_its_own_head(take, fields):
    head = b"HTTP/1.1 200 OK\r\nX-New: 1\r\n\r\n"
    profile = "http://netpreserve.org/warc/1.0/revisit/identical-payload-digest"
    again = record("revisit", head, number=2, WARC_Profile=profile, **fields)
    _, found = take(members([record(WARC_Payload_Digest=DIGEST), again]))
    assert found[1][1].response == head + BODY
    assert found[1][0].refers_to == REFERS.strip("<>")


def test_a_revisit_may_stand_for_a_response_in_another_file(take):
    fields = REVISITS["by address and time"]
    not_modified = "http://netpreserve.org/warc/1.0/revisit/server-not-modified"
    block = b"HTTP/1.1 304 Not Modified\r\n\r\n"
    take(record(number=1), "a.warc", source="a")
    later = record("revisit", block, number=2, WARC_Profile=not_modified, **fields)
    _, ((_, stored),) = take(later, "b.warc", source="b")
    assert (stored.response, stored.not_modified) == (ANSWER, block)


def test_a_revisit_without_its_original_is_an_error_not_a_guess(tmp_path, store, quick):
    path = tmp_path / "a.warc"
    path.write_bytes(record("revisit", b"", **REVISITS["by id"] | {"WARC_Refers_To": "<urn:x>"}))
    import_file(store, path, source="a")
    with Index(store) as index:
        (found,) = index.captures()
    with pytest.raises(ArchiveError, match="lacks"):
        read(store, found)


def test_arc_is_read_packed_or_not(take):
    v2 = f"{URL}/2 10.0.0.1 20080501020305 text/html 200 - - 0 a.arc {len(ANSWER)}\n".encode()
    every = arc(arc_record(), arc_record(URL + "/x y"), v2 + ANSWER)
    for name, data in (("a.arc", b"".join(every)), ("a.arc.gz", members(every))):
        report, found = take(data, name, source=name)
        assert (report.format, report.problems, report.indexed) == (name[2:], [], 3)
        assert [one.url for one, _ in found] == [URL, URL + "/x%20y", URL + "/2"]
        assert {stored.response for _, stored in found} == {ANSWER}
        assert found[0][0].at == "2008-05-01T02:03:04.000000Z"
        assert found[0][0].ip == "10.0.0.1"


def test_a_resource_gets_the_head_that_replay_tools_agree_on(take):
    _, ((capture, stored),) = take(record("resource", b"%PDF", Content_Type="application/pdf"))
    assert (capture.status, capture.media_type, capture.record_type) == (
        200,
        "application/pdf",
        "response",
    )
    assert stored.response == b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n%PDF"
    assert dict(stored.headers)["WARC-Type"] == "resource"


def test_unknown_records_are_kept_and_counted(take):
    every = [record("invention", b"x", number=4), record("conversion", b"y", number=5), *pair(1)]
    report, found = take(members(every))
    assert report.records == {"conversion": 1, "invention": 1, "request": 1, "response": 1}
    assert len(found) == 1


def test_the_same_bytes_are_taken_once_whatever_their_name(take, store):
    first, _ = take(members(pair(1)))
    assert not first.again
    second, _ = take(members(pair(1)), "other.gz", source="elsewhere")
    assert (second.again, second.file) == (True, first.file)
    assert len(list((store / "import").rglob("*.gz"))) == 1


def test_a_name_taken_by_other_bytes_is_left_to_them(take):
    first, _ = take(members(pair(1)))
    second, _ = take(members(pair(2)))
    assert first.file != second.file


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"PK\x03\x04", gzip.compress(b"cdx", mtime=0), b"\x1f\x8b"]
)
def test_other_files_are_refused_and_nothing_of_them_is_kept(take, store, data):
    report, found = take(data, "a.warc.gz")
    assert report.refused
    assert found == []
    assert not list(store.rglob("*.warc.gz"))


def test_a_file_spoilt_by_a_copy_as_text_is_told_so(take):
    report, _ = take(b"".join(pair()).replace(b"\r\n", b"\r\r\n"), "a.warc")
    assert "line ends" in report.refused


def test_damage_costs_the_records_it_is_in(take):
    every = [*pair(1), *pair(2), *pair(3)]
    data = bytearray(members(every))
    at = len(members(every[:2]))
    data[at + 60] ^= 0xFF
    report, found = take(bytes(data))
    assert [one.at[17:19] for one, _ in found] == ["01", "03"]
    assert [one["offset"] for one in report.problems] == [at]


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_no_damage_whatever_makes_it_crash_or_run_on(tmp_path_factory, data):
    every = [*pair(1), *pair(2)]
    frames = b"".join(map(zstandard.ZstdCompressor().compress, every))
    wacz = io.BytesIO()
    with zipfile.ZipFile(wacz, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("archive/a.warc.gz", members(every))
    samples = [b"".join(every), members(every), gzip.compress(b"".join(every)), frames]
    samples += [wacz.getvalue(), b"".join(arc(arc_record(), arc_record(length=3)))]
    raw = bytearray(data.draw(st.sampled_from(samples)))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(0, len(raw) - 1)))
        raw[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    del raw[data.draw(st.integers(len(raw) // 2, len(raw))) :]
    folder = tmp_path_factory.mktemp("damaged")
    (folder / "a").write_bytes(raw)
    report = import_file(folder / "store", folder / "a", source="s")
    json.dumps(report.as_json())
    with Index(folder / "store") as index:
        for one in list(index.captures()):
            read(folder / "store", one)


def test_a_file_that_unpacks_without_bound_is_not_unpacked(take, monkeypatch):
    monkeypatch.setattr("archive.foreign_stream.FREE", 10_000)
    monkeypatch.setattr("archive.foreign_stream.EXPANDS", 2)
    report, _ = take(gzip.compress(record() + record(number=2, block=b"a" * 10**6)))
    assert any("unpacks to more" in str(one["says"]) for one in report.problems)


def test_a_record_too_large_for_memory_is_passed_over(take, monkeypatch):
    monkeypatch.setattr("archive.foreign_frames.RECORD_LIMIT", 5000)
    report, found = take(b"".join([record(block=b"x" * 6000), record(number=2)]), "a.warc")
    assert [one["offset"] for one in report.problems] == [0]
    assert len(found) == 1


def test_a_wacz_is_read_where_it_lies_or_converted(take, store):
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        wacz = io.BytesIO()
        with zipfile.ZipFile(wacz, "w", method) as file:
            file.writestr("archive/a.warc.gz", members(pair(1)))
            file.writestr("archive/b.warc", b"".join(pair(2)))
        report, found = take(wacz.getvalue(), "a.wacz", source=f"s{method}")
        assert (report.format, report.indexed) == ("wacz", 2)
        assert ["datapackage.json" in str(one["says"]) for one in report.problems] == [True]
        assert {stored.response for _, stored in found} <= {ANSWER}
        assert {stored.request for _, stored in found} <= {ASKED}
        assert bool(report.converted) == (method == zipfile.ZIP_DEFLATED)


def test_a_rebuilt_index_holds_the_imports_too(take, store):
    take(members(pair(1)), source="a", portals=lambda host: host.split(".")[1])
    take(gzip.compress(b"".join(pair(2))), "b.gz", source="b")
    with Index(store) as index:
        before = list(index.captures())
        done = index.rebuild()
        assert (done.captures, done.problems) == (2, ())
        assert list(index.captures()) == before
    assert before[0].portal == "yanshi"


def test_our_own_file_is_preferred_to_an_imported_copy(take, store, make, tmp_path):
    from archive import WarcWriter

    with WarcWriter(store, portal="yanshi", crawl="n", worker="w") as writer:
        own = writer.write(make())
    with Index(store) as index:
        index.add([own])
        data = (store / own.file).read_bytes()
        take(data, "copy.warc.gz")
        assert list(index.captures()) == [own]
        index.rebuild()
        assert list(index.captures()) == [own]
        imported = replace(own, file="import/others/copy.warc.gz", crawl="import-others")
    assert read(store, imported) == read(store, own)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # warcio's files
def test_what_warcio_writes_comes_back_as_it_was(take):
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True)
    for number in range(5):
        head = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
        body = io.BytesIO(BODY * number)
        writer.write_record(
            writer.create_warc_record(f"{URL}/{number}", "response", body, http_headers=head)
        )
    report, found = take(out.getvalue())
    assert (report.problems, report.oddities) == ([], {})
    bodies = [entity_body(h := find_head(s.response), s.response[h.size :]) for _, s in found]
    assert sorted(bodies) == sorted(BODY * number for number in range(5))


def test_a_changed_copy_is_noticed(take, store):
    report, ((capture, _),) = take(b"".join(pair(1)), "a.warc")
    path = store / report.file
    path.write_bytes(path.read_bytes().replace(b"Set-Cookie", b"Set-Cookit"))
    with pytest.raises(ArchiveError, match="not what was imported"):
        read(store, capture)


def test_a_source_that_is_a_path_is_wrong_use(tmp_path, store):
    with pytest.raises(ValueError, match="folder"):
        import_file(store, tmp_path / "a", source="../x")


def test_a_folder_is_walked_and_what_is_none_of_ours_passed_over(command, tmp_path, store, quick):
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in" / "deep" / "a.warc").write_bytes(b"".join(pair(1)))
    (tmp_path / "in" / "readme.txt").write_text("hello")
    words = ("import", tmp_path / "in", "--source", "x", "--store", store)
    done = command(*words)
    assert done.exit_code == 0, done.output
    assert "1 captures in import/x/a.warc" in done.stdout
    assert "readme.txt: passed over" in done.stdout
    assert "already there" in command(*words).stdout
    reports = json.loads(command(*words, "--json").stdout)
    assert [one["again"] for one in reports] == [True, False]


def test_a_store_of_imports_alone_can_be_verified(tmp_path, store, quick):
    from crawler.cli import archive_verify

    (tmp_path / "a.warc").write_bytes(b"".join(pair(1)))
    import_file(store, tmp_path / "a.warc", source="x")
    app = typer.Typer()
    archive_verify.register(app)
    done = CliRunner().invoke(app, ["verify", "--store", str(store)])
    assert (done.exit_code, done.stderr) == (0, "0 problems, 0 remarks\n")


def test_problems_and_files_named_in_vain_end_with_1(command, tmp_path, store, quick):
    (tmp_path / "a.warc").write_bytes(b"".join(pair(1))[:-200])
    (tmp_path / "b.warc").write_text("hello")
    for name in ("a.warc", "b.warc"):
        done = command("import", tmp_path / name, "--source", "x", "--store", store)
        assert done.exit_code == 1, done.output
