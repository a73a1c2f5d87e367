"""The key under which indexes sort addresses: host backwards, then path and query, lower case.

A key is for looking up neighbours and for other people's tools, which compute it from an address
and look for it in our CDXJ: it must be theirs, byte for byte, odd cases too. It forgets case,
ports, session ids and the order of parameters, so it never says that two addresses are the same.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote_from_bytes, unquote_to_bytes, urlsplit

WWW = re.compile(r"^www\d*\.")
PORTS = {"http": 80, "https": 443}
SESSIONS = [
    re.compile(kind + r"(?:&|$)")
    for kind in (
        r"jsessionid=[0-9a-z]{32}",
        r"phpsessid=[0-9a-z]{32}",
        r"sid=[0-9a-z]{32}",
        r"aspsessionid[a-z]{8}=[a-z]{24}",
        r"cfid=(?:(?!cfid=)[^&])+&cftoken=[^&]+",
    )
]
PATH_SESSIONS = [
    re.compile(r"/\(" + kind + r"\)(?=/.)")
    for kind in (r"(?:[a-z]\([0-9a-z]{24}\))+", r"[0-9a-z]{24}")
]
PLAIN = re.compile(  # most are
    r"(https?)://([a-z0-9.-]+)(?::([1-9][0-9]{0,3}|[1-5][0-9]{4}))?(/|(?:/[a-z0-9_-][a-z0-9._-]*)+)"
)
SAFE = "!\"$&'()*+,-./:;<=>?@[\\]^_`{|}~"
LONG = 4096  # characters of an address whose key is not remembered
DEEPEST = 10  # escapes of escapes that are undone: each costs a pass over all of it


def surt(url: str) -> str:
    """Return the sort key of an address; the address in lower case when it names no host."""
    return _key(url) if len(url) < LONG else _key.__wrapped__(url)


@lru_cache(4096)  # a capture is indexed twice: beside its file, and in the database
def _key(url: str) -> str:
    if plain := PLAIN.fullmatch(url):
        scheme, host, number, path = plain.groups()
        return _name(host, scheme, int(number or 0)) + path
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 0
    except ValueError:
        return url.lower()
    if not host:
        return url.lower()
    query = _query(_plain(parts.query))
    name = _name(_host(host), parts.scheme, port)
    return name + _path(parts.path) + (f"?{query}" if query else "")


def _name(host: str, scheme: str, port: int) -> str:
    """The host backwards, with its port unless that is the scheme's."""
    name = ",".join(reversed(WWW.sub("", host.replace("..", ".").strip(".")).split(".")))
    return f"{name}:{port})" if port and port != PORTS.get(scheme) else f"{name})"


def _host(host: str) -> str:
    """A host of other letters as DNS knows it."""
    raw = _unescaped(host)
    try:
        return raw.decode("ascii" if raw.isascii() else "utf-8").encode("idna").decode()
    except UnicodeError:
        return quote_from_bytes(raw, SAFE).lower()


def _unescaped(text: str) -> bytes:
    raw = unquote_to_bytes(text)
    for _ in range(DEEPEST):
        if (again := unquote_to_bytes(raw)) == raw:
            break
        raw = again
    return raw


def _plain(text: str) -> str:
    """Lower case, and only those escapes that are needed."""
    return quote_from_bytes(_unescaped(text).lower(), SAFE).lower()


def _path(text: str) -> str:
    """Resolve dots, fold slashes, drop the last one and a session id."""
    parts: list[str] = []
    for part in _plain(text).removeprefix("/").split("/"):
        if part == ".." and parts:
            parts.pop()
        elif part != ".":
            parts.append(part)
    path = "/" + "/".join(filter(None, parts))
    for session in PATH_SESSIONS:
        path = _without_last(session, path, ".aspx")
    return path


def _query(text: str) -> str:
    """Drop session ids, and sort the parameters by name and value."""
    for session in SESSIONS:
        text = _without_last(session, text)
    return "&".join(sorted(text.split("&"), key=lambda one: one.partition("=")))


def _without_last(pattern: re.Pattern[str], text: str, before: str = "") -> str:
    """Cut out the last match, if it stands before some text."""
    last = None
    for found in pattern.finditer(text, 0, text.rfind(before)):
        last = found
    return text[: last.start()] + text[last.end() :] if last else text
