"""How a server fails to be reached, in one word."""

from __future__ import annotations

import socket
import ssl


class HandshakeFailed(ConnectionError):
    """Neither strict nor legacy TLS; the cause is what the legacy way failed with."""


def kind_of(error: BaseException) -> str:
    """dns, refused, timeout, reset, tls, or no_route for whatever else a network may do."""
    if isinstance(error, HandshakeFailed) and error.__cause__ is not None:
        return kind_of(error.__cause__)
    kinds = {
        socket.gaierror: "dns",
        ssl.SSLError: "tls",
        ConnectionRefusedError: "refused",
        TimeoutError: "timeout",
        ConnectionError: "reset",  # reset, aborted, a pipe that broke
    }
    return next((word for kind, word in kinds.items() if isinstance(error, kind)), "no_route")
