"""`gongkai archive verify`: is everything kept still what was written?"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from archive.verify import Problem, name_in, verify, verify_file
from crawler.cli.options import STORE, AsJson, Store, print_json
from crawler.errors import WrongUse


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("verify")(verify_)


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
    if not files:
        if not (store / "warc").is_dir():
            raise WrongUse(f"there is no archive in {store}: crawl first, or name a --store")
        yield from verify(store, deep=deep)
        return
    if missing := [str(path) for path in files if not path.is_file()]:
        raise WrongUse(f"{', '.join(missing)}: no such file")
    ours = [path for path in files if _is_ours(store, path)]
    if ours:
        yield from verify(store, files=ours, deep=deep)
    for path in files:
        if path not in ours:
            yield from verify_file(path).problems


def _is_ours(store: Path, path: Path) -> bool:
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
