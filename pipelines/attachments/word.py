"""DOCX, also what WPS writes: paragraphs and tables of the main text, as they stand now.

Deleted text of a tracked change is left out, inserted text is in. Merged cells are repeated, as in
tables of HTML.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.items import Block, Cell, Issue
from pipelines.attachments.magic import WORD
from pipelines.attachments.reading import Content, UnreadableError
from pipelines.attachments.zips import Package
from pipelines.grid import IMAGE, MAX_COLUMNS, MAX_ROWS, rectangle, squeeze

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_SEEN_THROUGH = {
    "sdt",
    "sdtContent",
    "ins",
    "smartTag",
    "customXml",
    "moveTo",
    "hyperlink",
    "fldSimple",
}
_GONE = {"del", "moveFrom", "rPr", "pPr", "instrText", "delText"}
_PICTURES = {"drawing", "pict", "object"}
_HEADING = {f"heading{n}": n for n in range(1, 7)} | {str(n): n for n in range(1, 7)}


def read_docx(body: bytes) -> Content:
    """Raises UnreadableError for a package without a main text."""
    package = Package(body)
    part = next((name for name in package.names if WORD.fullmatch(name)), "word/document.xml")
    root = package.xml(part)
    main = next((child for child in root if _name(child) == "body"), None)
    if main is None:
        raise UnreadableError("file_damaged", f"{part} has no body")
    reader = _Reader()
    reader.walk(main)
    return Content("docx", tuple(reader.blocks), tuple(reader.issues))


class _Reader:
    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.issues: list[Issue] = []

    def walk(self, parent: etree._Element) -> None:
        """Paragraphs and tables, seeing through content controls and tracked insertions."""
        for child in parent:
            name = _name(child)
            if name == "p":
                self.paragraph(child)
            elif name == "tbl":
                self.table(child)
            elif name in _SEEN_THROUGH:
                self.walk(child)

    def paragraph(self, element: etree._Element) -> None:
        level = _level(element)
        for line in _text(element).split("\n"):
            if text := squeeze(line):
                self.blocks.append(Block(text, heading=level))
        for box in _text_boxes(element):
            self.walk(box)

    def table(self, element: etree._Element) -> None:
        rows = list(_rows(element))
        width = max((sum(span for _, span, _ in row) for row in rows), default=0)
        if len(rows) > MAX_ROWS or width > MAX_COLUMNS:
            says = f"a table of {len(rows)} rows, {width} columns: not read"
            self.issues.append(Issue("table_too_large", says))
        elif max(map(len, rows), default=0) <= 1:  # a frame around text
            for row in rows:
                for cell, _, _ in row:
                    if cell is not None:
                        self.walk(cell)
        elif table := rectangle(_grid(rows)):
            self.blocks.append(Block(table=table))


# A cell (None: columns left out at the start), how many columns, whether it goes on from above.
_Placed = tuple["etree._Element | None", int, bool]


def _rows(table: etree._Element) -> Iterator[list[_Placed]]:
    for row in _children(table, "tr"):
        facts = _child(row, "trPr")
        cells: list[_Placed] = []
        if skipped := _number(facts, "gridBefore"):
            cells.append((None, skipped, False))
        for cell in _children(row, "tc"):
            facts_of_cell = _child(cell, "tcPr")
            merge = _child(facts_of_cell, "vMerge")
            goes_on = merge is not None and _value(merge) != "restart"
            cells.append((cell, max(_number(facts_of_cell, "gridSpan"), 1), goes_on))
        yield cells


def _grid(rows: list[list[_Placed]]) -> list[list[Cell]]:
    grid: list[list[Cell]] = []
    for row in rows:
        line: list[Cell] = []
        for cell, span, goes_on in row:
            at = len(line)
            if goes_on and grid and at < len(grid[-1]):
                first = Cell(grid[-1][at].text, origin=False)
            else:
                first = Cell(_cell_text(cell) if cell is not None else "")
            line += [first, *[Cell(first.text, origin=False)] * (min(span, MAX_COLUMNS) - 1)]
        grid.append(line)
    return grid


def _cell_text(cell: etree._Element) -> str:
    """A cell's paragraphs, parted by a space only where a number would otherwise run on."""
    inside = (each for each in cell.iter(_W + "p", _STRICT + "p") if not _is_fallback(each))
    parts = [squeeze(_text(each)) for each in inside]
    text = ""
    for part in filter(None, parts):
        both = text[-1:].isascii() and part[:1].isascii()
        text += (" " if text and both else "") + part
    pictured = any(_name(each) in _PICTURES for each in cell.iter())
    return text or (IMAGE if pictured else "")


def _text(paragraph: etree._Element) -> str:
    parts: list[str] = []
    stack = list(paragraph)[::-1]
    while stack:
        element = stack.pop()
        name = _name(element)
        if name == "t":
            parts.append(element.text or "")
        elif name in {"tab", "noBreakHyphen"}:
            parts.append(" " if name == "tab" else "-")
        elif name in {"br", "cr"}:
            parts.append("\n")
        elif name == "numPr" or name in _GONE or name in _PICTURES or name == "AlternateContent":
            continue
        else:
            stack += list(element)[::-1]
    return "".join(parts)


def _text_boxes(paragraph: etree._Element) -> Iterator[etree._Element]:
    for box in paragraph.iter(_W + "txbxContent", _STRICT + "txbxContent"):
        if not _is_fallback(box):
            yield box


def _is_fallback(element: etree._Element) -> bool:
    """Word writes each text box a second time, for programs of before 2010."""
    return any(_name(above) == "Fallback" for above in element.iterancestors())


def _level(paragraph: etree._Element) -> int:
    style = _child(_child(paragraph, "pPr"), "pStyle")
    return _HEADING.get(_value(style).lower().replace(" ", ""), 0) if style is not None else 0


def _children(element: etree._Element, name: str) -> Iterator[etree._Element]:
    for child in element:
        if _name(child) == name:
            yield child
        elif _name(child) in _SEEN_THROUGH:
            yield from _children(child, name)


def _child(element: etree._Element | None, name: str) -> etree._Element | None:
    if element is None:
        return None
    return next((child for child in element if _name(child) == name), None)


def _number(facts: etree._Element | None, name: str) -> int:
    found = _child(facts, name)
    value = _value(found) if found is not None else ""
    return int(value) if value.isascii() and value.isdigit() else 0


def _value(element: etree._Element) -> str:
    return str(element.get(_W + "val") or element.get(_STRICT + "val") or "")


def _name(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
