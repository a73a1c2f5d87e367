"""PDF without a font inside: lines of text and ruled tables, with a map from codes to Unicode."""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from crawler.practice.attachments_grid import Spot, spots, weights
from crawler.practice.blocks import Block

WIDTH, HEIGHT, MARGIN = 595, 842, 72
BODY, TITLE, CELL = 16, 22, 9  # points


@dataclass
class _Canvas:
    """The content of one page; text is drawn at its baseline, from the bottom left."""

    parts: list[str] = field(default_factory=list)

    def text(self, x: float, y: float, size: float, text: str) -> None:
        code = text.encode("utf-16-be").hex()
        self.parts.append(f"BT /F1 {size:g} Tf {x:.2f} {y:.2f} Td <{code}> Tj ET")

    def line(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self.parts.append(f"{x0:.2f} {y0:.2f} m {x1:.2f} {y1:.2f} l S")


def pdf(blocks: Iterable[Block]) -> bytes:
    """The blocks on as many A4 pages as they take."""
    writer = _Writer()
    text = ""
    for block in blocks:
        text += block.text + "".join(cell.text for row in block.rows for cell in row)
        writer.table(block) if block.rows else writer.paragraph(block)
    return _file(writer.numbered(), sorted({c for c in text + "-0123456789 " if ord(c) < 65536}))


class _Writer:
    """Sets blocks from the top of a page to its bottom, then on the next."""

    def __init__(self) -> None:
        self.pages = [_Canvas()]
        self.y = float(HEIGHT - MARGIN)

    def room(self, height: float) -> None:
        if self.y - height < MARGIN:
            self.pages.append(_Canvas())
            self.y = float(HEIGHT - MARGIN)

    def paragraph(self, block: Block) -> None:
        size = TITLE if block.kind == "title" else BODY
        indent = 2.0 * size if block.kind in {"paragraph", "heading"} else 0.0
        for line in wrapped(block.text, size, WIDTH - 2 * MARGIN, indent):
            self.room(size * 1.75)
            self.y -= size * 1.75
            x = MARGIN + indent
            if block.kind == "title":
                x = (WIDTH - _length(line, size)) / 2
            elif block.kind == "sign":
                x = WIDTH - MARGIN - _length(line, size) - size
            self.pages[-1].text(x, self.y, size, line)
            indent = 0.0

    def table(self, block: Block) -> None:
        found = spots(block.rows)
        wanted = weights(found)
        xs = [float(MARGIN)]
        for weight in wanted:
            xs.append(xs[-1] + (WIDTH - 2 * MARGIN) * weight / sum(wanted))
        heights = _heights(found, xs)
        start = 0
        while start < len(heights):
            end, used = start, 0.0
            while end < len(heights) and self.y - used - heights[end] >= MARGIN:
                used += heights[end]
                end += 1
            if end == start:
                self.room(HEIGHT)
                continue
            self._rows(found, xs, heights, range(start, end))
            start = end

    def _rows(self, found: list[Spot], xs: list[float], heights: list[float], rows: range) -> None:
        """A piece of a table; a cell that goes on over the page says its text once."""
        page, top = self.pages[-1], self.y - 4
        ys = [top - sum(heights[rows.start : row]) for row in range(rows.start, rows.stop + 1)]
        for spot in found:
            first, last = max(spot.row, rows.start), min(spot.row + spot.rows, rows.stop)
            if first >= last:
                continue
            left, right = xs[spot.column], xs[spot.column + spot.columns]
            upper, lower = ys[first - rows.start], ys[last - rows.start]
            for a, b, c, d in (
                (left, upper, right, upper), (left, lower, right, lower),
                (left, upper, left, lower), (right, upper, right, lower),
            ):  # fmt: skip
                page.line(a, b, c, d)
            if first == spot.row:
                lines = list(wrapped(spot.text, CELL, right - left - 4, 0))
                y = (upper + lower) / 2 + len(lines) * CELL * 0.6 - CELL
                for line in lines:
                    page.text(left + (right - left - _length(line, CELL)) / 2, y, CELL, line)
                    y -= CELL * 1.2
        self.y = ys[-1] - 4

    def numbered(self) -> list[str]:
        """The pages' contents, each with its number at the foot."""
        for number, page in enumerate(self.pages, 1):
            page.text(WIDTH / 2 - 12, 40, 10, f"- {number} -")
        return ["\n".join(("0.5 w", *page.parts)) for page in self.pages]


def _heights(found: list[Spot], xs: list[float]) -> list[float]:
    heights = [CELL * 2.0] * max(spot.row + spot.rows for spot in found)
    for spot in found:
        room = xs[spot.column + spot.columns] - xs[spot.column] - 4
        lines = sum(1 for _ in wrapped(spot.text, CELL, room, 0))
        share = (lines * CELL * 1.2 + CELL) / spot.rows
        for row in range(spot.row, spot.row + spot.rows):
            heights[row] = max(heights[row], share)
    return heights


def _length(text: str, size: float) -> float:
    return sum(size * (0.5 if char.isascii() else 1.0) for char in text)


def wrapped(text: str, size: float, room: float, indent: float) -> Iterator[str]:
    """Lines no wider than the room; closing punctuation hangs over, as typesetters let it."""
    line, used = "", indent
    for char in text:
        wide = _length(char, size)
        if line and used + wide > room and char not in "，。；、）":
            yield line
            line, used = "", 0.0
        line, used = line + char, used + wide
    if line:
        yield line


def _file(contents: list[str], chars: list[str]) -> bytes:
    """Objects 1 catalogue, 2 pages, 3–6 the font, then a page and its content in turn."""
    kids = " ".join(f"{7 + 2 * n} 0 R" for n in range(len(contents)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {len(contents)}/Kids[{kids}]>>".encode(),
        b"<</Type/Font/Subtype/Type0/BaseFont/SimSun/Encoding/Identity-H"
        b"/DescendantFonts[4 0 R]/ToUnicode 6 0 R>>",
        b"<</Type/Font/Subtype/CIDFontType2/BaseFont/SimSun/FontDescriptor 5 0 R/DW 1000"
        b"/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/W[32 126 500]>>",
        b"<</Type/FontDescriptor/FontName/SimSun/Flags 4/FontBBox[0 -140 1000 860]/ItalicAngle 0"
        b"/Ascent 860/Descent -140/CapHeight 860/StemV 80>>",
        _stream(_to_unicode(chars)),
    ]
    for number, content in enumerate(contents):
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {WIDTH} {HEIGHT}]"
            f"/Resources<</Font<</F1 3 0 R>>>>/Contents {8 + 2 * number} 0 R>>".encode()
        )
        objects.append(_stream(content))
    return _bound(objects)


def _to_unicode(chars: list[str]) -> str:
    """Every code is the character's own; a reader still wants to be told."""
    blocks = []
    for start in range(0, len(chars), 100):
        part = chars[start : start + 100]
        lines = "\n".join(f"<{ord(c):04x}> <{ord(c):04x}>" for c in part)
        blocks.append(f"{len(part)} beginbfchar\n{lines}\nendbfchar")
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n/CMapName /City def\n"
        "/CMapType 2 def\n1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        + "\n".join(blocks)
        + "\nendcmap end end"
    )


def _stream(text: str) -> bytes:
    packed = zlib.compress(text.encode(), 9)
    head = f"<</Length {len(packed)}/Filter/FlateDecode>>\nstream\n".encode()
    return head + packed + b"\nendstream"


def _bound(objects: list[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.5\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(out)
