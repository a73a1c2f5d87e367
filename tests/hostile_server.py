"""A server that sends exactly the bytes it is told to, and remembers every byte of both sides."""

from __future__ import annotations

import asyncio
import gzip
import ssl
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from socket import SO_LINGER, SOL_SOCKET

RESET = object()  # close with RST instead of FIN
Step = bytes | float | None | object  # send, wait, close, reset
Script = list[Step]


@dataclass
class Seen:
    """One exchange as the server lived it."""

    request: bytes
    sent: bytearray = field(default_factory=bytearray)


class HostileServer:
    """Answers the nth request with the nth script, or with what `answer` makes of the request."""

    def __init__(
        self,
        *scripts: Script,
        answer: Callable[[bytes], Script] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.scripts = list(scripts)
        self.seen: list[Seen] = []
        self.connections = 0
        self._answer = answer or (lambda _request: self.scripts.pop(0))
        self._tls = tls

    async def __aenter__(self) -> HostileServer:
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", 0, limit=2**20, ssl=self._tls
        )
        self.port: int = self._server.sockets[0].getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await asyncio.sleep(0)

    @property
    def requests(self) -> list[bytes]:
        return [seen.request for seen in self.seen]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                seen = Seen(await self._request(reader))
                self.seen.append(seen)
                for step in self._answer(seen.request):
                    if not await self._step(step, seen, writer):
                        return
        except (asyncio.IncompleteReadError, asyncio.CancelledError, OSError):
            pass  # the client is done, or the test is
        finally:
            writer.close()

    @staticmethod
    async def _request(reader: asyncio.StreamReader) -> bytes:
        head = await reader.readuntil(b"\r\n\r\n")
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                return head + await reader.readexactly(int(line.partition(b":")[2]))
        return head

    @staticmethod
    async def _step(step: Step, seen: Seen, writer: asyncio.StreamWriter) -> bool:
        if isinstance(step, bytes):
            writer.write(step)
            await writer.drain()
            seen.sent += step
        elif isinstance(step, int | float):
            await asyncio.sleep(step)
        elif step is RESET:
            channel = writer.get_extra_info("socket")
            channel.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
            return False
        else:
            return False
        return True


@dataclass(frozen=True)
class Case:
    """A script, and what a careful client makes of it."""

    script: Script
    method: str = "GET"
    truncated: str | None = None
    surplus: int = 0  # bytes sent after the end of the message
    prefix: bool = False  # the client hangs up first: what it kept is how the answer began
    form: bytes = b""


def framed(body: bytes, *headers: bytes, status: bytes = b"200 OK") -> bytes:
    lines = [b"HTTP/1.1 " + status, *headers, b"Content-Length: %d" % len(body)]
    return b"\r\n".join([*lines, b"", body])


PAGE = "<html><title>政府信息公开工作年度报告</title></html>".encode("gb18030") * 30
DEFLATED = zlib.compress(PAGE)
BROTLI = b"\x0b\x02\x80hello\x03"  # `hello`, compressed by hand
CHUNKS = b"3;x=y\r\nabc\r\n02 \r\nde\r\n0\r\nX-Trailer: \xd5\xfe\r\n\r\n"
TE = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: "

