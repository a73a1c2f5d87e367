"""A WACZ holds a portal's year whole, byte for byte, and everybody can open it."""

import gzip
import hashlib
import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import typer
from foreign_files import members, record
from typer.testing import CliRunner

from archive import ArchiveError, Index, WarcWriter, find_head, iterate, read
from archive.importer import import_file
from archive.verify import verify_file
from archive.wacz import PageInfo, pack

YEARS = {year: datetime(year, 6, 1, tzinfo=UTC) for year in (2012, 2013, 2014)}


@pytest.fixture
def store(tmp_path):
    return tmp_path / "store"


@pytest.fixture
def fill(store, quick):
    """Write exchanges of a portal into one file each call; returns their captures."""

    def fill(exchanges, portal="yanshi"):
        with (
            WarcWriter(store, portal=portal, crawl="n", worker="w") as writer,
            Index(store) as index,
        ):
            found = [writer.write(one) for one in exchanges]
            index.add(found)
        return found

    return fill


@pytest.fixture
def packed(store, tmp_path):
    def packed(year=2013, portal="yanshi", pages=(), name="a.wacz"):
        out = tmp_path / name
        return out, pack(store, portal=portal, year=year, out=out, pages=pages)

    return packed


def entries(out):
    with zipfile.ZipFile(out) as file:
        assert {one.compress_type for one in file.infolist()} == {zipfile.ZIP_STORED}
        assert file.testzip() is None
        return {name: file.read(name) for name in file.namelist()}


def index_lines(inside):
    return gzip.decompress(inside["indexes/index.cdx.gz"]).splitlines()


@pytest.fixture
def harmless(oddities):
    """Odd exchanges of 2013 that hold nothing that is not handed out."""
    return [replace(one, at=YEARS[2013]) for one in oddities if b"ookie" not in one.response]


def test_a_file_that_belongs_whole_goes_in_as_it_is(store, fill, packed, harmless):
    captures = fill(harmless)
    out, report = packed()
    assert (report.captures, report.copied, report.problems) == (len(captures), 0, [])
    inside = entries(out)
    path = store / captures[0].file
    assert inside[f"archive/{path.name}"] == path.read_bytes()
    answered = [one for one in captures if one.record_type == "response"]
    assert len(index_lines(inside)) == len(answered)


def test_only_the_records_of_the_year_and_portal_go_in(store, fill, packed, make, tmp_path):
    mixed = fill([make(f"/{year}", at=at) for year, at in YEARS.items()])
    fill([make("/else", at=YEARS[2013])], portal="other")
    out, _ = packed()
    inside = entries(out)
    ((name, data),) = [(n, d) for n, d in inside.items() if n.startswith("archive/")]
    (tmp_path / "part.warc.gz").write_bytes(data)
    kinds = [one.type for one in iterate(tmp_path / "part.warc.gz")]
    assert kinds == ["warcinfo", "response", "request", "metadata"]
    assert "-2013." in name
    raw = (store / mixed[1].file).read_bytes()
    (line,) = index_lines(inside)
    place = json.loads(line.split(b" ", 2)[2])
    start, length = int(place["offset"]), int(place["length"])
    assert data[start:][:length] == raw[mixed[1].offset :][: mixed[1].length]
    assert f"archive/{place['filename']}" == name


def test_what_a_revisit_stands_for_comes_along(store, fill, packed, make, tmp_path):
    (original, _) = fill([make("/a", at=YEARS[2012]), make("/b", at=YEARS[2012])])
    with WarcWriter(store, portal="yanshi", crawl="n", worker="w") as writer:
        again = writer.write(make("/a", at=YEARS[2013]), same_as=original)
    with Index(store) as index:
        index.add([again])
    out, report = packed()
    assert (report.captures, report.copied) == (1, 1)
    import_file(tmp_path / "other", out, source="s")
    with Index(tmp_path / "other") as index:
        found = index.get(again.record_id)
        assert {one.at[:4] for one in index.captures()} == {"2012", "2013"}
    assert read(tmp_path / "other", found).response == read(store, again).response


def test_a_revisit_whose_original_is_gone_is_said(fill, packed, make, store):
    (original,) = fill([make("/a", at=YEARS[2012])])
    with WarcWriter(store, portal="yanshi", crawl="n", worker="w") as writer:
        again = writer.write(make("/a", at=YEARS[2013]), same_as=original)
    with Index(store) as index:
        index.add([replace(again, refers_to="urn:uuid:gone")])
    _, report = packed()
    assert "missing" in report.problems[0]


