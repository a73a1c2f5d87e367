"""`gongkai worker`: another pair of hands for a crawl that was begun already."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from crawler.cli.crawl import finish, tell
from crawler.cli.options import AsJson, Fetching, print_json, takes

if TYPE_CHECKING:
    import typer


def register(app: typer.Typer) -> None:
    app.command("worker")(takes(Fetching)(worker))


def worker(how: Fetching, as_json: AsJson = False) -> None:
    """Help with a crawl begun by crawl or nightly, until nothing is left; as many as you like."""
    import asyncio

    from crawler.nightly import due
    from crawler.order import check
    from crawler.run import joining, work

    order = joining(how.order())
    check(replace(order, portals=due(order.world)))
    result = asyncio.run(work(order))
    if as_json:
        print_json(asdict(result))
    else:
        tell(result, order)
    finish(result, replace(order, portals=()), "worker")
