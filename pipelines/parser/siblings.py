"""What one document of a page proves about another: short names, and numbers quoted elsewhere."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from crawler.items import Issue
from crawler.text import plain
from pipelines.parser.organ import scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.parser.model import Parsed

_DISTINCTIVE = 1000  # smaller numbers recur by chance


def link(documents: Sequence[Parsed], aliases: Sequence[dict[str, str]]) -> list[Parsed]:
    """The documents with what their siblings prove filled in, and an issue that says how.

    `aliases` are the short names each document defines, in the order of `documents`.
    """
    organs = [each.organ for each in documents if each.organ]
    names = {alias: _fullest(name, organs) for each in aliases for alias, name in each.items()}
    shared = {alias: {_fullest(e[alias], organs) for e in aliases if alias in e} for alias in names}
    linked = []
    for index, document in enumerate(documents):
        others = [*documents[:index], *documents[index + 1 :]]
        known = _with_quoted_year(document, others)
        linked.append(_with_alias(known, shared))
    return linked


def _fullest(name: str, organs: Sequence[str]) -> str:
    """The longest organ of the page whose name contains this one: 管理办 → 某市…管理办公室."""
    longer = [organ for organ in organs if name in organ]
    return max(longer, key=len, default=name)


def _with_alias(document: Parsed, shared: dict[str, set[str]]) -> Parsed:
    if document.organ is not None:
        return document
    used = {alias: document.text.count(alias) for alias in shared if alias in document.text}
    meant = set().union(*(shared[alias] for alias in used))
    if len(meant) != 1:
        if not meant:
            return document
        says = f"short names {', '.join(sorted(used))} stand for several organs of this page"
        return replace(document, issues=(*document.issues, Issue("organ_ambiguous", says)))
    organ = meant.pop()
    alias = max(used, key=lambda each: used[each])
    says = f"{alias} is defined as {organ} by another document of this page"
    issue = Issue("organ_from_alias", says)
    return replace(document, organ=organ, scope=scope(organ), issues=(*document.issues, issue))


def _with_quoted_year(document: Parsed, others: Sequence[Parsed]) -> Parsed:
    """Year and organ of a bare form from the one report of this page that quotes its numbers."""
    if document.year is not None or document.class_ != "statistics_form":
        return document
    numbers = {
        figure.value
        for figure in document.figures
        if isinstance(figure.value, int) and figure.value >= _DISTINCTIVE
    }
    quoting = [
        (other, number)
        for other in others
        if other.class_ == "annual_report" and other.year is not None
        for number in sorted(numbers)
        if re.search(rf"(?<![\d.,]){number}(?![\d.,]|年)", plain(other.text).replace(",", ""))
    ]
    if len({(other.year, other.organ) for other, _ in quoting}) != 1:
        return document
    other, number = quoting[0]
    says = f"{number} is quoted by the report of {other.year} on this page"
    organ = document.organ or other.organ
    return replace(
        document,
        year=other.year,
        year_evidence="sibling",
        organ=organ,
        scope=scope(organ),
        issues=(*document.issues, Issue("year_from_sibling", says)),
    )
