"""What the server gives is what was archived, and it can do no harm."""

import http.client
import json
import os
import re
import socket
import sqlite3
import struct
import threading
from contextlib import closing
from dataclasses import replace
from urllib.parse import quote

import pytest

from archive import ArchiveError, Index, cdx_api, memento
from archive.record import PRINTABLE
from archive.serve import Server

URL = "http://www.yanshi.test"


@pytest.fixture
def server(tmp_path, writer, index, make, quick):
    """Pages in several states, some of them twice."""
    page = b"HTTP/1.1 200 \xc8\xb7\xb6\xa8\r\nContent-Type: text/html\r\nX-Name: \xb9\xab\r\n"
    danger = (
        b"Set-Cookie: a=1\r\nRefresh: 0\r\nContent-Security-Policy: report-uri x\r\n"
        b"Content-Security-Policy-Report-Only: report-uri x\r\nReporting-Endpoints: a=x\r\n"
        b"Access-Control-Allow-Origin: *\r\nBad Name: 1\r\n\r\n"
    )
    moved = b"HTTP/1.1 302 Found\r\nLocation: ../b?x=1\r\n\r\n"
    framed = b"HTTP/1.1 404 Gone\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    first = writer.write(make("/a", page + danger + b"one"))
    whole = make("/a", page + b"\r\n" + b"x" * 2000, seconds=100)
    second = writer.write(whole)
    third = make("/a", page + b"X-Third: 1\r\n\r\n" + b"x" * 2000, seconds=86_400)
    found = [
        first,
        second,
        writer.write(third, same_as=second),
        writer.write(make("/c/d", moved)),
        writer.write(make("/b?x=1", framed)),
        writer.write(make("/b/中", page + b"\r\nzh", seconds=5)),
        writer.write(make("/none", b"", error="refused")),
        writer.write(make("/odd", b"SSH-2.0\r\n")),
        writer.write(make("/empty", b"HTTP/1.1 204 No\r\n\r\n")),
        writer.write(make("/post", request=b"POST / HTTP/1.1\r\n\r\na", method="POST")),
    ]
    index.add(found)
    made = Server(tmp_path)
    thread = threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture
def ask(server):
    """`ask(path)` over real HTTP; nothing is followed or decoded."""

    def ask(path, method="GET", **headers):
        connection = http.client.HTTPConnection(*server.server_address[:2], timeout=10)
        with closing(connection):
            connection.putrequest(method, path, skip_host="Host" in headers)
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.endheaders()
            answer = connection.getresponse()
            return answer, answer.read()

    return ask


def test_the_payload_and_headers_are_the_archived_ones(ask):
    answer, body = ask(f"/20261122021305id_/{URL}/a")
    assert (answer.status, answer.reason, body) == (200, "\xc8\xb7\xb6\xa8", b"one")
    assert answer.getheader("X-Name").encode("latin-1") == b"\xb9\xab"
    assert answer.getheader("Content-Type") == "text/html"
    assert answer.getheader("Memento-Datetime") == "Sun, 22 Nov 2026 02:13:05 GMT"
    assert 'rel="original"' in answer.getheader("Link")


def test_a_page_can_do_nothing(ask):
    answer, _ = ask(f"/2025id_/{URL}/a")
    own = answer.getheader("Content-Security-Policy")
    assert own == "sandbox; default-src 'self' data:; script-src 'none'"
    assert answer.getheader("X-Content-Type-Options") == "nosniff"
    names = ("Set-Cookie", "Refresh", "Content-Security-Policy-Report-Only", "Reporting-Endpoints")
    for name in (*names, "Access-Control-Allow-Origin"):
        assert answer.getheader(name) is None
        assert answer.getheader(f"X-Archive-Orig-{name}")
    assert answer.getheader("Bad Name") is None


@pytest.mark.parametrize(
    ("time", "second"),
    [
        ("2025", "22 Nov 2026 02:13:05"),
        ("20261122021355", "22 Nov 2026 02:13:05"),
        ("20261122021356", "22 Nov 2026 02:14:45"),
        ("20261122021448", "22 Nov 2026 02:14:45"),
        ("20261122", "23 Nov 2026 02:13:05"),
        ("2026", "23 Nov 2026 02:13:05"),
        ("2027", "23 Nov 2026 02:13:05"),
    ],
)
def test_the_nearest_capture_answers(ask, time, second):
    """A year or a day means its end, as with pywb; of two as near the older."""
    answer, _ = ask(f"/{time}id_/{URL}/a")
    assert second in answer.getheader("Memento-Datetime")


