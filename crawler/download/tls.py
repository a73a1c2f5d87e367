"""TLS as the servers of this field speak it: properly first, and as they can where that fails.

Government servers present expired, self-signed and misnamed certificates, and some know nothing
newer than TLS 1.0. What they publish is public and is recorded as it came, so an insecure answer
is better than none; but it never passes for a secure one: the exchange says why it was accepted.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import ssl
import warnings
from collections.abc import Awaitable, Callable
from functools import cache
from typing import TYPE_CHECKING

from crawler.download.connections import Streams
from crawler.download.failures import HandshakeFailed

if TYPE_CHECKING:
    from pathlib import Path

UNSAFE_RENEGOTIATION = 1 << 18  # SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION
LEGACY_SERVER_CONNECT = 1 << 2  # SSL_OP_LEGACY_SERVER_CONNECT; `ssl` names it from 3.12 on
HTTP_11 = ["http/1.1"]  # HTTP/2 has no wire form that WARC can hold

RECORDS = {b"\x15", b"\x16"}  # TLS answers a handshake with an alert or with its own
HANDSHAKE_SECONDS = 15.0  # old firewalls swallow what they do not know: then there is no answer
PROBE_SECONDS = 2.0  # a server that waits for a line of HTTP never answers a handshake

Connect = Callable[..., Awaitable[Streams]]  # takes what `asyncio.open_connection` takes for TLS


class Handshakes:
    """Opens TLS connections, and remembers for which hosts only the legacy way works.

    `authorities` is a file of certificates to trust besides those of the system.
    """

    def __init__(self, authorities: Path | None = None) -> None:
        self._authorities = authorities
        self._strict: ssl.SSLContext | None = None
        self._why: dict[str, str] = {}  # of hosts that failed the strict handshake

    async def open(self, host: str, connect: Connect) -> Streams:
        """Connect and speak TLS with `host`. Raises OSError when neither way works.

        A host is remembered only once the legacy way has worked: a network that fails during one
        handshake must not cost the host its security for good.
        """
        if host in self._why:
            return await connect(ssl=legacy_context(), server_hostname=host)
        self._strict = self._strict or strict_context(self._authorities)
        try:
            return await connect(
                ssl=self._strict, server_hostname=host, ssl_handshake_timeout=HANDSHAKE_SECONDS
            )
        except (ssl.SSLError, ConnectionResetError, ConnectionAbortedError) as error:
            why = _reason(error)
        try:
            streams = await connect(ssl=legacy_context(), server_hostname=host)
        except OSError as error:
            raise HandshakeFailed(f"TLS: {why}; legacy TLS: {_reason(error)}") from error
        self._why[host] = why
        return streams

    def facts(self, host: str, channel: ssl.SSLObject) -> dict[str, str]:
        """What the metadata of an exchange should say: whose certificate, and what was forgiven."""
        certificate = channel.getpeercert(binary_form=True) or b""
        facts = {"certificate_sha256": hashlib.sha256(certificate).hexdigest()}
        if channel.context is legacy_context():
            facts["tls"] = f"legacy: {self._why[host]}"
        return facts


def strict_context(authorities: Path | None = None) -> ssl.SSLContext:
    """What a careful client does: TLS 1.2 or newer, certificate and name verified."""
    context = ssl.create_default_context()
    if authorities is not None:
        context.load_verify_locations(authorities)
    context.set_alpn_protocols(HTTP_11)
    return context


@cache
def legacy_context() -> ssl.SSLContext:
    """What the oldest servers need: TLS 1.0, short keys, old renegotiation, nothing verified."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that it is old is the point
        context.minimum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.options |= LEGACY_SERVER_CONNECT | UNSAFE_RENEGOTIATION
    context.set_alpn_protocols(HTTP_11)
    return context


async def speaks_tls(address: tuple[str, int]) -> bool:
    """Whether the server there answers a handshake as TLS does, be it with a refusal.

    Raises OSError when nobody is there.
    """
    hello = ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        legacy_context().wrap_bio(ssl.MemoryBIO(), hello).do_handshake()
    reader, writer = await asyncio.open_connection(*address)
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            writer.write(hello.read())
            return await reader.read(1) in RECORDS
    except (TimeoutError, ConnectionError):
        return False
    finally:
        writer.close()


def _reason(error: OSError) -> str:
    """OpenSSL's own words, without its file names and line numbers."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    if isinstance(error, ConnectionAbortedError):  # by asyncio
        return f"no handshake within {HANDSHAKE_SECONDS:g} s"
    if isinstance(error, ConnectionError):
        return "the server ended the handshake"
    said = (error.reason or "") if isinstance(error, ssl.SSLError) else ""
    return said.replace("_", " ").lower() or str(error) or type(error).__name__
