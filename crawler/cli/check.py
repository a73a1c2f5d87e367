"""`gongkai check`: does a portal still work; a thin crawl, a line a portal."""

from __future__ import annotations

import json
import subprocess
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crawler.cli.options import AsJson, Fetching, print_json, takes
from crawler.errors import WrongUse

if TYPE_CHECKING:
    from crawler.order import Order
    from crawler.summary import PortalRun

CHECKS = "checks"  # beside the archive: thin crawls, which would look like shrunken ones
ENOUGH = 30  # fetches a portal
# Of whatever page: these mean that the portal's facts do not hold any more.
BROKEN = {"layout_changed", "home_page", "moved", "section_lost", "blocked", "blocked_host"}


@dataclass(frozen=True, slots=True)
class Checked:
    """How one portal is: works, moved, broken, or away (it does not answer from here)."""

    portal: str
    state: str
    listings: int
    documents: int
    issues: tuple[dict[str, str], ...]

    def line(self) -> str:
        told = f"{self.listings} listings  {self.documents} documents"
        return f"{self.portal:26} {self.state:8} {told}  {len(self.issues)} issues"


def register(app: typer.Typer) -> None:
    app.command("check")(takes(Fetching)(check))


def check(
    how: Fetching,
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]…", help="Portals.")] = None,
    changed: Annotated[
        bool, typer.Option("--changed", help="Those whose files differ from the branch main.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Crawl portals thinly and say in a line each whether they still work."""
    import asyncio

    from crawler.order import check as may_run
    from crawler.order import new_crawl_name, staged
    from crawler.run import crawl

    wanted = [*(names or []), *(_changed() if changed else [])]
    if not wanted and not changed:
        raise WrongUse("say which portals to check, or --changed for those of your branch")
    order = how.order(wanted, crawl=new_crawl_name("check"))
    order = replace(order, store=order.store / CHECKS, limit=order.limit or ENOUGH, catalogue="")
    found = []
    if wanted:
        may_run(order)
        with staged(order) as ready:
            result = asyncio.run(crawl(ready))
        found = [_checked(order, run) for run in result.portals]
    if as_json:
        print_json([asdict(one) for one in found])
    else:
        _tell(found)
    if any(one.state != "works" for one in found):
        raise typer.Exit(1)


def _tell(found: list[Checked]) -> None:
    for one in found:
        print(one.line())
        for issue in one.issues:
            print(f"  {issue['code']:20} {issue['says']}\n  {'':20} {issue['url']}")
    if not found:
        print("no portal has changed")


def _checked(order: Order, run: PortalRun) -> Checked:
    home, name = order.store / "crawls" / order.crawl, run.portal
    lines = [line for line in _lines(home / "crawl.jsonl") if line["portal"] == name]
    issues = tuple(issue for issue in _lines(home / "issues.jsonl") if issue["portal"] == name)
    listings = sum((n["kind"], n["verdict"]) == ("listing", "done") for n in lines)
    documents = run.new + run.changed + run.unchanged
    away = bool(run.reach) and run.reach[-1].state in {"unreachable", "egress"}
    state = "away" if away else _state(lines, issues, documents)
    return Checked(name, state, listings, documents, issues)


def _state(lines: list[dict[str, Any]], issues: tuple[dict[str, str], ...], found: int) -> str:
    codes = {issue["code"] for issue in issues}
    if codes & BROKEN:
        return "moved" if "moved" in codes and "section_lost" not in codes else "broken"
    lost = any(n["kind"] == "listing" and n["verdict"] in {"gone", "failed"} for n in lines)
    return "broken" if lost or not found else "works"


def _lines(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _changed() -> list[str]:
    """Portals whose file or fixture differs from main, or is not committed yet."""
    from crawler.order import portals

    asked = (["diff", "--name-only", "main..."], ["diff", "--name-only", "HEAD"],
             ["ls-files", "--others", "--exclude-standard"])  # fmt: skip
    paths: set[str] = set()
    for words in asked:
        ran = subprocess.run(["git", *words], capture_output=True, text=True, check=False)  # noqa: S603, S607
        if ran.returncode:
            why = ran.stderr.strip().partition("\n")[0]
            raise WrongUse(f"--changed compares with the branch main in a clone: {why}")
        paths |= set(ran.stdout.split())
    names = {"_".join(Path(path).with_suffix("").parts[1:]) for path in paths
             if path.startswith("spiders/")}  # fmt: skip
    names |= {Path(path).parts[2] for path in paths if path.startswith("tests/portals/")
              and len(Path(path).parts) > 3}  # fmt: skip
    return sorted(names & set(portals()))
