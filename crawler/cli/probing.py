"""What an unknown portal is made of: its CMS, its sections, their rows; found by crawling it.

A portal that does not exist yet is crawled by a spider that is written for it on the spot, through
the same frontier, politeness and archive as any other: once on no CMS to see the marks of one, and
once on that CMS to see its sections as a portal would.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from crawler.cli.evidence import Fact, Found, count, selectors, signs_of, title_of
from crawler.errors import WrongUse
from crawler.items import Kind
from crawler.order import Order, check, new_crawl_name, portals, staged
from crawler.run import crawl
from spiders.families import FAMILIES, StaticPortal
from spiders.families.sniff import Sign
from spiders.portal import Portal
from spiders.wording import ROWS

FEW, MORE = 30, 60  # fetches to recognise a CMS, and to see its sections
ANY_ROW = "li, tr, dd, p, div > a:only-of-type"


def site_of(url: str) -> str:
    """Scheme and host. Raises WrongUse for what is no web address."""
    try:
        parts = urlsplit(url)
        if parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0:
            return f"{parts.scheme}://{parts.netloc}"
    except ValueError:  # brackets or a port that mean nothing
        pass
    raise WrongUse(f"{url}: say the address of a portal, for example http://www.example.gov.cn")


def family_called(name: str) -> type[Portal]:
    """The family of a file in spiders/families. Raises WrongUse with those that there are."""
    known = {family.__module__.rpartition(".")[2]: family for family in FAMILIES}
    if name not in known:
        raise WrongUse(f"--family {name}: the families are {', '.join(known)}")
    return known[name]


def probe(order: Order, site: str, family: type[Portal] | None, name: str = "probe") -> Found:
    """Crawl a portal that nobody has described: its CMS unless it is given, then its sections."""
    signs: list[Sign] = []
    if family is None:
        lines = _crawled(order, "probe", source(StaticPortal, "probe", site, rows=ANY_ROW), FEW)
        signs = signs_of(order.store, lines)
        seen = list(dict.fromkeys(sign.family for sign in signs))
        family = seen[0] if len(seen) == 1 else None
    if family is None:
        return Found(site, signs, None)
    if family is not StaticPortal:
        return _seen(order, Found(site, signs, family), name, source(family, name, site))
    unknown = source(family, name, site, rows=ANY_ROW)
    first = _seen(order, Found(site, signs, family), name, unknown)
    paths = {key: section.path for key, section in first.sections.items()}
    known = source(family, name, site, paths or None, **first.facts)
    found = _seen(order, Found(site, signs, family), name, known)
    found.facts = first.facts
    return found


def _seen(order: Order, found: Found, name: str, text: str) -> Found:
    """Crawl the portal that `text` describes, and note what its pages show."""
    found.lines = lines = _crawled(order, name, text, MORE)
    with spiders_of(name, text):
        portal = portals()[name]()
        for line in lines:
            if line["kind"] == Kind.LISTING and line["verdict"] == "done":
                count(found, portal, order.store, line)
    found.sections = {key: found.sections[key] for key in ROWS if key in found.sections}
    found.title = title_of(order.store, found.site)
    found.facts = selectors(order.store, found)
    return found


def source(
    family: type[Portal],
    name: str,
    site: str,
    sections: dict[str, str] | None = None,
    **facts: Fact,
) -> str:
    """A spider with what is known of a portal so far; without `sections` it searches for them."""
    domain = urlsplit(site).netloc.removeprefix("www")
    stated: dict[str, object] = {
        "hosts": (domain,) if domain.startswith(".") else (),  # departments have sub-domains
        "cookies": True,
        **facts,
        "name": name,
        "code": "000000",
        "site": site,
        "searches": 40,
        "sections": sections or {"annual_report": "", "guide": ""},
    }
    body = "".join(f"    {key} = {value!r}\n" for key, value in stated.items())
    named = family.__name__
    return f"from {family.__module__} import {named}\n\n\nclass Probed({named}):\n{body}"


@contextmanager
def spiders_of(name: str, text: str) -> Iterator[None]:
    """Let a portal exist that is in no file of the project, under its name."""
    with TemporaryDirectory(prefix="gongkai-probe-") as folder:
        package = Path(folder).name.replace("-", "_")
        home = Path(folder) / package
        home.mkdir()
        (home / "__init__.py").touch()
        (home / f"{name}.py").write_text(text, encoding="utf-8")
        sys.path.insert(0, folder)
        before = os.environ.get("GONGKAI_SPIDERS", "")
        os.environ["GONGKAI_SPIDERS"] = ",".join(filter(None, (before, package)))
        try:
            yield
        finally:
            os.environ["GONGKAI_SPIDERS"] = before
            sys.path.remove(folder)
            for module in [m for m in sys.modules if m.partition(".")[0] == package]:
                del sys.modules[module]


def _crawled(order: Order, name: str, text: str, limit: int) -> list[dict[str, Any]]:
    """The journal of a crawl of a portal that this text describes."""
    own = replace(order, portals=(name,), limit=limit, crawl=new_crawl_name(f"probe-{name}"))
    with spiders_of(name, text):
        check(own)
        with staged(own) as ready:
            asyncio.run(crawl(ready))
    journal = own.store / "crawls" / own.crawl / "crawl.jsonl"
    lines = [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()]
    return [{**line, "crawl": own.crawl} for line in lines]
