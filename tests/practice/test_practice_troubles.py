"""Every misbehaviour happens as listed, and nothing else does."""

import socket
from http.client import HTTPConnection, IncompleteRead
from urllib.parse import urlsplit

import pytest

from crawler.practice.server import serving


def of_kind(city, kind):
    found = [trouble for trouble in city.troubles() if trouble.kind == kind]
    assert found, kind
    return found


def test_a_vanished_article_is_still_listed(city, fetch):
    for trouble in of_kind(city, "http_404"):
        assert fetch(trouble.url).status == 404
        truth = next(t for t in city.truth() if t.url == trouble.url)
        assert not truth.findable


def test_a_truncated_article_never_comes_whole(city, address):
    for trouble in of_kind(city, "truncated"):
        truth = next(t for t in city.truth() if t.url == trouble.url)
        assert not truth.findable
        for _ in range(2):
            connection = HTTPConnection(address, timeout=20)
            path = urlsplit(trouble.url).path
            connection.request("GET", path, headers={"Host": trouble.host})
            response = connection.getresponse()
            assert response.status == 200
            with pytest.raises(IncompleteRead) as caught:
                response.read()
            assert caught.value.expected > 0
            connection.close()


def test_a_busy_page_is_busy_once_for_each_server(city):
    for trouble in of_kind(city, "http_503_once"):
        for _ in range(2):
            with serving(city) as address:
                connection = HTTPConnection(address, timeout=20)
                statuses = []
                for _ in range(3):
                    path = urlsplit(trouble.url).path
                    connection.request("GET", path, headers={"Host": trouble.host})
                    response = connection.getresponse()
                    response.read()
                    statuses.append(response.status)
                    if response.status == 503:
                        assert response.headers["Retry-After"] == "1"
                connection.close()
                assert statuses == [503, 200, 200]


def test_a_moved_article_is_found_where_it_went(city, fetch):
    for trouble in of_kind(city, "redirect"):
        truth = next(t for t in city.truth() if trouble.url in t.aliases)
        reply = fetch(trouble.url)
        assert reply.status == 302
        location = reply.headers["Location"]
        assert truth.url.endswith(location.removeprefix(f"http://{truth.host}"))
        assert fetch(truth.url).status == 200
        assert truth.findable


def test_the_wrong_charset_covers_a_whole_host(city):
    assert {t.url for t in of_kind(city, "wrong_charset")} == {"http://www.laoxian.test/"}


def test_everything_findable_is_found(city, fetch):
    for url in {t.url for t in city.truth() if t.findable}:
        assert fetch(url).status == 200, url


def test_the_port_is_on_loopback_only(address):
    host, port = address.split(":")
    assert host == "127.0.0.1"
    with socket.socket() as other, pytest.raises(OSError, match="refused"):
        other.connect(("127.0.0.2", int(port)))
