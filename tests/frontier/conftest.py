"""A real Redis for every test, emptied before each: the embedded one, or a Redis Cluster."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from redis import Redis
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.cluster import RedisCluster as BlockingCluster

from crawler.frontier.client import Frontier
from crawler.frontier.server import connect, embedded
from tests.frontier.cluster import cluster
from tests.frontier.town import SPIDERS
from tests.zygote import Zygote, zygote

MODES = ("plain", "declared", "cluster")  # one shard; three, with every key named; sixteen


@dataclass(frozen=True)
class Mode:
    """How a frontier is laid out, and where."""

    name: str
    url: str
    options: dict[str, Any]

    async def connect(self) -> Any:
        if self.name != "cluster":
            return await connect(self.url)
        return await RedisCluster.from_url(self.url, retry=Retry(NoBackoff(), 0)).initialize()

    def raw(self) -> Any:
        """A blocking client that sees the bytes."""
        return (BlockingCluster if self.name == "cluster" else Redis).from_url(self.url)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with embedded(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture(scope="session")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[int]]:
    with cluster(tmp_path_factory.mktemp("cluster")) as ports:
        yield ports


@pytest.fixture(scope="session")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zygote]:
    """Commands that know the portals of the metropolis, each a process, started at once."""
    with zygote(tmp_path_factory.mktemp("commands"), GONGKAI_SPIDERS=SPIDERS) as started:
        yield started


@pytest.fixture
def url(server: str) -> str:
    with Redis.from_url(server) as redis:
        redis.flushall()
    return server


@pytest.fixture
def mode(request: pytest.FixtureRequest) -> Mode:
    """A plain Redis unless a test is parametrized (indirect) with MODES or some of them."""
    name = getattr(request, "param", "plain")
    if name == "cluster":
        ports = request.getfixturevalue("nodes")
        for port in ports:
            with Redis(port=port) as node:
                node.flushall()
        return Mode("cluster", f"redis://127.0.0.1:{ports[0]}", {})
    options = {"declared": True, "shards": 3} if name == "declared" else {}
    return Mode(name, request.getfixturevalue("url"), options)


@pytest.fixture
def drive(mode: Mode) -> Callable[..., Any]:
    """Run `async def scenario(*frontiers)`: one frontier a crawl named, each with its client."""

    def run(scenario: Callable[..., Awaitable[Any]], *crawls: str, **options: Any) -> Any:
        async def main() -> Any:
            named = crawls or ("nightly",)
            clients = [await mode.connect() for _ in named]
            try:
                pairs = zip(clients, named, strict=True)
                settings = mode.options | options
                return await scenario(*(Frontier(one, crawl, **settings) for one, crawl in pairs))
            finally:
                for client in clients:
                    await client.aclose()

        return asyncio.run(main())

    return run
