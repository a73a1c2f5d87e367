"""What was imported: whether its bytes are still those that its report names."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from archive.foreign_report import REPORT, Imported
from archive.verify_problem import Findings, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def imports(store: Path, *, deep: bool) -> Iterator[Problem]:
    """Yield what is wrong with the files of others. Not `deep`: their bytes are not read."""
    known: set[Path] = set()
    for path in sorted((store / "import").glob(f"*/*{REPORT}")):
        findings = Findings(str(path), ours=True)
        try:
            report = Imported.load(path.read_bytes())
        except (OSError, ValueError) as error:
            findings.note("import-report", f"the report on an import cannot be read: {error}")
        else:
            copy = store / report.file
            known |= {path, copy, *(store / name for name in report.converted)}
            findings = Findings(str(copy), ours=True)
            _copy(copy, report, findings, deep=deep)
        yield from findings.drain()
    for path in sorted((store / "import").glob("*/*")):
        if path not in known and not path.name.endswith(REPORT):
            findings = Findings(str(path), ours=True)
            findings.note("import-report", "no report says that its import was finished")
            yield from findings.drain()


def _copy(copy: Path, report: Imported, findings: Findings, *, deep: bool) -> None:
    """Hold a file against the report on it."""
    try:
        with copy.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(0)
            same = size == report.size
            if same and deep:
                same = hashlib.file_digest(file, "sha256").hexdigest() == report.sha256
    except FileNotFoundError:
        findings.note("import-gone", f"the copy of {report.name} is not there")
    except OSError as error:
        findings.note("unreadable", str(error))
    else:
        if not same:
            findings.note("import-changed", f"these are not the bytes of {report.name}")
