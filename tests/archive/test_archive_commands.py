"""`gongkai archive show`, and that every command which `verify` names does mend what it says."""

import gzip
import json
import shutil
import sqlite3
from dataclasses import asdict

import pytest
from odd_exchanges import exchange

from archive import Dom, Index, WarcWriter, read
from archive.verify import verify
from archive.verify_problem import CODES
from crawler.cli.options import moment, print_json_list
from crawler.errors import WrongUse

TITLE = "演示市人民政府2019年政府信息公开工作年度报告"
HTML = (
    f"<html><head><meta charset=utf-8><title>{TITLE}</title></head><body><h1>{TITLE}</h1>"
    f"<p>{'本年度主动公开政府信息一千二百条，办理依申请公开二十三件，均在期限内答复。' * 3}</p>"
    "</body></html>"
)
TYPE = b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\n"


def answer(kind, body, more=b""):
    return TYPE % kind + more + b"Content-Length: %d\r\n\r\n" % len(body) + body


PACKED = gzip.compress(HTML.encode("gb18030"))
PAGES = {
    "/utf8": answer(b"text/html; charset=utf-8", HTML.encode()),
    "/gbk": answer(b"text/html; charset=utf-8", HTML.encode("gb18030")),
    "/gzip": answer(b"text/html", PACKED, b"Content-Encoding: gzip\r\n"),
    "/chunked": TYPE % b"text/html"
    + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(HTML.encode())
    + HTML.encode()
    + b"\r\n0\r\n\r\n",
}
OTHERS = {
    "/plain": answer(b"text/plain", "公开".encode("gb18030")),
    "/pdf": answer(b"application/pdf", b"%PDF-1.4\n\x01\xff"),
    "/cut": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 99\r\n\r\nabc",
}


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    """A store with a page in many guises; returns the store and the captures by path."""
    store = tmp_path_factory.mktemp("shown")
    made = {path: exchange(path, data) for path, data in {**PAGES, **OTHERS}.items()}
    made["/cut"].truncated, made["/cut"].error = "disconnect", "closed early"
    with WarcWriter(store, portal="yanshi", crawl="c", worker="w") as writer, Index(store) as index:
        found = {path: writer.write(one) for path, one in made.items()}
        page = found["/utf8"]
        dom = Dom(page.url, HTML.encode(), exchange(seconds=1).at, page.record_id)
        found["dom"] = writer.write(dom)
        index.add(found.values())
    return store, found


@pytest.fixture
def show(command, shelf):
    store, found = shelf
    return lambda path, *more: command("show", found[path].url, "--store", store, *more)


def test_every_byte_as_it_came(show):
    for path, data in {**PAGES, **OTHERS}.items():
        assert show(path).stdout_bytes == data
    asked = b"GET /pdf HTTP/1.1\r\nHost: www.yanshi.test\r\n\r\n"
    assert show("/pdf", "--part", "request").stdout_bytes == asked


@pytest.mark.parametrize("path", PAGES)
def test_text_is_the_same_whatever_it_came_as(show, path):
    done = show(path, "--part", "text")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith(TITLE)
    assert "二十三件" in done.stdout
    assert "<" not in done.stdout


def test_text_of_what_a_browser_made_and_of_plain_text(show):
    assert show("dom", "--part", "text").stdout.startswith(TITLE)
    assert show("/plain", "--part", "text").stdout == "公开"


@pytest.mark.parametrize(("path", "kind"), [("/pdf", "application/pdf"), ("/cut", "closed early")])
def test_what_has_no_text_is_said_and_what_to_do(show, path, kind):
    done = show(path, "--part", "text")
    assert isinstance(done.exception, WrongUse)
    assert kind in str(done.exception)
    assert "gongkai parse" in str(done.exception)


def test_headers_and_body_apart(show):
    assert show("/gzip", "--part", "headers").stdout_bytes == PAGES["/gzip"][: -len(PACKED)]
    assert show("/gzip", "--part", "body").stdout_bytes == HTML.encode("gb18030")
    assert show("/chunked", "--part", "body").stdout_bytes == HTML.encode()
    assert show("/pdf", "--part", "body").stdout_bytes == b"%PDF-1.4\n\x01\xff"
    assert show("/cut", "--part", "body").stdout_bytes == b"abc"
    assert show("dom", "--part", "body").stdout_bytes == HTML.encode()


