"""`gongkai archive`: list what was captured, show it byte for byte, look after the files."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from archive import Index, read, recover
from crawler.cli.options import STORE, AsJson, Store, moment, print_json
from crawler.errors import WrongUse

app = typer.Typer(help="Look after the WARC files.", no_args_is_help=True)


@app.command("list")
def list_(
    store: Store = Path(STORE),
    portal: Annotated[str, typer.Option("--portal", help="Only this portal.")] = "",
    crawl: Annotated[str, typer.Option("--crawl", help="Only this crawl.")] = "",
    as_json: AsJson = False,
) -> None:
    """Every capture, oldest first."""
    with _index(store) as index:
        found = list(index.captures(portal=portal or None, crawl=crawl or None))
    if as_json:
        print_json([asdict(capture) for capture in found])
        return
    for capture in found:
        print(f"{capture.at}  {capture.status:3}  {capture.media_type:24.24}  {capture.url}")


@app.command("show")
def show(
    url: Annotated[str, typer.Argument(help="The address, exactly.")],
    store: Store = Path(STORE),
    as_of: Annotated[str, typer.Option("--as-of", help="The newest capture up to then.")] = "",
    part: Annotated[str, typer.Option("--part", help="response, request or facts.")] = "response",
    as_json: AsJson = False,
) -> None:
    """The bytes of a capture as they came, head and body, on stdout."""
    with _index(store) as index:
        found = index.find(url, as_of=moment(as_of) or None)
    if found is None:
        raise WrongUse(f"the archive in {store} holds no capture of {url}: see `archive list`")
    if as_json:
        print_json(asdict(found))
        return
    stored = read(store, found)
    parts = {"response": stored.response, "request": stored.request or b""}
    if part == "facts":
        print_json(stored.facts)
    elif part in parts:
        sys.stdout.buffer.write(parts[part])
    else:
        raise WrongUse(f"--part {part}: say response, request or facts")


@app.command("index")
def index_(store: Store = Path(STORE)) -> None:
    """Build the index again from the WARC files."""
    with Index(store) as index:
        rebuilt = index.rebuild()
    print(f"{rebuilt.captures} captures in {rebuilt.files} files")
    for problem in rebuilt.problems:
        print(f"  {problem}", file=sys.stderr)
    if rebuilt.problems:
        raise typer.Exit(1)


@app.command("recover")
def recover_(store: Store = Path(STORE)) -> None:
    """Seal the files that a dead process left open; what was cut short is kept as .damaged."""
    for found in recover(store):
        with Index(store) as index:
            index.add(found.captures)
        print(f"{found.file}: {len(found.captures)} exchanges kept, {found.cut} bytes put aside")


def _index(store: Path) -> Index:
    if not (store / "index" / "captures.sqlite").exists():
        raise WrongUse(f"there is no archive in {store}: crawl first, or name a --store")
    return Index(store)
