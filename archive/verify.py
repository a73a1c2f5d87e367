"""Whether an archive is what it says: every byte, record, exchange, sidecar and row.

Reads, never writes. Memory is bounded: blocks go by in pieces, what spans files lies in temporary
tables. Hostile files end in a problem: limits on heads, on inflation, on damage and on problems.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.openfile import OPEN
from archive.verify_outside import Report, verify_file
from archive.verify_problem import Problem, Severity
from archive.verify_store import StoreCheck

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["Problem", "Report", "Severity", "verify", "verify_file"]


def verify(
    store: Path,
    *,
    files: Iterable[Path] | None = None,
    deep: bool = True,
    workers: int | None = None,
) -> Iterator[Problem]:
    """Yield everything that is wrong in a store, or with these files of it.

    Files being written are judged as far as they are whole. Not `deep`: records and the index
    are not read through; sidecars, places and stray files only. Files are shared among `workers`
    processes (None: as many as are worth it). ValueError for a file that is not in the store;
    ArchiveError when there is no room for temporary tables.
    """
    names = None if files is None else [name_in(store, path) for path in files]
    return StoreCheck(store, deep=deep, workers=workers).problems(names)


def name_in(store: Path, path: Path) -> str:
    """Return the name in the index of a WARC file of the store. ValueError when it is none."""
    name = path.resolve().relative_to(store.resolve()).as_posix().removesuffix(OPEN)
    if not name.startswith("warc/"):
        raise ValueError(f"{path} is not a WARC file of the store {store}")
    return name
