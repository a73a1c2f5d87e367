"""The practice city on a loopback port, told apart by Host header; every exchange is logged.

The same port speaks TLS with the hosts that have it (`tls`).
"""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol, TextIO

from crawler.practice import tls
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
        self._connections: dict[asyncio.Task[None], socket.socket] = {}
        self._socket: socket.socket | None = None
        self._accepting: asyncio.Task[None] | None = None
        self._log: TextIO | None = None

    @property
    def address(self) -> str:
        if self._socket is None:
            raise RuntimeError("the practice server is not running: await start() first")
        return f"127.0.0.1:{self._socket.getsockname()[1]}"

    async def start(self, port: int = 0) -> None:
        """Open the port, on loopback only; 0 takes any that is free."""
        if self._log_path is not None:
            self._log = self._log_path.open("a", encoding="utf-8")
        try:
            self._socket = socket.create_server(("127.0.0.1", port), backlog=100)
        except OSError:
            self._close_log()
            raise
        self._socket.setblocking(False)
        self._accepting = asyncio.create_task(self._accept(self._socket))

    async def close(self) -> None:
        """Stop listening and hang up on whoever is still connected."""
        if self._socket is not None and self._accepting is not None:
            self._accepting.cancel()
            for task in self._connections:
                task.cancel()
            await asyncio.gather(self._accepting, *self._connections, return_exceptions=True)
            self._socket.close()
            self._socket = None
        self._close_log()

    def _close_log(self) -> None:
        if self._log is not None:
            self._log.close()
            self._log = None

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            connection, _ = await loop.sock_accept(listening)
            task = loop.create_task(self._greet(connection))
            self._connections[task] = connection
            task.add_done_callback(self._parted)

    def _parted(self, task: asyncio.Task[None]) -> None:
        self._connections.pop(task).close()  # a task cancelled before its first step never would

    async def _greet(self, connection: socket.socket) -> None:
        """Speak TLS with whoever begins so, and HTTP either way."""
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        try:
            secure = tls.context() if await tls.begins_with_handshake(connection) else None
            patience = {"ssl_handshake_timeout": 5, "ssl_shutdown_timeout": 1} if secure else {}
            transport, _ = await loop.connect_accepted_socket(
                lambda: protocol, connection, ssl=secure, **patience
            )
        except OSError:
            return  # the client went away, or the host has no TLS
        await self._converse(reader, asyncio.StreamWriter(transport, protocol, reader, loop))

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await read_request(reader)) is not None:
                if not await self._exchange(request, writer):
                    break
        except BadRequestError as error:
            said = plain(error.status, str(error))
            writer.write(answer_bytes(said, head_only=False, http_10=False, close=True))
            await self._see_out(reader, writer)
        except OSError:
            pass  # the client went away
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _see_out(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read what is still coming: closing on unread bytes would take the answer back."""
        if writer.can_write_eof():
            writer.write_eof()
        with suppress(TimeoutError):
            async with asyncio.timeout(2):
                while await reader.read(65_536):
                    pass

    async def _exchange(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; False when the connection ends with it."""
        start = time.time()
        channel = writer.get_extra_info("ssl_object")
        if channel is None and request.host in tls.ONLY:
            answer = plain(400, "The plain HTTP request was sent to HTTPS port")
        else:
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
            version = channel.version() if channel else ""
            self._note(request, start, answer.status, len(data), version)
        return goes_on

    def _note(self, request: Request, start: float, status: int, size: int, version: str) -> None:
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
            "tls": version,
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
