"""Files of every kind out of the city's reports, and what is true of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from make_ofd import ofd

from crawler.items import Block as Read
from crawler.practice.attachments_grid import spots
from crawler.practice.attachments_office import docx, xlsx
from crawler.practice.attachments_pdf import pdf
from crawler.practice.blocks import Block
from crawler.practice.organs import organs
from crawler.practice.paper import Paper


def paper(year: int, organ: int = 0) -> Paper:
    """A report of the practice city."""
    return Paper(1, "annual_report", organs(1, 12)[organ], year)


def whole(paper: Paper) -> tuple[Block, ...]:
    return Block("title", paper.title), *paper.write().blocks


MAKERS: dict[str, Callable[[Sequence[Block]], bytes]] = {
    "docx": docx,
    "pdf": pdf,
    "ofd": ofd,
    "xlsx": lambda blocks: xlsx([block for block in blocks if block.rows]),
}


def printed(block: Block) -> list[list[str]]:
    """The cells of a table by the row they begin in."""
    found = spots(block.rows)
    rows: list[list[str]] = [[] for _ in range(max(spot.row for spot in found) + 1)]
    for spot in found:
        rows[spot.row].append(squeezed(spot.text))
    return rows


def squeezed(text: str) -> str:
    return "".join(text.split())


def cells(blocks: Iterable[Read]) -> list[list[str]]:
    """The cells that were read, by the row they begin in; of all tables, one below the other."""
    return [
        [squeezed(cell.text) for cell in row if cell.origin]
        for block in blocks
        if block.table
        for row in block.table.rows
    ]
