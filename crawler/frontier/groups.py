"""Which hosts share one server, and so one turn in the queue.

A politeness group is the registered domain: `zwzx.liaocheng.gov.cn` and `slj.liaocheng.gov.cn`
both belong to `liaocheng.gov.cn`. A portal whose departments sit on a server of another domain
names the group itself. Nothing here touches the network or the disk: the public suffix list is the
one inside tldextract.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from tldextract import TLDExtract

HOST = re.compile(r"[\w.:%-]+")


def group_of(url: str, override: str | None = None) -> str:
    """The politeness group of a URL; "" when it has none (no http, no host)."""
    if override:
        return override
    path = url.find("/", len("https://"))  # or later, where the scheme is shorter
    return _group_of_origin(url if path < 0 else url[:path])


@lru_cache(maxsize=65_536)
def _group_of_origin(origin: str) -> str:
    try:
        parts = urlsplit(origin)
        host = parts.hostname or ""
    except ValueError:
        return ""
    return _group_of_host(host.rstrip(".")) if parts.scheme in ("http", "https") else ""


def _group_of_host(host: str) -> str:
    if not HOST.fullmatch(host):
        return ""
    if _is_address(host) or "." not in host:
        return host
    found = _suffixes()(host)
    if found.suffix:
        return found.top_domain_under_public_suffix or host
    return ".".join(host.split(".")[-2:])  # `.test` and other names outside the public list


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


@cache
def _suffixes() -> TLDExtract:
    from tldextract import TLDExtract  # noqa: PLC0415 - half a second, for those who only look

    return TLDExtract(suffix_list_urls=(), cache_dir=None)