def test_a_revisit_gives_the_body_it_stands_for_under_its_own_head(ask):
    answer, body = ask(f"/20270101id_/{URL}/a")
    assert (answer.getheader("X-Third"), len(body)) == ("1", 2000)


def test_framing_is_taken_off_and_the_status_kept(ask):
    answer, body = ask(f"/2026id_/{URL}/b?x=1")
    assert (answer.status, body) == (404, b"abc")
    assert answer.getheader("Transfer-Encoding") is None
    assert answer.getheader("X-Archive-Orig-Transfer-Encoding") == "chunked"


def test_a_redirect_stays_in_the_archive(ask):
    answer, _ = ask(f"/2026id_/{URL}/c/d")
    assert answer.status == 302
    assert answer.getheader("X-Archive-Orig-Location") == "../b?x=1"
    assert answer.getheader("Location") == f"/20261122021305id_/{URL}/b?x=1"
    assert ask(answer.getheader("Location"))[1] == b"abc"


def test_a_time_without_id_leads_to_the_nearest(ask):
    answer, _ = ask(f"/2025/{URL}/a")
    assert (answer.status, answer.getheader("Location")) == (302, f"/20261122021305id_/{URL}/a")
    answer, _ = ask(f"/{URL}/a")
    assert answer.getheader("Location") == f"/20261123021305id_/{URL}/a"
    answer, body = ask("/2025id_/http:/www.yanshi.test/a")
    assert body == b"one"


def test_addresses_in_chinese_are_found(ask):
    assert ask(f"/2026id_/{URL}/b/%E4%B8%AD")[1] == b"zh"


def test_head_gives_the_headers_alone(ask):
    answer, body = ask(f"/2025id_/{URL}/a", "HEAD")
    assert (answer.getheader("Content-Length"), body) == ("3", b"")


def test_an_answer_without_body_has_none(ask):
    answer, body = ask(f"/2026id_/{URL}/empty")
    assert (answer.status, body) == (204, b"")


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        (f"/2026id_/{URL}/never", 404, b"no capture of http://www.yanshi.test/never"),
        (f"/2026id_/{URL}/none", 404, b"no capture"),
        (f"/2026id_/{URL}/post", 404, b"no capture"),
        (f"/timemap/link/{URL}/never", 404, b"no capture"),
        (f"/2026id_/{URL}/odd", 502, b"no whole HTTP answer"),
        (f"/2026139999id_/{URL}/a", 400, b"no time"),
        ("/../../etc/passwd", 404, b"see /"),
        ("/cdx", 400, b"url="),
        ("/cdx?url=a&matchType=all", 400, b"matchType"),
        ("/cdx?url=a&limit=-1", 400, b"limit"),
        ("/cdx?url=a&from=yesterday", 400, b"14 digits"),
        ("/cdx?url=a&url=b", 400, b"twice"),
        ("/cdx?url=a&collapse=digest", 400, b"collapse= is not known here: say url, "),
        ("/cdx?url=a&sort=down", 400, b"sort 'down': say closest, reverse"),
        ("/cdx?url=a&output=link", 400, b"say cdxj, json, text"),
        ("/cdx?url=a&fl=mime,robots", 400, b"fl 'robots': say urlkey, "),
        ("/cdx?url=a&filter=robots:x", 400, b"filter 'robots'"),
        ("/cdx?url=a&filter=~mime:(", 400, b"filter ~mime:("),
    ],
)
def test_what_is_not_there_is_said(ask, path, status, says):
    answer, body = ask(path)
    assert answer.status == status
    assert says in body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_nothing_can_be_written(ask, method):
    answer, _ = ask("/", method)
    assert (answer.status, answer.getheader("Allow")) == (405, "GET, HEAD")


def test_a_name_that_was_pointed_here_is_refused(ask):
    assert ask("/", Host="evil.example")[0].status == 421
    assert ask("/", Host="localhost:1")[0].status == 200


def rows(body):
    return [json.loads(line) for line in body.splitlines()]


