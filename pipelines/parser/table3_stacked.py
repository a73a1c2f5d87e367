"""Rows of a group that stand in one row of cells, a line each: labels, and numbers in each cell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.text import squeeze
from pipelines.parser.cells import read_cell
from pipelines.parser.grid import Run, label
from pipelines.parser.table3_rows import Parted, is_label

if TYPE_CHECKING:
    from collections.abc import Iterator

_PIECE = re.compile(r"(?=(?<!\d)\d{1,2}[.、](?!\d))")


def unstacked(parted: Parted) -> Iterator[Parted]:
    """The rows that `parted` holds, or itself: as many numbers in each cell as it has labels."""
    cells = [run for run in parted.cells if run is not None]
    lines = [run.text.split() for run in cells]
    most = max(map(len, lines), default=0)
    names = _names(parted) if most > 1 and len(cells) == len(parted.cells) else []
    read = all(read_cell(text).status == "number" for line in lines for text in line if names)
    if not names:
        yield parted
        return
    if not read or {len(line) for line in lines} - {0, len(names)}:
        yield Parted(parted.row, parted.name, (None,) * len(parted.cells))
        return
    filled = [line or [""] * len(names) for line in lines]
    for number, name in enumerate(names):
        printed = zip(cells, filled, strict=True)
        row = tuple(Run(line[number], run.start, run.end) for run, line in printed)
        yield Parted(parted.row, name, row)


def _names(parted: Parted) -> list[str]:
    """The labels of the cell that holds several; [] where there is none."""
    for run in parted.row.runs[:3]:
        names = [label(piece) for piece in _PIECE.split(squeeze(run.text))]
        known = [name for name in names if is_label(name)]
        if len(known) > 1 and not (set(names[1:]) - set(known)):
            return names[1:]
    return []
