"""The night: every portal once, never two nights at a time, and a summary in the morning."""

from __future__ import annotations

import asyncio
import fcntl
import os
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from crawler.errors import Unavailable
from crawler.order import PRACTICE, Order, check, new_crawl_name, portals
from crawler.run import Result, crawl

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def due(world: str) -> tuple[str, ...]:
    """The portals of a night: all of the world's. Recrawl intervals come with the planner."""
    practising = world == "practice"
    return tuple(name for name in portals() if name.startswith(PRACTICE) == practising)


def night(order: Order) -> Result:
    """Crawl what is due. Raises Unavailable while another night is running on this store."""
    names = order.portals or due(order.world)
    order = replace(order, portals=names, crawl=order.crawl or new_crawl_name("nightly"))
    check(order)
    with only_one(order.store):
        return asyncio.run(crawl(order))


@contextmanager
def only_one(store: Path) -> Iterator[None]:
    """Hold the lock of the night. The system drops it with the process, however that ends."""
    with (store / "nightly.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise Unavailable(
                f"another night is still running on {store} (process {lock.read() or 'unknown'}): "
                "wait for it, or stop it with Ctrl-C; nothing is lost"
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
