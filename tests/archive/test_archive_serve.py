"""What the server gives is what was archived, and it can do no harm."""

import http.client
import json
import threading
from contextlib import closing

import pytest

from archive import Index
from archive.serve import Server

URL = "http://www.yanshi.test"


@pytest.fixture
def server(tmp_path, writer, index, make, quick):
    """Pages in several states, some of them twice."""
    page = b"HTTP/1.1 200 \xc8\xb7\xb6\xa8\r\nContent-Type: text/html\r\nX-Name: \xb9\xab\r\n"
    danger = b"Set-Cookie: a=1\r\nRefresh: 0\r\nContent-Security-Policy: x\r\nBad Name: 1\r\n\r\n"
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
    answer, _ = ask(f"/2026id_/{URL}/a")
    assert "sandbox" in answer.getheader("Content-Security-Policy")
    assert "script-src 'none'" in answer.getheader("Content-Security-Policy")
    assert answer.getheader("X-Content-Type-Options") == "nosniff"
    for name in ("Set-Cookie", "Refresh"):
        assert answer.getheader(name) is None
        assert answer.getheader(f"X-Archive-Orig-{name}")
    assert answer.getheader("Bad Name") is None


@pytest.mark.parametrize(
    ("time", "second"),
    [("2026", "05"), ("20261122021400", "45"), ("20261122021448", "45"), ("2027", "05")],
)
def test_the_nearest_capture_answers(ask, time, second):
    answer, _ = ask(f"/{time}id_/{URL}/a")
    assert answer.getheader("Memento-Datetime")[-6:-4] == second


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
    answer, body = ask("/2026id_/http:/www.yanshi.test/a")
    assert body == b"one"


def test_addresses_in_chinese_are_found(ask):
    assert ask(f"/2026id_/{URL}/b/%E4%B8%AD")[1] == b"zh"


def test_head_gives_the_headers_alone(ask):
    answer, body = ask(f"/2026id_/{URL}/a", "HEAD")
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
    ],
)
def test_cdx_knows_matches_times_and_limits(ask, question, count, monkeypatch):
    for page in (500, 2):
        monkeypatch.setattr("archive.cdx_api.PAGE", page)
        _, body = ask(f"/cdx?{question}&output=json")
        assert len(rows(body)) == count


def test_cdx_sorts_by_nearness_or_backwards(ask):
    _, body = ask(f"/cdx?url={URL}/a&output=json&closest=20261122021440&limit=2")
    assert [one["timestamp"][-4:] for one in rows(body)] == ["1445", "1305"]
    _, body = ask(f"/cdx?url={URL}/a&output=json&sort=reverse&limit=1")
    assert rows(body)[0]["timestamp"] == "20261123021305"


def test_a_timemap_lists_every_memento(ask, server):
    answer, body = ask(f"/timemap/link/{URL}/a")
    assert answer.getheader("Content-Type") == "application/link-format"
    lines = body.decode().split(",\n")
    assert lines[0] == f'<{URL}/a>; rel="original"'
    assert 'from="Sun, 22 Nov 2026 02:13:05 GMT"' in lines[1]
    assert lines[2].startswith(f'<{server.base}/20261122021305id_/{URL}/a>; rel="first memento"')
    assert 'rel="last memento"' in lines[-1]
    assert len(lines) == 5


def test_the_list_leads_to_the_captures(ask):
    _, body = ask("/")
    assert b'<a href="/?crawl=nightly">' in body
    _, body = ask("/?crawl=nightly")
    assert f'href="/20261122021305id_/{URL}/a"'.encode() in body


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
    assert (answer.status, body) == (502, b"is not there\n")
    with Index(tmp_path) as index:
        assert index.crawls()
