"""`gongkai demo`: the whole system on the practice city, scored against its truth."""

from __future__ import annotations

import io
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crawler.cli.options import AsJson, print_json
from crawler.errors import WrongUse

if TYPE_CHECKING:
    from crawler.run import Result
    from crawler.scoring import Score

MARK = ".gongkai-demo"  # a store without it is somebody's data and is not touched
MARKS = {"annual_report": "●", "statistics_form": "○"}


def register(app: typer.Typer) -> None:
    app.command("demo")(demo)


def demo(
    store: Annotated[Path, typer.Option("--store", help="Made anew by every demo.")] = Path(
        "archive/store/demo"
    ),
    organs: Annotated[int, typer.Option("--organs", min=3, help="Organs of the city.")] = 12,
    years: Annotated[str, typer.Option("--years", help="Report years, FIRST-LAST.")] = "2008-2025",
    seed: Annotated[int, typer.Option("--seed", help="Another city, the same every time.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Crawl the practice city, score what was found, and derive it again from the archive."""
    from crawler.practice.city import City
    from crawler.scoring import score
    from pipelines.catalogue import Catalogue

    first, _, last = years.partition("-")
    if not (first.isdigit() and last.isdigit()):
        raise WrongUse(f"--years {years}: say FIRST-LAST, for example 2008-2025")
    try:
        city = City(organs=organs, years=(int(first), int(last)), seed=seed)
        truths = city.truth()
    except ValueError as error:
        raise WrongUse(str(error)) from error
    _fresh(store)
    names = _portals({truth.portal for truth in truths})
    truths = [truth for truth in truths if truth.portal in names]
    print(f"a city of {organs} organs, {years}: crawling it over HTTP …", file=sys.stderr)
    result, seconds = _crawl(city, store, names)
    with Catalogue.open(store) as catalogue:
        documents = list(catalogue.documents())
        found = score(truths, documents)
        same = _replayed(store, _jsonl(catalogue))
    if as_json:
        print_json({"crawl": result.crawl, "replay_is_identical": same, **found.as_json()})
    else:
        _coverage(documents, city.years)
        _print(found, result, store, seconds, same=same)
    if found.lost or found.wrong or not same:
        raise typer.Exit(1)


def _fresh(store: Path) -> None:
    if store.exists() and any(store.iterdir()):
        if not (store / MARK).exists():
            raise WrongUse(f"{store} holds something that no demo made: name an empty --store")
        shutil.rmtree(store)
    store.mkdir(parents=True, exist_ok=True)
    (store / MARK).touch()


def _portals(scored: set[str]) -> tuple[str, ...]:
    """Those that the city knows the truth about; without a browser, those that need none."""
    from crawler.download import browser
    from crawler.nightly import due
    from crawler.order import portals

    known = portals()
    names = [name for name in due("practice") if name in scored]
    if browser.find() is None:
        for name in [name for name in names if known[name].rendered_sections]:
            print(f"{name} is left out: it needs a browser, see `make setup`", file=sys.stderr)
            names.remove(name)
    return tuple(names)


def _crawl(city: Any, store: Path, names: tuple[str, ...]) -> tuple[Result, float]:
    import asyncio

    from crawler.order import Order, check, new_crawl_name
    from crawler.practice.server import serving
    from crawler.run import crawl

    started = time.monotonic()
    with serving(city, store / "access.jsonl") as address:
        crawl_name, watched = new_crawl_name("demo"), sys.stderr.isatty()
        order = Order(
            names, store, "practice", address, crawl=crawl_name, delay=0.01, progress=watched
        )
        check(order)
        return asyncio.run(crawl(order)), time.monotonic() - started


def _jsonl(catalogue: Any) -> bytes:
    from pipelines.export import export

    out = io.BytesIO()
    export(catalogue, "jsonl", out)
    return out.getvalue()


def _replayed(store: Path, before: bytes) -> bool:
    """Whether the catalogue comes out the same, byte for byte, from the WARC files alone."""
    import asyncio

    from crawler.order import Order
    from crawler.replay import Scope, replay
    from pipelines.catalogue import Catalogue

    (store / "catalogue.sqlite").unlink()
    asyncio.run(replay(Order((), store, "archive"), Scope()))
    with Catalogue.open(store) as again:
        return _jsonl(again) == before


def _coverage(documents: list[dict[str, Any]], years: tuple[int, int]) -> None:
    """Organ × year: ● a report, · none."""
    span = range(years[0], years[1] + 1)
    rows: dict[str, dict[int, str]] = {}
    for document in documents:
        if document["class"] in MARKS:
            rows.setdefault(document["organ"] or "?", {})[document["year"]] = MARKS[
                document["class"]
            ]
    width = max((len(organ) for organ in rows), default=0)
    pad = "　"  # as wide as a Chinese character
    print("\ncoverage" + pad * (width - 4) + " ".join(f"{y % 100:02}" for y in span))
    for organ, held in sorted(rows.items()):
        print(organ + pad * (width - len(organ)) + " ".join(f"{held.get(y, '·')} " for y in span))


def _print(found: Score, result: Result, store: Path, seconds: float, *, same: bool) -> None:
    visits = sum(result.verdicts.values())
    stated = found.right + len(found.wrong) + len(found.missed)
    print(f"""
exchanges   {visits} in {seconds:.1f} s: {_counted(result.verdicts)}
documents   {found.found} of {found.documents} found, {len(found.invented)} invented
figures     precision {found.precision:.2%}, recall {found.recall:.2%} of {stated} stated
checks      {found.failing_found} of {found.failing} planted errors found, \
{len(found.false_alarms)} false alarms
issues      {sum(run.issues for run in result.portals)}, see: gongkai issues --store {store}
replay      from the WARC files alone: {"the same, byte for byte" if same else "DIFFERENT"}
archive     {store / "warc"}""")
    for title, lines in (
        ("lost", found.lost),
        ("wrong", found.wrong),
        ("invented", found.invented),
    ):
        for line in lines[:10]:
            print(f"  {title}: {line}")


def _counted(verdicts: dict[str, int]) -> str:
    return ", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items()))
