"""The index finds exactly what was asked, and can be made anew."""

import multiprocessing
import sqlite3
import threading
from contextlib import suppress
from dataclasses import replace

import pytest

from archive import ArchiveError, Index, WarcWriter, cdx_api, read
from archive.cdxj import line
from archive.disk import held as held_folder
from archive.disk import make_folder
from archive.originals import newest_page, with_payload
from archive.surt import surt


def test_find_is_exact_and_knows_dates(writer, index, make):
    old, new = (writer.write(make("/a", seconds=n)) for n in (0, 86_400))
    upper = writer.write(make("/A", seconds=200_000))
    lost = writer.write(make("/a", b"", seconds=90_000))
    index.add([old, new, upper, lost])
    url = old.url
    assert index.find(url) == new
    assert index.find(url + "#part") == new
    assert index.find(url, failed=True) == lost
    assert index.find(url, as_of="2026-11-22") == old
    assert index.find(url, as_of=old.at) == old
    assert index.find(url, as_of="2026") == new
    assert index.find(url, as_of="2025") is None
    assert index.find(url, "POST") is None
    assert index.find(url, body_sha256="0") is None
    assert index.get(upper.record_id) == upper


@pytest.mark.parametrize("ids", [("urn:uuid:1", "urn:uuid:2"), ("urn:uuid:2", "urn:uuid:1")])
def test_of_captures_in_the_same_second_the_one_further_on_is_newer(writer, index, make, ids):
    one = writer.write(make())
    busy, answered = (replace(one, record_id=name) for name in ids)
    answered = replace(answered, offset=busy.offset + 1000)
    index.add([answered, busy])
    assert index.find(one.url) == answered


def test_adding_twice_changes_nothing_and_the_lower_place_wins(writer, index, make):
    one = writer.write(make())
    copy = replace(one, file="warc/9", kind="other")
    for order in ([one, copy, one], [copy, one], [one]):
        index.add(order)
        assert list(index.captures()) == [one]


def test_captures_come_in_order_and_in_parts(writer, index, make, monkeypatch, quick):
    monkeypatch.setattr("archive.index.PAGE", 3)
    every = [writer.write(make(f"/{n}/x", seconds=n % 4)) for n in range(10)]
    index.add(reversed(every))
    ordered = sorted(every, key=lambda one: (one.at, one.url))
    assert list(index.captures()) == ordered
    assert list(index.captures(limit=5)) == ordered[:5]
    assert list(index.captures(limit=0)) == []
    assert list(index.captures(portal="none")) == []
    assert list(index.captures(crawl="none")) == []
    assert list(index.captures(crawl="nightly", limit=7)) == ordered[:7]
    other = writer.write(make("/0/y", seconds=2, facts={"crawl": "other"}))
    index.add([other])
    assert list(index.captures(crawl="other")) == [other]
    assert list(index.captures(crawl="nightly")) == ordered
    assert len(list(index.captures(portal="yanshi", crawl="nightly"))) == 10


def steps(index, asked):
    """What SQLite does for each question, in instructions of its machine."""
    counts = []
    for ask in asked:
        done = []
        index._db.set_progress_handler(lambda done=done: done.append(1), 1)
        ask()
        index._db.set_progress_handler(None, 1)
        counts.append(len(done))
    return counts


def test_a_look_up_costs_the_same_however_much_is_kept(writer, index, make):
    one = writer.write(make(), same_as=None)
    asked = (
        lambda: index.find(one.url),
        lambda: index.get(one.record_id),
        lambda: newest_page(index, "yanshi", one.url),
        lambda: with_payload(index, "yanshi", one.payload_sha256),
        lambda: with_payload(index, "yanshi", "0"),
    )

    index.add([one])
    few = steps(index, asked)
    for start in (1, 1001):
        made = range(start, start + 1000)
        other = (
            replace(one, url=f"{one.url}?{n}", record_id=f"urn:uuid:{n}", payload_sha256=f"{n}")
            for n in made
        )
        again = (replace(one, record_id=f"urn:uuid:again-{n}", record_type="revisit") for n in made)
        index.add([*other, *(replace(twin, url=f"{one.url}/{n}") for n, twin in enumerate(again))])
    assert steps(index, asked) == few


