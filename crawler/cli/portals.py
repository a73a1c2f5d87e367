"""`gongkai status` and `issues`: how the portals are, and what someone should look at."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crawler.cli.check import CHECKS
from crawler.cli.crawls import ask, rate, unfinished
from crawler.cli.documents import existing
from crawler.cli.explain import host_of, why
from crawler.cli.options import STORE, AsJson, CatalogueUrl, CrawlName, Redis, Store, print_json
from crawler.errors import WrongUse
from crawler.outlook import Outlook, pending, spell
from crawler.reach import history

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawler.frontier.client import Frontier
    from crawler.frontier.state import GroupState
    from spiders.portal import Portal

ORDERS = "crawls/*/order.json"


def register(app: typer.Typer) -> None:
    app.command("status")(status)
    app.command("issues")(issues)


def status(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="One portal; none: all.")] = "",
    store: Store = Path(STORE),
    crawl: CrawlName = "",
    redis: Redis = "",
    catalogue: CatalogueUrl = "",
    as_json: AsJson = False,
) -> None:
    """Every portal: what is held, when it was last crawled; of a crawl under way, each host."""
    from crawler.order import portals

    known = portals()
    if name and name not in known:
        raise WrongUse(f"there is no portal {name!r}: `scrapy list` names them all")
    names = [n for n in known if not name or n == name]
    held, visited = _held(store, catalogue, names), _visited(store)
    summaries = list(_summaries(store))
    reached, verified = history(summaries), _verified(summaries)
    crawl = crawl or unfinished(store)
    groups = _groups(store, redis, crawl) if crawl else []
    rows = [_row(known[n], held.get(n, {}), *visited.get(n, (0, ""))) for n in names]
    for row in rows:
        row["reach"] = [
            {**asdict(one), "state": one.state} for one in reached.get(row["portal"], [])
        ]
        row["verified"] = verified.get(row["portal"])
        own = _own_groups(known[row["portal"]])
        row["hosts"] = [
            {"group": g.group, "state": g.state, "why": why(g), "waiting": pending(g)}
            for g in groups
            if host_of(g) in own
        ]
    if as_json:
        print_json(rows)
        return
    _print(rows)
    if groups:
        _print_crawl(store, crawl, groups)


def _print(rows: list[dict[str, Any]]) -> None:
    head = f"{'portal':28} {'paths':16} {'last crawl':22} {'reached':12} {'verified':10}"
    print(f"{head} {'captures':>8} {'reports':>9} {'guides':>8}")
    for row in rows:
        reports, guides = _of(row, "reports"), _of(row, "guides")
        last, reach = row["last_crawl"] or "never", row["reach"][-1] if row["reach"] else {}
        paths = "/".join(dict.fromkeys(row["paths"].values()))
        said = f"{row['portal']:28} {paths:16} {last:22} {reach.get('state', 'never'):12}"
        verified = (row["verified"] or "never")[:10]
        print(f"{said} {verified:10} {row['captures']:8} {reports:>9} {guides:>8}")
        if reach and reach["state"] != "ok":
            print(f"  {_since(reach)}")
        for host in row["hosts"]:
            print(
                f"  {host['group']:26} {host['state']:12} {host['waiting']:5} left  {host['why']}"
            )


def _since(reach: dict[str, Any]) -> str:
    """One sentence: what is wrong, since when, and what that means for what is held."""
    since, by = reach["since"][:16] + "Z", f"by egress {reach['egress']}"
    said = {
        "unreachable": f"unreachable from here since {since} {by}: {reach['outcome']}; not gone",
        "blocked": f"challenged since {since} {by}: never solved; not gone",
        "error": f"answers with 5xx since {since} {by}; not gone",
        "egress": f"not asked since {since}: egress {reach['egress']} lets nothing through",
        "gone": f"gone since {since}: 404 or 410 wherever it was asked {by}",
        "moved": f"moved since {since}: it leads to another site",
    }
    return f"{said[reach['state']]}; what is held stays"


def _print_crawl(store: Path, crawl: str, groups: list[GroupState]) -> None:
    outlook = Outlook.of(groups)
    states = ", ".join(f"{n} {state}" for state, n in sorted(outlook.states.items()))
    print(
        f"{crawl}: {states}; {outlook.waiting} left, {rate(store, crawl):.2g}/s lately, "
        f"at least {spell(outlook.seconds)} more"
    )


def _groups(store: Path, redis: str, crawl: str) -> list[GroupState]:
    async def question(frontier: Frontier) -> list[GroupState]:
        return await frontier.groups()

    return ask(store, redis, crawl, question)


def _own_groups(portal: type[Portal]) -> set[str]:
    """The politeness groups of a portal's own hosts."""
    from crawler.frontier.groups import group_of

    sites = [portal.site, *(f"http://{host.lstrip('.')}" for host in portal.hosts)]
    return {portal.group} if portal.group else {group_of(site) for site in sites}


