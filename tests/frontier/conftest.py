"""A real Redis for every test: the embedded one, emptied before each."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from redis import Redis

from crawler.frontier.client import Frontier
from crawler.frontier.server import connect, embedded


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with embedded(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture
def url(server: str) -> str:
    with Redis.from_url(server) as redis:
        redis.flushall()
    return server


@pytest.fixture
def drive(url: str) -> Callable[..., Any]:
    """Run `async def scenario(*frontiers)`: one frontier a crawl named, each with its client."""

    def run(scenario: Callable[..., Awaitable[Any]], *crawls: str, **options: Any) -> Any:
        async def main() -> Any:
            clients = [await connect(url) for _ in crawls or ("nightly",)]
            try:
                named = zip(clients, crawls or ("nightly",), strict=True)
                return await scenario(*(Frontier(one, crawl, **options) for one, crawl in named))
            finally:
                for client in clients:
                    await client.aclose()

        return asyncio.run(main())

    return run
