"""Deriving again: the spiders run over the archive, and the catalogue is replaced by what they say.

Every crawl that the archive knows is run again in its order, each against the captures up to its
own end, so that a page which changed between two nights is read twice, as it was then. What others
captured, perhaps over years, is run through once for each day of theirs. The result goes into a
scratch catalogue first; the difference is told before anything is replaced. What a crawl adds to
the archive meanwhile is run through too, or its documents would be taken out of the catalogue.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from archive import Index
from archive.disk import lock
from archive.foreign_report import CRAWL as IMPORTED
from crawler.errors import Unavailable, WrongUse
from crawler.order import Order, portals
from crawler.run import crawl
from pipelines.catalogue import Catalogue

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path

    from pipelines.difference import Difference


Pass = tuple[str, str, tuple[str, ...]]
"""A crawl, the time up to which its captures count, and its portals."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a replay covers: portals (none named: all), report years, captures up to a date."""

    portals: tuple[str, ...] = ()
    years: tuple[int | None, int | None] = (None, None)
    as_of: str = ""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay came to."""

    crawls: int
    documents: int
    missing: int  # asked for and not in the archive
    difference: Difference

    def lines(self) -> Iterator[str]:
        """For people."""
        yield (
            f"{self.crawls} crawl{'' if self.crawls == 1 else 's'} replayed, "
            f"{self.documents} documents read, {self.missing} pages not in the archive"
        )
        yield from self.difference.lines()

    def as_json(self) -> dict[str, Any]:
        """Plain data for `json.dumps`."""
        counts = {name: getattr(self, name) for name in ("crawls", "documents", "missing")}
        return {**counts, "difference": self.difference.as_json()}


async def replay(
    order: Order,
    scope: Scope,
    tell: Callable[[Replayed], None] = lambda _: None,
    *,
    dry_run: bool = False,
) -> None:
    """Run the archive through spiders and parser, tell what changes, and change the catalogue.

    Documents outside of `scope` stay as they are; a dry run only tells. Raises WrongUse when the
    archive holds nothing of what was asked for.
    """
    passes = _left(order.store, scope, {})
    if not passes:
        raise WrongUse(
            f"the archive in {order.store} holds nothing of that: `gongkai archive list` shows "
            "what, `gongkai archive index` looks into the files again"
        )
    done: dict[Pass, int] = {}
    with _scratch(order.store) as url:
        while passes:
            for one in passes:
                name, upto, names = one
                past = replace(
                    order, portals=names, world="archive", as_of=upto, crawl=name, catalogue=url
                )
                done[one] = (await crawl(past)).missing
            passes = _left(order.store, scope, done)
        with Catalogue.open(order.store, url) as fresh:
            documents = sum(1 for _ in fresh.documents())
            with Catalogue.open(order.store, order.catalogue or None) as current:
                difference = current.difference(fresh, _in_scope(scope), scope.years)
                tell(Replayed(len(done), documents, sum(done.values()), difference))
                if not dry_run:
                    current.adopt(fresh, _in_scope(scope), scope.years)


def _left(store: Path, scope: Scope, done: Collection[Pass]) -> list[Pass]:
    """The passes that are left, in the end those of what was added meanwhile.

    Raises WrongUse where that is older than what was read of the portal: the order matters.
    """
    left = [one for one in _passes(store, scope) if one not in done]
    for name, upto, names in left:
        if any(upto < later and {*names} & {*others} for _, later, others in done):
            raise WrongUse(f"{name} was added to the archive meanwhile: run the replay again")
    return left


def _passes(store: Path, scope: Scope) -> Iterator[Pass]:
    """Every pass, in the order of time."""
    wanted = {name for name in portals() if not scope.portals or name in scope.portals}
    found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    with Index(store) as index:
        for past in index.crawls():
            if scope.as_of and past.first_at > scope.as_of:
                continue
            spans = [(past.last_at, name) for name in past.portals]
            if past.crawl.startswith(IMPORTED):
                last_day = scope.as_of[:10] or past.last_at
                spans = [(at, name) for at, name in index.days(past.crawl) if at[:10] <= last_day]
            for upto, name in spans:
                found[min(upto, scope.as_of or upto), past.crawl].add(name)
    for (upto, name), own in sorted(found.items()):
        if names := tuple(sorted(own & wanted)):
            yield name, upto, names


def _in_scope(scope: Scope) -> set[str] | None:
    return set(scope.portals) or None


@contextmanager
def _scratch(store: Path) -> Iterator[str]:
    """The URL of an empty catalogue beside the real one, gone afterwards.

    Raises Unavailable while another replay fills it.
    """
    path = store / "replay.sqlite"
    names = [path.with_name(path.name + end) for end in ("", "-wal", "-shm")]
    with (store / "replay.lock").open("a") as turn:
        if not lock(turn.fileno()):
            raise Unavailable(f"another replay is running on {store}: wait for it, or stop it")
        for name in names:
            name.unlink(missing_ok=True)
        try:
            yield f"sqlite:///{path}"
        finally:
            for name in names:
                name.unlink(missing_ok=True)