CASES: dict[str, Case] = {
    "plain": Case([framed(PAGE)]),
    "byte by byte": Case([bytes([byte]) for byte in framed(b"slowly", b"X: y")]),
    "case, order and doubles": Case(
        [b"HTTP/1.1 200 Okay then\r\nsEt-cOOkie: a\r\nSet-Cookie: b\r\ncontent-LENGTH:2\r\n\r\nok"]
    ),
    "line feeds alone": Case([b"HTTP/1.1 200 OK\nX: y\nContent-Length: 2\n\nok"]),
    "folded": Case([framed(b"ok", b"X-Long: a\r\n b\r\n\tc")]),
    "no colon": Case([framed(b"ok", b"nonsense", b": no name")]),
    "GBK in headers": Case(
        [framed(b"ok", b"X-T: \xd5\xfe\xb8\xae", status=b"200 \xc8\xb7\xb6\xa8")]
    ),
    "64 KB header": Case([framed(b"ok", b"Set-Cookie: " + b"c" * 65_536)]),
    "length too long": Case(
        [b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort", None], truncated="disconnect"
    ),
    "length too short": Case([framed(b"characters, not bytes") + b"surplus"], surplus=7),
    "length twice": Case([framed(b"ok", b"Content-Length: 2")]),
    "lengths that differ": Case([framed(b"all of it", b"Content-Length: 2"), None]),
    "length that is no number": Case([b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nx", None]),
    "chunks, extension, trailer": Case([TE + b"chunked\r\n\r\n" + CHUNKS]),
    "Chunked": Case([TE + b"Chunked\r\n\r\n" + CHUNKS]),
    "chunks in pieces": Case([TE + b"gzip, CHUNKED\r\n\r\n", *(bytes([b]) for b in CHUNKS)]),
    "chunked and a false length": Case([TE + b"chunked\r\nContent-Length: 4\r\n\r\n" + CHUNKS]),
    "falsely chunked, by length": Case([framed(PAGE, b"Transfer-Encoding: chunked")]),
    "falsely chunked, to the end": Case([TE + b"chunked\r\n\r\n" + PAGE, None]),
    "chunks that break": Case([TE + b"chunked\r\n\r\n3\r\nabc\r\n<html>oops\r\n", None]),
    "false charset": Case([framed(PAGE, b"Content-Type: text/html; charset=utf-8")]),
    "continue": Case([b"HTTP/1.1 100 Continue\r\n\r\n", framed(b"ok")]),
    "early hints, twice": Case(
        [b"HTTP/1.1 103 Early Hints\r\nLink: </\xd5>\r\n\r\n" * 2 + framed(b"ok")]
    ),
    "closed before the answer": Case([None], truncated="disconnect"),
    "closed in the head": Case([b"HTTP/1.1 200 OK\r\nContent-Le", None], truncated="disconnect"),
    "closed in the body": Case([framed(PAGE)[:200], None], truncated="disconnect"),
    "closed in a chunk": Case([TE + b"chunked\r\n\r\n40\r\nabc", None], truncated="disconnect"),
    "closed before the first chunk": Case([TE + b"chunked\r\n\r\n", None], truncated="disconnect"),
    "closed between chunks": Case(
        [TE + b"chunked\r\n\r\n3\r\nabc\r\n", None], truncated="disconnect"
    ),
    "reset": Case([framed(PAGE)[:100], 0.1, RESET], truncated="disconnect"),
    "until the end": Case([b"HTTP/1.0 200 OK\r\nServer: old\r\n\r\n" + PAGE, None]),
    "gzip": Case([framed(gzip.compress(PAGE, mtime=0), b"Content-Encoding: gzip")]),
    "deflate": Case([framed(DEFLATED, b"Content-Encoding: deflate")]),
    "raw deflate": Case([framed(DEFLATED[2:-4], b"Content-Encoding: deflate")]),
    "brotli": Case([framed(BROTLI, b"Content-Encoding: br")]),
    "falsely gzip": Case([framed(PAGE, b"Content-Encoding: gzip")]),
    "unasked 304": Case([b"HTTP/1.1 304 Not Modified\r\nETag: x\r\nContent-Length: 9\r\n\r\n"]),
    "204": Case([b"HTTP/1.1 204 No Content\r\n\r\n"]),
    "HEAD": Case([b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"], method="HEAD"),
    "empty body": Case([framed(b"")]),
    "redirect": Case([framed(b"", b"Location: /\xd5\xfe.htm", status=b"302 Found")]),
    "form": Case([framed(b"found")], method="POST", form=b"kw=%D5%FE&n=1"),
    "not HTTP": Case([b"SSH-2.0-OpenSSH_9.6\r\n", None], truncated="disconnect"),
    "no status line": Case([b"<html>\r\n\r\nold servers</html>", None]),
    "without end": Case(
        [b"HTTP/1.1 200 OK\r\n\r\n", *[b"x" * 50_000] * 60], truncated="length", prefix=True
    ),
    "a head without end": Case(
        [b"HTTP/1.1 200 OK\r\n", *[b"X: " + b"x" * 50_000 + b"\r\n"] * 60],
        truncated="length",
        prefix=True,
    ),
    "drip": Case([framed(PAGE)[:50], *[0.1, b"x"] * 60], truncated="time", prefix=True),
    "silence": Case([framed(PAGE)[:50], 3.0], truncated="time"),
}
