"""What was imported: whether its bytes are those that its report names, and the index right."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING

from archive.errors import ArchiveError
from archive.foreign_again import again
from archive.foreign_report import REPORT, Imported
from archive.index import Index
from archive.verify_problem import Findings, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def imports(store: Path, *, deep: bool) -> Iterator[Problem]:
    """Yield what is wrong with the files of others. Not `deep`: their bytes are not read."""
    known: set[Path] = set()
    for path in sorted((store / "import").glob(f"*/*{REPORT}")):
        try:
            report = Imported.load(path.read_bytes())
        except (OSError, ValueError) as error:
            findings = Findings(str(path), ours=True)
            findings.note("import-report", f"the report on an import cannot be read: {error}")
            yield from findings.drain()
            continue
        known.add(path)
        whole = deep
        for name, size, sha256 in report.files():
            known.add(store / name)
            findings = Findings(str(store / name), ours=True)
            _hold(store / name, size, sha256 if deep else "", findings)
            whole = whole and not findings.told
            yield from findings.drain()
        if whole and (store / "index" / "captures.sqlite").exists():
            findings = Findings(str(store / report.file), ours=True)
            _rows(store, report, findings)
            yield from findings.drain()
    for path in sorted((store / "import").glob("*/*")):
        if path not in known and not path.name.endswith(REPORT):
            findings = Findings(str(path), ours=True)
            findings.note("import-report", "no report says that its import was finished")
            yield from findings.drain()


def _hold(path: Path, size: int, sha256: str, findings: Findings) -> None:
    """Hold a file against what its report says; without `sha256` only by its size."""
    try:
        with path.open("rb") as file:
            same = file.seek(0, 2) == size
            file.seek(0)
            if same and sha256:
                same = hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except FileNotFoundError:
        findings.note("import-gone", "a report names it, but it is not there")
    except OSError as error:
        findings.note("unreadable", str(error))
    else:
        if not same:
            findings.note("import-changed", "these are not the bytes that its report names")


def _rows(store: Path, report: Imported, findings: Findings) -> None:
    """Hold the captures of an import against the index, both ways."""
    with suppress(ArchiveError, OSError), Index(store) as index:  # which is told of elsewhere
        where = "WHERE crawl = ? AND file = ?"
        names = {str(part["file"]) for part in report.parts}
        rows = [one for name in names for one in index.select(where, [report.crawl, name])]
        there = {one.record_id: one for one in rows}
        for one in again(store, report, []):
            row = there.pop(one.record_id, None)
            if row is None and index.get(one.record_id) is None:
                findings.note("not-indexed", f"not {one.url}", one.offset, one.record_id)
            elif row not in (None, one):
                findings.note("index-row", f"the index says otherwise of {one.url}", one.offset)
        for row in there.values():
            findings.note("index-dangling", f"no {row.url} is here", row.offset, row.record_id)
