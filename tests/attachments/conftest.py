"""Reading processes for the whole folder, on a loop of their own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest

from crawler.items import Issue, Part
from pipelines.attachments.pool import Pool
from pipelines.attachments.reader import Reader

Run = Callable[[Coroutine[Any, Any, Any]], Any]
ReadBytes = Callable[[bytes], tuple[list[Part], list[Issue]]]


@pytest.fixture(scope="session")
def run() -> Iterator[Run]:
    """Runs a coroutine to its end on one loop that lasts."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield lambda coroutine: asyncio.run_coroutine_threadsafe(coroutine, loop).result(timeout=240)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(timeout=30)
    loop.close()


@pytest.fixture(scope="session")
def pool(run: Run) -> Iterator[Pool]:
    async def made() -> Pool:
        return Pool(2)

    pool = run(made())
    yield pool
    run(pool.close())


@pytest.fixture
def read(pool: Pool, run: Run) -> ReadBytes:
    """Parts and issues of a file, as a crawl reads it."""

    def read(body: bytes) -> tuple[list[Part], list[Issue]]:
        reader = Reader(pool, "http://a.test/file")
        run(reader.read(body))
        return reader.parts, reader.issues

    return read