def test_importing_it_gives_the_same_captures(store, fill, packed, harmless, tmp_path):
    fill(harmless)
    out, _ = packed()
    there = tmp_path / "there"
    report = import_file(there, out, source="s")
    assert (report.problems, report.converted) == ([], [])
    with Index(store) as mine, Index(there) as theirs:
        for one in mine.captures():
            other = theirs.get(one.record_id)
            moved = {"file": one.file, "offset": one.offset, "crawl": one.crawl}
            assert replace(other, **moved) == one
            assert read(there, other) == read(store, one)
        assert len(list(theirs.captures())) == len(list(mine.captures()))


def test_what_was_imported_can_be_packed_too(fill, packed, make, tmp_path):
    fill([make(f"/{n}", at=YEARS[2013]) for n in range(3)])
    first, _ = packed()
    second_store = tmp_path / "second"
    import_file(second_store, first, source="s", portals={"www.yanshi.test": "yanshi"})
    out = tmp_path / "b.wacz"
    pack(second_store, portal="yanshi", year=2013, out=out, pages=())
    before, after = entries(first), entries(out)
    (name,) = [one for one in before if one.startswith("archive/")]
    assert after[name] == before[name]
    assert index_lines(after) == index_lines(before)


SECRET = b"SECRET"
PRIVATE = {
    "both ways": (
        b"GET / HTTP/1.1\r\ncookie:  a=SECRET\r\n ; b=SECRET\r\nAccept: */*\r\n"
        b"Proxy-Authorization: Basic SECRET\r\nAUTHORIZATION : SECRET\r\n\r\nk=v",
        b"HTTP/1.1 200 OK\r\nSet-Cookie: SECRET\r\n\tSECRET\r\nX: \xb9\r\n\r\nCookie: here",
    ),
    "lines that end in LF": (b"", b"HTTP/1.1 200 OK\nSet-Cookie2:SECRET\nX: 1\n\nbody\n"),
    "before the answer": (
        b"",
        b"HTTP/1.1 103 Early\r\nSet-Cookie: SECRET\r\n\r\nHTTP/1.1 404 Gone\r\n\r\nno",
    ),
    "a head that was cut": (b"", b"HTTP/1.1 200 OK\r\nSet-Cookie: SECRET; Pa"),
}


def test_what_lets_somebody_go_on_as_the_visitor_is_not_handed_out(
    store, fill, packed, make, tmp_path
):
    every = [
        make(f"/{n}", answer, request=asked, at=YEARS[2013])
        for n, (asked, answer) in enumerate(PRIVATE.values())
    ]
    captures = fill([*every, make("/plain", at=YEARS[2013])])
    with WarcWriter(store, portal="yanshi", crawl="n", worker="w") as writer, Index(store) as index:
        confirmed = b"HTTP/1.1 304 Not\r\nSet-Cookie: SECRET\r\nETag: 1\r\n\r\n"
        again = make("/plain", confirmed, at=YEARS[2013] + timedelta(days=1))
        captures.append(writer.write(again, same_as=captures[-1]))
        index.add(captures)
    before = {path: path.read_bytes() for path in store.glob("warc/**/*.warc.gz")}
    out, report = packed()
    assert report.problems == []
    assert {path: path.read_bytes() for path in before} == before
    inside = entries(out)
    files = {name: data for name, data in inside.items() if name.startswith("archive/")}
    assert all("-2013.warc.gz" in name for name in files)
    assert SECRET not in b"".join(map(gzip.decompress, files.values()))
    for name, data in files.items():
        path = tmp_path / name.rpartition("/")[2]
        path.write_bytes(data)
        assert verify_file(path).clean
        for line in index_lines(inside):
            place = json.loads(line.split(b" ", 2)[2])
            if place["filename"] == path.name:
                start, length = int(place["offset"]), int(place["length"])
                assert place["recordid"].encode() in gzip.decompress(data[start:][:length])
    there = tmp_path / "there"
    imported = import_file(there, out, source="s")
    assert (imported.problems, imported.converted) == ([], [])
    with Index(there) as index:
        for one in captures:
            found, other = read(store, one), read(there, index.get(one.record_id))
            assert (other.facts, other.url, other.truncated) == (
                found.facts,
                found.url,
                found.truncated,
            )
            body = find_head(found.response)
            if body:
                assert other.response.endswith(found.response[body.size :])
            assert other.response.count(b"\n") <= found.response.count(b"\n")
        first = read(there, index.get(captures[0].record_id))
        assert first.request == (
            b"GET / HTTP/1.1\r\ncookie:\r\nAccept: */*\r\n"
            b"Proxy-Authorization:\r\nAUTHORIZATION :\r\n\r\nk=v"
        )
        assert first.response == b"HTTP/1.1 200 OK\r\nSet-Cookie:\r\nX: \xb9\r\n\r\nCookie: here"
        as_received = dict(first.headers)["Gongkai-Original-Block-Digest"]
        assert as_received == f"sha256:{captures[0].block_sha256}"
    # the same file again, beside the archive it came from: nothing is wrong, our own comes first
    assert import_file(store, out, source="back").problems == []
    with Index(store) as index:
        assert index.get(captures[0].record_id) == captures[0]


