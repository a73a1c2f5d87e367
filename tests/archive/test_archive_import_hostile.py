"""Files made to break an import: nothing is lost or overwritten, nothing hangs, all is told."""

import gzip
import io
import json
import os
import sqlite3
import subprocess
import sys
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
import zstandard
from foreign_files import ANSWER, ASKED, URL, arc, arc_record, members, pair, read, record

from archive import ArchiveError, Index
from archive.foreign_ends import _Aside
from archive.importer import import_file
from archive.verify import verify, verify_file
from archive.wacz import pack

ONE = "<urn:uuid:00000000-0000-4000-8000-000000000001>"


def zipped(entries, method=zipfile.ZIP_DEFLATED):
    """A WACZ of (name, bytes), without a description."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as file:
        for name, data in entries:
            file.writestr(name, data)
    return out.getvalue()


NAMES = [
    ("a.warc.zst.records.warc.gz", "a.warc.zst"),
    ("a.warc.gz.draft", "a.warc.gz"),
    ("a.warc.gz", "a.warc.gz.draft"),
]


@pytest.mark.parametrize(("first", "second"), NAMES)
def test_no_name_lets_one_import_write_over_another(take, store, first, second):
    data = members(pair(1))
    kept, _ = take(data, first)
    zst = b"".join(map(zstandard.ZstdCompressor().compress, pair(2)))
    take(zst if second.endswith(".zst") else members(pair(2)), second)
    assert (store / kept.file).read_bytes() == data
    with Index(store) as index:
        assert index.rebuild().problems == ()
        assert [read(store, one).response for one in index.captures()] == [ANSWER, ANSWER]


def test_a_file_may_be_called_like_a_report(take, store):
    report, _ = take(members(pair(1)), "a.warc.gz.0123456789abcdef.import.json", portals={})
    assert report.name.endswith(".import.json")
    with Index(store) as index:
        assert index.rebuild().problems == ()
    take(members(pair(1)))


@pytest.mark.parametrize("name", ["年" * 84 + ".gz", "年" * 76 + ".gz"])
def test_a_name_as_long_as_names_can_be_is_no_hindrance(take, name):
    report, found = take(members(pair(1)), name)
    assert (report.name, len(found)) == (name, 1)
    assert take(members(pair(2)), name)[0].indexed == 1


def test_imports_at_once_do_not_get_in_each_other_s_way(store, tmp_path, quick):
    files = []
    for number in range(8):
        folder = tmp_path / str(number)
        folder.mkdir()
        files.append(folder / "a.warc.gz")
        noise = Random(number // 2).randbytes(10**6)
        files[-1].write_bytes(members(record(number=n, block=noise) for n in (1, 2)))
    with ThreadPoolExecutor(8) as pool:
        reports = list(pool.map(lambda file: import_file(store, file, source="s"), files))
    for file, report in zip(files, reports, strict=True):
        assert (store / report.file).read_bytes() == file.read_bytes()
    assert len({report.file for report in reports}) == 4


def test_two_records_under_one_id_are_both_found(take, store):
    other = record(number=1, block=ANSWER + b"x", WARC_Target_URI=URL + "/2")
    report, found = take(members([record(), record(), other]))
    assert report.indexed == 2
    assert report.oddities == {
        "a record that stands in the file twice": 1,
        "an id that another record of the file has": 1,
    }
    assert {(one.url, stored.response) for one, stored in found} == {
        (URL, ANSWER),
        (URL + "/2", ANSWER + b"x"),
    }
    with Index(store) as index:
        before = list(index.captures())
        assert index.rebuild().problems == ()
        assert list(index.captures()) == before
    assert list(verify(store)) == []


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.ZstdCompressor().compress])
def test_records_without_ids_are_told_apart_however_they_are_packed(take, pack):
    every = [record(number=n, WARC_Record_ID=None) for n in (1, 2, 3)]
    report, found = take(pack(b"".join([*every, record(number=4), record(number=4)])))
    assert len({one.record_id for one, _ in found}) == report.indexed == 4
    assert report.oddities == {"a record that stands in the file twice": 1}


def test_an_id_that_a_record_of_another_file_has_hides_neither(take, store):
    take(members([record()]), source="b")
    for source in "ac":  # before and behind the first in the order of names
        other = record(WARC_Target_URI=f"{URL}/{source}", block=ANSWER + source.encode())
        head = b"HTTP/1.1 200 OK\r\n\r\n"
        again = record("revisit", head, number=ord(source), WARC_Refers_To=ONE)
        report, found = take(members([other, again]), source=source)
        assert report.oddities == {"an id that a record of another file has": 1}
        assert [stored.response[-1:] for _, stored in found] == [source.encode()] * 2
    with Index(store) as index:
        before = list(index.captures())
        assert index.rebuild().problems == ()
        assert list(index.captures()) == before
    assert len(before) == 5
    assert list(verify(store)) == []


def test_a_media_type_with_a_blank_does_not_cost_an_arc_record_its_time(take):
    line = f"{URL}/a 12345678 b 10.0.0.1 20080501020304 text/html; charset=gbk {len(ANSWER)}\n"
    nameless = f"{URL} 10.0.0.1 20080501020305 {len(ANSWER)}\n"
    _, found = take(b"".join(arc(line.encode() + ANSWER, nameless.encode() + ANSWER)), "a.arc")
    assert [(one.url, one.at[17:19]) for one, _ in found] == [
        (URL + "/a%2012345678%20b", "04"),
        (URL, "05"),
    ]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_entries_of_one_name_are_both_read(take, store, method):
    data = [("archive/a.warc", record(number=n, WARC_Record_ID=None)) for n in (1, 2)]
    report, found = take(zipped(data, method), "a.wacz")
    assert len({part["name"] for part in report.parts}) == 2
    told = verify_file(store.parent / "a.wacz").problems
    assert ("wacz", "it holds more than one archive/a.warc") in {(p.code, p.says) for p in told}
    assert [one.at[17:19] for one, _ in found] == ["01", "02"]
    with Index(store) as index:
        assert index.rebuild().problems == ()


def test_an_entry_that_is_not_what_the_zip_says_is_read_all_the_same(take):
    data = bytearray(zipped([("archive/a.warc", b"".join(pair(1)))]))
    data[data.index(b"PK\x01\x02") + 16] ^= 1
    report, found = take(bytes(data), "a.wacz")
    assert len(found) == 1
    assert any("CRC-32" in one["says"] for one in report.problems)


def test_a_deflated_entry_is_read_to_its_damage(take):
    blocks = [os.urandom(3000) for _ in range(9)]
    every = [record(number=n, block=block) for n, block in enumerate(blocks, 1)]
    data = bytearray(zipped([("archive/a.warc", b"".join(every))]))
    for at in range(len(data) // 2, len(data) // 2 + 40):
        data[at] = 0xFF
    report, found = take(bytes(data), "a.wacz")
    assert [stored.response for _, stored in found[:3]] == blocks[:3]
    assert report.problems


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_entry_packed_as_no_wacz_is_gets_refused_by_name(take, tmp_path, method):
    data = bytearray(zipped([("archive/a.warc", b"".join(pair(1)))], method))
    report, _ = take(bytes(data), "a.wacz")
    assert f"method {method}" in report.refused
    data[60] ^= 0xFF
    assert take(bytes(data), "b.wacz")[0].refused
    assert not verify_file(tmp_path / "b.wacz").clean


def test_the_zip_says_an_entry_is_longer_than_the_file(take):
    data = bytearray(zipped([("archive/a.warc.gz", members(pair(1)))], zipfile.ZIP_STORED))
    at = data.index(b"PK\x01\x02") + 20
    data[at : at + 8] = b"\xff\xff\xff\x7f" * 2
    report, found = take(bytes(data), "a.wacz")
    assert report.refused or ("longer" in str(report.problems) and len(found) == 1)


DATES = ["0001-01-01T00:00:00+10:00", "9999-12-31T23:59:59-10:00", "2013-13-01T00:00:00Z"]


@pytest.mark.parametrize("date", DATES)
def test_a_date_out_of_this_world_costs_only_its_record(take, date):
    report, found = take(members([record(WARC_Date=date), record(number=2)]))
    assert report.left_out == {"response without a time": 1}
    assert len(found) == 1


def test_headers_that_never_end_are_not_searched_again_and_again(take):
    begins = b"WARC/1.0\r\n" * 100_000
    report, found = take(begins + record(), "a.warc")
    assert len(report.problems) + report.more_problems >= 100_000
    assert len(found) == 1


@pytest.mark.parametrize("packed", [bytes, gzip.compress])
def test_lengths_behind_the_end_are_not_followed_each_time(tmp_path, store, monkeypatch, packed):
    monkeypatch.setattr("archive.foreign_frames.IN_MEMORY", 10_000)
    moved = []
    move = _Aside._move
    monkeypatch.setattr(_Aside, "_move", lambda self, n: moved.append(n) or move(self, n))
    every = [record(number=n, Content_Length="9" * 8, WARC_Record_ID=None) for n in range(50)]
    data = b"".join([record("invention", b"x" * 300_000), *every])
    (tmp_path / "a.warc").write_bytes(packed(data))
    report = import_file(store, tmp_path / "a.warc", source="s")
    assert (report.indexed, len(report.problems)) == (50, 100)
    assert sum(moved) < 8 * len(data)  # the first one's, each time the file is gone through


def test_metadata_too_long_for_ours_is_not_taken_into_memory(take, monkeypatch):
    monkeypatch.setattr("archive.foreign_exchange.IN_MEMORY", 50)
    notes = b"exchange-method: POST\r\n" + b"x" * 100
    long = record("metadata", notes, number=3, WARC_Concurrent_To=ONE)
    _, ((capture, _),) = take(members([record(), long]))
    assert capture.method == "GET"


@pytest.mark.parametrize(
    "notes",
    [b"b d: x\r\n", b"exchange-interim: \xe5\xb9\xb4\r\n", b"\xff\xfe: x\r\nno colon\r\n"],
)
def test_notes_that_we_would_not_have_written_are_read_and_handed_out(take, store, tmp_path, notes):
    notes = b"exchange-method: GET\r\n" + notes
    notes += rb"exchange-not-modified: HTTP/1.1 304 N\r\nSet-Cookie: a\r\nX: b\r\n\r\n"
    other = record("metadata", notes, number=3, WARC_Concurrent_To=ONE)
    _, (one,) = take(members([record(), other]), portals={"www.yanshi.test": "p"})
    assert one[1].method == "GET"
    pack(store, portal="p", year=2013, out=tmp_path / "a.wacz", pages=[])
    with zipfile.ZipFile(tmp_path / "a.wacz") as file:
        inside = gzip.decompress(file.read("archive/a-2013.warc.gz"))
    assert notes.replace(b"Set-Cookie: a", b"Set-Cookie:") in inside


JUNK = b"\0" * 700


@pytest.mark.parametrize("layout", ["members", "one member", "zstd", "arc"])
def test_what_stands_behind_a_record_in_its_member_does_no_harm(take, store, tmp_path, layout):
    every = [record(), record(number=2) + JUNK, record(number=3)]
    noise = record(block=os.urandom(3000))  # lost with the end of the file
    if layout == "arc":
        every = arc(arc_record(URL), arc_record(URL + "/2") + JUNK)
    data = {
        "members": members(every),
        "one member": gzip.compress(b"".join([*every[:2], noise]))[:-30],
        "zstd": b"".join(map(zstandard.ZstdCompressor().compress, every)),
        "arc": members(every),
    }[layout]
    report, found = take(data, portals=lambda host: "p")
    assert report.problems
    assert [stored.response for _, stored in found] == [ANSWER] * len(found)
    assert len(found) == (3 if layout in ("members", "zstd") else 2)
    assert all(one.length for one, _ in found)
    with Index(store) as index:
        assert index.rebuild().problems == ()
    done = pack(store, portal="p", year=int(found[0][0].at[:4]), out=tmp_path / "o", pages=[])
    assert (done.captures, done.problems) == (len(found), [])


@pytest.mark.parametrize("first", [record("warcinfo", b"x", number=9), arc()[0]])
def test_damage_in_the_first_member_costs_no_more_than_that(take, store, tmp_path, first):
    data = bytearray(members([first]))
    data[-6] ^= 1
    later = arc(arc_record(), arc_record())[1:] if first[:4] == b"file" else pair(1) + pair(2)
    report, found = take(bytes(data) + members(later), portals=lambda host: "p")
    assert [stored.response for _, stored in found] == [ANSWER, ANSWER]
    assert [one["offset"] for one in report.problems] == [0]
    done = pack(store, portal="p", year=int(found[0][0].at[:4]), out=tmp_path / "o", pages=[])
    assert (done.captures, done.problems) == (2, [])


def test_a_record_of_which_only_the_header_is_there_is_left_out(take):
    cut = record(number=1)[: -len(ANSWER) - 4]
    report, found = take(cut + record(number=2), "a.warc")
    assert len(found) == 1
    assert report.problems


def test_the_request_behind_damage_is_found_again(take):
    data = members([pair(1)[0]]) + b"\x1f\x8b\x08garbage" * 9 + members([pair(1)[1]])
    _, ((_, stored),) = take(data)
    assert stored.request == ASKED


LINES = {
    "LF, then CRLF": lambda lines: b"\n".join(lines) + b"\n\r\n",
    "CRLF, then LF": lambda lines: b"\r\n".join(lines) + b"\r\n\n",
    "mixed": lambda lines: lines[0] + b"\r\n" + b"\n".join(lines[1:]) + b"\r\n\r\n",
    "folded": lambda lines: b"\r\n".join(lines).replace(b"Length: ", b"Length:\r\n ") + b"\r\n\r\n",
}


@pytest.mark.parametrize("join", LINES.values(), ids=list(LINES))
def test_a_header_of_odd_lines_stays_whole_when_its_block_changes(take, store, tmp_path, join):
    header, _, _ = record().partition(b"\r\n\r\n")
    data = join(header.split(b"\r\n")) + ANSWER + b"\r\n\r\n" + record(number=2)
    take(data, "a.warc", portals={"www.yanshi.test": "p"})
    pack(store, portal="p", year=2013, out=tmp_path / "a.wacz", pages=[])
    report = import_file(tmp_path / "other", tmp_path / "a.wacz", source="s")
    assert (report.indexed, report.problems) == (2, [])
    with Index(tmp_path / "other") as index:
        (first, _) = index.captures()
    clean = ANSWER.replace(b"Set-Cookie: a", b"Set-Cookie:")
    assert read(tmp_path / "other", first).response == clean


@pytest.mark.parametrize("name", ["archive/x/..", "archive/a\nb.gz", "archive/crawl"])
def test_what_is_handed_out_bears_a_name_of_its_kind(take, store, tmp_path, name):
    take(zipped([(name, members([record()]))]), "a.wacz", portals={"www.yanshi.test": "p"})
    pack(store, portal="p", year=2013, out=tmp_path / "o.wacz", pages=[])
    assert verify_file(tmp_path / "o.wacz").clean
    with zipfile.ZipFile(tmp_path / "o.wacz") as file:
        (inside,) = (one for one in file.namelist() if one.startswith("archive/"))
    assert inside.endswith(".warc.gz")
    assert inside.isprintable()


def test_a_report_that_cannot_be_read_stops_no_pack(take, store, tmp_path):
    take(members([record()]), portals={"www.yanshi.test": "p"})
    take(members([record(number=2)]), "b.warc.gz")
    (path,) = (store / "import").glob("*/b.warc.gz.*.import.json")
    path.write_bytes(b"{")
    done = pack(store, portal="p", year=2013, out=tmp_path / "a.wacz", pages=[])
    assert done.captures == 1
    assert path.name in done.problems[0]


def test_a_pack_names_the_import_that_is_gone(tmp_path, store, quick):
    (tmp_path / "a.warc").write_bytes(record("revisit", b""))
    report = import_file(store, tmp_path / "a.warc", source="s", portals=lambda host: "p")
    (store / report.file).unlink()
    with pytest.raises(ArchiveError, match=report.file):
        pack(store, portal="p", year=2013, out=tmp_path / "a.wacz", pages=[])
    assert not list(tmp_path.glob("a.wacz*"))


def test_a_full_folder_for_long_records_is_named(take, monkeypatch):
    monkeypatch.setattr("archive.foreign_frames.IN_MEMORY", 10)
    monkeypatch.setattr("tempfile.tempdir", "/dev/full")
    with pytest.raises(ArchiveError, match=r"^/dev/full"):
        take(record(), "a.warc")


def test_what_ends_nowhere_is_no_file(tmp_path, store):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero"), tmp_path):
        with pytest.raises(ArchiveError, match="not a regular file"):
            import_file(store, path, source="s")


def test_importing_the_original_again_mends_what_was_damaged(take, store, tmp_path):
    zst = b"".join(map(zstandard.ZstdCompressor().compress, [*pair(1), *pair(2)]))
    first, _ = take(zst, "a.warc.zst")
    (made,) = first.converted
    assert list(verify(store)) == []
    for damage in (
        lambda file: file.unlink(),
        lambda file: file.write_bytes(file.read_bytes()[:-1]),
        lambda file: file.write_bytes(file.read_bytes().replace(b"\xff", b"\xfe", 1) + b"x"),
    ):
        for name in (first.file, made):
            damage(store / name)
            told = {(one.path, one.code[:7]) for one in verify(store)}
            assert (str(store / name), "import-") in told
            again, found = take(zst, "b.warc.zst", source="elsewhere")
            assert (again.again, again.file, again.crawl) == (False, first.file, first.crawl)
            assert [stored.response for _, stored in found] == [ANSWER, ANSWER]
            assert list(verify(store)) == []
    assert take(zst, "c.warc.zst")[0].again


ROWS = {
    "DELETE FROM captures WHERE record_id = ?": "not-indexed",
    "UPDATE captures SET status = 7 WHERE record_id = ?": "index-row",
    "UPDATE captures SET record_id = 'x' WHERE record_id = ?": "index-dangling",
}


@pytest.mark.parametrize("statement", ROWS)
def test_the_index_is_held_against_what_was_imported(take, store, statement):
    take(members(pair(1) + pair(2)))
    with closing(sqlite3.connect(store / "index" / "captures.sqlite")) as db, db:
        db.execute(statement, [ONE.strip("<>")])
    told = list(verify(store))
    assert ROWS[statement] in {one.code for one in told}
    assert {one.repair for one in told} == {"run `gongkai archive index`"}
    with Index(store) as index:
        index.rebuild()
    assert list(verify(store)) == []


@pytest.mark.parametrize("parts", ["[{}]", "[1]", "1", '[{"name": ""}]'])
def test_a_report_that_is_none_is_told_and_written_anew(take, store, parts):
    report, _ = take(members(pair(1)))
    (path,) = (store / "import").glob("*/*.import.json")
    path.write_text(json.dumps({**json.loads(path.read_text()), "parts": json.loads(parts)}))
    assert next(one.code for one in verify(store)) == "import-report"
    with Index(store) as index:
        (problem,) = index.rebuild().problems
        assert path.name in problem
    assert take(members(pair(1)))[0].file == report.file
    assert list(verify(store)) == []


def test_what_cannot_be_read_keeps_nobody_else_out(command, tmp_path, store, quick):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "a.warc").write_bytes(record() + record("response", number=2, WARC_Date=None))
    words = ("import", tmp_path / "pipe", tmp_path / "a.warc", "--source", "s", "--store", store)
    done = command(*words)
    assert done.exit_code == 1
    assert "pipe: is not a regular file" in done.stderr
    assert "1 captures" in done.stdout
    assert "1 × response without a time" in done.stdout


def test_what_is_there_already_is_told_with_its_problems(command, tmp_path, store, quick):
    (tmp_path / "a.warc").write_bytes(record()[:-30])
    words = ("import", tmp_path / "a.warc", "--source", "s", "--store", store)
    first, second = command(*words), command(*words)
    assert (first.exit_code, second.exit_code) == (1, 1)
    assert "already there" in second.stdout
    assert first.stderr == second.stderr != ""


def test_what_others_wrote_does_not_steer_the_terminal(command, tmp_path, store, quick):
    path = tmp_path / "a\x1b[31m\n.wacz"
    path.write_bytes(zipped([("archive/\x1b[31m", b"x"), ("archive/b.warc", record())]))
    words = ("import", path, "--source", "s", "--store", store)
    done = command(*words)
    assert r"archive/\x1b[31m: is neither" in done.stderr
    assert r"a\x1b[31m\n.wacz: 1 captures in import/s/" in done.stdout
    assert "\x1b" not in done.output
    assert all(one.name.isprintable() for one in (store / "import" / "s").iterdir())


@pytest.mark.parametrize("name", ["empty", "loop", "nothing"])
def test_nothing_to_import_is_wrong_use(tmp_path, name):
    (tmp_path / "empty").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    words = [sys.executable, "-c", "from crawler.cli import main; main()", "archive", "import"]
    words += [name, "--store", "s"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert not (tmp_path / "s").exists()


def test_a_bomb_of_metadata_is_counted_and_passed(take):
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    size = 40 * 2**20
    head = record("metadata", b"", number=5, Content_Length=str(size))[:-4]
    bomb = packer.compress(head) + packer.compress(bytes(size)) + packer.compress(b"\r\n\r\n")
    report, found = take(members(pair(1)) + bomb + packer.flush() + members(pair(2)))
    assert (report.problems, len(found)) == ([], 2)