def test_a_list_costs_in_proportion_to_its_length(writer, index, make, monkeypatch):
    monkeypatch.setattr("archive.index.PAGE", 20)
    monkeypatch.setattr("archive.cdx_api.PAGE", 20)
    one = writer.write(make())
    many = f"{one.url}many"
    asked = (
        lambda: list(index.captures()),
        lambda: list(index.captures(portal="yanshi")),
        lambda: list(index.captures(crawl="nightly")),
        lambda: list(index.captures(crawl="nightly", portal="yanshi")),
        lambda: list(cdx_api.answer(index, cdx_api.query("url=*.test"))),
        lambda: list(cdx_api.answer(index, cdx_api.query("url=*.test&sort=reverse"))),
        lambda: list(cdx_api.answer(index, cdx_api.query(f"url={many}&closest=2026"))),
    )

    def twin(n, url):
        at = f"2026-11-22T02:{n // 60:02}:{n % 60:02}.000000Z"
        return replace(one, url=url, at=at, record_id=f"urn:uuid:{url}{n}")

    def more(start):
        urls = ((n, url) for n in range(start, start + 400) for url in (f"{one.url}{n}", many))
        index.add(twin(n, url) for n, url in urls)

    more(0)
    few = steps(index, asked)
    more(400)
    assert all(now < 2.6 * before for now, before in zip(steps(index, asked), few, strict=True))


def test_crawls_come_in_the_order_of_time(writer, index, make):
    first = writer.write(make(facts={"crawl": "b", "portal": "q"}))
    last = writer.write(make(facts={"crawl": "b"}, seconds=5))
    middle = writer.write(make(facts={"crawl": "a"}, seconds=3))
    index.add([first, last, middle])
    assert index.crawls() == [
        ("b", first.at, last.at, ("q", "yanshi"), 2),
        ("a", middle.at, middle.at, ("yanshi",), 1),
    ]


@pytest.mark.parametrize("seal", [True, False])
def test_a_rebuild_is_equal(writer, index, oddities, make, seal):
    captures = [writer.write(one) for one in oddities]
    captures.append(writer.write(make(seconds=99), same_as=captures[0]))
    confirmed = make(response=b"HTTP/1.1 304 \r\nContent-Type: a/b\r\n\r\n", seconds=100)
    captures.append(writer.write(confirmed, same_as=captures[0]))
    index.add(captures)
    before = list(index.captures())
    if seal:
        writer.close()
    done = index.rebuild()
    assert (done.files, done.captures, done.problems) == (int(seal), len(captures), ())
    assert list(index.captures()) == before == sorted(captures, key=lambda c: (c.at, c.url))


def test_a_rebuild_forgets_what_is_gone_and_passes_over_damage(tmp_path, writer, index, make):
    captures = [writer.write(make(f"/{n}", seconds=n)) for n in range(4)]
    writer.close()
    index.add([*captures, replace(captures[0], record_id="urn:uuid:gone")])
    path = tmp_path / captures[0].file
    raw = bytearray(path.read_bytes())
    raw[captures[1].offset + 200] ^= 0xFF
    path.write_bytes(raw)
    done = index.rebuild()
    assert list(index.captures()) == [captures[0], *captures[2:]]
    assert path.name in done.problems[0]
    assert str(captures[1].offset) in done.problems[0]


def test_a_rebuild_touches_nothing_that_is_right(writer, index, make):
    """Who writes at the same time waits for all that is written anew."""
    captures = [writer.write(make(f"/{n}", seconds=n)) for n in range(9)]
    writer.close()
    index.add(reversed(captures))
    index.add([replace(captures[3], kind="wrong"), replace(captures[4], record_id="urn:uuid:gone")])
    index._db.execute("UPDATE captures SET kind = 'wrong' WHERE url LIKE '%/3'")
    rows = "SELECT record_id, rowid FROM captures"
    before = dict(index._db.execute(rows).fetchall())
    assert index.rebuild().captures == 9
    after = dict(index._db.execute(rows).fetchall())
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert changed == {captures[3].record_id, "urn:uuid:gone"}
    assert list(index.captures()) == captures


