"""DOCX and XLSX as small as they can be, and ZIP as Windows writes it here: names in GBK."""

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from xml.sax.saxutils import escape

from crawler.practice.attachments_grid import Spot, spots, weights
from crawler.practice.blocks import Block

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_MADE = (2024, 1, 15, 9, 0, 0)
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_EXCEL = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_SIDES = ("left", "right", "top", "bottom")
_STYLES = (  # style 1 has lines around its cells
    f'<styleSheet xmlns="{_EXCEL}"><fonts count="1"><font/></fonts>'
    '<fills count="1"><fill/></fills><borders count="2"><border/><border>'
    + "".join(f'<{side} style="thin"/>' for side in _SIDES)
    + '</border></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2">'
    '<xf borderId="0"/><xf borderId="1" applyBorder="1"/></cellXfs></styleSheet>'
)
_APPLICATION = "application/vnd.openxmlformats-officedocument"


class _Named(zipfile.ZipInfo):
    """A member whose name is written in GBK, without the flag that says UTF-8."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - the name is zipfile's
        return self.filename.encode("gb18030"), self.flag_bits


def zipped(members: Iterable[tuple[str, bytes]]) -> bytes:
    """A ZIP file of these members; the same members, the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, body in members:
            info = _Named(name, _MADE)
            info.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(info, body)
    return out.getvalue()


def docx(blocks: Iterable[Block]) -> bytes:
    """A Word file of these blocks."""
    body = "".join(_word_table(b) if b.rows else _word_paragraph(b) for b in blocks)
    document = f'<w:document xmlns:w="{_WORD}"><w:body>{body}<w:sectPr/></w:body></w:document>'
    return _package("word/document.xml", f"{_APPLICATION}.wordprocessingml.document.main", document)


def _word_paragraph(block: Block) -> str:
    style = '<w:pPr><w:pStyle w:val="Heading1"/></w:pPr>' if block.kind == "heading" else ""
    return f"<w:p>{style}{_runs(block.text)}</w:p>"


def _runs(text: str) -> str:
    """Word starts a new run where digits begin, for another font."""
    middle = len(text) // 2
    parts = (text[:middle], text[middle:])
    return "".join(
        f'<w:r><w:t xml:space="preserve">{escape(part)}</w:t></w:r>' for part in parts if part
    )


def _word_table(block: Block) -> str:
    found = spots(block.rows)
    wanted = weights(found)
    widths = [int(9000 * weight / sum(wanted)) for weight in wanted]  # twentieths of a point
    rows = []
    for y in range(max(spot.row + spot.rows for spot in found)):
        covering = sorted((s for s in found if s.row <= y < s.row + s.rows), key=lambda s: s.column)
        rows.append(f"<w:tr>{''.join(_word_cell(spot, y, widths) for spot in covering)}</w:tr>")
    grid = "".join(f'<w:gridCol w:w="{each}"/>' for each in widths)
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    borders = "".join(f'<w:{side} w:val="single" w:sz="4"/>' for side in sides)
    facts = f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblBorders>{borders}</w:tblBorders>'
    facts += '<w:tblLayout w:type="fixed"/>'
    return f"<w:tbl><w:tblPr>{facts}</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"


def _word_cell(spot: Spot, row: int, widths: Sequence[int]) -> str:
    wide = sum(widths[spot.column : spot.column + spot.columns])
    facts = f'<w:tcW w:w="{wide}" w:type="dxa"/>'
    facts += f'<w:gridSpan w:val="{spot.columns}"/>' if spot.columns > 1 else ""
    if spot.rows > 1:
        facts += '<w:vMerge w:val="restart"/>' if row == spot.row else "<w:vMerge/>"
    text = _runs(spot.text) if row == spot.row else ""
    return f"<w:tc><w:tcPr>{facts}</w:tcPr><w:p>{text}</w:p></w:tc>"


def xlsx(blocks: Sequence[Block]) -> bytes:
    """A workbook whose one sheet holds the tables, one below the other, a blank row between."""
    cells: dict[int, list[str]] = {}
    merges = []
    top = 1
    for block in blocks:
        found = spots(block.rows)
        for spot in found:
            cells.setdefault(top + spot.row, []).append(_excel_cell(spot, top))
            if spot.rows * spot.columns > 1:
                last = _address(spot, top, spot.rows - 1, spot.columns - 1)
                merges.append(f'<mergeCell ref="{_address(spot, top)}:{last}"/>')
        top += max(spot.row + spot.rows for spot in found) + 1
    rows = "".join(f'<row r="{y}">{"".join(row)}</row>' for y, row in sorted(cells.items()))
    merged = f"<mergeCells>{''.join(merges)}</mergeCells>" if merges else ""
    sheet = f'<worksheet xmlns="{_EXCEL}"><sheetData>{rows}</sheetData>{merged}</worksheet>'
    book = (
        f'<workbook xmlns="{_EXCEL}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )
    kind = f"{_APPLICATION}.spreadsheetml"
    links = {"worksheet": "worksheets/sheet1.xml", "styles": "styles.xml"}
    more = (
        ("xl/worksheets/sheet1.xml", f"{kind}.worksheet", sheet),
        ("xl/styles.xml", f"{kind}.styles", _STYLES),
        ("xl/_rels/workbook.xml.rels", "", _links(links)),
    )
    return _package("xl/workbook.xml", f"{kind}.sheet.main", book, more)


def _excel_cell(spot: Spot, top: int) -> str:
    at = _address(spot, top)
    try:
        value = f"<v>{float(spot.text):.15g}</v>" if spot.text else ""
        return f'<c r="{at}" s="1">{value}</c>'
    except ValueError:
        return f'<c r="{at}" s="1" t="inlineStr"><is><t>{escape(spot.text)}</t></is></c>'


def _address(spot: Spot, top: int, down: int = 0, across: int = 0) -> str:
    tens, ones = divmod(spot.column + across, 26)
    return f"{chr(64 + tens) if tens else ''}{chr(65 + ones)}{top + spot.row + down}"


def _links(targets: Mapping[str, str]) -> str:
    links = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets.items(), 1)
    )
    return f'<Relationships xmlns="{_LINKS}">{links}</Relationships>'


def _package(
    main: str, kind: str, content: str, more: Sequence[tuple[str, str, str]] = ()
) -> bytes:
    parts = ((main, kind, content), *more)
    overrides = "".join(
        f'<Override PartName="/{name}" ContentType="{type_}+xml"/>'
        for name, type_, _ in parts
        if type_
    )
    types = (
        f'<Types xmlns="{_TYPES}"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{overrides}</Types>'
    )
    files = [
        ("[Content_Types].xml", types),
        ("_rels/.rels", _links({"officeDocument": main})),
    ]
    files += [(name, text) for name, _, text in parts]
    return zipped((name, (_HEAD + text).encode()) for name, text in files)
