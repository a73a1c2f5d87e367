"""One city for the whole folder, served on loopback, and a client without any cleverness."""

from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPMessage
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

from crawler.practice.city import City
from crawler.practice.server import serving


class Reply(NamedTuple):
    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        """Decoded as the practice city really writes, whatever the header says."""
        try:
            return self.body.decode("utf-8")
        except UnicodeDecodeError:
            return self.body.decode("gb18030")


Fetch = Callable[..., Reply]


@pytest.fixture(scope="session")
def city() -> City:
    return City(organs=12)


@pytest.fixture(scope="session")
def address(city: City) -> Iterator[str]:
    with serving(city) as address:
        yield address


@pytest.fixture(scope="session")
def fetch(address: str) -> Fetch:
    """`fetch(url, method=…, body=…, headers=…)`; asks once more after a 503, as a crawler does."""

    def fetch(url: str, method: str = "GET", body: str = "", again: bool = True, **more) -> Reply:
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection = HTTPConnection(address, timeout=20)
        try:
            headers = {"Host": parts.netloc, **more.get("headers", {})}
            connection.request(method, target, body or None, headers)
            response = connection.getresponse()
            reply = Reply(response.status, response.headers, response.read())
        finally:
            connection.close()
        if reply.status == 503 and again:
            return fetch(url, method, body, again=False, **more)
        return reply

    return fetch
