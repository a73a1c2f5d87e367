"""Whether an archive is what it says: every byte, record, exchange, sidecar and row.

Reads, never writes. Memory is bounded: blocks go by in pieces, what spans files lies in temporary
tables. Hostile files end in a problem: limits on heads, on inflation, on damage and on problems.
"""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archive.openfile import OPEN
from archive.verify_ledger import Ledger, Link
from archive.verify_problem import Findings, Problem, Severity
from archive.verify_record import seen
from archive.verify_store import StoreCheck

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["Problem", "Report", "Severity", "verify", "verify_file"]


@dataclass(slots=True)
class Report:
    """What was found in one file, whoever wrote it.

    `records` counts types; `payloads` counts verdicts on payload digests: "entity" right, "wire"
    right only over the chunk framing, "fail" wrong, "none" not stated or not to be checked here.
    """

    path: str
    versions: Counter[str] = field(default_factory=Counter)
    records: Counter[str] = field(default_factory=Counter)
    payloads: Counter[str] = field(default_factory=Counter)
    problems: tuple[Problem, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong that somebody should act on."""
        return all(problem.severity == "info" for problem in self.problems)


def verify(
    store: Path, *, files: Iterable[Path] | None = None, deep: bool = True
) -> Iterator[Problem]:
    """Yield everything that is wrong in a store, or with these files of it.

    Files being written are judged as far as they are whole. Not `deep`: records and the index
    are not read through; sidecars, places and stray files only. ValueError for a file that is
    not in the store; ArchiveError when there is no room for temporary tables.
    """
    names = None if files is None else [name_in(store, path) for path in files]
    return StoreCheck(store, deep=deep).problems(names)


def name_in(store: Path, path: Path) -> str:
    """Return the name in the index of a WARC file of the store. ValueError when it is none."""
    name = path.resolve().relative_to(store.resolve()).as_posix().removesuffix(OPEN)
    if not name.startswith("warc/"):
        raise ValueError(f"{path} is not a WARC file of the store {store}")
    return name


def verify_file(path: Path) -> Report:
    """Judge one WARC file of any origin: versions 0.17 to 1.1, compressed by record or not.

    What only our own files promise is not asked for; what others leave out is told as info.
    """
    findings = Findings(str(path), ours=False)
    report = Report(str(path))
    with closing(Ledger()) as ledger:
        try:
            with path.open("rb") as file:
                for one in seen(file, findings):
                    if not report.records and one.type != "warcinfo":
                        findings.note("first-record", f"the file begins with a {one.type}", 0)
                    report.versions[one.version] += 1
                    report.records[one.type] += 1
                    report.payloads[one.payload] += 1
                    ledger.add(one, "")
        except OSError as error:
            findings.note("unreadable", str(error))
        if not report.records and not findings.told:
            findings.note("not-warc", "it holds no record")
        _together(ledger, findings)
    report.problems = tuple(findings.drain())
    return report


def _together(ledger: Ledger, findings: Findings) -> None:
    """Judge how the records of one file belong together."""
    for twice in ledger.twice():
        says = f"the same id as the record at {twice.first_offset}"
        findings.note("duplicate-id", says, twice.offset, twice.id)
    for link in ledger.links():
        if found := _link(link):
            findings.note(*found, link.offset, link.id)


def _link(link: Link) -> tuple[str, str] | None:
    """Say what is odd about a record that names another."""
    if link.type is None:
        code = "revisit-lost" if link.kind == "revisit" else "concurrent-to"
        return code, f"the record that it names is not in this file: {link.target or 'none named'}"
    if link.type == "revisit":
        return "revisit-chain", f"it points at a revisit, {link.target}"
    if not link.same:
        return "revisit-differs", f"payload, address or date is not that of {link.target}"
    return None