def test_as_json_it_says_where_and_what(show, shelf):
    _, found = shelf
    said = json.loads(show("/gbk", "--json").stdout)
    assert (said["file"], said["offset"]) == (found["/gbk"].file, found["/gbk"].offset)
    assert said["status_line"] == "HTTP/1.1 200 OK"
    assert ["Content-Type", "text/html; charset=utf-8"] in said["headers"]
    assert said["request_line"] == "GET /gbk HTTP/1.1"
    assert said["facts"]["kind"] == "document"
    assert said["text"].startswith(TITLE)
    assert json.loads(show("/cut", "--json").stdout)["error"] == "closed early"


def test_a_capture_is_shown_by_its_id_too(command, shelf):
    store, found = shelf
    by_id = command("show", found["/pdf"].record_id, "--store", store)
    assert by_id.stdout_bytes == OTHERS["/pdf"]
    none = command("show", "urn:uuid:none", "--store", store)
    assert "archive list" in str(none.exception)


def test_what_nobody_answered_can_be_looked_at(command, tmp_path):
    with (
        WarcWriter(tmp_path, portal="p", crawl="c", worker="w") as writer,
        Index(tmp_path) as index,
    ):
        failed = writer.write(exchange("/x", b"", error="connection refused", seconds=5))
        index.add(
            [failed, writer.write(exchange("/y")), writer.write(exchange("/y", b"", seconds=5))]
        )
    shown = command("show", failed.url, "--store", tmp_path, "--part", "request")
    assert (shown.exit_code, shown.stdout_bytes[:6]) == (0, b"GET /x")
    assert "no answer came: connection refused" in shown.stderr
    answered = command("show", f"{failed.url[:-1]}y", "--store", tmp_path)  # not the later failure
    assert answered.stdout_bytes.startswith(b"HTTP/1.1 200")


def test_an_archive_without_its_index_is_not_called_empty(command, sealed):
    store, _ = sealed
    shutil.rmtree(store / "index")
    done = command("list", "--store", store)
    assert isinstance(done.exception, WrongUse)
    assert "no index: run `gongkai archive index`" in str(done.exception)
    assert command("index", "--store", store).exit_code == 0
    assert len(command("list", "--store", store).stdout.splitlines()) == 6


def test_captures_are_listed_one_at_a_time(command, tmp_path, monkeypatch):
    with (
        WarcWriter(tmp_path, portal="p", crawl="c", worker="w") as writer,
        Index(tmp_path) as index,
    ):
        index.add([writer.write(exchange(f"/{n}", seconds=n)) for n in range(3)])
        listed = list(index.captures())
    told = command("list", "--store", tmp_path, "--json").stdout
    assert told == json.dumps([asdict(one) for one in listed], indent=1) + "\n"
    assert command("list", "--store", tmp_path, "--crawl", "none", "--json").stdout == "[]\n"
    assert [line[-1] for line in command("list", "--store", tmp_path).stdout.splitlines()] == [
        *"012"
    ]
    held = []
    monkeypatch.setattr("builtins.print", lambda *text, end="": held.append(text))
    print_json_list(one for one in range(3) if len(held) == one)
    assert len(held) == 4


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2026-11-22", "2026-11-22T23:59:59.999999Z"),
        ("2026-11-22T02:13Z", "2026-11-22T02:13:00.000000Z"),
        ("2026-11-22 10:13:05.123456+08:00", "2026-11-22T02:13:05.123456Z"),
        ("0999-01-01", "0999-01-01T23:59:59.999999Z"),
        ("", ""),
        *((one, None) for one in ("20261122", "2026-W47-7", "2026", "now", "2026-02-30")),
        *((one, None) for one in ("0001-01-01T00:00+23:00", "9999-12-31T23:00-05:00")),
    ],
)
def test_a_time_is_read_as_it_is_meant_or_refused(said, meant):
    if meant is None:
        with pytest.raises(WrongUse, match="say a date as 2026-11-22"):
            moment(said)
    else:
        assert moment(said) == meant


def test_a_large_body_is_written_in_pieces_and_its_coding_is_left(command, tmp_path, make):
    data = answer(b"text/html", PACKED * 400, b"Content-Encoding: gzip\r\n")
    with WarcWriter(tmp_path, portal="p", crawl="c", worker="w") as writer:
        capture = writer.write(make(response=data))
    with Index(tmp_path) as index, pytest.MonkeyPatch.context() as patch:
        index.add([capture])
        patch.setattr("archive.unpack.IN_MEMORY", 1000)
        patch.setattr("crawler.download.messages.MOST_OF_FILE", 1000)
        done = command("show", capture.url, "--store", tmp_path, "--part", "body")
        assert done.stdout_bytes == PACKED * 400
        assert "gzip" in done.stderr
        assert command("show", capture.url, "--store", tmp_path).stdout_bytes == data


