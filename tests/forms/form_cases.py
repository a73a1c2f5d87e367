"""Case files: a page, and what is true of it. The layout is told in README.md."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawler.items import Page
from crawler.practice.forms import COLUMNS, T4_GROUPS, T4_RESULTS, all_rows
from pipelines.html import page_meta, read_page, read_text

HERE = Path(__file__).parent
TRUTH = re.compile(r'<script type="application/json" id="truth">(.*?)</script>', re.S)
COLUMN_KEYS = [key for key, _ in COLUMNS]
RESULT_KEYS = [key for key, _ in T4_RESULTS]


def pages() -> Iterator[Path]:
    """Every case that is a page."""
    yield from sorted(HERE.glob("*/*.html"))
    yield from sorted(path for path in HERE.glob("*/*.txt") if path.parent.name != "prose")


def read(path: Path) -> tuple[Page, list[dict[str, Any]]]:
    """The page of a case file, and the truth about each of its documents."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        found = TRUTH.search(text)
        assert found, f"{path}: no truth"
        truth, html = json.loads(found[1]), text
        known = {"blocks": read_page(html)[0], "meta": page_meta(html)}
    else:
        head, _, body = text.partition("\n----\n")
        truth = json.loads(head)
        known = {"blocks": read_text(body), "meta": {}}
    documents = truth if isinstance(truth, list) else [truth]
    outside = documents[0].get("page", {})
    known["meta"] = {**known["meta"], **outside.pop("meta", {})}
    if "attachments" in outside:
        outside["attachments"] = tuple(outside["attachments"])
    return Page(**known, **outside), documents


def figures(said: dict[str, Any]) -> dict[str, Any]:
    """The truth's figures with its short forms written out; what is named alone wins."""
    whole: dict[str, Any] = {}
    for key, value in said.items():
        if key in {"t3.C", "t3.D"}:
            rows = all_rows(key[-1])
            whole |= {f"t3.{row}.{column}": value for row in rows for column in COLUMN_KEYS}
        elif key == "t4":
            whole |= {f"t4.{g}.{result}": value for g in T4_GROUPS for result in RESULT_KEYS}
    for key, value in said.items():
        if isinstance(value, list):
            ends = COLUMN_KEYS if key.startswith("t3.") else RESULT_KEYS
            whole |= {f"{key}.{end}": each for end, each in zip(ends, value, strict=True)}
    single = {k: v for k, v in said.items() if not isinstance(v, list) and k not in SHORT}
    return whole | single


SHORT = {"t3.C", "t3.D", "t4"}


@dataclass(frozen=True)
class Sentence:
    """A line of a prose file: where, what it says, what it tells: key → (value, approx, status)."""

    where: str
    heading: str
    text: str
    tells: dict[str, tuple[float, str | None, str]]


def sentences() -> Iterator[Sentence]:
    for path in sorted(HERE.glob("prose/*.txt")):
        heading = ""
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if line.startswith("##"):
                heading = line.removeprefix("##").strip()
            elif line and not line.startswith("#"):
                text, arrow, told = line.partition(" => ")
                assert arrow, f"{path}:{number} tells nothing: write => nothing"
                yield Sentence(f"{path.stem}:{number}", heading, text, _tells(told))


def _tells(told: str) -> dict[str, tuple[float, str | None, str]]:
    found: dict[str, tuple[float, str | None, str]] = {}
    for part in told.split(";"):
        if part.strip() != "nothing":
            key, value, *approx = part.split()
            status = "explicit_zero" if value == "zero" else "number"
            number = 0.0 if value == "zero" else float(value)
            found[key] = (number, approx[0] if approx else None, status)
    return found
