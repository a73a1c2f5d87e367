"""Where each cell of a table stands, for formats that ask for rows and columns by number."""

from collections.abc import Sequence
from dataclasses import dataclass

from crawler.practice.blocks import Cell


@dataclass(frozen=True, slots=True)
class Spot:
    """A cell and the slots it fills, counted from 0."""

    row: int
    column: int
    rows: int
    columns: int
    text: str


def spots(rows: Sequence[Sequence[Cell]]) -> list[Spot]:
    """The cells of a table in reading order; each takes the first slot that is free."""
    taken: set[tuple[int, int]] = set()
    found = []
    for y, row in enumerate(rows):
        x = 0
        for cell in row:
            while (y, x) in taken:
                x += 1
            taken |= {(y + i, x + j) for i in range(cell.rows) for j in range(cell.columns)}
            found.append(Spot(y, x, cell.rows, cell.columns, cell.text.replace("\n", "")))
            x += cell.columns
    return found


def width(found: Sequence[Spot]) -> int:
    """How many columns the table has."""
    return max(spot.column + spot.columns for spot in found)


def weights(found: Sequence[Spot]) -> list[float]:
    """How wide each column wants to be: by its longest text, within reason."""
    wanted = [4.0] * width(found)
    for spot in found:
        if spot.columns == 1:
            wanted[spot.column] = max(wanted[spot.column], min(len(spot.text), 12.0))
    return wanted
