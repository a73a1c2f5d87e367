"""How a server fails to be reached, in one word."""

from __future__ import annotations

import re
import socket
import ssl

NUMBER = re.compile(r"\[Errno (\d+)\]")
UNKNOWN = "no_route"


class HandshakeFailed(ConnectionError):
    """Neither strict nor legacy TLS; the cause is what the legacy way failed with."""


def kind_of(error: BaseException) -> str:
    """dns, refused, timeout, reset, tls, or no_route for whatever else a network may do.

    Of a host with several addresses asyncio tells all failures in one; the first that has a name
    counts.
    """
    if isinstance(error, HandshakeFailed) and error.__cause__ is not None:
        return kind_of(error.__cause__)
    if type(error) is OSError and error.errno is None:
        each = (kind_of(OSError(int(number), "")) for number in NUMBER.findall(str(error)))
        return next((kind for kind in each if kind != UNKNOWN), UNKNOWN)
    kinds = {
        socket.gaierror: "dns",
        ssl.SSLError: "tls",
        ConnectionRefusedError: "refused",
        TimeoutError: "timeout",
        ConnectionError: "reset",  # reset, aborted, a pipe that broke
    }
    return next((word for kind, word in kinds.items() if isinstance(error, kind)), UNKNOWN)