def _held(store: Path, url: str, names: list[str]) -> dict[str, dict[str, int]]:
    """Documents by portal and class; none where nothing was crawled yet."""
    from pipelines.catalogue import Catalogue

    if not url and not (store / "catalogue.sqlite").exists():
        return {}
    with Catalogue.open(store, url or None) as source:
        return {name: source.counts(name) for name in names}


def _visited(store: Path) -> dict[str, tuple[int, str]]:
    """Captures by portal, and when the last one was made."""
    from archive import Index

    if not (store / "index" / "captures.sqlite").exists():
        return {}
    with Index(store) as index:
        return index.portals()


def _summaries(store: Path) -> Iterator[dict[str, Any]]:
    """What crawls and checks came to; what stood in for the web says nothing about it."""
    for path in (path for home in (store, store / CHECKS) for path in home.glob(ORDERS)):
        order, summary = json.loads(path.read_bytes()), path.with_name("summary.json")
        if summary.exists() and (order["world"] == "practice" or not order["connect_to"]):
            yield {"world": order["world"], **json.loads(summary.read_bytes())}


def _verified(summaries: list[dict[str, Any]]) -> dict[str, str]:
    """When the last crawl or check of the web began that brought documents, reports among them."""
    found: dict[str, str] = {}
    for said in summaries:
        for run in said["portals"] if said["world"] == "live" else ():
            if run["reports"] and run["new"] + run["changed"] + run["unchanged"]:
                at = said["began"][:19] + "Z"
                found[run["portal"]] = max(at, found.get(run["portal"], ""))
    return found


def _paths(portal: type[Portal]) -> dict[str, str]:
    """How the path of each section is known: seen, inferred, only stated, or to be searched for."""
    return {
        section: portal.known.get(section, "stated") if path else "searched"
        for section, path in portal.sections.items()
    }


def _row(portal: type[Portal], counts: dict[str, int], captures: int, last: str) -> dict[str, Any]:
    return {
        "portal": portal.name,
        "family": portal.__mro__[1].__name__,
        "site": portal.site,
        "paths": _paths(portal),
        "last_crawl": last[:19] + "Z" if last else None,
        "captures": captures,
        "reports": counts.get("annual_report", 0),
        "guides": counts.get("disclosure_guide", 0),
        "expected_reports": portal.expect.reports,
        "expected_guides": portal.expect.guides,
    }


def _of(row: dict[str, Any], what: str) -> str:
    expected = row[f"expected_{what}"]
    return f"{row[what]}/{expected[0]}" if expected else str(row[what])


def issues(
    store: Store = Path(STORE),
    portal: Annotated[str, typer.Option("--portal", help="Only this portal.")] = "",
    crawl: Annotated[str, typer.Option("--crawl", help="Only what this crawl saw.")] = "",
    catalogue: CatalogueUrl = "",
    as_json: AsJson = False,
) -> None:
    """What someone should look at: of the crawls, and inside the documents."""
    from pipelines.catalogue import Catalogue

    existing(store, catalogue)
    with Catalogue.open(store, catalogue or None) as source:
        found = [dict(i) for i in source.issues(portal=portal or None, crawl=crawl or None)]
        if not crawl:
            found += _in_documents(source, portal)
    if as_json:
        print_json(found)
        return
    for issue in found:
        print(f"{issue['portal']:26} {issue['code']:20} {issue['says']}\n{'':26} {issue['url']}")
    print(f"{len(found)} issue{'' if len(found) == 1 else 's'}")


def _in_documents(source: Any, portal: str) -> list[dict[str, Any]]:
    return [
        {
            "portal": document["portal"],
            "code": issue["code"],
            "says": f"{document['organ'] or '?'} {document['year'] or ''}: {issue['says']}",
            "url": document["capture"]["url"],
        }
        for document in source.documents(portal=portal or None)
        for issue in document["issues"]
    ]
