"""`gongkai archive verify`, `index`, `recover`: is all still what was written, and mending."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.cli.options import STORE, AsJson, Store, print_json
from crawler.errors import WrongUse

if TYPE_CHECKING:
    from archive import Index
    from archive.verify import Problem


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("verify")(verify_)
    app.command("index")(index_)
    app.command("recover")(recover_)


def verify_(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE]...", help="Only these: of the store, or anybody's WARC."),
    ] = None,
    store: Store = Path(STORE),
    quick: Annotated[bool, typer.Option("--quick", help="Leave the records unread.")] = False,
    as_json: AsJson = False,
) -> None:
    """Read everything back: bytes, records, digests, index. One line a problem, and what mends it.

    Exit code 1 when something is wrong; what is only worth knowing (info) does not count.
    """
    told = _told(_problems(store, files, deep=not quick), as_json=as_json)
    wrong = [severity for severity in told if severity != "info"]
    print(f"{len(wrong)} problems, {len(told) - len(wrong)} remarks", file=sys.stderr)
    if wrong:
        raise typer.Exit(1)


def _problems(store: Path, files: list[Path] | None, *, deep: bool) -> Iterator[Problem]:
    """Verify the store, or each file as what it is: one of the store's, or a stranger's."""
    from archive.verify import verify, verify_file

    if not files:
        if not any((store / held).is_dir() for held in ("warc", "import")):
            raise WrongUse(f"there is no archive in {store}: crawl first, or name a --store")
        yield from verify(store, deep=deep)
        return
    if folders := [str(path) for path in files if path.is_dir()]:
        raise WrongUse(
            f"{', '.join(folders)}: is a folder; name its files, or an archive by --store"
        )
    if missing := [str(path) for path in files if not path.is_file()]:
        raise WrongUse(f"{', '.join(missing)}: no such file")
    ours = [path for path in files if _is_ours(store, path)]
    if ours:
        yield from verify(store, files=ours, deep=deep)
    for path in files:
        if path not in ours:
            yield from verify_file(path).problems


def _is_ours(store: Path, path: Path) -> bool:
    from archive.verify import name_in

    try:
        name_in(store, path)
    except ValueError:
        return False
    return True


def _told(problems: Iterable[Problem], *, as_json: bool) -> list[str]:
    """Print the problems; returns their severities."""
    if as_json:
        found = list(problems)
        print_json([asdict(problem) for problem in found])
        return [problem.severity for problem in found]
    severities: list[str] = []
    for problem in problems:
        print(problem)
        severities.append(problem.severity)
    return severities


def index_(
    store: Store = Path(STORE),
    merge: Annotated[
        bool, typer.Option("--merge", help="Only the CDXJ, from the index as it is.")
    ] = False,
) -> None:
    """Build the index again from the WARC files, and the merged CDXJ from the index."""
    from archive import Index
    from archive.rebuild import merge as merged

    with Index.mended(store) as index:
        problems: tuple[str, ...] = ()
        if not merge:
            _recovered(index)
            rebuilt = index.rebuild()
            problems = rebuilt.problems
            print(f"{rebuilt.captures} captures, {rebuilt.files} files read")
        print(merged(index))
    for problem in problems:
        print(f"  {problem}", file=sys.stderr)
    if problems:
        raise typer.Exit(1)


def recover_(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE]...", help="Sealed ones: write .cdxj and .sha256 anew."),
    ] = None,
    store: Store = Path(STORE),
) -> None:
    """Seal the files that a dead process left open; what was cut short is kept as .damaged."""
    from archive import ArchiveError, Index
    from archive.mend import mend

    failed = False
    with Index(store) as index:
        if not files:
            _recovered(index)
        for path in files or ():
            try:
                found = mend(index, path)
            except ValueError as error:
                raise WrongUse(f"{path}: is no WARC file of the store {store}") from error
            except ArchiveError as error:
                failed = True
                print(" ".join(str(error).split()), file=sys.stderr)
                continue
            print(f"{path}: sidecars {'were right' if found is None else 'written anew'}")
    if failed:
        raise typer.Exit(1)


def _recovered(index: Index) -> None:
    """Seal what nobody writes any more, and index it."""
    from archive import recover

    for found in recover(index):
        print(f"{found.file}: {len(found.captures)} exchanges kept, {found.cut} bytes put aside")
