"""What a crawl of the practice city found, against what is true there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

REPORTS = {"annual_report", "statistics_form"}


@dataclass(slots=True)
class Score:
    """Counts over all documents. Precision and recall are shares of figures."""

    documents: int = 0
    found: int = 0
    lost: list[str] = field(default_factory=list)  # organ, year and address of what was not found
    invented: list[str] = field(default_factory=list)  # reports that the city does not hold
    right: int = 0
    wrong: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    failing: int = 0
    failing_found: int = 0
    false_alarms: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        read = self.right + len(self.wrong)
        return self.right / read if read else 1.0

    @property
    def recall(self) -> float:
        stated = self.right + len(self.wrong) + len(self.missed)
        return self.right / stated if stated else 1.0

    def as_json(self) -> dict[str, Any]:
        return {
            "documents": {
                "true": self.documents,
                "found": self.found,
                "lost": self.lost,
                "invented": self.invented,
            },
            "figures": {
                "precision": self.precision,
                "recall": self.recall,
                "right": self.right,
                "wrong": self.wrong,
                "missed": self.missed,
            },
            "failing_checks": {
                "true": self.failing,
                "found": self.failing_found,
                "false_alarms": self.false_alarms,
            },
        }


def score(truths: Iterable[Any], documents: Iterable[Mapping[str, Any]]) -> Score:
    """Compare the city's truths with documents in the form of the contract.

    A report is found when address, class, organ and year are right; a guide when address, class
    and organ are. What the city calls neither must not have become a report.
    """
    total = Score()
    by_key = {_key(d["capture"]["url"], d["class"], d["organ"], d["year"]): d for d in documents}
    expected = set()
    for truth in truths:
        if not truth.findable or truth.document_class not in {"annual_report", "disclosure_guide"}:
            continue
        total.documents += 1
        key = _key(truth.url, truth.document_class, truth.organ, truth.year)
        expected.add(key)
        if (document := by_key.get(key)) is None:
            total.lost.append(f"{truth.organ} {truth.year or ''} {truth.url}")
        else:
            total.found += 1
            _figures(total, truth, document)
            _checks(total, truth, document)
    for key in by_key.keys() - expected:
        if key[1] in REPORTS:
            total.invented.append(" ".join(str(part) for part in key))
    total.invented.sort()
    return total


def _key(url: str, kind: str, organ: str | None, year: int | None) -> tuple[str, str, str, object]:
    return url, kind, organ or "", year if kind in REPORTS else None


def _figures(total: Score, truth: Any, document: Mapping[str, Any]) -> None:
    """Every figure of a report; one that the page does not state is as wrong as a misread one."""
    read = {f["key"]: f["value"] for f in document["figures"]}
    for key, value in truth.figures.items():
        got, where = read.get(key), f"{truth.organ} {truth.year} {key}"
        if value is None:
            if got is not None:
                total.wrong.append(f"{where}: blank, read as {got}")
        elif got is None:
            total.missed.append(f"{where}: {value}")
        elif abs(float(got) - float(value)) < 1e-6:
            total.right += 1
        else:
            total.wrong.append(f"{where}: {value}, read as {got}")
    for key in sorted(read.keys() - truth.figures.keys()):
        if read[key] is not None:
            total.wrong.append(f"{truth.organ} {truth.year} {key}: not stated, read as {read[key]}")


def _checks(total: Score, truth: Any, document: Mapping[str, Any]) -> None:
    # That an organ reports more than its government does is nobody's slip in one report.
    failed = {c["id"] for c in document["checks"] if c["result"] == "fail"} - {"hier.requests"}
    planted = set(truth.failing_checks)
    total.failing += len(planted)
    total.failing_found += len(planted & failed)
    total.false_alarms += [f"{truth.organ} {truth.year} {c}" for c in sorted(failed - planted)]