def test_what_cannot_be_read_at_the_moment_is_not_forgotten(tmp_path, writer, index, make):
    captures = [writer.write(make(f"/{n}", seconds=n)) for n in range(3)]
    writer.close()
    index.add(captures)
    path = tmp_path / captures[0].file
    path.rename(path.with_suffix(".away"))
    path.mkdir()  # as good as a disk that fails
    done = index.rebuild()
    assert "cannot be read: Is a directory" in done.problems[0]
    assert list(index.captures()) == captures
    path.rmdir()
    assert index.rebuild().captures == 0


def test_rebuilds_take_turns(tmp_path, writer, index, make):
    index.add([writer.write(make())])
    writer.close()
    done = []
    make_folder(tmp_path / "index" / "rebuilding")
    with held_folder(tmp_path / "index" / "rebuilding"):
        thread = threading.Thread(target=lambda: done.append(index.rebuild()))
        thread.start()
        thread.join(0.2)
        assert not done
    thread.join()
    assert done[0].captures == 1


@pytest.mark.parametrize("wal", [False, True])
def test_an_archive_where_nobody_may_write_can_be_read(tmp_path, writer, make, monkeypatch, wal):
    capture = writer.write(make())
    again = writer.write(make(seconds=1), same_as=capture)
    writer.close()
    keeper = Index(tmp_path)
    keeper.add([capture, again])
    if not wal:
        keeper.close()
    monkeypatch.setattr("os.access", lambda path, mode: False)
    before = sorted(tmp_path.rglob("*"))
    with Index(tmp_path) as index:
        assert list(index.captures()) == [capture, again]
        assert read(tmp_path, again).response == read(tmp_path, capture).response
        with pytest.raises(ArchiveError, match="who may write there"):
            index.add([replace(capture, record_id="urn:uuid:new")])
    assert sorted(tmp_path.rglob("*")) == before
    keeper.close()
    with pytest.raises(ArchiveError, match="No such file"):
        Index(tmp_path / "warc")


def test_who_finds_the_index_busy_is_told_to_wait(tmp_path, index, make, writer):
    capture = writer.write(make())
    other = sqlite3.connect(index.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    index._db.execute("PRAGMA busy_timeout = 1")
    with pytest.raises(ArchiveError, match="locked\n  somebody else is writing there"):
        index.add([capture])
    other.close()


def test_an_index_made_anew_by_another_process_is_used(tmp_path, index, writer, make):
    capture = writer.write(make())
    writer.close()
    index._db.execute("PRAGMA user_version = 99")
    with Index(tmp_path) as late:
        index.rebuild()
        index.add([replace(capture, record_id="urn:uuid:open", file="warc/open.warc.gz")])
        assert late.get(capture.record_id) == capture
        assert late.get("urn:uuid:open")


def test_an_index_of_another_version_asks_for_a_rebuild(tmp_path, writer, make):
    capture = writer.write(make())
    writer.close()
    with Index(tmp_path) as index:
        index.add([capture])
        path = index.path
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 99")
    database.close()
    with Index(tmp_path) as index:
        with pytest.raises(ArchiveError, match="gongkai archive index"):
            index.find(capture.url)
        index.rebuild()
        assert index.find(capture.url) == capture


def test_a_file_that_is_no_database_is_an_error_that_says_what_to_do(tmp_path):
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "captures.sqlite").write_bytes(b"x" * 4096)
    with pytest.raises(ArchiveError, match="gongkai archive index"):
        Index(tmp_path)


def test_closing_waits_for_who_is_reading(tmp_path, writer, make):
    """SQLite would take the process down."""
    one = writer.write(make())
    with Index(tmp_path) as index:
        index.add(replace(one, record_id=f"urn:uuid:{n}") for n in range(2000))
    for _ in range(20):
        index, ended = Index(tmp_path), []

        def reads(index=index, ended=ended):
            with suppress(ArchiveError):
                while True:
                    index.select("ORDER BY payload_sha256, offset", [])
            ended.append(True)

        threads = [threading.Thread(target=reads) for _ in range(3)]
        for thread in threads:
            thread.start()
        index.close()
        for thread in threads:
            thread.join()
        assert len(ended) == 3


