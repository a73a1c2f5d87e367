"""What an import says of a file."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Self

from archive.foreign_frames import ARC, WARC, Form

if TYPE_CHECKING:
    from archive.foreign_exchange import Tally

REPORT = ".import.json"
CRAWL = "import-"  # begins the names of the crawls under which files of others stand


@dataclass(slots=True)
class Imported:
    """The report on one file; what stands beside its copy, and what `--json` prints.

    `problems` are bytes lost or not to be trusted: {"offset", "says"}, offsets in the file.
    `oddities` were tolerated and are counted by kind. `parts` are where the index points; those
    that were made of compressed ones have a `sha256`; `renamed` are ids that records of other files
    had before: those of this file go by ids made from their places.
    """

    name: str
    sha256: str
    size: int
    source: str
    file: str = ""
    """Of the copy, relative to the store; "" when refused."""
    format: str = ""
    """`warc`, `warc.gz`, `warc.zst`, likewise arc, or `wacz`."""
    refused: str = ""
    again: bool = False
    """These bytes had been imported before; nothing was done."""
    records: dict[str, int] = field(default_factory=dict)
    indexed: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    oddities: dict[str, int] = field(default_factory=dict)
    problems: list[dict[str, str | int]] = field(default_factory=list)
    more_problems: int = 0
    converted: list[str] = field(default_factory=list)
    parts: list[dict[str, Any]] = field(default_factory=list)
    hosts: dict[str, str] = field(default_factory=dict)
    """The portals of the hosts met, as they were given."""

    def files(self) -> list[tuple[str, int, str]]:
        """The copy and what was made of it: name in the store, bytes, SHA-256."""
        made = [one for one in self.parts if "sha256" in one]
        return [
            (self.file, self.size, self.sha256),
            *((str(one["file"]), int(one["size"]), str(one["sha256"])) for one in made),
        ]

    @property
    def crawl(self) -> str:
        """The crawl under which the captures stand."""
        return CRAWL + self.source

    def origin(self, part: str) -> str:
        """What distinguishes the records of a part from all others, where they have no id."""
        return self.sha256 + part

    def count(self, tally: Tally) -> None:
        """Take over what was counted."""
        self.records = dict(sorted(tally.records.items()))
        self.left_out = dict(sorted(tally.left_out.items()))
        self.oddities = dict(sorted(tally.oddities.items()))
        self.problems, self.more_problems = tally.problems, tally.more_problems
        self.indexed = tally.indexed

    def as_json(self) -> dict[str, Any]:
        """The report as JSON values."""
        return {**asdict(self), "crawl": self.crawl}

    def dump(self) -> bytes:
        """The report as a file."""
        text = json.dumps(self.as_json(), ensure_ascii=False, indent=1, sort_keys=True)
        return (text + "\n").encode("utf-8", "backslashreplace")

    @classmethod
    def load(cls, data: bytes) -> Self:
        """Read a report back. Raises ValueError when it is none."""
        found = json.loads(data)
        try:
            report = cls(**{name: found[name] for name in cls.__slots__})
            for part in report.parts:
                _ = part["name"], part["form"], part["file"], int(part["offset"]), int(part["size"])
            return report
        except (KeyError, TypeError) as error:
            raise ValueError(f"no report of an import: {error}") from error

    @staticmethod
    def form(part: dict[str, Any]) -> Form:
        """What kind of records a part holds."""
        return ARC if part["form"] == ARC.name else WARC
