"""What calamine does not tell of a workbook: hidden rows and columns, merged cells of ODS.

And workbooks of one XML file, which it does not read at all.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from doc2docx.cfb import CompoundFile
from doc2docx.errors import Doc2DocxError

from pipelines.attachments.legacy import LIMITS
from pipelines.attachments.zips import Package, xml_of
from pipelines.grid import MAX_COLUMNS, MAX_ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

    from pipelines.attachments.reading import Kind

_UNSEEN = {"collapse", "filter"}
Corner = tuple[int, int]  # row, column, from 0


@dataclass(slots=True)
class Facts:
    """Of one sheet; rows and columns are counted from 0."""

    rows: set[int] = field(default_factory=set)  # hidden
    columns: set[int] = field(default_factory=set)
    merged: list[tuple[Corner, Corner]] = field(default_factory=list)  # top left, bottom right


def facts_of(body: bytes, kind: Kind) -> dict[str, Facts]:
    """By the names of the sheets. Raises UnreadableError for a bomb."""
    if kind == "xls":
        return dict(_of_xls(body))
    package = Package(body)
    for name in package.names:  # a bomb is found before anything else opens it
        package.read(name)
    return dict(_of_ods(package) if kind == "ods" else _of_xlsx(package))


def _of_xlsx(package: Package) -> Iterator[tuple[str, Facts]]:
    if "xl/workbook.xml" not in package or "xl/_rels/workbook.xml.rels" not in package:
        return
    root = package.xml("xl/_rels/workbook.xml.rels")
    links = {_said(link, "Id"): _said(link, "Target") for link in _all(root, "Relationship")}
    for sheet in _all(package.xml("xl/workbook.xml"), "sheet"):
        path = links.get(_said(sheet, "id"), "").removeprefix("/xl/").removeprefix("xl/")
        if f"xl/{path}" in package:
            yield _said(sheet, "name"), _of_sheet(package.xml(f"xl/{path}"))


def _of_sheet(root: etree._Element) -> Facts:
    facts = Facts()
    for column in _all(root, "col"):
        if column.get("hidden") in {"1", "true"}:
            first, last = int(column.get("min") or 1), int(column.get("max") or 1)
            facts.columns |= set(range(first - 1, min(last, MAX_COLUMNS)))
    shown = 0
    for row in _all(root, "row"):
        shown = int(row.get("r") or shown + 1)
        if row.get("hidden") in {"1", "true"}:
            facts.rows.add(shown - 1)
    return facts


def _of_xls(body: bytes) -> Iterator[tuple[str, Facts]]:
    """From the records of BIFF8; nothing for what is older, encrypted or damaged."""
    try:
        stream = CompoundFile(body, limits=LIMITS).open_stream("Workbook")
    except (Doc2DocxError, LookupError, ValueError):
        return
    names: dict[int, str] = {}  # where a sheet begins → its name
    facts = Facts()
    at = 0
    while at + 4 <= len(stream):
        record, size = struct.unpack_from("<HH", stream, at)
        data = stream[at + 4 : at + 4 + size]
        if record == 0x2F:  # FILEPASS: the rest is encrypted
            return
        if record == 0x85 and size > 8:  # BOUNDSHEET8
            wide = data[7] & 1
            name = data[8 : 8 + data[6] * (1 + wide)]
            names[struct.unpack_from("<I", data)[0]] = name.decode(
                "utf-16-le" if wide else "latin-1", "replace"
            )
        elif record == 0x809 and at in names:  # BOF of a sheet
            facts = Facts()
            yield names[at], facts
        elif record == 0x208 and size >= 16 and data[12] & 0x20:  # ROW
            facts.rows.add(struct.unpack_from("<H", data)[0])
        elif record == 0x7D and size >= 10 and data[8] & 1:  # COLINFO
            first, last = struct.unpack_from("<HH", data)
            facts.columns |= set(range(first, min(last + 1, MAX_COLUMNS)))
        at += 4 + size


def _of_ods(package: Package) -> Iterator[tuple[str, Facts]]:
    for table in _all(package.xml("content.xml"), "table"):
        facts = Facts()
        x = y = 0
        for column in _all(table, "table-column"):
            beyond = x + _count(column, "number-columns-repeated")
            if _said(column, "visibility") in _UNSEEN:
                facts.columns |= set(range(x, min(beyond, MAX_COLUMNS)))
            x = beyond
        for row in _all(table, "table-row"):
            x = 0
            for cell in row:
                down = _count(cell, "number-rows-spanned")
                across = _count(cell, "number-columns-spanned")
                if down * across > 1:
                    facts.merged.append(((y, x), (y + down - 1, x + across - 1)))
                x += _count(cell, "number-columns-repeated")
            below = y + _count(row, "number-rows-repeated")
            if _said(row, "visibility") in _UNSEEN:
                facts.rows |= set(range(y, min(below, MAX_ROWS)))
            y = below
        yield _said(table, "name"), facts


def sheets_of_xml(body: bytes) -> Iterator[tuple[list[list[str]], Facts] | None]:
    """The rows of each sheet of Excel's XML of 2003, None for a hidden one.

    Raises UnreadableError.
    """
    for sheet in _all(xml_of("the workbook", body), "Worksheet"):
        hidden = any((each.text or "") != "SheetVisible" for each in _all(sheet, "Visible"))
        yield None if hidden else _xml_sheet(sheet)


def _xml_sheet(sheet: etree._Element) -> tuple[list[list[str]], Facts]:
    facts = Facts()
    cells: dict[Corner, str] = {}
    y = -1
    for row in _all(sheet, "Row"):
        y = _count(row, "Index", y + 2) - 1
        if y >= MAX_ROWS:
            break
        if _said(row, "Hidden") == "1":
            facts.rows.add(y)
        x = -1
        for cell in _all(row, "Cell"):
            x = _count(cell, "Index", x + 2) - 1
            texts = (text for data in _all(cell, "Data") for text in data.itertext())
            cells[y, min(x, MAX_COLUMNS)] = "".join(map(str, texts))
            down, across = _count(cell, "MergeDown", 0), _count(cell, "MergeAcross", 0)
            if down + across:
                facts.merged.append(((y, x), (y + down, x + across)))
            x += across
    height, width = (max((at[i] for at in cells), default=-1) + 1 for i in (0, 1))
    rows = [[cells.get((y, x), "") for x in range(width)] for y in range(height)]
    return rows, facts


def _all(root: etree._Element, name: str) -> Iterator[etree._Element]:
    return root.iterdescendants(f"{{*}}{name}")


def _said(element: etree._Element, name: str) -> str:
    """An attribute, whatever its namespace."""
    return next((str(v) for k, v in element.items() if str(k).rpartition("}")[2] == name), "")


def _count(element: etree._Element, name: str, else_: int = 1) -> int:
    said = _said(element, name)
    return int(said) if re.fullmatch("[0-9]{1,7}", said) else else_