def test_cdx_answers_as_pywb_does(ask):
    _, body = ask(f"/cdx?url={URL}/a&output=json")
    assert [one["timestamp"] for one in rows(body)] == [
        "20261122021305",
        "20261122021445",
        "20261123021305",
    ]
    assert rows(body)[0]["urlkey"] == "test,yanshi)/a"
    assert [one["mime"] for one in rows(body)] == ["text/html", "text/html", "warc/revisit"]
    assert {"url", "status", "digest", "length", "offset", "filename"} <= set(rows(body)[0])
    _, lines = ask(f"/cdx?url={URL}/a")
    assert lines.startswith(b'test,yanshi)/a 20261122021305 {"url"')


@pytest.mark.parametrize(
    ("question", "count"),
    [
        ("url=www.yanshi.test/a", 3),
        ("url=http://www.yanshi.test/b*", 2),
        ("url=http://www.yanshi.test/b/&matchType=prefix", 1),
        ("url=http://www.yanshi.test/b&matchType=prefix", 2),
        ("url=http://yanshi.test/&matchType=host", 8),
        ("url=*.test", 8),
        ("url=other.test&matchType=host", 0),
        ("url=www.yanshi.test/a&limit=2", 2),
        ("url=www.yanshi.test/a&limit=0", 0),
        ("url=www.yanshi.test/a&from=20261123", 1),
        ("url=www.yanshi.test/a&to=20261122", 2),
        ("url=www.yanshi.test/a&to=20261122021305", 1),
        ("url=www.yanshi.test/a&from=2026&to=2026", 3),
        ("url=www.yanshi.test/a&from=202611&to=202611", 3),
        ("url=www.yanshi.test/a&to=202602", 0),
        ("url=www.yanshi.test/a&to=20261122021445", 2),
        ("url=www.yanshi.test/a&from=20261122021445&to=20261122021445", 1),
        ("url=www.yanshi.test/b/%E4%B8%AD", 1),
        ("url=www.yanshi.test/b/中", 1),
        ("url=www.yanshi.test/b/%25E4%25B8%25AD", 1),
        ("url=www.yanshi.test/b?&matchType=prefix", 1),
        ("url=www.yanshi.test/*&filter=status:404", 1),
        ("url=www.yanshi.test/*&filter=!status:40", 7),
        ("url=www.yanshi.test/*&filter==statuscode:40", 0),
        ("url=www.yanshi.test/*&filter=!status:404&filter=~url:.*/[bc]/", 2),
        ("url=www.yanshi.test/*&filter=warc/revisit", 1),
        ("url=www.yanshi.test/*&filter=!mime:revisit&limit=3", 3),
    ],
)
def test_cdx_knows_matches_times_and_limits(ask, question, count, monkeypatch):
    for page in (500, 2):
        monkeypatch.setattr("archive.cdx_api.PAGE", page)
        _, body = ask(quote(f"/cdx?{question}&output=json", safe=PRINTABLE))
        assert len(rows(body)) == count


@pytest.mark.parametrize(
    ("question", "times"),
    [
        ("a&closest=20261122021440&limit=2", ["22021445", "22021305"]),
        ("a&closest=20261122021355", ["22021305", "22021445", "23021305"]),
        ("a&closest=20261122021445&sort=closest&to=20261122", ["22021445", "22021305"]),
        ("a&closest=2026&limit=1", ["23021305"]),
        ("a&closest=20261122021440&filter=mime:revisit", ["23021305"]),
        ("a*&closest=20261122021440&limit=2", ["22021445", "22021305"]),
        ("a*&closest=20261122021355", ["22021305", "22021445", "23021305"]),
        ("a&sort=reverse&limit=1", ["23021305"]),
        ("a&sort=reverse", ["23021305", "22021445", "22021305"]),
        ("a&sort=reverse&to=20261122", ["22021445", "22021305"]),
        ("a&sort=reverse&filter=!mime:revisit&limit=1", ["22021445"]),
        ("a*&sort=reverse&from=20261122021306", ["23021305", "22021445"]),
    ],
)
def test_cdx_sorts_by_nearness_or_backwards(ask, question, times, monkeypatch):
    for page in (500, 1):
        monkeypatch.setattr("archive.cdx_api.PAGE", page)
        _, body = ask(f"/cdx?url={URL}/{question}&output=json")
        assert [one["timestamp"][6:] for one in rows(body)] == times


