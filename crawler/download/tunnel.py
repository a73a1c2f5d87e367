"""Connections by an egress: plainly, from a source address, or through a proxy.

A proxy is asked for a tunnel (CONNECT) for http as well as for https: what goes through a tunnel
reaches the server byte for byte, so the archive holds what the server saw. Names are looked up by
the proxy.
"""

from __future__ import annotations

import asyncio
import errno
import os
import re
import socket
from base64 import b64encode
from typing import TYPE_CHECKING, Any

from crawler.download.connections import Streams, opened
from crawler.errors import EgressFailed

if TYPE_CHECKING:
    from crawler.egress import Egress

STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})(?: ([ -~]{0,60}))?")
NEXT_ADDRESS = 1.0  # seconds, before a host's other addresses are tried: IPv6 often leads nowhere
LONGEST = 16 * 1024  # bytes of a proxy's answer to CONNECT

Address = tuple[str, int]


async def connect(egress: Egress, address: Address, seconds: float, **tls: Any) -> Streams:
    """Connect to `address`; `tls` goes to `asyncio.open_connection`.

    Raises OSError when the server cannot be reached, EgressFailed when it cannot be asked: a proxy
    that gives no tunnel within half of `seconds`, a source address that is not ours.
    """
    if egress.proxy is not None:
        return await opened(sock=await _tunnel(egress, address, seconds), **tls)
    local = (egress.source, 0) if egress.source else None
    try:
        return await opened(*address, local_addr=local, happy_eyeballs_delay=NEXT_ADDRESS, **tls)
    except OSError as error:
        if local and error.errno == errno.EADDRNOTAVAIL:
            raise EgressFailed(f"{egress}: this machine has no such address") from error
        raise


async def _tunnel(egress: Egress, address: Address, seconds: float) -> socket.socket:
    assert egress.proxy is not None
    target = _written(address)
    asked = f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n"
    if egress.login:
        asked += f"Proxy-Authorization: Basic {b64encode(egress.login.encode()).decode()}\r\n"
    tunnel: socket.socket | None = None
    try:
        async with asyncio.timeout(seconds / 2):
            tunnel = await _dialled(egress.proxy)
            await asyncio.get_running_loop().sock_sendall(tunnel, f"{asked}\r\n".encode())
            refusal = _refusal(await _head(tunnel), target)
    except TimeoutError:
        refusal = f"gave no answer to CONNECT {target} within {seconds / 2:g} s"
    except OSError as error:
        refusal = f"cannot be used: {_reason(error)}"
    except BaseException:
        if tunnel is not None:
            tunnel.close()
        raise
    if tunnel is None or refusal:
        if tunnel is not None:
            tunnel.close()
        raise EgressFailed(f"{egress} {refusal}")
    return tunnel


async def _dialled(proxy: Address) -> socket.socket:
    """A connection to the first address of the proxy that answers."""
    loop = asyncio.get_running_loop()
    failed: OSError = ConnectionError("its name has no address")
    for family, kind, protocol, _, there in await loop.getaddrinfo(*proxy, type=socket.SOCK_STREAM):
        dialled = socket.socket(family, kind, protocol)
        dialled.setblocking(False)
        try:
            await loop.sock_connect(dialled, there)
        except OSError as error:
            dialled.close()
            failed = error
        except BaseException:
            dialled.close()
            raise
        else:
            return dialled
    raise failed


async def _head(tunnel: socket.socket) -> bytes:
    """The proxy's answer up to its empty line. What follows is the server's, and not read here."""
    loop, head = asyncio.get_running_loop(), bytearray()
    while not head.endswith(b"\r\n\r\n") and len(head) < LONGEST:
        byte = await loop.sock_recv(tunnel, 1)
        if not byte:
            break
        head += byte
    return bytes(head)


def _refusal(head: bytes, target: str) -> str:
    """Why there is no tunnel; "" where there is one."""
    status = STATUS.match(head)
    if status is None:
        said = "hung up" if not head else "answered with what is no HTTP"
        return f"{said} at CONNECT {target}"
    if status[1].startswith(b"2") and head.endswith(b"\r\n\r\n"):
        return ""
    if status[1] == b"407":
        return "wants a login that it knows: http://USER:PASSWORD@HOST:PORT in GONGKAI_EGRESS"
    words = b" ".join(filter(None, status.groups())).decode("ascii").strip()
    return f"answered {words} to CONNECT {target}"


def _reason(error: OSError) -> str:
    """The system's own words, without addresses."""
    if error.errno is not None and error.errno > 0:  # getaddrinfo's are below
        return os.strerror(error.errno)
    return error.strerror or str(error)


def _written(address: Address) -> str:
    host, port = address
    name = host if host.isascii() else host.encode("idna").decode()
    return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"