def test_files_of_others_are_handed_out_without_them_too(store, tmp_path, packed, quick):
    answer = b"HTTP/1.1 200 OK\r\nSet-Cookie: SECRET\r\n\r\nbody"
    line = b"http://www.yanshi.test/a 10.0.0.1 20130501020304 text/html %d\n" % len(answer)
    about = b"1 0 Tool\nURL IP-address Archive-date Content-type Archive-length\n"
    first = b"filedesc://a.arc 0.0.0.0 20130501000000 text/plain %d\n" % len(about) + about + b"\n"
    head = (
        "WARC/1.0\nWARC-Type: response\nWARC-Date: 2013-05-01T02:03:04Z\n"
        "WARC-Target-URI: http://www.yanshi.test/b\nContent-Type: application/http\n"
        f"WARC-Block-Digest: sha1:{hashlib.sha1(answer).hexdigest()}\n"
        f"Content-Length: {len(answer)}\n\n"
    )
    for name, data in {
        "a.arc": first + line + answer + b"\n",
        "b.warc": head.encode() + answer + b"\n\n",
        "c.warc.gz": gzip.compress(head.replace("/b", "/c").encode() + answer + b"\n\n"),
    }.items():
        (tmp_path / name).write_bytes(data)
        import_file(store, tmp_path / name, source="s", portals={"www.yanshi.test": "yanshi"})
    out, report = packed()
    assert (report.captures, report.problems) == (3, [])
    inside = entries(out)
    packing = {True: gzip.decompress, False: bytes}
    texts = [packing[name.endswith(".gz")](data) for name, data in inside.items()]
    assert SECRET not in b"".join(texts)
    there = tmp_path / "there"
    assert import_file(there, out, source="s").problems == []
    with Index(there) as index:
        answers = [read(there, one).response for one in index.captures()]
    assert answers == [b"HTTP/1.1 200 OK\r\nSet-Cookie:\r\n\r\nbody"] * 3


def test_pages_carry_title_and_text(fill, packed, make):
    (one,) = fill([make("/a", at=YEARS[2013])])
    pages = [PageInfo(one.url, one.at, "年度报告", "一、概述"), PageInfo("http://x/", "", "", "")]
    out, report = packed(pages=pages)
    assert (report.pages, report.left_out) == (1, 1)
    first, page = map(json.loads, entries(out)["pages/pages.jsonl"].splitlines())
    assert first["format"] == "json-pages-1.0"
    assert page == {
        "id": "1",
        "url": one.url,
        "ts": one.at,
        "title": "年度报告",
        "text": "一、概述",
    }


def test_same_store_same_bytes(fill, packed, make):
    fill([make(f"/{n}", at=YEARS[2013]) for n in range(3)])
    first, _ = packed(name="a.wacz")
    second, _ = packed(name="b.wacz")
    assert first.read_bytes() == second.read_bytes()


def test_the_description_lists_every_file_with_its_digest(fill, packed, make):
    fill([make("/a", at=YEARS[2013])])
    out, _ = packed()
    inside = entries(out)
    description = json.loads(inside["datapackage.json"])
    assert (description["profile"], description["wacz_version"]) == ("data-package", "1.1.1")
    listed = {one["path"]: one for one in description["resources"]}
    digest = json.loads(inside["datapackage-digest.json"])
    assert digest["hash"] == f"sha256:{hashlib.sha256(inside['datapackage.json']).hexdigest()}"
    assert set(listed) == set(inside) - {"datapackage.json", "datapackage-digest.json"}
    for path, one in listed.items():
        assert one["hash"] == f"sha256:{hashlib.sha256(inside[path]).hexdigest()}"
        assert one["bytes"] == len(inside[path])


