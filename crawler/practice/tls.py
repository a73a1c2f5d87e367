"""Which hosts of the city speak TLS, and how badly: TLS 1.0, a certificate that ran out in 2019.

All others speak http only. One port serves both: a connection begins with a handshake or with a
request, and a handshake for a host that has none ends as it does with a web server.
"""

import asyncio
import socket
import ssl
import tempfile
import warnings
from functools import cache

from crawler.practice.certificate import pem
from crawler.practice.cms_aspx import AspxSite
from crawler.practice.traps import Twins

ONLY = frozenset({AspxSite.place.host})  # nothing there without TLS
HOSTS = ONLY | set(Twins.hosts)
HANDSHAKE = b"\x16"  # the first byte of a TLS record that opens a connection


@cache
def context() -> ssl.SSLContext:
    """What all of them use, as if one old server stood behind them."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that it is old is the point
        made.minimum_version = made.maximum_version = ssl.TLSVersion.TLSv1
    made.set_ciphers("DEFAULT:@SECLEVEL=0")
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(pem(AspxSite.place.host))
        file.flush()
        made.load_cert_chain(file.name)
    made.sni_callback = _named
    return made


def _named(_channel: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> int | None:
    return None if name is None or name in HOSTS else ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME


async def begins_with_handshake(connection: socket.socket) -> bool:
    """Whether a connection's first byte, which stays to be read, opens TLS."""
    loop = asyncio.get_running_loop()
    came = asyncio.Event()
    loop.add_reader(connection, came.set)
    try:
        await came.wait()
    finally:
        loop.remove_reader(connection)
    return connection.recv(1, socket.MSG_PEEK) == HANDSHAKE
