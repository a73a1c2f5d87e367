"""From a <table>, or lines of pipes, to a rectangular grid; and which tables are only layout.

The grid repeats merged cells, has no column or row of its own that no cell begins in (a page that
says colspan=140 on every row has one column), and every row has the same length.
"""

from __future__ import annotations

import re
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

from lxml import etree, html
from lxml.html import defs

from crawler.items import Cell, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_ROWS = 5000
MAX_COLUMNS = 300
MAX_SPAN = 1000  # what browsers allow
MAX_SLOTS = 1_000_000

INVISIBLE = {"script", "style", "noscript", "template", "head", "select", "textarea"} | {
    *("iframe", "object", "embed", "svg"),
}
BLOCKS = defs.block_tags - {"del", "ins", "noscript"} | {
    *("br", "body", "section", "article", "main", "header", "footer", "nav", "aside", "figure"),
}
TAB = 400  # characters a hidden element may have before it is a tab that a click would show
SHORT = 60  # characters a cell of a layout table may have to share a line with its neighbours
IMAGE = "[image]"  # the text of a cell that holds a picture and nothing else

_ZERO_WIDTH = re.compile("[\u0000-\u0008\u000e-\u001b\u007f\u00ad\u200b-\u200f\u2060\ufeff]")
_SPACES = re.compile(r"\s+")
_WIDE = "\u2e80-\u2fff\u3001-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff01-\uff60"
_WRAPPED = re.compile(rf"(?<=[{_WIDE}])[ \t\r]*\n[ \t\r\n]*(?=[{_WIDE}])")
_SOFT = re.compile(rf"(?<=[{_WIDE}])\v(?=[{_WIDE}])")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_NUMBER = re.compile(r"[-+−－]?[\d０-９][\d０-９,，.．]*%?")
_SPAN = re.compile(r"\s*(\d{1,9})")


class TooLarge(NamedTuple):
    """What `read_table` returns instead of a grid beyond the bounds above."""

    rows: int
    columns: int


def unwrap(text: str) -> str:
    """Join lines that the page's source wraps between two East Asian characters, as browsers do."""
    return _WRAPPED.sub("", text) if "\n" in text else text


def squeeze(text: str) -> str:
    """Zero-width characters dropped, every run of spaces one space, none at the ends."""
    return _SPACES.sub(" ", _ZERO_WIDTH.sub("", text)).strip()


def is_hidden(element: html.HtmlElement) -> bool:
    """True for what a reader never sees, by tag, `hidden` or style; not for the text of a tab."""
    if element.tag in INVISIBLE:
        return True
    style = element.get("style")
    if element.get("hidden") is None and not (style and _HIDDEN.search(style)):
        return False
    return len(element.text_content()) < TAB


def cell_text(element: html.HtmlElement) -> str:
    """All text in one cell: inline parts joined as they are, blocks by a space where it matters."""
    if len(element) == 0:
        return squeeze(unwrap(element.text or ""))
    parts: list[str] = []
    image = False
    walk = etree.iterwalk(element, events=("start", "end", "comment", "pi"))
    for event, node in walk:
        if event == "start" and node is not element and is_hidden(node):
            walk.skip_subtree()
        elif event == "start":
            image = image or node.tag == "img"
            parts += ("\v" if node.tag in BLOCKS else "", unwrap(node.text or ""))
        elif node is not element:
            parts += ("\v" if node.tag in BLOCKS else "", unwrap(node.tail or ""))
    text = squeeze(_SOFT.sub("", re.sub(r"\s*\v\s*", "\v", "".join(parts))))
    return text or (IMAGE if image else "")


def own_rows(table: html.HtmlElement) -> list[list[html.HtmlElement]]:
    """The cells of each row that belongs to this table and not to one nested in it."""
    rows: list[list[html.HtmlElement]] = []
    stray: list[html.HtmlElement] = []  # cells without a row
    for element in _inside(table, ("tr", "td", "th")):
        if element.tag != "tr":
            stray.append(element)
        elif not _is_spacer(element):
            rows += [stray] if stray else []
            stray = []
            rows.append(list(_inside(element, ("td", "th"))))
    return [*rows, stray] if stray else rows


def _inside(root: html.HtmlElement, tags: tuple[str, ...]) -> Iterator[html.HtmlElement]:
    """Nearest descendants with such a tag, seeing through <form>, <font> and other bad wrappers."""
    stack = list(root)[::-1]
    while stack:
        element = stack.pop()
        if element.tag in tags:
            if not is_hidden(element):
                yield element
            if element.tag == "tr":  # a row wrongly inside a row is a row of its own
                stack += [child for child in list(element)[::-1] if child.tag == "tr"]
        elif isinstance(element.tag, str) and element.tag not in ("table", "caption"):
            stack += list(element)[::-1]


def _is_spacer(row: html.HtmlElement) -> bool:
    """Word ends uneven tables with a row of height 0 that only sets widths."""
    return row.get("height") == "0" and not squeeze(row.text_content())


