"""A worker of ours as a process: `python -m tests.bench.frontier_worker URL BASE OUT COUNT ROLE`.

When told to go, the first one queues the URLs. A worker leases up to 16, fetches each over HTTP,
appends its path to OUT and acknowledges. SIGTERM sends it home after giving back what it holds;
SIGKILL is what the benchmark is about.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path
from urllib.parse import urlsplit

from crawler.frontier.client import Ack, Frontier, Lease, Record
from crawler.frontier.server import connect

AT_ONCE = 16
SESSION = 1.0  # seconds after which a worker that died is noticed


async def get(url: str) -> bytes:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(f"GET {parts.path} HTTP/1.0\r\nHost: {parts.netloc}\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    return answer


async def work(frontier: Frontier, name: str, out: Path, stop: asyncio.Event) -> None:
    """Until nothing is left, or until told to stop."""

    async def fetch(lease: Lease) -> None:
        assert (await get(lease.record.url)).startswith(b"HTTP/1.0 200"), lease.record.url
        with out.open("a", encoding="utf-8") as file:
            file.write(urlsplit(lease.record.url).path + "\n")
        await frontier.ack(name, [Ack(lease, "done", 1)])

    async def live() -> None:
        while True:
            await frontier.beat(name)
            await frontier.reap()
            await asyncio.sleep(SESSION / 3)

    living = asyncio.create_task(live())
    running: set[asyncio.Task[None]] = set()
    while not stop.is_set():
        for lease in await frontier.lease(name, AT_ONCE - len(running)):
            running.add(asyncio.create_task(fetch(lease)))
        if not running and not await frontier.left():
            break
        await asyncio.sleep(0.01)
        failed = [task for task in running if task.done() and task.exception()]
        assert not failed, failed
        running = {task for task in running if not task.done()}
    living.cancel()
    for task in running:
        task.cancel()
    await frontier.close(name)


async def main(url: str, base: str, out: str, count: str, role: str) -> None:
    print("ready", flush=True)
    sys.stdin.readline()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with await connect(url) as redis:
        frontier = Frontier(redis, "loss", session_ttl=SESSION)
        if role == "first":
            await frontier.configure("127.0.0.1", delay_ms=0, concurrency=2 * AT_ONCE, replace=True)
            paths = [f"{base}/{number}.html" for number in range(int(count))]
            await frontier.enqueue([Record("bench", "document", path) for path in paths])
        await work(frontier, role, Path(out), stop)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
