"""`gongkai archive import`, `pack`, `serve`: WARC files from others, to others, to look at."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import typer

from crawler.cli.archive_show import opened
from crawler.cli.options import STORE, AsJson, CatalogueUrl, Store, print_json
from crawler.errors import Unavailable, WrongUse


def register(app: typer.Typer) -> None:
    app.command("import")(import_)
    app.command("pack")(pack)
    app.command("serve")(serve)


def import_(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH…", help="WARC, ARC, WACZ files, or folders.")
    ],
    source: Annotated[
        str, typer.Option("--source", help="Whose files: names their folder; none: the path does.")
    ] = "",
    store: Store = Path(STORE),
    as_json: AsJson = False,
) -> None:
    """Copy files of others into the archive, as they are, and index what they hold."""
    from archive import ArchiveError
    from archive.errors import printable
    from archive.importer import WORD, import_file

    for path in paths:
        if not path.exists():
            raise WrongUse(f"{path}: is not there")
    if not source and not WORD.fullmatch(source := paths[0].resolve().name.partition(".")[0]):
        raise WrongUse(f"{paths[0]}: cannot name a folder; name one with --source")
    if not WORD.fullmatch(source):
        raise WrongUse(f"--source {source}: use letters, digits, . _ -")
    unread: list[OSError] = []
    files = list(_walked(paths, unread))
    if not files and not unread:
        raise WrongUse(f"{', '.join(map(str, paths))}: holds no file")
    hosts = _portals()
    reports: list[dict[str, Any]] = []
    failed = bool(unread)
    for path, named in files:
        try:
            report = import_file(store, path, source=source, portals=hosts)
        except ArchiveError as error:
            if error.path != str(path):  # the store, not the file
                raise
            print(printable(f"{path}: {error.problem}; {error.advice}"), file=sys.stderr)
            failed = True
            continue
        reports.append({"path": str(path), **report.as_json()})
        # Folders hold indexes and notes too; only a file named by itself must be one of ours.
        failed = failed or bool(report.problems) or bool(report.refused and named)
        if not as_json:
            _tell(path, reports[-1])
    for folder in unread:
        print(f"{folder.filename}: {folder.strerror}; look who may read there", file=sys.stderr)
    if as_json:
        print_json(reports)
    if failed:
        raise typer.Exit(1)


def _walked(paths: list[Path], unread: list[OSError]) -> Iterator[tuple[Path, bool]]:
    """Every file, those in folders in order; and whether it was named by itself."""
    for path in paths:
        if not path.is_dir():
            yield path, True
            continue
        inside = (
            Path(folder, name)
            for folder, _, names in os.walk(path, onerror=unread.append)
            for name in names
        )
        yield from ((one, False) for one in sorted(inside) if one.is_file())


def _portals() -> Callable[[str], str]:
    """Which portal a host name belongs to, as the spiders say; "" for none."""
    from crawler.order import portals

    known = [portal() for portal in portals().values()]
    return cache(lambda host: next((portal.name for portal in known if portal.owns(host)), ""))


def _tell(path: Path, report: dict[str, Any]) -> None:
    """A line a file, and one for each problem."""
    from archive.errors import printable

    if report["refused"]:
        print(printable(f"{path}: passed over, {report['refused']}"))
        return
    what = "already there as" if report["again"] else f"{report['indexed']} captures in"
    print(printable(f"{path}: {what} {report['file']}"))
    if not report["indexed"]:
        records = ", ".join(f"{count} × {what}" for what, count in report["records"].items())
        print(printable(f"  records: {records}"))
    if report["left_out"]:
        left_out = ", ".join(f"{count} × {what}" for what, count in report["left_out"].items())
        print(printable(f"  not captures: {left_out}"))
    for one in report["problems"]:
        print(printable(f"  at byte {one['offset']}: {one['says']}"), file=sys.stderr)
    if report["more_problems"]:
        print(f"  and {report['more_problems']} more", file=sys.stderr)


def pack(
    portal: Annotated[str, typer.Option("--portal", help="The portal.")],
    year: Annotated[int, typer.Option("--year", help="The year of capture.", min=1990, max=9998)],
    out: Annotated[Path, typer.Option("--out", help="The file to write: ….wacz.")],
    store: Store = Path(STORE),
    catalogue: CatalogueUrl = "",
) -> None:
    """Write what was captured of a portal in a year, with titles and texts, as one WACZ."""
    from archive.wacz import pack as write

    opened(store).close()
    if out.is_dir():
        raise WrongUse(f"--out {out}: is a folder; name a file in it, ….wacz")
    if not out.parent.is_dir():
        raise WrongUse(f"--out {out}: there is no folder {out.parent}")
    pages = _pages(store, catalogue, portal, year)
    try:
        packed = write(store, portal=portal, year=year, out=out, pages=pages)
    except ValueError as error:
        raise WrongUse(f"{error}: see `archive list`") from error
    print(
        f"{out}: {packed.captures} captures, {packed.copied} responses of other years, "
        f"{packed.pages} pages"
    )
    for problem in packed.problems:
        print(f"  {problem}", file=sys.stderr)
    if packed.problems:
        raise typer.Exit(1)


def _pages(store: Path, catalogue: str, portal: str, year: int) -> Iterator[Any]:
    """The documents of a portal that were read in captures of a year; none without a catalogue."""
    from archive.wacz import PageInfo
    from pipelines.catalogue import Catalogue

    if not catalogue and not (store / "catalogue.sqlite").exists():
        return
    with Catalogue.open(store, catalogue or None) as source:
        for document in source.documents(portal):
            capture = document["capture"]
            if capture["at"].startswith(str(year)):
                title, text = document["title"] or "", document["text"] or ""
                yield PageInfo(capture["url"], capture["at"], title, text)


def serve(
    store: Store = Path(STORE),
    port: Annotated[int, typer.Option("--port", help="0: any free one.", min=0, max=65535)] = 8090,
    pywb: Annotated[
        bool, typer.Option("--pywb", help="By pywb, which rewrites pages so that they work.")
    ] = False,
) -> None:
    """Show the archive to a browser or to curl on this machine, until interrupted."""
    from archive.serve import Server
    from crawler.cli import archive_pywb

    opened(store).close()
    if pywb:
        archive_pywb.serve(store, port)
        return
    try:
        server = Server(store, port=port)
    except OSError as error:
        raise Unavailable(f"port {port}: {error.strerror}; try another --port") from error
    print(server.base, flush=True)
    try:
        server.serve_forever()
    finally:
        server.server_close()
