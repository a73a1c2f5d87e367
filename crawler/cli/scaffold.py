"""`gongkai sniff`, `new` and `fixture`: which CMS, a portal's file, its fixture."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crawler.cli.options import STORE, AsJson, Fetching, Store, print_json, takes
from crawler.errors import WrongUse

if TYPE_CHECKING:
    from crawler.cli.evidence import Fact, Found, Section
    from crawler.order import Order

PROBES = "probes"  # beside the archive: what was only looked at
NAME = re.compile(r"[a-z]+(?:_[a-z0-9]+)+")

Family = Annotated[str, typer.Option("--family", help="The CMS, where it is known better.")]


def register(app: typer.Typer) -> None:
    app.command("sniff")(takes(Fetching)(sniff))
    app.command("new")(takes(Fetching)(new))
    app.command("fixture")(fixture)


def sniff(
    how: Fetching,
    what: Annotated[str, typer.Argument(metavar="URL|FILE", help="A portal, or a saved page.")],
    family: Family = "",
    as_json: AsJson = False,
) -> None:
    """Which CMS made a portal, and where its reports and its guide are."""
    from crawler.cli.probing import family_called, probe, site_of

    if Path(what).is_file():
        _sniff_file(Path(what), as_json=as_json)
        return
    chosen = family_called(family) if family else None
    found = probe(_order(how), site_of(what), chosen)
    if as_json:
        print_json(_as_json(found))
    else:
        print("\n".join(_lines(found)))
    if found.family is None or not found.sections:
        raise typer.Exit(1)


def new(
    how: Fetching,
    portal: Annotated[
        str, typer.Argument(metavar="NAME", help="<province>_<city>, in full pinyin.")
    ],
    url: Annotated[str, typer.Argument(metavar="URL", help="The portal's home page.")],
    code: Annotated[str, typer.Option("--code", help="GB/T 2260, six digits.")],
    family: Family = "",
    as_json: AsJson = False,
) -> None:
    """Write a portal's file and its fixture, with nothing in it but what was found."""
    from crawler.cli.fixtures import cut, home_of
    from crawler.cli.probing import family_called, probe, site_of

    if not NAME.fullmatch(portal):
        raise WrongUse(f"{portal}: say <province>_<city> in pinyin, for example zhejiang_taizhou")
    if not re.fullmatch(r"\d{6}", code):
        raise WrongUse(f"--code {code}: say the six digits of GB/T 2260, for example 331000")
    province, _, city = portal.partition("_")
    target = Path("spiders") / province / f"{city}.py"
    if not Path("spiders").is_dir():
        raise WrongUse("there is no folder spiders here: run it in the folder of the project")
    if target.exists():
        raise WrongUse(f"{target} is there already: change that, or move it away first")
    order = _order(how)
    found = probe(order, site_of(url), family_called(family) if family else None, portal)
    if found.family is None or not found.sections:
        print("\n".join(_lines(found)))
        print(
            "wrote nothing" + ("" if found.family else "; to decide: --family static, or another")
        )
        raise typer.Exit(1)
    target.parent.mkdir(parents=True, exist_ok=True)
    (target.parent / "__init__.py").touch()
    text = written(found, portal, code)
    target.write_text(text, encoding="utf-8")
    pages, size = cut(order.store, portal, found.lines)
    lines, kind = text.count("\n"), found.family.__module__.rpartition(".")[2]
    if as_json:
        wrote = {"spider": str(target), "fixture": str(home_of(portal))}
        print_json({**_as_json(found), "wrote": wrote, "bytes": size})
        return
    print(f"wrote {target!s:44} {lines} lines, family {kind}")
    print(f"wrote {home_of(portal)!s:44} {pages} pages, {size // 1000} KB")
    says = "writes expected.json and fails once: read it, commit it"
    print(f"next  {'pytest -k ' + portal:44} {says}")


