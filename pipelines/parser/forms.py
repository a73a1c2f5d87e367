"""Which forms a document's tables are, and what they say. Chosen from their own header tokens."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crawler.items import Issue
from pipelines.parser.grid import stream
from pipelines.parser.model import Spot
from pipelines.parser.older import read_older
from pipelines.parser.reading import Reading
from pipelines.parser.running import Region, regions
from pipelines.parser.table2 import read_table2
from pipelines.parser.table3 import read_table3
from pipelines.parser.table4 import read_table4

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.parser.columns import Whose
    from pipelines.parser.flow import Laid
    from pipelines.parser.grid import Row
    from pipelines.parser.model import Figure


def read_forms(laid: Laid, whose: Whose) -> tuple[Reading, frozenset[int]]:
    """All figures of all known forms, and where the lines of text start that were read as one.

    Forms in order, each once; a figure that stands twice is taken from its first place.
    """
    whole = _read(stream(laid.tables), whose)
    used: frozenset[int] = frozenset()
    for region in regions(laid.prose):
        found = _in_text(_read(region.rows, whose), region)
        if found.figures:
            whole += found
            used |= region.lines
    figures: dict[str, Figure] = {}
    repeated: set[str] = set()
    for figure in whole.figures:
        first = figures.setdefault(figure.key, figure)
        if first.value != figure.value:
            repeated.add(figure.key)
    issues = list(whole.issues)
    if repeated:
        says = f"{', '.join(sorted(repeated))} printed twice; the first is taken"
        issues.append(Issue("repeated_figure", says))
    return Reading(tuple(figures.values()), tuple(sorted(set(whole.forms))), tuple(issues)), used


def _read(rows: Sequence[Row], whose: Whose) -> Reading:
    ours = (
        read_older(rows, whose),
        read_table2(rows),
        read_table3(rows, whose),
        read_table4(rows, whose),
    )
    return sum(ours, Reading())


def _in_text(found: Reading, region: Region) -> Reading:
    """The figures with the characters they stood at, in place of cells that are none."""
    figures = []
    for figure in found.figures:
        assert isinstance(figure.where, Spot)
        place = region.places[figure.where.row][figure.where.column]
        figures.append(replace(figure, where=place))
    return replace(found, figures=tuple(figures))
