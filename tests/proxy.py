"""A CONNECT proxy on loopback, as good and as bad as proxies are."""

from __future__ import annotations

import asyncio
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field

NOBODY = "nobody"
OPENED = b"HTTP/1.1 200 Connection established\r\nVia: 1.1 test\r\n\r\n"
ENDS = (OSError, asyncio.IncompleteReadError, asyncio.CancelledError)
Pipe = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Proxy:
    """Opens tunnels to where `hosts` says a name lies ("": every other name; NOBODY: it hangs up
    once the tunnel stands, as a firewall does).

    `login` is the "user:password" that it demands; `answers` gives for a target what it says:
    OPENED for a tunnel, None for nothing at all.
    """

    hosts: Mapping[str, str] = field(default_factory=dict)
    login: str = ""
    answers: Callable[[str], bytes | None] | None = None
    heads: list[bytes] = field(default_factory=list)  # what it was asked
    address: str = ""

    @property
    def targets(self) -> list[str]:
        return [head.split()[1].decode() for head in self.heads]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer), suppress(*ENDS):
            head = await reader.readuntil(b"\r\n\r\n")
            self.heads.append(head)
            method, target = head.split()[:2]
            said = self._said(head, target.decode()) if method == b"CONNECT" else b"no CONNECT"
            if said is None:
                await asyncio.sleep(60)
            elif said is OPENED:
                await self._tunnel((reader, writer), target.decode())
            else:
                writer.write(said)
                await writer.drain()

    def _said(self, head: bytes, target: str) -> bytes | None:
        login = b64encode(self.login.encode())
        if self.login and b"Proxy-Authorization: Basic " + login + b"\r\n" not in head:
            return b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
        return self.answers(target) if self.answers else OPENED

    async def _tunnel(self, client: Pipe, target: str) -> None:
        host, _, port = self._place(target).rpartition(":")
        if (host, port) == ("", NOBODY):
            client[1].write(OPENED)
            return
        server = await asyncio.open_connection(host, int(port))
        try:
            client[1].write(OPENED)
            await asyncio.gather(_copied(client[0], server[1]), _copied(server[0], client[1]))
        finally:
            server[1].close()

    def _place(self, target: str) -> str:
        host = target.rpartition(":")[0]
        return self.hosts.get(host) or self.hosts.get("", target)


async def _copied(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
    target.close()


@contextmanager
def proxying(proxy: Proxy) -> Iterator[Proxy]:
    """The proxy, in a thread of its own, with its `address`."""
    loop, ready, over = asyncio.new_event_loop(), threading.Event(), asyncio.Event()

    async def play() -> None:
        async with await asyncio.start_server(proxy.serve, "127.0.0.1", 0) as server:
            proxy.address = "127.0.0.1:{1}".format(*server.sockets[0].getsockname())
            ready.set()
            await over.wait()
            left = asyncio.all_tasks() - {asyncio.current_task()}
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
            await asyncio.sleep(0)  # for what they closed to be closed

    thread = threading.Thread(target=loop.run_until_complete, args=(play(),))
    thread.start()
    try:
        assert ready.wait(10)
        yield proxy
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()