# What verify tells to do.


@pytest.fixture
def sealed(tmp_path, quick):
    """Two sealed files that are in order; returns the store and the first file."""
    store = tmp_path / "store"
    for worker in "ab":
        with (
            WarcWriter(store, portal="yanshi", crawl="c", worker=worker) as writer,
            Index(store) as index,
        ):
            index.add([writer.write(exchange(f"/{worker}/{n}", seconds=n)) for n in range(3)])
    assert codes(store) == []
    return store, sorted(store.glob("warc/**/*.warc.gz"))[0]


def codes(store):
    return [one.code for one in verify(store)]


def beside(path, ending):
    return path.with_name(path.name.replace(".warc.gz", ending))


def database(store, statement):
    with sqlite3.connect(store / "index" / "captures.sqlite") as db:
        db.execute(statement)
    db.close()


def garbage(store, path):
    (store / "index" / "captures.sqlite").write_bytes(b"no database" * 1000)


def malformed(store, path):
    database(store, "VACUUM")
    file = store / "index" / "captures.sqlite"
    raw = bytearray(file.read_bytes())
    raw[4096 * 2 : 4096 * 3] = b"\xff" * 4096
    file.write_bytes(raw)


def left_open(store, path):
    path.rename(path.with_name(path.name + ".open"))
    beside(path, ".cdxj").unlink()
    beside(path, ".sha256").unlink()


REPAIRS = {
    "cdxj-missing": ("recover FILE", lambda _, path: beside(path, ".cdxj").unlink()),
    "cdxj": ("recover FILE", lambda _, path: beside(path, ".cdxj").write_bytes(b"x\n")),
    "sha256-missing": ("recover FILE", lambda _, path: beside(path, ".sha256").unlink()),
    "sha256": ("recover FILE", lambda _, path: beside(path, ".sha256").write_text("0  x\n")),
    "left-open": ("recover", left_open),
    "index-unusable": ("index", garbage),
    "index-unusable ": ("index", malformed),
    "index-unusable  ": ("index", lambda store, _: database(store, "PRAGMA user_version = 9")),
    "index-unusable   ": ("index", lambda store, _: shutil.rmtree(store / "index")),
    "index-row": ("index", lambda store, _: database(store, "UPDATE captures SET status = 7")),
    "index-dangling": (
        "index",
        lambda store, _: database(store, "UPDATE captures SET offset = offset + 1"),
    ),
    "not-indexed": ("index", lambda store, _: database(store, "DELETE FROM captures")),
}


@pytest.mark.parametrize("code", REPAIRS)
def test_a_command_that_verify_names_mends_what_it_says(command, sealed, code):
    store, path = sealed
    words, damage = REPAIRS[code]
    before = path.read_bytes()
    damage(store, path)
    assert code.strip() in codes(store)
    words = words.replace("FILE", str(path)).split()
    done = command(*words, "--store", store)
    assert done.exit_code == 0, done.output
    assert codes(store) == []
    assert path.read_bytes() == before
    with Index(store) as index:
        assert len([read(store, one) for one in index.captures()]) == 6


def test_each_code_that_names_a_command_is_tried_here():
    named = {code for code, (_, _, repair) in CODES.items() if repair.startswith("run `gongkai")}
    assert named <= {code.strip() for code in REPAIRS}


def test_sidecars_are_not_bent_to_a_file_that_was_changed(command, sealed):
    store, path = sealed
    with Index(store) as index:
        (first, *_) = index.captures(limit=1)
    raw = bytearray(path.read_bytes())
    raw[first.offset + 400] ^= 1
    path.write_bytes(raw)
    kept = beside(path, ".sha256").read_bytes()
    done = command("recover", path, "--store", store)
    assert done.exit_code == 1
    assert "from a copy" in done.stderr
    assert beside(path, ".sha256").read_bytes() == kept


def test_a_file_replaced_by_another_that_is_right_in_itself_is_not_taken_for_it(command, sealed):
    store, path = sealed
    other = sorted(store.glob("warc/**/*.warc.gz"))[1]
    shutil.copyfile(other, path)
    done = command("recover", path, "--store", store)
    assert done.exit_code == 1
    assert "index" in done.stderr or "file-name" in done.stderr


def test_a_file_that_is_none_of_the_store_is_wrong_use(command, sealed, tmp_path):
    store, path = sealed
    outside = tmp_path / "x.warc.gz"
    shutil.copyfile(path, outside)
    assert isinstance(command("recover", outside, "--store", store).exception, WrongUse)
    assert "were right" in command("recover", path, "--store", store).stdout
