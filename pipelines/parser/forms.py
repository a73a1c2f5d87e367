"""Which forms a document's tables are, and what they say. Chosen from their own header tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.items import Issue
from pipelines.parser.form2008 import read_form2008
from pipelines.parser.form2014 import read_form2014
from pipelines.parser.grid import stream
from pipelines.parser.reading import Reading
from pipelines.parser.table2 import read_table2
from pipelines.parser.table3 import read_table3
from pipelines.parser.table4 import read_table4

if TYPE_CHECKING:
    from crawler.items import Table
    from pipelines.parser.model import Figure


def read_forms(tables: tuple[Table, ...]) -> Reading:
    """All figures of all known forms in `tables`; forms in order, each once."""
    rows = stream(tables)
    whole = Reading()
    for read in (read_form2008, read_form2014, read_table2, read_table3, read_table4):
        whole += read(rows)
    figures: dict[str, Figure] = {}
    repeated: list[str] = []
    for figure in whole.figures:
        first = figures.setdefault(figure.key, figure)
        if first.value != figure.value:
            repeated.append(figure.key)
    issues = list(whole.issues)
    if repeated:
        says = f"{', '.join(sorted(set(repeated)))} printed twice; the first is taken"
        issues.append(Issue("repeated_figure", says))
    return Reading(tuple(figures.values()), tuple(sorted(set(whole.forms))), tuple(issues))