def _work(store, worker, exchanges):
    with (
        WarcWriter(store, portal="p", crawl="c", worker=worker, max_bytes=20_000) as writer,
        Index(store) as index,
    ):
        for one in exchanges:
            capture = writer.write(one)
            writer.sync()
            index.add([capture])


def test_two_processes_write_at_once(tmp_path, make):
    context = multiprocessing.get_context("spawn")
    jobs = [[make(f"/{w}/{n}", seconds=n) for n in range(40)] for w in "ab"]
    workers = [
        context.Process(target=_work, args=(tmp_path, f"w{n}", job)) for n, job in enumerate(jobs)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    with Index(tmp_path) as index:
        before = list(index.captures())
        assert len(before) == 80
        assert index.rebuild().captures == 80
        assert list(index.captures()) == before
    assert not list(tmp_path.glob("warc/*/*/*/*.open"))


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://www.example.com/", "com,example)/"),
        ("https://example.com:443", "com,example)/"),
        ("http://example.com:8080/A/b.HTML", "com,example:8080)/a/b.html"),
        ("http://example.com:50123/a/b.html", "com,example:50123)/a/b.html"),
        ("http://example.com:65535/a.html", "com,example:65535)/a.html"),
        ("http://example.com:65536/A.html", "http://example.com:65536/a.html"),
        ("http://www2.example.com/a//b/../c/./", "com,example)/a/c"),
        ("http://example.com/?b=2&A=1", "com,example)/?a=1&b=2"),
        ("http://example.com/a?", "com,example)/a"),
        ("http://example.com/%D5%FE", "com,example)/%d5%fe"),
        ("http://example.com/%7Ea%2541", "com,example)/~aa"),
        (
            "http://e.com/a.jsp;jsessionid=0123456789abcdef",
            "com,e)/a.jsp;jsessionid=0123456789abcdef",
        ),
        ("http://e.com/?id=2&id2=1", "com,e)/?id=2&id2=1"),
        ("http://e.com/?b&a&", "com,e)/?&a&b"),
        ("http://e.com/s.asp?k=%u653f%u5e9c", "com,e)/s.asp?k=%25u653f%25u5e9c"),
        ("http://e.com/100%", "com,e)/100%25"),
        ("http://e.com/a?jsessionid=short&b=1", "com,e)/a?b=1&jsessionid=short"),
        ("http://e.com/(S(0123456789abcdefghijklmn))/a.aspx", "com,e)/a.aspx"),
        ("http://e.com./a", "com,e)/a"),
        ("http://%E4%B8%AD%E5%9B%BD.cn/", "cn,xn--fiqs8s)/"),
        ("ftp://www.e.com/a", "com,e)/a"),
        ("http://e.com/a?jsessionid=0123456789abcdef0123456789abcdef&b=1", "com,e)/a?b=1"),
        ("urn:dom:HTTP://x", "urn:dom:http://x"),
        ("http://[bad/", "http://[bad/"),
    ],
)
def test_keys_sort_as_other_tools_do(url, key):
    assert surt(url) == key


def test_a_key_of_a_hostile_address_is_made_in_one_go():
    """Time that grows with the square of the length would be minutes here."""
    n = 100_000
    assert surt("http://e.com" + "/a" * n + "/.." * n) == "com,e)/"
    assert surt("http://e.com/%" + "25" * n).startswith("com,e)/%25")
    assert surt("http://e.com/?" + "cfid=" * n).endswith("cfid=")


def test_a_line_of_cdxj(writer, make):
    capture = writer.write(make("/A"))
    assert line(capture).startswith(
        b'test,yanshi)/a 20261122021305 {"url": "http://www.yanshi.test/A", "mime": "text/html"'
    )
    assert line(writer.write(make(response=b""))) == b""
    posted = make(method="POST", request=b"POST / HTTP/1.1\r\n\r\na")
    assert b"__wb_method=post" in line(writer.write(posted))
