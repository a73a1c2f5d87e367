"""Every portal on its fixture: what it asks for, and what is read there, is what was written down.

A fixture is a WARC cut from the archive (`gongkai fixture NAME`). The spiders run over them in the
archive world. `expected.json` is written when it is missing, and the test fails
once: read it, then commit it. What the WARC lacks is written down as missing, by its address.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydispatch import dispatcher

from archive.importer import import_file
from crawler.items import SETTLED, Kind, Visit
from crawler.order import PRACTICE, Order, portals
from crawler.run import crawl
from pipelines.catalogue import Catalogue

HOME = Path(__file__).parent
FIXTURES = sorted(path.parent.name for path in HOME.glob("*/pages.warc"))
# Why a portal has no fixture.
NEVER_REACHED = "its host has not answered from anywhere that we crawl from"
WITHOUT = {
    name: "the practice city plays it, and other tests crawl it whole"
    if name.startswith(PRACTICE)
    else NEVER_REACHED
    for name in portals()
    if name not in FIXTURES
}


@dataclass
class Ran:
    """All portals on their fixtures, in one crawl."""

    visits: dict[str, list[Visit]]
    documents: dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def ran(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    selected = {
        item.callspec.params["name"]
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.module is request.module
        if "ran" in item.fixturenames
    }
    visits: dict[str, list[Visit]] = defaultdict(list)
    documents: dict[str, list[dict[str, Any]]] = {}

    def note(visit: Visit) -> None:
        visits[visit.portal].append(visit)

    dispatcher.connect(note, SETTLED, dispatcher.Any)
    logging.disable(logging.WARNING)  # what a failing test shows is the difference
    try:
        for names in together(selected & portals().keys()):
            store = tmp_path_factory.mktemp("fixtures")
            for name in names:
                import_file(store, HOME / name / "pages.warc", source=name)
            asyncio.run(crawl(Order(tuple(names), store, "archive", crawl="fixtures")))
            with Catalogue.open(store) as catalogue:
                documents |= {name: list(catalogue.documents(portal=name)) for name in names}
    finally:
        logging.disable(logging.NOTSET)
        dispatcher.disconnect(note, SETTLED, dispatcher.Any)
    return Ran(visits, documents)


def together(selected: Iterable[str]) -> list[list[str]]:
    """The portals in as few crawls as can be: one crawl asks for a page once, for one portal."""
    of_site: Counter[str] = Counter()
    crawls: dict[int, list[str]] = defaultdict(list)
    for name in sorted(selected):
        site = portals()[name].site
        crawls[of_site[site]].append(name)
        of_site[site] += 1
    return list(crawls.values())


def seen(ran: Ran, name: str) -> dict[str, Any]:
    """What is written down of a portal, in an order that does not depend on the crawl's."""
    held: set[str] = set()
    missing: set[str] = set()
    for visit in ran.visits[name]:
        link = visit.link
        if link.kind == Kind.ROBOTS or visit.verdict == "retry":
            continue
        told = [str(link.kind), link.section, link.url, link.body, link.title, link.date]
        (missing if visit.capture is None else held).add(" ".join(filter(None, told)))
    kept = ("class", "title", "organ", "year", "published_at", "forms")
    documents = [{key: found[key] for key in kept} for found in ran.documents[name]]
    issues = [f"{i.code} {i.url}" for visit in ran.visits[name] for i in visit.issues]
    return {
        "held": sorted(held),
        "missing": sorted(missing),
        "documents": documents,
        "issues": sorted(issues),
    }


@pytest.mark.parametrize("name", FIXTURES)
def test_a_portal_does_on_its_fixture_what_was_written_down(ran: Ran, name: str) -> None:
    assert name in portals(), f"tests/portals/{name} is the fixture of a portal that is gone"
    found, written = seen(ran, name), HOME / name / "expected.json"
    assert found["held"], (
        f"{name} asks for nothing that its fixture holds: `gongkai fixture {name}`"
    )
    if not written.exists():
        text = json.dumps(found, ensure_ascii=False, indent=1)
        written.write_text(text + "\n", encoding="utf-8")
        pytest.fail(f"wrote {written.name} of {name}: read it, commit it")
    assert found == json.loads(written.read_text(encoding="utf-8"))


def test_portals_without_a_fixture_are_named_with_the_reason() -> None:
    assert not set(WITHOUT) & set(FIXTURES)
    assert set(WITHOUT) | set(FIXTURES) == set(portals())
    for name, reason in WITHOUT.items():
        assert reason, f"no fixture yet of {name}: run `gongkai fixture {name}`"
