"""An order to crawl: what, in which world, and whether it can be carried out at all."""

from __future__ import annotations

import difflib
import ipaddress
import os
import re
import socket
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scrapy.settings import Settings
from scrapy.spiderloader import get_spider_loader

from crawler import egress
from crawler.errors import Unavailable, WrongUse
from crawler.practice.city import City
from crawler.practice.server import serving
from spiders.portal import Portal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from crawler.egress import Egress

PRACTICE = "practice_"
CRAWL_NAME = re.compile(r"[A-Za-z0-9][\w.@-]*")  # part of keys in Redis, and a directory


@dataclass(frozen=True, slots=True)
class Order:
    """What to crawl, in which world, and where to keep it."""

    portals: tuple[str, ...]
    store: Path
    world: str = "live"
    connect_to: str = ""
    as_of: str = ""
    crawl: str = ""  # the name of a crawl to begin or to go on with; "": a new one
    carry: str = ""  # an earlier crawl: what it left waiting is taken over
    delay: float | None = None  # seconds; None: each portal's own
    limit: int = 0  # fetches per portal; 0: no limit
    only: str = ""  # a section
    redis: str = ""
    catalogue: str = ""
    egress: str = field(default="", repr=False)  # "NAME=WAY …", perhaps with passwords
    metrics: int = 0  # a port on loopback; 0: none
    progress: bool = False  # a live display on stderr

    def settings(self) -> Settings:
        """Scrapy's settings for this order, on top of `crawler.settings`."""
        settings = project_settings()
        named = {
            "GONGKAI_STORE": str(self.store),
            "GONGKAI_WORLD": self.world,
            "GONGKAI_CONNECT_TO": self.connect_to,
            "GONGKAI_AS_OF": self.as_of,
            "GONGKAI_CRAWL": self.crawl,
            "GONGKAI_CARRY": self.carry,
            "GONGKAI_DELAY": self.delay,
            "GONGKAI_LIMIT": self.limit,
            "GONGKAI_ONLY": self.only,
            "GONGKAI_METRICS": self.metrics,
            "GONGKAI_PROGRESS": self.progress,
        }
        settings.update(named, priority="cmdline")
        given = ("redis", self.redis), ("catalogue", self.catalogue), ("egress", self.egress)
        for name, value in given:
            if value:
                settings.set(f"GONGKAI_{name.upper()}", value, priority="cmdline")
        return settings

    def egresses(self) -> dict[str, Egress]:
        """The ways out of this machine. Raises WrongUse for what cannot be meant."""
        return egress.read(self.settings()["GONGKAI_EGRESS"])


def project_settings() -> Settings:
    """`crawler.settings` as Scrapy reads it, from whatever directory we were started in."""
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    # Asked again: the module was perhaps read before these portals came to be.
    more = filter(None, os.environ.get("GONGKAI_SPIDERS", "").split(","))
    settings.set("SPIDER_MODULES", ["spiders", *more])
    return settings


def portals() -> dict[str, type[Portal]]:
    """Every portal by name."""
    loader = get_spider_loader(project_settings())
    found = {name: loader.load(name) for name in loader.list()}
    return {name: spider for name, spider in sorted(found.items()) if issubclass(spider, Portal)}


def new_crawl_name(kind: str) -> str:
    """E.g. `2026-11-22T0213-crawl`, UTC, with seconds so that two do not meet."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H%M%S}-{kind}"


def check(order: Order) -> None:
    """Raise WrongUse or Unavailable for an order that cannot be carried out."""
    known = portals()
    for name in order.portals:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
            hint = f"did you mean {', '.join(close)}?" if close else "`scrapy list` names them all"
            raise WrongUse(f"there is no portal {name!r}: {hint}")
        if order.world == "live" and not order.connect_to and name.startswith(PRACTICE):
            raise WrongUse(f"{name} exists in the practice city only: add --world practice")
    if order.world not in {"live", "practice", "archive"}:
        raise WrongUse(f"there is no world {order.world!r}: choose live, practice or archive")
    if order.as_of and order.world != "archive":
        raise WrongUse("--as-of looks into the past: it needs --world archive")
    if order.delay is not None and not _on_loopback(order.connect_to) and order.world == "live":
        for name in order.portals:
            if order.delay < known[name].delay:
                raise WrongUse(
                    f"--delay {order.delay:g} is shorter than the {known[name].delay:g} s that "
                    f"{name} is promised: only a server on loopback (--connect-to) may be hurried"
                )
    _check_egresses(order, known)
    if order.world == "live" and not order.connect_to and not project_settings()["GONGKAI_CONTACT"]:
        raise WrongUse(
            "the live web must know whom to write to: set GONGKAI_CONTACT to your e-mail or page"
        )
    if not CRAWL_NAME.fullmatch(order.crawl or "x"):
        raise WrongUse(f"--crawl {order.crawl}: use letters, digits and . _ @ - only")
    _check_writable(order.store)


def _check_egresses(order: Order, known: Mapping[str, type[Portal]]) -> None:
    ways = order.egresses()
    if order.world != "live" or order.connect_to:  # nothing goes out
        return
    for name in ways:
        if "_" in name and name not in known:
            raise WrongUse(
                f"--egress {name}: there is no such portal; `scrapy list` names them all"
            )
    for name in order.portals:
        source = egress.chosen(ways, name, known[name].egress).source
        if source and not _is_ours(source):
            raise Unavailable(f"--egress: this machine has no address {source}; see `ip addr`")


def _is_ours(address: str) -> bool:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True


def _on_loopback(address: str) -> bool:
    host = address.rpartition(":")[0].strip("[]")
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _check_writable(store: Path) -> None:
    try:
        store.mkdir(parents=True, exist_ok=True)
        probe = store / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise Unavailable(
            f"the store {store} cannot be written ({error.strerror}): "
            "name another with --store or GONGKAI_STORE"
        ) from error


@contextmanager
def staged(order: Order) -> Iterator[Order]:
    """The order with its world in place: the practice city is started if nobody else plays it."""
    if order.world != "practice" or order.connect_to:
        yield order
        return
    with serving(City()) as address:
        yield replace(order, connect_to=address)
