"""What the parser hands over: one `Parsed` a document, in the shape of the contract's JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from crawler.items import Issue

Number = int | Decimal
Status = Literal[
    "number", "explicit_zero", "blank", "not_applicable", "image", "unparsed", "derived"
]
Approx = Literal["about", "at_least", "at_most"]
Class = Literal[
    "annual_report", "disclosure_guide", "statistics_form", "attachment_only", "infographic",
    "work_plan", "notice", "rules", "catalogue", "other",
]  # fmt: skip
Form = Literal["A", "B", "C", "D"]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a figure stood: a cell of the document's expanded grids, counted from 0."""

    table: int
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Span:
    """Where a figure stood: characters of the document's `text`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Figure:
    """One number, stated zero or blank. `raw` is what is printed, `value` in the printed `unit`."""

    key: str
    value: Number | None
    unit: str
    status: Status
    approx: Approx | None
    raw: str
    where: Spot | Span
    value_yuan: Number | None = None

    def as_json(self) -> dict[str, Any]:
        """The contract's figure; `value_yuan` only for money."""
        out: dict[str, Any] = {
            "key": self.key,
            "value": _number(self.value),
            "unit": self.unit,
            "status": self.status,
            "approx": self.approx,
            "raw": self.raw,
            "where": asdict(self.where),
        }
        if self.value_yuan is not None:
            out["value_yuan"] = _number(self.value_yuan)
        return out


@dataclass(frozen=True, slots=True)
class Check:
    """An arithmetic relation between figures of one document, with its operands in `says`."""

    id: str
    result: Literal["pass", "fail", "not_assessable"]
    severity: Literal["error", "warning", "info"]
    says: str


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter of the text: offsets cover the heading and everything up to the next."""

    kind: str
    heading: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """One report, guide or other text. A field without evidence is None, never guessed."""

    class_: Class
    title: str | None = None
    organ: str | None = None
    scope: Literal["government", "department"] | None = None
    year: int | None = None
    year_evidence: str | None = None
    published_at: str | None = None
    written_on: str | None = None
    index_no: str | None = None
    doc_no: str | None = None
    period: tuple[str, str] | None = None
    forms: tuple[Form, ...] = ()
    sections: tuple[Section, ...] = ()
    figures: tuple[Figure, ...] = ()
    checks: tuple[Check, ...] = ()
    guide: dict[str, Any] | None = None
    attachments: tuple[str, ...] = ()
    issues: tuple[Issue, ...] = ()
    text: str = ""
    tables: tuple[tuple[tuple[str, ...], ...], ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """The contract's document object, without `id`, which is derived where captures are."""
        return {
            "class": self.class_,
            "title": self.title,
            "organ": self.organ,
            "scope": self.scope,
            "year": self.year,
            "year_evidence": self.year_evidence,
            "published_at": self.published_at,
            "written_on": self.written_on,
            "index_no": self.index_no,
            "doc_no": self.doc_no,
            "period": list(self.period) if self.period else None,
            "forms": list(self.forms),
            "sections": [asdict(section) for section in self.sections],
            "figures": [figure.as_json() for figure in self.figures],
            "checks": [asdict(check) for check in self.checks],
            "guide": self.guide,
            "attachments": list(self.attachments),
            "issues": [{"code": issue.code, "says": issue.says} for issue in self.issues],
            "text": self.text,
            "tables": [[list(row) for row in table] for table in self.tables],
        }


def _number(value: Number | None) -> int | float | None:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
