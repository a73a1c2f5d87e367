"""How near a reading comes to the truth: cells one by one, running text by its characters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

_END_OF_ROW = "\n"
Rows = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Reading:
    """What someone makes of a document: all of its text, and its tables' rows; None: no tables."""

    text: str
    rows: Rows | None


@dataclass(slots=True)
class Score:
    """Sums over many documents."""

    documents: int = 0
    failed: int = 0
    cells: int = 0
    exact: int = 0
    f1: float = 0.0
    cpu: float = 0.0
    has_tables: bool = True
    worst: list[tuple[float, str]] = field(default_factory=list)

    def add(self, name: str, truth: Reading, read: Reading | None) -> None:
        """One more document; None is one that was not read at all.

        Its name, the title above it, counts neither for nor against anyone.
        """
        self.documents += 1
        assert truth.rows is not None
        self.cells += sum(map(len, truth.rows))
        if read is None:
            self.failed += 1
            return
        self.has_tables &= read.rows is not None
        self.exact += exact_cells(truth.rows, read.rows or ())
        f1 = text_f1(*(bare(side.text).replace(bare(name), "") for side in (truth, read)))
        self.f1 += f1
        self.worst = sorted([*self.worst, (f1, name)])[:3]

    @property
    def share(self) -> float:
        """Cells that are exactly right, of those that there are."""
        return self.exact / self.cells if self.cells else 1.0

    @property
    def text(self) -> float:
        return self.f1 / self.documents

    @property
    def rate(self) -> float:
        """Documents a second of one core."""
        return self.documents / self.cpu if self.cpu else 0.0


def exact_cells(truth: Rows, read: Rows) -> int:
    """Cells that say the same, in the same order and with the same neighbours in their row."""
    tokens = [_tokens(truth), _tokens(read)]
    matcher = SequenceMatcher(None, *tokens, autojunk=False)
    return sum(
        cell != _END_OF_ROW
        for block in matcher.get_matching_blocks()
        for cell in tokens[0][block.a : block.a + block.size]
    )


def _tokens(rows: Rows) -> list[str]:
    return [cell for row in rows for cell in (*map(bare, row), _END_OF_ROW)]


def text_f1(truth: str, read: str) -> float:
    """Of the character trigrams of both, white space apart: harmonic mean of precision, recall."""
    wanted, got = _trigrams(truth), _trigrams(read)
    shared = (wanted & got).total()
    if not shared:
        return float(not wanted and not got)
    return 2 * shared / (wanted.total() + got.total())


def _trigrams(text: str) -> Counter[str]:
    said = bare(text)
    return Counter(said[i : i + 3] for i in range(len(said) - 2))


def bare(text: str) -> str:
    """Without white space and the bars that tools draw between cells."""
    return "".join(text.replace("|", "").split())
