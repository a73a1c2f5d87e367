"""A server of generated pages on loopback, in a process of its own: quick, and quiet."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.pages import pages

ROOT = Path(__file__).parents[2]


class Answering(asyncio.Protocol):
    """Sends the page that is asked for, as many on a connection as one likes."""

    answers: dict[bytes, bytes] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.asked = b""

    def data_received(self, data: bytes) -> None:
        self.asked += data
        while b"\r\n\r\n" in self.asked:
            head, _, self.asked = self.asked.partition(b"\r\n\r\n")
            if not self.transport.is_closing():
                self.transport.write(self.answers[head.split(b" ", 2)[1]])


@contextmanager
def served(count: int) -> Iterator[list[str]]:
    """The URLs of so many pages."""
    command = [sys.executable, "-m", "tests.bench.serving", str(count)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        try:
            yield [f"http://127.0.0.1:{port}/{number}.html" for number in range(count)]
        finally:
            process.terminate()


async def main(count: int) -> None:
    Answering.answers = {path.encode(): head + body for path, head, body in pages(count)}
    server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
