"""TLS with servers as good and as bad as they come, on loopback under their own names."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from certificates import Authority
from hostile_server import RESET, HostileServer, Script, framed

from crawler.download.tls import Handshakes
from crawler.download.wire import Answer, Wire

HOST = "www.yanshi.test"
REQUEST = f"GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()
PAGE = framed(b"ok")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def fetch(
    authority: Authority, context: Any, *scripts: Script, trust: bool = True, times: int = 1
) -> tuple[list[Answer], HostileServer]:
    async def run() -> tuple[list[Answer], HostileServer]:
        async with HostileServer(*(scripts or [[PAGE]] * times), tls=context) as server:
            wire = Wire(
                resolve={HOST: ("127.0.0.1", server.port)},
                handshakes=Handshakes(authority.file if trust else None),
                seconds=3,
            )
            answers = [
                await wire.exchange(f"https://{HOST}/", "GET", REQUEST) for _ in range(times)
            ]
            await wire.close()
            return answers, server

    return asyncio.run(run())


def test_a_good_chain_is_verified_and_recorded(authority: Authority) -> None:
    [answer, again], server = fetch(authority, authority.server(HOST), times=2)
    assert answer.response == again.response == PAGE
    assert answer.tls is not None
    assert answer.tls[0] == "TLSv1.3"
    assert answer.tls[1].startswith("TLS_")
    assert answer.facts == {"certificate_sha256": authority.last}
    assert server.connections == 1
    assert server.requests == [REQUEST, REQUEST]


def test_http_2_is_not_offered(authority: Authority) -> None:
    chosen = []
    context = authority.server(HOST)

    class Server(HostileServer):
        async def _serve(self, reader: Any, writer: Any) -> None:
            chosen.append(writer.get_extra_info("ssl_object").selected_alpn_protocol())
            await super()._serve(reader, writer)

    async def run() -> None:
        async with Server([PAGE], tls=context) as server:
            pinned = {HOST: ("127.0.0.1", server.port)}
            wire = Wire(resolve=pinned, handshakes=Handshakes(authority.file))
            await wire.exchange(f"https://{HOST}/", "GET", REQUEST)
            await wire.close()

    asyncio.run(run())
    assert chosen == ["http/1.1"]


BAD = {
    "expired": ({"days": -1}, "certificate has expired"),
    "self-signed": ({"own": True}, "self-signed certificate"),
    "of another host": ({"hosts": ("www.other.test",)}, "Hostname mismatch"),
    "of an unknown authority": ({"trust": False}, "unable to get local issuer certificate"),
    "with a short key": ({"bits": 1024}, ""),
}


@pytest.mark.parametrize(("made", "why"), BAD.values(), ids=BAD)
def test_a_bad_certificate_is_forgiven_and_said(
    authority: Authority, made: dict[str, Any], why: str
) -> None:
    trust = made.pop("trust", True) if "trust" in made else True
    options = dict(made)
    hosts = options.pop("hosts", (HOST,))
    context = authority.server(*hosts, **options)
    [answer, again], _ = fetch(authority, context, times=2, trust=trust and "bits" not in made)
    assert answer.response == again.response == PAGE
    assert answer.facts["tls"].startswith(f"legacy: {why}")
    assert answer.facts["certificate_sha256"] == authority.last
    assert again.facts == answer.facts


@pytest.mark.parametrize("version", ["TLSv1", "TLSv1_1"])
def test_servers_that_know_only_the_oldest_versions_are_understood(
    authority: Authority, version: str
) -> None:
    context = authority.server(HOST)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
    [answer], _ = fetch(authority, context)
    assert answer.response == PAGE
    assert answer.tls is not None
    assert answer.tls[0] == version.replace("_", ".")
    assert answer.facts["tls"].startswith("legacy: ")


def test_one_bad_host_costs_no_other_its_security(authority: Authority) -> None:
    async def run() -> list[Answer]:
        good, bad = authority.server(HOST), authority.server(HOST, days=-1)
        handshakes = Handshakes(authority.file)
        answers = []
        for host, context in (("bad.test", bad), (HOST, good)):
            async with HostileServer([PAGE], tls=context) as server:
                wire = Wire(resolve={host: ("127.0.0.1", server.port)}, handshakes=handshakes)
                answers.append(await wire.exchange(f"https://{host}/", "GET", REQUEST))
                await wire.close()
        return answers

    bad, good = asyncio.run(run())
    assert "tls" in bad.facts
    assert "tls" not in good.facts


def test_a_server_that_speaks_no_tls_is_an_error_and_not_remembered(authority: Authority) -> None:
    async def run() -> tuple[Answer, Answer]:
        handshakes = Handshakes(authority.file)
        # a plain server waits for a request that never ends its line; it hangs up at once instead
        hang_up = await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", 0)
        port = hang_up.sockets[0].getsockname()[1]
        wire = Wire(resolve={HOST: ("127.0.0.1", port)}, handshakes=handshakes, seconds=3)
        failed = await wire.exchange(f"https://{HOST}/", "GET", REQUEST)
        hang_up.close()
        async with HostileServer([PAGE], tls=authority.server(HOST)) as server:
            wire = Wire(resolve={HOST: ("127.0.0.1", server.port)}, handshakes=handshakes)
            good = await wire.exchange(f"https://{HOST}/", "GET", REQUEST)
            await wire.close()
        return failed, good

    failed, good = asyncio.run(run())
    assert failed.response == b""
    assert failed.error.startswith("no connection: TLS: ")
    assert good.response == PAGE
    assert "tls" not in good.facts


def test_a_stand_in_that_speaks_no_tls_is_asked_in_clear() -> None:
    class Plain(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.wfile.write(PAGE)

        def log_message(self, *_: object) -> None:
            pass

    async def run(port: int) -> list[Answer]:
        wire = Wire(connect_to=f"127.0.0.1:{port}", seconds=5)
        answers = [await wire.exchange(f"https://{HOST}/", "GET", REQUEST) for _ in range(2)]
        await wire.close()
        return answers

    with ThreadingHTTPServer(("127.0.0.1", 0), Plain) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        answers = asyncio.run(run(server.server_port))
        server.shutdown()
    assert [(answer.response, answer.tls) for answer in answers] == [(PAGE, None)] * 2


def test_nobody_there_is_no_reason_for_legacy_tls(authority: Authority) -> None:
    async def run() -> Answer:
        wire = Wire(resolve={HOST: ("127.0.0.1", 9)}, handshakes=Handshakes(authority.file))
        return await wire.exchange(f"https://{HOST}/", "GET", REQUEST)

    answer = asyncio.run(run())
    assert "TLS" not in answer.error
    assert "no connection" in answer.error


def test_a_reset_in_the_middle_is_kept(authority: Authority) -> None:
    [answer], _ = fetch(authority, authority.server(HOST), [PAGE[:20], 0.1, RESET])
    assert (answer.response, answer.truncated) == (PAGE[:20], "disconnect")


Way = Callable[[socket.socket], Any]


def speaking(context: ssl.SSLContext, says: bytes) -> Way:
    """A server that answers by TLS, and then does nothing any more."""

    def serve(channel: socket.socket) -> ssl.SSLSocket:
        secured = context.wrap_socket(channel, server_side=True)
        secured.recv(9999)
        secured.sendall(says)
        return secured

    return serve


@contextmanager
def by_hand(*ways: Way) -> Iterator[int]:
    """The port of a server that treats its first connection by the first way, and so on."""
    held: list[Any] = []

    def accept() -> None:
        for way in ways:
            held.append(server.accept()[0])
            held.append(way(held[-1]))

    with socket.create_server(("127.0.0.1", 0)) as server:
        serving = threading.Thread(target=accept)
        serving.start()
        yield server.getsockname()[1]
        serving.join()
    for channel in held:
        if isinstance(channel, socket.socket):
            channel.close()


def test_who_swallows_a_modern_handshake_is_asked_by_the_legacy_one(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.download.tls.HANDSHAKE_SECONDS", 0.5)
    context = authority.server(HOST)

    async def run(port: int) -> Answer:
        trusting = Handshakes(authority.file)
        wire = Wire(resolve={HOST: ("127.0.0.1", port)}, handshakes=trusting, seconds=20)
        try:
            return await wire.exchange(f"https://{HOST}/", "GET", REQUEST)
        finally:
            await wire.close()

    with by_hand(lambda channel: channel.recv(9999), speaking(context, PAGE)) as port:
        answer = asyncio.run(run(port))
    assert answer.response == PAGE
    assert answer.facts["tls"] == "legacy: no handshake within 0.5 s"


@pytest.mark.parametrize("sent", [PAGE, PAGE[:-1]], ids=["whole", "cut"])
def test_a_server_that_falls_silent_is_not_waited_for(authority: Authority, sent: bytes) -> None:
    """It answers, and never says goodbye, for which TLS would wait half a minute."""
    context = authority.server(HOST)

    async def run(port: int) -> Answer:
        trusting = Handshakes(authority.file)
        wire = Wire(resolve={HOST: ("127.0.0.1", port)}, handshakes=trusting, seconds=1)
        async with asyncio.timeout(20):
            answer = await wire.exchange(f"https://{HOST}/", "GET", REQUEST)
            await wire.close()
        return answer

    with by_hand(speaking(context, sent)) as port:
        answer = asyncio.run(run(port))
    assert (answer.response, answer.truncated) == (sent, None if sent == PAGE else "time")
