"""What can be wrong with an archive: every kind once, how bad it is, and what mends it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from archive.errors import printable

Severity = Literal["error", "warning", "info"]

MOST = 1000
"""Problems told of one file; after that it is not read further."""

COPY = "bring the file back from a copy; with none, run `gongkai archive index` and crawl again"
RECOVER = "run `gongkai archive recover`"
INDEX = "run `gongkai archive index`"
SIDECARS = "create an empty .cdxj.open beside it and run `gongkai archive recover`"
AGAIN = "get the file again from where it came from"
CLOCK = "keep it, and set the clock of the machine that wrote it"
LOOK = "look at it, then move it out of the store"
IMPORT = "bring the file back from a copy, or run `gongkai archive import` on the original again"
PACK = "pack it again with `gongkai archive pack`, or get it again from where it came"
NONE = "nothing to do"
REPORT = "keep it, and report it: Gongkai wrote what it should not"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `offset` counts bytes in the file; None: the file as a whole.

    `severity`: an error is lost or contradicting data, a warning wants somebody to do something,
    an info is worth knowing.
    """

    path: str
    offset: int | None
    record_id: str
    code: str
    says: str
    repair: str
    severity: Severity

    def __str__(self) -> str:
        """Tell it in one line."""
        place = self.path if self.offset is None else f"{self.path}:{self.offset}"
        about = f" ({self.record_id})" if self.record_id else ""
        text = f"{place}: {self.severity} {self.code}: {self.says}{about}; {self.repair}"
        return printable(text)


# code: in a file of ours, in a file of others, what to do about ours
CODES: dict[str, tuple[Severity, Severity, str]] = {
    # bytes
    "unreadable": ("error", "error", "check the disk and who may read there"),
    "not-warc": ("error", "error", COPY),
    "gzip-damaged": ("error", "error", COPY),
    "gzip-cut": ("error", "error", COPY),
    "gzip-header": ("error", "info", COPY),
    "zero-tail": ("error", "error", COPY),
    "garbage": ("error", "error", COPY),
    "not-gzip": ("error", "info", COPY),
    "many-records": ("error", "error", COPY),
    "bomb": ("error", "error", LOOK),
    "gave-up": ("error", "error", COPY),
    # a record by itself
    "header": ("error", "error", COPY),
    "line-ends": ("error", "info", COPY),
    "field-missing": ("error", "error", COPY),
    "field-repeated": ("error", "warning", COPY),
    "type-unknown": ("error", "info", REPORT),
    "content-length": ("error", "error", COPY),
    "record-end": ("error", "error", COPY),
    "record-cut": ("error", "error", COPY),
    "block-digest": ("error", "error", COPY),
    "payload-digest": ("error", "error", COPY),
    "payload-wire": ("error", "info", REPORT),
    "digest-missing": ("error", "info", REPORT),
    "digest-unknown": ("error", "info", REPORT),
    "date": ("error", "error", REPORT),
    "date-odd": ("warning", "warning", CLOCK),
    "uri": ("error", "info", REPORT),
    # records together
    "first-record": ("error", "info", COPY),
    "file-name": ("error", "info", "give the file its own name back"),
    "warcinfo-id": ("error", "info", COPY),
    "exchange-cut": ("error", "info", COPY),
    "exchange-dates": ("error", "info", COPY),
    "exchange-uris": ("error", "info", COPY),
    "concurrent-to": ("error", "info", COPY),
    "record-id": ("error", "info", COPY),
    "duplicate-id": ("error", "error", "move the later file out of the store, then " + INDEX),
    "revisit-lost": ("error", "info", "bring back the file that held it, then " + INDEX),
    "revisit-chain": ("error", "warning", REPORT),
    "revisit-differs": ("error", "warning", COPY),
    # what lies beside
    "sha256": ("error", "error", COPY),
    "sha256-missing": ("error", "info", SIDECARS),
    "cdxj": ("error", "info", SIDECARS),
    "cdxj-missing": ("error", "info", SIDECARS),
    "file-gone": ("error", "error", COPY),
    "left-open": ("warning", "info", RECOVER),
    "damaged-kept": ("info", "info", LOOK),
    "stray": ("warning", "info", LOOK),
    "import-report": ("warning", "info", IMPORT),
    "import-gone": ("error", "error", IMPORT),
    "import-changed": ("error", "error", IMPORT),
    # a WACZ
    "wacz": ("error", "error", PACK),
    "wacz-missing": ("error", "error", PACK),
    "wacz-digest": ("error", "error", PACK),
    "wacz-unlisted": ("warning", "warning", PACK),
    "wacz-packed": ("warning", "warning", PACK),
    # the index
    "index-unusable": ("error", "error", INDEX),
    "index-row": ("error", "error", INDEX),
    "index-dangling": ("error", "error", INDEX),
    "not-indexed": ("error", "error", INDEX),
}


@dataclass(slots=True, eq=False)
class Findings:
    """Takes down the problems of one file until somebody asks for them."""

    path: str
    ours: bool
    told: int = 0
    _waiting: list[Problem] = field(default_factory=list)
    _known: set[str] = field(default_factory=set)

    def note(self, code: str, says: str, offset: int | None = None, record_id: str = "") -> None:
        """Take down a problem, an info once a file; beyond the most that is told, nothing."""
        severity, abroad, repair = CODES[code]
        if not self.ours:
            severity = abroad
            repair = NONE if abroad == "info" else PACK if repair == PACK else AGAIN
        if self.full or (severity == "info" and code in self._known):
            return
        self._known.add(code)
        self.told += 1
        if self.full:
            code, says, severity = "gave-up", f"more than {MOST} problems; more may be", "error"
        made = Problem(self.path, offset, record_id, code, says, repair, severity)
        self._waiting.append(made)

    @property
    def full(self) -> bool:
        """Whether enough is wrong to stop."""
        return self.told > MOST

    def drain(self) -> list[Problem]:
        """Hand over what was taken down since the last call."""
        waiting, self._waiting = self._waiting, []
        return waiting
