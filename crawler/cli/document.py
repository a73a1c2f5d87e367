"""`gongkai document`: one document of the catalogue over time."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crawler.cli.documents import existing
from crawler.cli.options import STORE, AsJson, CatalogueUrl, Store, print_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.versions import History, Version

app = typer.Typer(help="One document of the catalogue.", no_args_is_help=True)


@app.callback()
def document() -> None:
    """One document of the catalogue."""


@app.command("versions")
def versions(
    id_: Annotated[str, typer.Argument(metavar="ID", help="`id` of the document, as exported.")],
    store: Store = Path(STORE),
    catalogue: CatalogueUrl = "",
    as_json: AsJson = False,
) -> None:
    """Show its versions, where each of them stood, and what changed from one to the next."""
    from pipelines.catalogue import Catalogue

    existing(store, catalogue)
    with Catalogue.open(store, catalogue or None) as source:
        history = source.history(id_)
    if as_json:
        print_json(told(history))
    else:
        print("\n".join(shown(history)))


def told(history: History) -> dict[str, Any]:
    """The history as JSON; versions are counted from 1."""
    return {
        "id": history.id, "class": history.class_, "organ": history.organ, "year": history.year,
        "versions": [
            {
                "version": number,
                "title": version.title,
                "published_at": version.published_at,
                "written_on": version.written_on,
                "places": [asdict(place) for place in version.places],
                "changes": {
                    "text": [{"before": old, "after": new} for old, new in version.text],
                    "figures": [
                        {"key": key, "before": old, "after": new}
                        for key, old, new in version.figures
                    ],
                },
            }
            for number, version in enumerate(history.versions, 1)
        ],
    }  # fmt: skip


def shown(history: History) -> Iterator[str]:
    """A few lines a version: its places, then figures and lines of text, before and after."""
    count = len(history.versions)
    yield (
        f"{history.organ or '?'}  {history.class_}  {history.year or ''}  "
        f"{count} version{'' if count == 1 else 's'}  {history.id}"
    )
    for number, version in enumerate(history.versions, 1):
        yield f"{number}  {(version.published_at or version.written_on or '')[:10]:10}  " + (
            version.title or ""
        )
        yield from _details(version)


def _details(version: Version) -> Iterator[str]:
    for place in version.places:
        gone = f", gone {place.gone_at[:16]}" if place.gone_at else ""
        yield f"   {place.how:10}{place.url}  {place.capture['at'][:16]}{gone}"
    for key, old, new in version.figures:
        yield f"   figure    {key}  {_number(old)} → {_number(new)}"
    for before, after in version.text:
        yield from (f"   - {line}" for line in before)
        yield from (f"   + {line}" for line in after)


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.12g}"
