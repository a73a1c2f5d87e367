"""The key under which indexes sort addresses: host backwards, then path and query, lower case.

A key is for looking up neighbours and for other people's tools. It forgets case, ports, session
ids and the order of parameters, so it never says that two addresses are the same.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote_from_bytes, unquote_to_bytes, urlsplit

WWW = re.compile(r"^www\d*\.")
PORTS = {"http": 80, "https": 443}
SESSION = re.compile(
    r"(?:^|(?<=[?&;]))(?:jsessionid=[0-9a-z$]{10,}|phpsessid=[0-9a-z]{32}|sid=[0-9a-z]{32}"
    r"|aspsessionid[a-z]{8}=[a-z]{24}|cfid=[^&]+&cftoken=[^&]+)(?:&|$)"
)
PATH_SESSION = re.compile(r";jsessionid=[0-9a-z.!_-]{10,}$")
DOTS = re.compile(r"/\.(?=/|$)")
PARENT = re.compile(r"/(?!\.\./)[^/]*/\.\.(?=/|$)")
PLAIN = re.compile(r"https?://([a-z0-9.-]+)(/|(?:/[a-z0-9_-][a-z0-9._-]*)+)")  # most are
SAFE = "!\"$&'()*+,-./:;<=>?@[\\]^_`{|}~"


@lru_cache(4096)  # a capture is indexed twice: beside its file, and in the database
def surt(url: str) -> str:
    """Return the sort key of an address; the address in lower case when it is not http(s)."""
    if plain := PLAIN.fullmatch(url):
        return f"{_name(plain[1])}){plain[2]}"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return url.lower()
    if parts.scheme not in PORTS or not host:
        return url.lower()
    name = _name(host)
    number = f":{port}" if port and port != PORTS[parts.scheme] else ""
    path = _path(_plain(parts.path))
    query = "&".join(sorted(SESSION.sub("", _plain(parts.query)).strip("&").split("&")))
    return f"{name}{number}){path}" + (f"?{query}" if query else "")


def _name(host: str) -> str:
    """The host backwards."""
    return ",".join(reversed(WWW.sub("", host).split(".")))


def _plain(text: str) -> str:
    """Lower case, and only those escapes that are needed."""
    raw = unquote_to_bytes(text)
    while (again := unquote_to_bytes(raw)) != raw:
        raw = again
    return quote_from_bytes(raw.replace(b"#", b"%23").lower(), SAFE + "%").lower()


def _path(path: str) -> str:
    """Resolve dots, fold slashes, drop the last one and a session id."""
    path = re.sub("/{2,}", "/", DOTS.sub("", PATH_SESSION.sub("", path)))
    while (shorter := PARENT.sub("", path, count=1)) != path:
        path = shorter
    return path.rstrip("/") or "/"
