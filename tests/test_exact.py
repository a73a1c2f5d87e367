"""A crawl does not begin where something stands between the wire and the archive."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from scrapy import Request
from scrapy.http import Response

import crawler.settings
from crawler.download.exact import check
from crawler.download.handler import CaptureHandler
from crawler.errors import Unavailable
from crawler.order import Order, project_settings
from crawler.practice.city import City
from crawler.practice.server import serving
from crawler.run import crawl


class Bypassing:
    """As Scrapy's own handlers: an answer, and nothing kept of it."""

    lazy = False

    async def download_request(self, request: Request) -> Response:
        return Response(request.url, body=b"some page")

    async def close(self) -> None: ...


class Decoding(CaptureHandler):
    async def download_request(self, request: Request) -> Response:
        response = await super().download_request(request)
        del response.headers["Content-Encoding"]
        return response.replace(body=b"decoded")


class Retouching(CaptureHandler):
    async def download_request(self, request: Request) -> Response:
        response = await super().download_request(request)
        response.headers["Set-Cookie"] = b"other"
        return response


class Asking(CaptureHandler):
    """Keeps another exchange than the one that was asked for."""

    async def download_request(self, request: Request) -> Response:
        response = await super().download_request(request)
        stored = request.meta["receipt"]
        elsewhere = replace(stored.archived, offset=stored.archived.offset + 1)
        request.meta["receipt"] = replace(stored, archived=elsewhere)
        return response


class OfAnotherScrapy(CaptureHandler):
    """As when a release calls handlers in another way."""

    async def download_request(self, request: Request, spider: Any) -> Response:  # type: ignore[override]
        return await super().download_request(request)


WRONG = {
    Bypassing: "keeps nothing",
    Decoding: "decoded before",
    Retouching: "header was rewritten",
    Asking: "failed with ArchiveError",
    OfAnotherScrapy: "failed with TypeError",
}


def handled_by(handler: type) -> dict[str, Any]:
    return {**crawler.settings.DOWNLOAD_HANDLERS, "http": handler, "https": handler}


def test_with_our_handler_everything_is_exact() -> None:
    asyncio.run(check(project_settings()))


@pytest.mark.parametrize("handler", WRONG, ids=lambda one: one.__name__)
def test_a_wrong_handler_is_named_for_what_it_does(handler: type) -> None:
    settings = project_settings()
    settings.set("DOWNLOAD_HANDLERS", handled_by(handler), priority="cmdline")
    with pytest.raises(Unavailable, match=WRONG[handler]) as failed:
        asyncio.run(check(settings))
    assert "DOWNLOAD_HANDLERS" in str(failed.value)
    assert "\n" not in str(failed.value)


async def attempt(directory: Path) -> list[str]:
    """A crawl that must end at once; returns what the server was asked."""
    log = directory / "access.jsonl"
    with serving(City(organs=3, years=(2019, 2020)), log) as address:
        order = Order(
            ("practice_hanweb",), directory / "store", "practice", address, crawl="n", delay=0.01
        )
        async with asyncio.timeout(60):
            await crawl(order)
    return log.read_text().splitlines()


def test_a_crawl_ends_loudly_before_it_asks_anybody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crawler.settings, "DOWNLOAD_HANDLERS", handled_by(Bypassing))
    with pytest.raises(Unavailable, match="keeps nothing"):
        asyncio.run(attempt(tmp_path))
    assert (tmp_path / "access.jsonl").read_text() == ""


def test_a_self_test_that_breaks_ends_a_crawl_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(settings: Any) -> None:
        raise TypeError("a release renamed something")

    monkeypatch.setattr("crawler.download.exact.check", broken)
    with pytest.raises(Unavailable, match="renamed something"):
        asyncio.run(attempt(tmp_path))
    assert (tmp_path / "access.jsonl").read_text() == ""
