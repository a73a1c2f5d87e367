"""`gongkai export` and `parse`: documents out of the catalogue, and out of local files."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crawler.cli.options import STORE, AsJson, CatalogueUrl, Store
from crawler.errors import WrongUse
from crawler.items import Attachment, Document, Page, Part

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipelines.attachments.pool import Pool
    from pipelines.extract import Unread

FORMATS = ("jsonl", "csv", "parquet")
TABLES = ("documents", "figures", "checks", "issues", "series")


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
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="HTML, PDF, Office, text …")],
    url: Annotated[str, typer.Option("--url", help="The address they come from.")] = "",
    markdown: Annotated[
        bool, typer.Option("--markdown", help="What was read, with its tables, not parsed.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read local files with the parser that the crawls use."""
    if asyncio.run(_parse(files, url, markdown=markdown, as_json=as_json)):
        raise typer.Exit(1)


async def _parse(files: list[Path], url: str, *, markdown: bool, as_json: bool) -> bool:
    """Whether something could not be read. Files are read side by side and told in order."""
    from pipelines.attachments.pool import Pool
    from pipelines.extract import Unread
    from pipelines.html import as_markdown
    from pipelines.parse import Read, read

    pool, failed = Pool(), False
    try:
        pages = [asyncio.create_task(local_page(pool, file, url)) for file in files]
        for file, reading in zip(files, pages, strict=True):
            try:
                page = await reading
            except (OSError, WrongUse) as error:
                said = f"{file}: {error.strerror}" if isinstance(error, OSError) else error
                print(f"gongkai: {said}: name files that can be read", file=sys.stderr)
                failed = True
                continue
            found = page if markdown or isinstance(page, Unread) else await read(pool, page)
            issues = found.page.issues if isinstance(found, Read) else found.issues
            for issue in issues:
                print(f"gongkai: {file}: {issue.code}: {issue.says}", file=sys.stderr)
            failed |= bool(issues)
            if isinstance(found, Page):
                for part in found.parts or (Part("html", found.blocks),):
                    print(as_markdown(part.blocks))
            elif isinstance(found, Read):
                tell(file, found.page, found.documents, as_json=as_json)
    finally:
        await pool.close()
    return failed


async def local_page(pool: Pool, file: Path, url: str) -> Page | Unread:
    """One file as the parser takes it. Raises OSError, and WrongUse for what is no file."""
    from crawler.download.charset import decode
    from crawler.items import Capture
    from pipelines.attachments.magic import sniff
    from pipelines.extract import read_attachment, read_document
    from pipelines.html import page_meta

    body = await asyncio.to_thread(file.read_bytes)
    capture = Capture(url, "", str(file), 0, "", hashlib.sha256(body).hexdigest())
    if sniff(body) != "html":
        attached = Attachment("", "", url, "", capture, body, file.name)
        found = await read_attachment(pool, attached)
    else:
        decoded = decode(body, None)
        text, known = decoded.text, decoded.record()
        item = Document("", "", url, text, "", "", "", page_meta(text), (), capture, known)
        found = await read_document(pool, item)
    return replace(found, file=file.name) if isinstance(found, Page) else found


def tell(file: Path, page: Page, documents: Sequence[Mapping[str, Any]], *, as_json: bool) -> None:
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
