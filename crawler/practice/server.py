"""The practice city on a loopback port, told apart by Host header; every exchange is logged."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol, TextIO

from crawler.practice.answer import Answer, plain
from crawler.practice.wire import BadRequestError, Request, answer_bytes, read_request


class Played(Protocol):
    """What can be served: a `City`, a `Metropolis`."""

    def answer(
        self, host: str, method: str, target: str, headers: Mapping[str, str], body: bytes, /
    ) -> Answer: ...


class PracticeServer:
    """Serves one city. What it remembers, it forgets with it: which 503 it has already given."""

    def __init__(self, city: Played, log: Path | None = None) -> None:
        self._city, self._log_path = city, log
        self._refused: set[tuple[str, str]] = set()
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._server: asyncio.Server | None = None
        self._log: TextIO | None = None

    @property
    def address(self) -> str:
        if self._server is None:
            raise RuntimeError("the practice server is not running: await start() first")
        return f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def start(self, port: int = 0) -> None:
        """Open the port, on loopback only; 0 takes any that is free."""
        if self._log_path is not None:
            self._log = self._log_path.open("a", encoding="utf-8")
        try:
            self._server = await asyncio.start_server(self._accept, "127.0.0.1", port)
        except OSError:
            self._close_log()
            raise

    async def close(self) -> None:
        """Stop listening and hang up on whoever is still connected."""
        if self._server is not None:
            self._server.close()
            for task, writer in self._connections.items():
                task.cancel()
                writer.close()  # a task cancelled before its first step never would
            await asyncio.gather(*self._connections, return_exceptions=True)
            await self._server.wait_closed()
            self._server = None
        self._close_log()

    def _close_log(self) -> None:
        if self._log is not None:
            self._log.close()
            self._log = None

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A plain function: the streams' own task wrapper would report a cancelled connection.
        task = asyncio.get_running_loop().create_task(self._converse(reader, writer))
        self._connections[task] = writer
        task.add_done_callback(self._connections.pop)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await read_request(reader)) is not None:
                if not await self._exchange(request, writer):
                    break
        except BadRequestError as error:
            said = plain(error.status, str(error))
            writer.write(answer_bytes(said, head_only=False, http_10=False, close=True))
            await self._see_out(reader, writer)
        except ConnectionError:
            pass  # the client went away
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _see_out(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read what is still coming: closing on unread bytes would take the answer back."""
        writer.write_eof()
        with suppress(TimeoutError):
            async with asyncio.timeout(2):
                while await reader.read(65_536):
                    pass

    async def _exchange(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; False when the connection ends with it."""
        start = time.time()
        answer = self._city.answer(
            request.host, request.method, request.target, request.headers, request.body
        )
        address = (request.host, request.target)
        if answer.first is not None and address not in self._refused:
            self._refused.add(address)
            answer = answer.first
        # A truncated answer does not announce that it will hang up.
        goes_on = request.keep_alive and answer.sent is None
        data = answer_bytes(
            answer,
            head_only=request.method == "HEAD",
            http_10=request.http_10,
            close=not request.keep_alive,
        )
        try:
            await asyncio.sleep(answer.wait)
            writer.write(data)
            await writer.drain()
        finally:  # it was asked, even if nobody is there any more to hear the answer
            self._note(request, start, answer.status, len(data))
        return goes_on

    def _note(self, request: Request, start: float, status: int, size: int) -> None:
        if self._log is None:
            return
        line = {
            "start": start,
            "end": time.time(),
            "host": request.host,
            "method": request.method,
            "target": request.target,
            "status": status,
            "bytes": size,
            "ua": request.headers.get("user-agent", ""),
        }
        self._log.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._log.flush()


@contextmanager
def serving(city: Played, log: Path | None = None) -> Iterator[str]:
    """Run the city in a thread of its own while the block lasts; yields "127.0.0.1:PORT"."""
    server = PracticeServer(city, log)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="practice city", daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(server.start(), loop).result(timeout=30)
        yield server.address
    finally:
        asyncio.run_coroutine_threadsafe(server.close(), loop).result(timeout=30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=30)
        loop.close()
