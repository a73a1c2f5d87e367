"""One file of any origin: a WARC, or a WACZ with all that is in it."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archive.verify_ledger import Ledger, Link
from archive.verify_problem import Findings, Problem
from archive.verify_record import seen
from archive.verify_wacz import ZIP, warcs

if TYPE_CHECKING:
    from pathlib import Path

    from archive.verify_tape import Source


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


def verify_file(path: Path) -> Report:
    """Judge one WARC or WACZ of any origin: WARC 0.17 to 1.1, compressed by record or not.

    What only our own files promise is not asked for; what others leave out is told as info.
    """
    report = Report(str(path))
    whole = Findings(str(path), ours=False)
    with closing(Ledger()) as ledger:
        reading = _Reading(report, ledger)
        try:
            with path.open("rb") as file:
                if file.read(len(ZIP)) == ZIP:
                    for name, inner in warcs(file, whole):
                        reading.warc(inner, Findings(f"{path}/{name}", ours=False))
                else:
                    reading.warc(file, whole)
        except OSError as error:
            whole.note("unreadable", str(error))
        reading.together()
        found = [whole, *reading.files]
    report.problems = tuple(one for findings in dict.fromkeys(found) for one in findings.drain())
    return report


class _Reading:
    """Reads WARC files one after another, and judges in the end how their records belong."""

    def __init__(self, report: Report, ledger: Ledger) -> None:
        self.report = report
        self.ledger = ledger
        self.files: list[Findings] = []

    def warc(self, file: Source, findings: Findings) -> None:
        """Judge the records of a file, each by itself."""
        kinds: Counter[tuple[str, str, str]] = Counter()
        self.ledger.turn_to(len(self.files), str(len(self.files)))
        self.files.append(findings)
        for one in seen(file, findings):
            if not kinds and one.type != "warcinfo":
                findings.note("first-record", f"the file begins with a {one.type}", 0)
            kinds[one.version, one.type, one.payload] += 1
            self.ledger.add(one)
        for (version, kind, payload), count in kinds.items():
            self.report.versions[version] += count
            self.report.records[kind] += count
            self.report.payloads[payload] += count
        if not kinds and not findings.told:
            findings.note("not-warc", "it holds no record")

    def together(self) -> None:
        """Judge how the records belong together."""
        for twice in self.ledger.twice():
            there = self.files[int(twice.first_file)].path
            says = f"the same id as the record at {there}:{twice.first_offset}"
            self.files[int(twice.file)].note("duplicate-id", says, twice.offset, twice.id)
        for link in self.ledger.links():
            if found := _link(link):
                self.files[int(link.file)].note(*found, link.offset, link.id)


def _link(link: Link) -> tuple[str, str] | None:
    """Say what is odd about a record that names another."""
    if link.type is None:
        code = "revisit-lost" if link.kind == "revisit" else "concurrent-to"
        return code, f"the record that it names is not here: {link.target or 'none named'}"
    if link.type == "revisit":
        return "revisit-chain", f"it points at a revisit, {link.target}"
    if not link.same:
        return "revisit-differs", f"payload, address or date is not that of {link.target}"
    return None