def test_cdx_gives_the_fields_that_are_asked_for(ask):
    asked = f"/cdx?url={URL}/a&limit=1"
    assert ask(f"{asked}&fl=status,urlkey&output=json")[1] == (
        b'{"status": "200", "urlkey": "test,yanshi)/a"}\n'
    )
    assert ask(f"{asked}&fields=timestamp,mime&output=text")[1] == b"20261122021305 text/html\n"
    assert ask(f"{asked}&fl=mime")[1] == b'test,yanshi)/a 20261122021305 {"mime": "text/html"}\n'
    assert ask(f"{asked}&output=text")[1].startswith(
        b"test,yanshi)/a 20261122021305 http://www.yanshi.test/a text/html 200 sha256:"
    )


def test_cdx_streams_and_knows_older_clients(ask, server):
    answer, body = ask(f"/cdx?url={URL}/*", "HEAD")
    assert (answer.status, answer.getheader("Transfer-Encoding"), body) == (200, "chunked", b"")
    with socket.create_connection(server.server_address) as old:
        old.sendall(f"GET /cdx?url={URL}/a HTTP/1.0\r\n\r\n".encode())
        head, _, lines = b"".join(iter(lambda: old.recv(9999), b"")).partition(b"\r\n\r\n")
    assert b"chunked" not in head
    assert lines == ask(f"/cdx?url={URL}/a")[1]
    assert ask(f"/cdx?url={URL}/never")[1] == b""


def test_a_timemap_lists_every_memento(ask, server):
    answer, body = ask(f"/timemap/link/{URL}/a")
    assert answer.getheader("Content-Type") == "application/link-format"
    lines = body.decode().split(",\n")
    assert lines[0] == f'<{URL}/a>; rel="original"'
    assert lines[1] == f'<{server.base}/{URL}/a>; rel="timegate"'
    assert 'rel="self"' in lines[2]
    assert 'from="Sun, 22 Nov 2026 02:13:05 GMT"' in lines[2]
    assert lines[3].startswith(f'<{server.base}/20261122021305id_/{URL}/a>; rel="first memento"')
    assert 'rel="last memento"' in lines[-1]
    assert len(lines) == 6


def test_a_timegate_leads_to_the_memento_of_a_time(ask, server):
    at = "Sun, 22 Nov 2026 02:14:00 GMT"
    answer, _ = ask(f"/{URL}/a", **{"Accept-Datetime": at})
    assert answer.getheader("Location") == f"/20261122021445id_/{URL}/a"
    assert answer.getheader("Vary") == "accept-datetime"
    assert f'<{URL}/a>; rel="original"' in answer.getheader("Link")
    assert answer.getheader("Memento-Datetime") is None
    memento, _ = ask(answer.getheader("Location"))
    assert f'<{server.base}/{URL}/a>; rel="timegate"' in memento.getheader("Link")
    answer, body = ask(f"/{URL}/a", **{"Accept-Datetime": "yesterday"})
    assert (answer.status, b"Accept-Datetime: say" in body) == (400, True)


def test_each_memento_is_at_its_own_address(ask, index, writer, make):
    """Some are less than a second apart: a page that leads to itself, or a retry."""
    for path, starts in {"/near": (0.8, 1.7), "/far": (0.1, 1.0), "/edge": (0.88, 2.88)}.items():
        for start in starts:
            page = b"HTTP/1.1 200 OK\r\n\r\n%a" % start
            index.add([writer.write(make(path, page, seconds=start))])
        _, body = ask(f"/timemap/link/{URL}{path}")
        found = re.findall(rf"http://[^/]*(/\d+id_/{URL}{path})>", body.decode())
        assert [ask(one)[1] for one in found] == [b"%a" % start for start in starts]
    again = (b"HTTP/1.1 302 Found\r\nLocation: /self\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\nin")
    for number, page in enumerate(again):
        index.add([writer.write(make("/self", page, seconds=number / 2))])
    answer, body = ask(f"/2026id_/{URL}/self")
    assert (answer.status, body) == (200, b"in")
    assert ask(f"/timemap/link/{URL}/self")[1].count(b"memento") == 1


