"""`gongkai frontier`: look after the queue of a crawl."""

from __future__ import annotations

import json
import sys
from collections import Counter
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crawler.cli.crawls import ask, rate
from crawler.cli.explain import find
from crawler.cli.options import STORE, AsJson, CrawlName, Redis, Store, print_json
from crawler.errors import WrongUse
from crawler.outlook import Outlook, spell

if TYPE_CHECKING:
    from crawler.frontier.client import Frontier

app = typer.Typer(help="Look after the queue of a crawl.", no_args_is_help=True)

Group = Annotated[str, typer.Option("--group", help="Only this host or group; none: the crawl.")]
STATES = {
    "waiting": ("queued", "delayed", "leased"),
    "settled": ("done", "gone", "skipped", "failed"),
}
REASONS = ("failed", "retried", "rejected")


@app.command("stats")
def stats(
    store: Store = Path(STORE), crawl: CrawlName = "", redis: Redis = "", as_json: AsJson = False
) -> None:
    """What waits, what is done and why not, how fast, and what the queue costs in memory."""

    async def question(frontier: Frontier) -> dict[str, Any]:
        outlook = Outlook.of(await frontier.groups())
        return {
            "crawl": frontier.crawl,
            "counts": await frontier.stats(),
            "groups": dict(outlook.states),
            "seconds_left": outlook.seconds,
            "rate": rate(store, frontier.crawl),
            "memory": await frontier.memory(),
        }

    found = ask(store, redis, crawl, question)
    if as_json:
        print_json(found)
        return
    told = [word for word in ("paused", "draining") if found["counts"].get(word)]
    print("  ".join([found["crawl"], *told]))
    for name, text in _facts(found).items():
        print(f"  {name:9} {text}")


def _facts(found: dict[str, Any]) -> dict[str, str]:
    counts, memory = Counter(found["counts"]), found["memory"]
    facts = {name: ", ".join(f"{counts[w]} {w}" for w in words) for name, words in STATES.items()}
    for what in REASONS:
        by_reason = [(name.partition(":")[2], n) for name, n in sorted(counts.items())
                     if name.startswith(f"{what}:")]  # fmt: skip
        if by_reason:
            facts[what] = ", ".join(f"{reason} {n}" for reason, n in by_reason)
    states = sorted(found["groups"].items())
    facts["groups"] = ", ".join(f"{n} {state}" for state, n in states) or "none"
    speed = f"{found['rate']:.2g}/s lately"
    facts["speed"] = f"{speed}, at least {spell(found['seconds_left'])} more"
    each = f"{memory['bytes_per_pending']:.1f} B a URL that waits"
    each += f", {memory['bytes_per_seen']:.1f} B a URL seen"
    facts["memory"] = f"{memory['bytes'] / 2**20:.1f} MiB: {each}"
    return facts


@app.command("pause")
def pause(
    store: Store = Path(STORE), crawl: CrawlName = "", redis: Redis = "", group: Group = ""
) -> None:
    """Lease nothing more, of the crawl or of one host; what is in flight finishes."""

    async def question(frontier: Frontier) -> str:
        named = await _named(frontier, group)
        await frontier.pause(named or None)
        return f"paused {named or frontier.crawl}: `gongkai frontier resume` lets it go on"

    print(ask(store, redis, crawl, question))


@app.command("resume")
def resume(
    store: Store = Path(STORE), crawl: CrawlName = "", redis: Redis = "", group: Group = ""
) -> None:
    """Undo `pause` and `drain`."""

    async def question(frontier: Frontier) -> str:
        named = await _named(frontier, group)
        await frontier.resume(named or None)
        return f"{named or frontier.crawl} goes on"

    print(ask(store, redis, crawl, question))


@app.command("drain")
def drain(store: Store = Path(STORE), crawl: CrawlName = "", redis: Redis = "") -> None:
    """Queue no new links; what is queued is still fetched, then the crawl ends."""

    async def question(frontier: Frontier) -> str:
        await frontier.drain()
        left = await frontier.left()
        return f"{frontier.crawl} drains, {left} to go: `gongkai frontier resume` takes that back"

    print(ask(store, redis, crawl, question))


@app.command("requeue")
def requeue(store: Store = Path(STORE), crawl: CrawlName = "", redis: Redis = "") -> None:
    """Give everything that failed another try, with all its attempts."""

    async def question(frontier: Frontier) -> int:
        return await frontier.requeue_failed()

    print(f"{ask(store, redis, crawl, question)} queued again")


@app.command("forget")
def forget(
    urls: Annotated[list[str], typer.Argument(metavar="URL…", help="Addresses.")],
    store: Store = Path(STORE),
    crawl: CrawlName = "",
    redis: Redis = "",
) -> None:
    """Forget that addresses were seen: when they are found again, they are fetched again."""

    async def question(frontier: Frontier) -> int:
        return await frontier.forget(urls)

    forgotten = ask(store, redis, crawl, question)
    print(f"{forgotten} of {len(urls)} forgotten")
    if forgotten < len(urls):
        raise typer.Exit(1)


@app.command("rebuild")
def rebuild(
    store: Store = Path(STORE), crawl: CrawlName = "", redis: Redis = "", as_json: AsJson = False
) -> None:
    """Fill an emptied queue again from the crawl's journal and the archive; fetches nothing."""
    import asyncio

    from crawler.order import Order
    from crawler.run import joining
    from crawler.run import rebuild as run

    order = joining(Order((), store, crawl=crawl, redis=redis))
    if not order.portals:
        raise WrongUse(f"there is no crawl {crawl!r}: see {store / 'crawls'}")
    rebuilt = asyncio.run(run(order))
    if as_json:
        print_json({"crawl": order.crawl, **asdict(rebuilt)})
        return
    print(f"{order.crawl}: {rebuilt.seen} settled, {rebuilt.queued} queued")
    if rebuilt.missing:
        print(f"  {rebuilt.missing} of these were settled, but are not in the archive")


@app.command("export")
def export(
    store: Store = Path(STORE),
    crawl: CrawlName = "",
    redis: Redis = "",
    out: Annotated[Path | None, typer.Option("--out", help="A file; none: stdout.")] = None,
) -> None:
    """Write what waits, is in flight or has failed, one JSON object a line."""
    from msgspec.structs import asdict as fields

    async def question(frontier: Frontier) -> None:
        target = nullcontext(sys.stdout) if out is None else out.open("w", encoding="utf-8")
        with target as lines:
            async for state, group, record in frontier.export():
                line = {"state": state, **fields(record), "group": group}
                print(json.dumps(line, ensure_ascii=False), file=lines)

    ask(store, redis, crawl, question)


async def _named(frontier: Frontier, host: str) -> str:
    """The full name of a group; "" stays ""."""
    return find(host, await frontier.groups()).group if host else ""