def read_table(table: html.HtmlElement) -> Table | TooLarge | None:
    """The grid of a data table; None for one without text or one that only arranges the page."""
    rows = own_rows(table)
    if table.get("role") == "presentation" or _holds_tables(table, rows):
        return None
    if len(rows) > MAX_ROWS:
        return TooLarge(len(rows), max(map(len, rows)))
    texts = [[cell_text(cell) for cell in row] for row in rows]
    if _is_layout(rows, texts):
        return None
    placed = _place(rows, texts)
    if isinstance(placed, TooLarge):
        return placed
    starts = sorted({x for row in placed for x, cell in row.items() if cell.origin})
    if len(starts) > MAX_COLUMNS:
        return TooLarge(len(rows), len(starts))
    return rectangle([[row.get(x, Cell("")) for x in starts] for row in placed if row])


def _holds_tables(table: html.HtmlElement, rows: list[list[html.HtmlElement]]) -> bool:
    """Tables inside make it layout, except for one-line ones in the cells of a form."""
    nested = list(islice(table.iterdescendants("table"), 50))
    is_form = len(rows) >= 6 and max(map(len, rows)) >= 3
    return bool(nested) and not (is_form and all(len(own_rows(inner)) <= 2 for inner in nested))


def _is_layout(rows: list[list[html.HtmlElement]], texts: list[list[str]]) -> bool:
    """One text a row, one line of labels and values, mostly links, or an article in one cell."""
    filled = [row for line in texts if (row := [text for text in line if text])]
    if max(map(len, filled), default=0) <= 1:
        return True
    if len(filled) == 1:
        return len(filled[0]) < 3 or any(":" in text or "：" in text for text in filled[0])
    total = sum(len(text) for row in filled for text in row)
    cells = [cell for row in rows for cell in row]
    if sum(len(squeeze(a.text_content())) for cell in cells for a in cell.iter("a")) * 2 > total:
        return True
    lengths = [len(text) for row in texts for text in row]
    longest = max(lengths)
    article = cells[lengths.index(longest)]
    breaks = sum(1 for _ in article.iter("p", "br", "div", "h1", "h2", "h3", "h4"))
    return longest >= 300 and longest * 10 >= total * 6 and breaks >= 3


def _place(
    rows: list[list[html.HtmlElement]], texts: list[list[str]]
) -> list[dict[int, Cell]] | TooLarge:
    """Every cell in every slot it spans; where two overlap, the first stays."""
    slots: list[dict[int, Cell]] = [{} for _ in rows]
    ends = _group_ends(rows)
    used = 0
    for y, row in enumerate(rows):
        x = 0
        for element, text in zip(row, texts[y], strict=True):
            while x in slots[y]:
                x += 1
            width = min(max(_span(element, "colspan"), 1), MAX_SPAN)
            height = _span(element, "rowspan") or MAX_ROWS  # 0: to the end of the group
            bottom = min(y + height, ends[y])
            used += width * (bottom - y)
            if used > MAX_SLOTS:
                return TooLarge(len(rows), x + width)
            _fill(slots, (x, x + width), (y, bottom), text)
            x += width
    return [slot if row else {} for slot, row in zip(slots, rows, strict=True)]


def _fill(
    slots: list[dict[int, Cell]], across: tuple[int, int], down: tuple[int, int], text: str
) -> None:
    copy = Cell(text, origin=False)
    for y in range(*down):
        for x in range(*across):
            slots[y].setdefault(x, copy)
    slots[down[0]][across[0]] = Cell(text)


def _span(element: html.HtmlElement, name: str) -> int:
    match = _SPAN.match(element.get(name) or "")
    return int(match[1]) if match else 1


def _group_ends(rows: list[list[html.HtmlElement]]) -> list[int]:
    """For each row, one past the last row of its <tbody> or the like: rowspans stop there."""
    kinds = ("thead", "tbody", "tfoot", "table")
    groups = [next(row[0].iterancestors(*kinds), None) if row else None for row in rows]
    ends = [len(rows)] * len(rows)
    for y in range(len(rows) - 2, -1, -1):
        ends[y] = ends[y + 1] if groups[y] is groups[y + 1] else y + 1
    return ends


def rectangle(rows: list[list[Cell]]) -> Table | None:
    """Rows padded to one length, empty columns at the right trimmed; None if there is no text."""
    if not any(cell.text for row in rows for cell in row):
        return None
    width = max(map(len, rows))
    padded = [row + [Cell("")] * (width - len(row)) for row in rows]
    # Without a header row an empty last column may be a column of blanks, as in a table that
    # continues over a page break: it stays.
    if not any(_NUMBER.fullmatch(cell.text) for cell in padded[0]):
        while not any(row[width - 1].text for row in padded):
            width -= 1
    return Table(tuple(tuple(row[:width]) for row in padded))


def short_row(row: html.HtmlElement) -> str:
    """A row of short labels and values in a layout table, as one line; "" if it is not one."""
    cells = list(_inside(row, ("td", "th")))
    inside = chain.from_iterable(cell.iterdescendants() for cell in cells)
    if any(child.tag in BLOCKS or child.tag == "a" for child in inside):
        return ""
    texts = [cell_text(cell) for cell in cells]
    return " ".join(filter(None, texts)) if max(map(len, texts), default=0) <= SHORT else ""