def test_other_addresses_of_the_same_key_are_no_mementos(ask, index, writer, make):
    index.add([writer.write(make("/A", b"HTTP/1.1 200 OK\r\n\r\nupper", seconds=9))])
    assert b"/A>" not in ask(f"/timemap/link/{URL}/a")[1]
    assert ask(f"/timemap/link/{URL}/A")[1].count(b"memento") == 1
    assert ask(f"/timemap/link/{URL}/a/")[1].count(b'rel="memento') == 2


def test_a_redirect_to_nowhere_is_still_shown(ask, index, writer, make):
    moved = b"HTTP/1.1 302 Found\r\nLocation: http://[bad/\r\n\r\nmoved"
    index.add([writer.write(make("/moved", moved))])
    answer, body = ask(f"/2026id_/{URL}/moved")
    assert (answer.status, answer.getheader("Location"), body) == (302, None, b"moved")


def test_a_reader_who_goes_away_is_no_error_of_ours(server, index, writer, make, capfd):
    page = b"HTTP/1.1 200 OK\r\n\r\n" + os.urandom(10_000_000)
    index.add([writer.write(make("/large", page))])
    with socket.create_connection(server.server_address) as gone:
        gone.sendall(f"GET /2026id_/{URL}/large HTTP/1.1\r\n\r\n".encode())
        gone.recv(100)
        gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(10)
    assert capfd.readouterr().err == ""


def test_an_index_that_fails_meanwhile_ends_the_connection(server, index, writer, make):
    """So that half an answer is not taken for the whole."""
    one = writer.write(make("/long"))
    rows = range(30_000)  # more than the system holds for a reader who waits
    index.add(replace(one, url=f"{one.url}/{n}", record_id=f"urn:uuid:{n}") for n in rows)
    connection = http.client.HTTPConnection(*server.server_address, timeout=10)
    with closing(connection):
        connection.request("GET", "/cdx?url=*.test")
        answer = connection.getresponse()
        assert answer.read(10)
        server.index.close()
        with pytest.raises(http.client.IncompleteRead):
            answer.read()


def test_a_damaged_index_is_said_at_the_start(tmp_path, index):
    index.close()
    with sqlite3.connect(index.path) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(ArchiveError, match="another version"):
        Server(tmp_path)


def test_a_page_with_many_captures_is_found_as_fast_as_one_with_few(server, index, writer, make):
    one = writer.write(make("/many"))
    for count in (1000, 2000):
        twins = ((f"2026-11-22T02:13:05.{n:06}Z", f"urn:uuid:{n}") for n in range(count))
        index.add(replace(one, at=at, record_id=name) for at, name in twins)
        done = []
        server.index._db.set_progress_handler(lambda done=done: done.append(1), 100)
        memento.nearest(server.index, one.url, "2026-11-22T02:13:09")
        list(cdx_api.answer(server.index, cdx_api.query(f"url={one.url}&closest=2026&limit=1")))
        list(cdx_api.answer(server.index, cdx_api.query(f"url={one.url}&sort=reverse&limit=1")))
        server.index._db.set_progress_handler(None, 1)
        assert len(done) < 1500, count


def test_the_list_leads_to_the_captures(ask, monkeypatch):
    _, body = ask("/")
    assert b'<a href="/?crawl=nightly">' in body
    _, body = ask("/?crawl=nightly")
    assert f'href="/20261122021305id_/{URL}/a"'.encode() in body
    assert f"<li>{URL}/none 2026".encode() in body  # nobody answered: it leads nowhere
    assert b"archive list" not in body
    monkeypatch.setattr("archive.serve.LISTED", 3)
    _, body = ask("/?crawl=nightly")
    assert body.count(b"<li>") == 4
    assert b"archive list --crawl nightly" in body


def test_many_ask_at_once(ask):
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(ask(f"/2027id_/{URL}/a")[1]))
        for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [b"x" * 2000] * 20


def test_a_lost_file_is_an_error_in_words(ask, tmp_path, writer):
    writer.close()
    for path in tmp_path.glob("warc/*/*/*/*.warc.gz"):
        path.unlink()
    answer, body = ask(f"/2026id_/{URL}/a")
    assert answer.status == 502
    assert body.startswith(b"warc/2026/")
    assert b".warc.gz: is not there; bring the file back" in body
    with Index(tmp_path) as index:
        assert index.crawls()
