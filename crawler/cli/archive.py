"""`gongkai archive`: what was captured."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from crawler.cli import archive_show
from crawler.cli.options import STORE, AsJson, Store, print_json_list

app = typer.Typer(help="Look after the WARC files.", no_args_is_help=True)
archive_show.register(app)


@app.command("list")
def list_(
    store: Store = Path(STORE),
    portal: Annotated[str, typer.Option("--portal", help="Only this portal.")] = "",
    crawl: Annotated[str, typer.Option("--crawl", help="Only this crawl.")] = "",
    as_json: AsJson = False,
) -> None:
    """Every capture, oldest first."""
    with archive_show.opened(store) as index:
        found = index.captures(portal=portal or None, crawl=crawl or None)
        if as_json:
            print_json_list(asdict(capture) for capture in found)
            return
        for capture in found:
            print(f"{capture.at}  {capture.status:3}  {capture.media_type:24.24}  {capture.url}")