def fixture(
    name: Annotated[str, typer.Argument(help="A portal.")],
    store: Store = Path(STORE),
    as_json: AsJson = False,
) -> None:
    """Cut a portal's fixture anew from the archive of its last crawl."""
    from crawler.cli.fixtures import cut, home_of
    from crawler.order import portals

    if name not in portals():
        raise WrongUse(f"there is no portal {name!r}: `scrapy list` names them all")
    pages, size = cut(store, name)
    if as_json:
        print_json({"fixture": str(home_of(name)), "pages": pages, "bytes": size})
    else:
        print(f"wrote {home_of(name)!s:44} {pages} pages, {size // 1000} KB")


def _order(how: Fetching) -> Order:
    order = how.order()
    return replace(order, store=order.store / PROBES, catalogue="", progress=False)


def _sniff_file(file: Path, *, as_json: bool) -> None:
    from crawler.download.charset import decode
    from spiders.families.sniff import sniff as signs_of

    signs = signs_of("", decode(file.read_bytes(), None).text)
    told = [{"family": _name(s.family), "cms": s.family.cms, "evidence": s.evidence} for s in signs]
    if as_json:
        print_json({"file": str(file), "signs": told})
    else:
        print("\n".join(_sign(s) for s in signs) or f"no CMS shows in {file}")
    if len({s.family for s in signs}) != 1:
        raise typer.Exit(1)


def _name(family: Any) -> str:
    name: str = family.__module__.rpartition(".")[2]
    return name


def _sign(sign: Any) -> str:
    return f"{sign.family.cms:24} {sign.evidence:60} {_name(sign.family)}"


def _lines(found: Found) -> list[str]:
    """A line a sign and a line of sections, as a person reads them."""
    shown = {sign.family: sign for sign in reversed(found.signs)}
    lines = [_sign(shown[family]) for family in dict.fromkeys(s.family for s in found.signs)]
    if found.family is None:
        why = "no CMS shows" if not lines else "more than one CMS shows"
        return [*lines, f"{why} on {found.site}: say which with --family"]
    said = [f"{name} {_section(s)}" for name, s in found.sections.items()]
    return [*lines, f"{'sections':24} {' · '.join(said) or 'none found'}"]


def _section(section: Section) -> str:
    rows, pages = section.rows, section.pages
    if not rows and section.documents:
        return f"{section.path} (the document itself)"
    more = f", {pages} pages" if pages > 1 else ""
    return f"{section.path} ({rows} row{'s' * (rows != 1)}{more})"


def _as_json(found: Found) -> dict[str, Any]:
    return {
        "site": found.site,
        "title": found.title,
        "family": _name(found.family) if found.family else None,
        "signs": [{"family": _name(s.family), "evidence": s.evidence} for s in found.signs],
        "sections": {name: asdict(section) for name, section in found.sections.items()},
        "facts": found.facts,
    }


def written(found: Found, name: str, code: str) -> str:
    """The portal's file."""
    family, city = found.family, name.partition("_")[2]
    assert family is not None
    named = "".join(part.capitalize() for part in city.split("_"))
    facts = {"name": name, "code": code, "site": found.site, **found.facts}
    stated = "".join(f"    {key} = {_quoted(value)}\n" for key, value in facts.items())
    paths = "".join(
        f"        {_quoted(k)}: {_quoted(s.path)},\n" for k, s in found.sections.items()
    )
    return (
        f'"""{found.title or name} — {family.cms}."""\n\n'
        "from crawler.items import Expect\n"
        f"from spiders.families import {family.__name__}\n\n\n"
        f"class {named}({family.__name__}):\n{stated}\n"
        f"    sections = {{\n{paths}    }}\n    expect = Expect({_expected(found)})\n"
    )


def _expected(found: Found) -> str:
    """What was seen, with room for the years to come."""
    said = []
    for key, section in (("reports", "annual_report"), ("guides", "guide")):
        if (seen := found.sections.get(section)) and seen.documents:
            most = seen.documents + max(2, seen.documents // 4)
            said.append(f"{key}=({seen.documents}, {most})")
    since = found.sections["annual_report"].since if "annual_report" in found.sections else None
    return ", ".join([*said, *([f"since={since}"] if since else [])])


def _quoted(text: Fact) -> str:
    if isinstance(text, bool):
        return str(text)
    if isinstance(text, tuple):
        return f"({', '.join(map(_quoted, text))},)"
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}"'
