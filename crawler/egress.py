"""Ways out of this machine, and which of them a portal takes. `download/tunnel.py` opens them.

That a portal answers only inside China is a fact of the portal: `egress = "cn"`. What `cn` means is
a fact of the machine: `--egress cn=http://127.0.0.1:3128`, or GONGKAI_EGRESS where a password must
not be seen by others.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from crawler.errors import WrongUse

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT = "default"  # of portals that name no other
NAME = re.compile(r"[a-z][a-z0-9_-]*")  # with "_": a portal's
WAYS = (
    "http://HOST:PORT, http://USER:PASSWORD@HOST:PORT, a source address of this machine, or direct"
)


@dataclass(frozen=True, slots=True)
class Egress:
    """One way out. As text it is fit for logs: it never shows the login."""

    name: str = DEFAULT
    proxy: tuple[str, int] | None = None  # asked by CONNECT, whatever the scheme; it resolves names
    login: str = field(default="", repr=False)  # "user:password" for the proxy
    source: str = ""  # the address that connections come from; "": the system's choice

    def __str__(self) -> str:
        if self.proxy is not None:
            return f"egress {self.name} (proxy {self.proxy[0]}:{self.proxy[1]})"
        return f"egress {self.name} ({f'from {self.source}' if self.source else 'direct'})"

    @property
    def facts(self) -> dict[str, str]:
        """What the archive says of it; nothing of the plain way."""
        return {"egress": self.name} if self != Egress() else {}


def read(text: str) -> dict[str, Egress]:
    """The ways that a machine has, by name: `NAME=WAY`, parted by spaces; always a default.

    Raises WrongUse for what cannot be meant. What was said is not repeated: it may be a password.
    """
    found: dict[str, Egress] = {}
    for said in text.split():
        name, _, way = said.partition("=")
        if not NAME.fullmatch(name) or not way:
            raise WrongUse("--egress: say NAME=WAY, for example cn=http://127.0.0.1:3128")
        if name in found:
            raise WrongUse(f"--egress {name}: it is said twice")
        found[name] = _way(name, way)
    return {DEFAULT: Egress(), **found}


def chosen(egresses: Mapping[str, Egress], portal: str, egress: str) -> Egress:
    """The way of a portal: the one of its own name, else the one that it names.

    Raises WrongUse where this machine does not know that.
    """
    for name in (portal, egress):
        if name in egresses:
            return egresses[name]
    raise WrongUse(
        f"{portal} goes out by {egress!r}, which this machine does not know: say --egress "
        f"{egress}=http://HOST:PORT, or --egress {egress}=direct where it answers from here"
    )


def _way(name: str, way: str) -> Egress:
    if way == "direct":
        return Egress(name)
    if "://" not in way:
        return Egress(name, source=_source(name, way))
    try:
        parts = urlsplit(way)
        host, port = parts.hostname, parts.port
    except ValueError as error:  # it may quote what was said
        raise WrongUse(f"--egress {name}: it cannot be read; say {WAYS}") from error
    if parts.scheme != "http":
        raise WrongUse(f"--egress {name}: {parts.scheme} proxies are not spoken; say {WAYS}")
    if not host or not port or parts.path.strip("/") or parts.query:
        raise WrongUse(f"--egress {name}: a proxy is a host and a port; say {WAYS}")
    login = f"{unquote(parts.username)}:{unquote(parts.password or '')}" if parts.username else ""
    return Egress(name, (host, port), login)


def _source(name: str, way: str) -> str:
    try:
        return str(ipaddress.ip_address(way))
    except ValueError as error:
        raise WrongUse(f"--egress {name}: say {WAYS}") from error
