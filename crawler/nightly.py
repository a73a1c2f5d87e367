"""The night: every portal once, never two nights at a time, and a summary in the morning."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from crawler.errors import Unavailable
from crawler.order import PRACTICE, Order, check, new_crawl_name, portals
from crawler.run import Result, crawl
from pipelines.catalogue import Catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DOCUMENTS = {"annual_report", "disclosure_guide", "statistics_form"}


@dataclass(frozen=True, slots=True)
class Morning:
    """What someone should know after a night."""

    result: Result
    new: tuple[str, ...]  # reports and guides that were not there, or not like this, the day before
    missing: tuple[str, ...]  # what portals should show and do not
    broken: tuple[str, ...]  # issues, each with its address

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self.result), "new": self.new, "missing": self.missing,
                "broken": self.broken}  # fmt: skip

    def lines(self) -> Iterator[str]:
        """The summary as text."""
        yield f"{self.result.crawl}: {sum(run.pages for run in self.result.portals)} pages"
        for title in ("new", "missing", "broken"):
            found: tuple[str, ...] = getattr(self, title)
            yield f"{title:8} {len(found)}"
            yield from (f"  {line}" for line in found)


def due(world: str) -> tuple[str, ...]:
    """The portals of a night: all of the world's."""
    practising = world == "practice"
    return tuple(name for name in portals() if name.startswith(PRACTICE) == practising)


def night(order: Order) -> Morning:
    """Crawl what is due. Raises Unavailable while another night is running on this store."""
    names = order.portals or due(order.world)
    order = replace(order, portals=names, crawl=order.crawl or new_crawl_name("nightly"))
    order = replace(order, carry=before(order))
    check(order)
    with only_one(order.store):
        return morning(order, asyncio.run(crawl(order)))


def before(order: Order) -> str:
    """The night before on this store, in the same world; "" for the first.

    What it left because of budgets, hours or firewalls is fetched before what is found again.
    """
    nights = sorted(order.store.glob("crawls/*-nightly/order.json"))
    for path in reversed(nights):
        said = json.loads(path.read_text(encoding="utf-8"))
        same = (said["world"], said["connect_to"]) == (order.world, order.connect_to)
        if same and path.parent.name != order.crawl:
            return path.parent.name
    return ""


def morning(order: Order, result: Result) -> Morning:
    """Read from the catalogue what the night came to."""
    with Catalogue.open(order.store, order.catalogue or None) as catalogue:
        issues = catalogue.issues(crawl=result.crawl)
        new = [
            f"{d['portal']}: {d['organ'] or '?'} {d['year'] or ''} {d['class']}"
            for name in order.portals
            for d in catalogue.documents(portal=name)
            if d["class"] in DOCUMENTS and d["capture"]["at"] >= result.began
        ]
    return Morning(
        result,
        new=tuple(new),
        missing=tuple(f"{run.portal}: {lack}" for run in result.portals for lack in run.short),
        broken=tuple(f"{i['portal']}: {i['code']} {i['url']}: {i['says']}" for i in issues),
    )


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
