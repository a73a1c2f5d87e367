"""`gongkai explain HOST`: why a host is not being fetched, and until when."""

from __future__ import annotations

import difflib
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from crawler.cli.crawls import ask
from crawler.cli.options import STORE, AsJson, CrawlName, Redis, Store, print_json
from crawler.errors import WrongUse
from crawler.outlook import pending, spell

if TYPE_CHECKING:
    from crawler.frontier.client import Frontier
    from crawler.frontier.record import Record
    from crawler.frontier.state import GroupState

CLASSES = ("robots.txt", "listings", "documents", "attachments")
NEXT = 3  # addresses shown of what comes next


def register(app: typer.Typer) -> None:
    app.command("explain")(explain)


def explain(
    host: Annotated[str, typer.Argument(help="A host, an address, or a politeness group.")],
    store: Store = Path(STORE),
    crawl: CrawlName = "",
    redis: Redis = "",
    as_json: AsJson = False,
) -> None:
    """Say why a host is not being fetched, and until when.

    Exit code 1 when somebody or something holds it up: a pause, the breaker, a spent budget.
    """

    async def question(frontier: Frontier) -> tuple[GroupState, list[Record]]:
        found = find(host, await frontier.groups())
        return found, await frontier.peek(found.group, NEXT)

    group, following = ask(store, redis, crawl, question)
    if as_json:
        leases = [held._asdict() for held in group.leases]
        urls = [record.url for record in following]
        print_json({**asdict(group), "leases": leases, "why": why(group), "next": urls})
    else:
        print("\n".join([f"{group.group}  {group.state}  {why(group)}", *_facts(group)]))
        for record in following:
            print(f"  next      {record.url}")
    if held_up(group):
        raise typer.Exit(1)


def find(host: str, groups: list[GroupState]) -> GroupState:
    """The group of a host, an address, or of that name. Raises WrongUse where there is none.

    A group is named with how it was reached (`127.0.0.1:8008:yanshi.test`) unless that is the web.
    """
    from crawler.frontier.groups import group_of

    try:
        name = urlsplit(host).hostname or host if "//" in host else host.lower().rstrip("/")
    except ValueError as error:
        raise WrongUse(f"{host} names no host: say one, as www.example.gov.cn") from error
    by_name = {wanted: group for group in sorted(groups, key=pending) for wanted in _names(group)}
    if found := by_name.get(name) or by_name.get(group_of(f"http://{name}/")):
        return found
    known = sorted({host_of(group) for group in groups})
    close = difflib.get_close_matches(name, known, n=3, cutoff=0.4) or known[:5]
    hint = f"it knows {', '.join(close)}" if close else "nothing waits in it"
    raise WrongUse(f"nothing of {host} is in this crawl: {hint}; a portal may name another group")


def _names(group: GroupState) -> tuple[str, str]:
    return group.group, host_of(group)


def host_of(group: GroupState) -> str:
    """The registered domain of a group, or the name its portal gave it."""
    return group.group.rpartition(":")[2]


def held_up(group: GroupState) -> bool:
    """Whether more than the group's own turn keeps it from being fetched."""
    return group.state in {"paused", "retired", "blocked"} or group.breaker == "open"


def why(group: GroupState) -> str:
    """One sentence: the reason, and when it ends."""
    strikes = f"{group.strikes} failure{'' if group.strikes == 1 else 's'} in a row"
    trial = f", a trial after {strikes}" if group.breaker == "half_open" else ""
    said = {
        "ready": "may be fetched now",
        "in-process": f"{group.inflight} of {group.concurrency} in flight{trial}",
        "paused": "paused: `gongkai frontier resume` lets it go on",
        "exhausted": "nothing is left of it",
        "retired": f"its budget of {group.budget} fetches is spent for this crawl",
        "blocked": "answers with challenges: nothing more is asked in this crawl",
    }
    return said.get(group.state) or f"{_waits_for(group, strikes)} {_until(group)}"


def _waits_for(group: GroupState, strikes: str) -> str:
    if group.breaker == "open":
        return f"left alone after {strikes}, with one trial"
    if group.until_ms <= group.next_ms:
        return "waits its turn"
    if group.windows:
        return f"outside its hours ({group.windows} China time)"
    return "what is left waits for another try"


def _until(group: GroupState) -> str:
    left = max(0, group.until_ms - group.now_ms) / 1000
    moment = datetime.fromtimestamp(group.until_ms / 1000).astimezone()
    return f"until {moment:{'%F %H:%M' if left > 43_200 else '%H:%M:%S'}} (for {spell(left)})"


def _facts(group: GroupState) -> list[str]:
    waiting = ", ".join(f"{n} {what}" for n, what in zip(group.queued, CLASSES, strict=True) if n)
    asked = ", as robots.txt asks" if group.crawl_delay_ms > group.configured_ms else ""
    facts = {
        "delay": f"{group.delay_ms / 1000:g}s{asked}; an answer takes {group.average_ms / 1000:g}s",
        "waiting": f"{waiting or 'nothing'}; {group.delayed} for another try"
        + (f"; {group.spilled} on disk" if group.spilled else ""),
        "settled": f"{group.done} done, {group.failed} failed",
    }
    if group.budget is not None:
        facts["budget"] = f"{group.budget_left} of {group.budget} fetches left"
    if group.windows:
        facts["hours"] = f"{group.windows} China time"
    lines = [f"  {name:9} {text}" for name, text in facts.items()]
    lines += [f"  in flight {held.url} for {held.held_ms / 1000:.1f}s" for held in group.leases]
    return lines
