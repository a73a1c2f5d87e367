"""`gongkai crawl`, `nightly` and `replay`: what fetches, and what derives again."""

from __future__ import annotations

import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.cli.options import (
    STORE,
    AsJson,
    AsOf,
    CatalogueUrl,
    Fetching,
    Only,
    Redis,
    Store,
    moment,
    print_json,
    takes,
)
from crawler.errors import WrongUse

if TYPE_CHECKING:
    from crawler.order import Order
    from crawler.run import Result

Names = Annotated[list[str], typer.Argument(metavar="NAME…", help="Portals, as `scrapy list`.")]


def register(app: typer.Typer) -> None:
    app.command("crawl")(takes(Fetching)(crawl))
    app.command("nightly")(takes(Fetching)(nightly))
    app.command("replay")(replay)


def crawl(
    how: Fetching, names: Names, as_of: AsOf = "", only: Only = "", as_json: AsJson = False
) -> None:
    """Crawl portals now, politely, and say what was found."""
    import asyncio

    from crawler.order import check, new_crawl_name, staged
    from crawler.run import crawl as run

    order = how.order(names, crawl=new_crawl_name("crawl"), as_of=as_of, only=only)
    check(order)
    with staged(order) as ready:
        result = asyncio.run(run(ready))
    if as_json:
        print_json(asdict(result))
    else:
        tell(result, order)
    finish(result, order, "crawl")


def nightly(how: Fetching, as_json: AsJson = False) -> None:
    """Crawl all portals, never two nights at a time; print what is new, missing or broken."""
    from crawler.nightly import night
    from crawler.order import staged

    order = how.order()
    with staged(order) as ready:
        morning = night(ready)
    if as_json:
        print_json(morning.as_json())
    else:
        print("\n".join(morning.lines()))
    finish(morning.result, replace(order, crawl=morning.result.crawl), "nightly")


def replay(
    store: Store = Path(STORE),
    portal: Annotated[list[str] | None, typer.Option("--portal", help="Only this portal.")] = None,
    from_year: Annotated[int | None, typer.Option("--from-year", help="First report year.")] = None,
    to_year: Annotated[int | None, typer.Option("--to-year", help="Last report year.")] = None,
    as_of: AsOf = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell, but change nothing.")] = False,
    redis: Redis = "",
    catalogue: CatalogueUrl = "",
    as_json: AsJson = False,
) -> None:
    """Derive the catalogue again from the archive, and say what that changes before it does."""
    import asyncio

    from crawler.order import Order, check
    from crawler.replay import Replayed, Scope
    from crawler.replay import replay as run

    def tell(replayed: Replayed) -> None:
        if as_json:
            print_json({"written": not dry_run, **replayed.as_json()})
        else:
            print(*replayed.lines(), *(["nothing is written"] if dry_run else []), sep="\n")
        sys.stdout.flush()  # told before anything is replaced

    order = Order(
        portals=tuple(portal or ()), store=store, world="archive", redis=redis, catalogue=catalogue
    )
    check(order)
    if from_year is not None and to_year is not None and from_year > to_year:
        raise WrongUse(f"--from-year {from_year} --to-year {to_year}: no year lies between them")
    scope = Scope(order.portals, (from_year, to_year), moment(as_of))
    asyncio.run(run(order, scope, tell, dry_run=dry_run))


def tell(result: Result, order: Order) -> None:
    """The canonical line a portal, on stderr."""
    from crawler.order import portals

    known = portals()
    for run in result.portals:
        print(run.line(known[run.portal].expect), file=sys.stderr)
        for lack in run.short:
            print(f"  short  {run.portal}: {lack}", file=sys.stderr)
    if result.missing:
        print(f"  {result.missing} pages are not in the archive", file=sys.stderr)
    if any(run.issues for run in result.portals):
        look = f"gongkai issues --store {order.store} --crawl {result.crawl}"
        print(f"  look: {look}", file=sys.stderr)


def finish(result: Result, order: Order, command: str) -> None:
    """Leave with the exit code that a run deserves."""
    if result.interrupted:
        again = ["gongkai", command, *order.portals, "--crawl", result.crawl]
        again += ["--store", str(order.store), "--world", order.world]
        again += ["--connect-to", order.connect_to] if order.connect_to else []
        again += [f"--egress {way.partition('=')[0]}=…" for way in order.egress.split()]
        print(f"interrupted, nothing is lost; to go on: {' '.join(again)}", file=sys.stderr)
        raise typer.Exit(130)
    if not result.clean:
        raise typer.Exit(1)
