"""`gongkai export` and `parse`: documents out of the catalogue, and out of local files."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from crawler.cli.options import STORE, AsJson, CatalogueUrl, Store
from crawler.errors import WrongUse
from crawler.items import Page

FORMATS = ("jsonl", "csv", "parquet")
TABLES = ("documents", "figures", "checks", "issues", "series")
TEXT, HTML = {".txt", ".md"}, {".html", ".htm", ".shtml", ".xhtml"}


def register(app: typer.Typer) -> None:
    app.command("export")(export)
    app.command("parse")(parse)


def export(
    store: Store = Path(STORE),
    format_: Annotated[str, typer.Option("--format", help="jsonl, csv or parquet.")] = "jsonl",
    table: Annotated[
        str,
        typer.Option(
            "--table",
            help="documents, figures, checks, issues, or series: a row an organ and year.",
        ),
    ] = "",
    out: Annotated[Path | None, typer.Option("--out", help="A file; none: stdout.")] = None,
    catalogue: CatalogueUrl = "",
) -> None:
    """Write the catalogue as data files: jsonl has documents, csv and parquet one row a figure."""
    from crawler.order import portals
    from pipelines.catalogue import Catalogue
    from pipelines.export import export as write

    table = table or ("documents" if format_ == "jsonl" else "figures")
    if format_ not in FORMATS or table not in TABLES:
        raise WrongUse(f"--format is one of {', '.join(FORMATS)}; --table of {', '.join(TABLES)}")
    if format_ == "parquet" and out is None:
        raise WrongUse("parquet is not for a terminal: name a file with --out")
    existing(store, catalogue)
    with Catalogue.open(store, catalogue or None) as source:
        renamed = {name: portal.renamed for name, portal in portals().items()}
        write(source, format_, out or sys.stdout.buffer, table, renamed)


def existing(store: Path, catalogue: str) -> None:
    """Refuse to make an empty catalogue where someone only wants to read."""
    if not catalogue and not (store / "catalogue.sqlite").exists():
        raise WrongUse(f"there is no catalogue in {store}: crawl first, or name a --store")


def parse(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="HTML or text files.")],
    url: Annotated[str, typer.Option("--url", help="The address they come from.")] = "",
    as_json: AsJson = False,
) -> None:
    """Read local files with the parser that the crawls use."""
    from pipelines.parser import parse as read_page

    failed = False
    for file in files:
        try:
            page = local_page(file, url)
        except (OSError, WrongUse) as error:
            print(f"gongkai: {error}", file=sys.stderr)
            failed = True
            continue
        tell(file, page, [parsed.as_json() for parsed in read_page(page)], as_json=as_json)
    if failed:
        raise typer.Exit(1)


def local_page(file: Path, url: str) -> Page:
    """One file as the parser takes it. Raises WrongUse for a kind that cannot be read here."""
    from crawler.download.charset import decode
    from crawler.items import Capture
    from pipelines.extract import page_meta, read_html, read_text

    body = file.read_bytes()
    kind = file.suffix.lower()
    if kind not in TEXT | HTML:
        raise WrongUse(
            f"{file}: {kind or 'a file without a suffix'} cannot be read yet: HTML, text"
        )
    text = decode(body, None).text
    html = kind in HTML
    return Page(
        blocks=read_html(text) if html else read_text(text),
        url=url,
        meta=page_meta(text) if html else {},
        capture=Capture(url, "", str(file), 0, "", hashlib.sha256(body).hexdigest()),
    )


def tell(file: Path, page: Page, documents: list[dict[str, Any]], *, as_json: bool) -> None:
    """One JSON object a file, or a few lines for people."""
    from pipelines.catalogue import identified
    from pipelines.parser import PARSER_VERSION

    assert page.capture is not None
    if as_json:
        capture = {**asdict(page.capture), "parser": PARSER_VERSION}
        whole = {"capture": capture, "documents": identified(page.url or str(file), documents)}
        print(json.dumps(whole, ensure_ascii=False))
        return
    print(f"{file}: {len(documents)} document{'' if len(documents) == 1 else 's'}")
    for document in documents:
        failing = [check["id"] for check in document["checks"] if check["result"] == "fail"]
        print(
            f"  {document['class']:16} {document['year'] or '    '}  {document['organ'] or '?'}  "
            f"{len(document['figures'])} figures, {len(failing)} checks fail"
        )
        for issue in document["issues"]:
            print(f"    {issue['code']}: {issue['says']}")
