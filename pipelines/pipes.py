"""Lines of pipes, as text copies of pages print tables, as grids."""

from __future__ import annotations

import re

from crawler.items import Block, Cell
from pipelines.grid import rectangle, squeeze

_PIPES = re.compile(r"[|｜\s]+")
_CELL = re.compile(r"([^|｜]*[^|｜\s])\s*[|｜][|｜\s]*")
_LABELS = 3  # cells before the numbers of a row, at most
_NUMBER = re.compile(r"[-+−－]?[\d０-９.,，]+")


def pipe_blocks(lines: list[str]) -> list[Block]:
    """Lines like "a | b" or "| a | b |" as one table, or plain lines if they make no columns."""
    inner = [re.sub("^[|｜]|[|｜]$", "", line.strip()) for line in _whole_rows(lines)]
    rows = [[Cell(squeeze(text)) for text in re.split("[|｜]", line)] for line in inner]
    filled = [[cell.text for cell in row if cell.text] for row in rows]
    if len(rows) >= 2 and max(map(len, filled)) >= 2:
        return [Block(table=rectangle(rows))]
    return [Block(" ".join(texts)) for texts in filled if texts]


def _whole_rows(lines: list[str]) -> list[str]:
    """Rows whose cells stand a line each, `1 |`, on one line again; lines of pipes part the rows.

    Where such a line stands before each row, one before a number is a blank cell of its row.
    """
    cells = [_CELL.fullmatch(line.strip()) for line in lines]
    if sum(map(bool, cells)) == 0 or any(
        not cell and not _PIPES.fullmatch(line) for line, cell in zip(lines, cells, strict=True)
    ):
        return lines
    before = _PIPES.fullmatch(lines[0]) is not None
    rows: list[list[str]] = [[]]
    blanks = 0
    for cell in cells:
        if cell is None:
            blanks += 1
            continue
        goes_on = before and _NUMBER.fullmatch(cell[1].strip()) and not _is_header(rows[-1])
        if blanks and not goes_on:
            rows.append([])
        else:
            rows[-1] += [""] * blanks
        rows[-1].append(cell[1])
        blanks = 0
    return [" | ".join(row) for row in rows if row]


def _is_header(row: list[str]) -> bool:
    """More words than a row of numbers has labels."""
    return len(row) > _LABELS and not any(_NUMBER.fullmatch(cell.strip()) for cell in row if cell)
