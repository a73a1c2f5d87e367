"""HTTP as it goes over the wire: framing, reuse, validators, and what is refused."""

import gzip
import json
import socket
import subprocess
import sys
from http.client import HTTPConnection

import pytest

from crawler.practice.city import City
from crawler.practice.server import PracticeServer, serving

PLAIN, CHUNKED = "www.yanshi.test", "www.laoxian.test"
LISTING = "/col/col1229100001/index.html"


def raw(address: str, request: bytes) -> bytes:
    """What the server says until it hangs up."""
    host, port = address.split(":")
    with socket.create_connection((host, int(port)), timeout=20) as client:
        client.sendall(request)
        said = b""
        while piece := client.recv(65_536):
            said += piece
        return said


def test_one_connection_serves_many_requests_to_many_hosts(address):
    connection = HTTPConnection(address, timeout=20)
    connection.connect()
    first = connection.sock
    for host in (PLAIN, CHUNKED, "www.yanshan.test", PLAIN):
        connection.request("GET", "/", headers={"Host": host})
        response = connection.getresponse()
        assert response.status == 200
        assert response.read()
        assert connection.sock is first
    connection.close()


def test_one_host_sends_chunks_and_one_a_length(fetch):
    chunked = fetch(f"http://{CHUNKED}{LISTING}")
    assert chunked.headers["Transfer-Encoding"] == "chunked"
    assert "Content-Length" not in chunked.headers
    plain = fetch(f"http://{PLAIN}{LISTING}")
    assert int(plain.headers["Content-Length"]) == len(plain.body)


def test_chunks_are_well_formed(address, city):
    said = raw(
        address, f"GET {LISTING} HTTP/1.1\r\nHost: {CHUNKED}\r\nConnection: close\r\n\r\n".encode()
    )
    _, _, rest = said.partition(b"\r\n\r\n")
    body, sizes = b"", []
    while True:
        size, _, rest = rest.partition(b"\r\n")
        sizes.append(int(size, 16))
        if sizes[-1] == 0:
            break
        body, rest = body + rest[: sizes[-1]], rest[sizes[-1] + 2 :]
    assert rest == b"\r\n"
    assert len(sizes) > 2
    assert body == city.answer(CHUNKED, "GET", LISTING, {}, b"").body


def test_gzip_only_for_those_who_ask(fetch):
    url = f"http://{PLAIN}{LISTING}"
    plain = fetch(url)
    packed = fetch(url, headers={"Accept-Encoding": "br, gzip;q=0.8"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(packed.body) == plain.body
    assert packed.headers["ETag"] != plain.headers["ETag"]
    refused = fetch(url, headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in refused.headers


@pytest.mark.parametrize(
    ("validator", "sent_as"), [("ETag", "If-None-Match"), ("Last-Modified", "If-Modified-Since")]
)
def test_an_unchanged_page_is_not_sent_again(fetch, validator, sent_as):
    for host in (PLAIN, CHUNKED):
        url = f"http://{host}{LISTING}"
        again = fetch(url, headers={sent_as: fetch(url).headers[validator]})
        assert again.status == 304
        assert again.body == b""
        assert fetch(url, headers={sent_as: "something else"}).status == 200


def test_head_is_get_without_the_body(fetch):
    url = f"http://{PLAIN}{LISTING}"
    head, got = fetch(url, "HEAD"), fetch(url)
    assert head.body == b""
    assert head.headers["Content-Length"] == got.headers["Content-Length"]


def test_an_old_client_gets_a_length_and_a_farewell(address):
    said = raw(address, f"GET {LISTING} HTTP/1.0\r\nHost: {CHUNKED}\r\n\r\n".encode())
    head, _, body = said.partition(b"\r\n\r\n")
    assert b"Transfer-Encoding" not in head
    assert b"Connection: close" in head
    assert f"Content-Length: {len(body)}".encode() in head


def test_a_proxy_style_target_overrules_the_host_header(address):
    said = raw(
        address,
        b"GET http://www.yanshan.test/robots.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    )
    assert said.startswith(b"HTTP/1.1 200 OK")
    assert b"Crawl-delay: 0.3" in said


def test_a_chunked_request_body_is_read(address):
    form = b"page=2&columnid=1229100001"
    said = raw(
        address,
        b"POST /module/web/jpage/dataproxy.jsp HTTP/1.1\r\nHost: www.yanshi.test\r\n"
        b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        + f"{len(form):x}\r\n".encode()
        + form
        + b"\r\n0\r\n\r\n",
    )
    assert b"<totalpage>" in said


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/3\r\nHost: www.yanshi.test\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: www.yanshi.test\r\nContent-Length: many\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: www.yanshi.test\r\nContent-Length: 99999999\r\n\r\n", 413),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 100_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n\r\n", 421),
        (b"PUT / HTTP/1.1\r\nHost: www.yanshi.test\r\nConnection: close\r\n\r\n", 405),
        (b"GET /no HTTP/1.1\r\nHost: www.yanshi.test\r\nConnection: close\r\n\r\n", 404),
    ],
)
def test_what_cannot_be_served_is_refused_in_http(address, request_bytes, status):
    assert raw(address, request_bytes).startswith(f"HTTP/1.1 {status} ".encode())


def test_every_exchange_is_logged(tmp_path):
    log = tmp_path / "access.jsonl"
    with serving(City(organs=3, years=(2020, 2021)), log) as address:
        for path in ("/", "/nothing"):
            connection = HTTPConnection(address, timeout=20)
            connection.request("GET", path, headers={"Host": PLAIN, "User-Agent": "tester"})
            size = len(connection.getresponse().read())
            connection.close()
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert [line["status"] for line in lines] == [200, 404]
    assert [line["target"] for line in lines] == ["/", "/nothing"]
    assert all(line["start"] <= line["end"] for line in lines)
    assert lines[0]["host"] == PLAIN
    assert lines[0]["ua"] == "tester"
    assert lines[1]["bytes"] > size


def test_closing_hangs_up_on_idle_clients():
    with serving(City(organs=3, years=(2020, 2020))) as address:
        idle = HTTPConnection(address, timeout=20)
        idle.request("GET", "/", headers={"Host": PLAIN})
        idle.getresponse().read()
    assert idle.sock.recv(1) == b""
    idle.close()


def test_a_server_that_does_not_run_has_no_address():
    with pytest.raises(RuntimeError, match="start"):
        _ = PracticeServer(City(organs=3)).address


def test_the_command_says_what_it_serves():
    command = [sys.executable, "-m", "crawler.practice", "--port", "0", "--organs", "3"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        process.terminate()
    assert line.startswith("practice city on 127.0.0.1:")
    assert "3 organs, 2008-2025, seed 1" in line
    wrong = subprocess.run([*command[:-1], "1"], capture_output=True, text=True, check=False)
    assert wrong.returncode == 2
    assert "3 to 3000 organs" in wrong.stderr