def test_the_index_is_zipnum(fill, packed, make, monkeypatch):
    monkeypatch.setattr("archive.wacz.LINES", 2)
    fill([make(f"/{n}", at=YEARS[2013]) for n in range(5)])
    inside = entries(packed()[0])
    lines = index_lines(inside)
    assert lines == sorted(lines)
    meta, *table = inside["indexes/index.idx"].splitlines()
    assert b"cdxj-gzip-1.0" in meta
    for number, row in enumerate(table):
        key, moment, content = row.split(b" ", 2)
        place = json.loads(content)
        block = inside["indexes/index.cdx.gz"][place["offset"] :][: place["length"]]
        assert place["digest"] == f"sha256:{hashlib.sha256(block).hexdigest()}"
        assert gzip.decompress(block).splitlines() == lines[2 * number : 2 * number + 2]
        assert lines[2 * number].startswith(key + b" " + moment)


def test_nothing_to_pack_is_wrong_use_and_leaves_no_file(fill, packed, make, tmp_path):
    fill([make("/a", at=YEARS[2013])])
    with pytest.raises(ValueError, match="no captures"):
        packed(year=2010)
    assert not list(tmp_path.glob("*.wacz*"))


def test_a_missing_warc_leaves_no_file(store, fill, packed, make, tmp_path):
    (one,) = fill([make("/a", at=YEARS[2013])])
    (store / one.file).unlink()
    with pytest.raises(ArchiveError, match=one.file.rpartition("/")[2]):
        packed()
    assert not list(tmp_path.glob("*.wacz*"))


def test_the_command_takes_pages_from_the_catalogue(fill, make, store, tmp_path):
    from crawler.cli import archive_more
    from crawler.items import Capture, Page
    from pipelines.catalogue import Catalogue

    (one,) = fill([make("/a", at=YEARS[2013])])
    capture = Capture(one.url, one.at, one.file, one.offset, one.record_id, one.payload_sha256)
    page = Page((), url=one.url, portal="yanshi", capture=capture)
    document = dict.fromkeys(("organ", "year", "published_at"))
    document |= {"class": "other", "title": "年度报告", "text": "正文", "figures": [], "checks": []}
    with Catalogue.open(store) as catalogue:
        catalogue.put(page, [document], parser="1")
    app = typer.Typer()
    archive_more.register(app)
    words = ["pack", "--portal", "yanshi", "--year", "2013", "--store", str(store)]
    out = tmp_path / "a.wacz"
    done = CliRunner().invoke(app, [*words, "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "1 captures, 0 responses of other years, 1 pages" in done.stdout
    listed = json.loads(entries(out)["pages/pages.jsonl"].splitlines()[1])
    assert (listed["title"], listed["text"]) == ("年度报告", "正文")


@pytest.fixture(scope="session")
def py_wacz(pytestconfig):
    """The reference validator in an environment of its own, kept in pytest's cache."""
    folder = pytestconfig.cache.mkdir("wacz-0.6.0")
    command = folder / "bin" / "wacz"
    if not command.exists():
        steps = [
            [sys.executable, "-m", "venv", "--clear", str(folder)],
            [str(folder / "bin" / "python"), "-m", "pip", "install", "-q", "wacz==0.6.0"],
        ]
        for step in steps:
            done = subprocess.run(step, capture_output=True, text=True, check=False, timeout=250)
            if done.returncode:
                pytest.skip(f"wacz 0.6.0 cannot be installed here: {done.stderr[-300:]}")
    return command


def test_the_reference_validator_accepts_it(py_wacz, store, fill, packed, oddities):
    dated = [replace(one, at=YEARS[2013]) for one in oddities]
    fill(dated)
    (one,) = fill([replace(dated[0], url="http://www.yanshi.test/页面")])
    for number, name in enumerate(("CC-MAIN $1.warc.gz", "年报.warc.gz", "年鉴.warc.gz"), 1):
        path = store.parent / name
        path.write_bytes(members([record(number=number)]))
        import_file(store, path, source="s", portals=lambda host: "yanshi")
    out, _ = packed(pages=[PageInfo(one.url, one.at, "年度报告", "正文")])
    done = subprocess.run(
        [py_wacz, "validate", "-f", out], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "valid" in done.stdout
