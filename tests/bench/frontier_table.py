"""One line of the benchmark's result, and how it is printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal


@dataclass
class Row:
    """A figure of both sides. What the goal is about: `by` says which number must reach it."""

    name: str
    theirs: float | None
    ours: float
    goal: float | None = None
    by: Literal["ratio", "at most", "at least"] = "ratio"
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        """How many times better we are."""
        if not self.theirs or not self.ours:
            return None
        return self.theirs / self.ours if self.by == "at most" else self.ours / self.theirs

    @property
    def met(self) -> bool | None:
        if self.goal is None:
            return None
        if self.by == "ratio":
            return self.ratio is not None and self.ratio >= self.goal
        return self.ours <= self.goal if self.by == "at most" else self.ours >= self.goal

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"ratio": self.ratio, "met": self.met}


SIGN = {"ratio": "≥ {} ×", "at most": "≤ {}", "at least": "≥ {}"}


def number(value: float | None) -> str:
    """Four digits that count, thousands apart."""
    if value is None:
        return "–"
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def show(title: str, rows: Sequence[Row]) -> None:
    print(f"\n{title:54}{'scrapy-redis':>13}{'ours':>10}{'ratio':>9}{'goal':>10}  met?")
    for row in rows:
        goal = "" if row.goal is None else SIGN[row.by].format(number(row.goal))
        ratio = "" if row.ratio is None else f"{row.ratio:.1f} ×"
        met = {None: "", True: "yes", False: "NO"}[row.met]
        print(
            f"{row.name:54}{number(row.theirs):>13}{number(row.ours):>10}{ratio:>9}"
            f"{goal:>10}  {met}".rstrip(),
            flush=True,
        )
