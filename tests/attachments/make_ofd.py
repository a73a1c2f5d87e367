"""OFD files, as the national format has them: one text object a line, strokes for tables."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from xml.sax.saxutils import escape

from crawler.practice.attachments_grid import spots, weights
from crawler.practice.attachments_pdf import wrapped
from crawler.practice.blocks import Block

NS = 'xmlns:ofd="http://www.ofdspec.org/2016"'
WIDTH, HEIGHT, MARGIN = 210.0, 297.0, 25.0
LONG = 1200.0  # pages may have any size; that of a table of forty rows
LINE, SMALL = 5.6, 3.2  # millimetres


def ofd(blocks: Iterable[Block]) -> bytes:
    """The blocks on as many pages as they take."""
    pages: list[list[str]] = [[]]
    y = MARGIN
    for block in blocks:
        if not block.rows:
            indent = 2 * LINE if block.kind in {"paragraph", "heading"} else 0.0
            for line in wrapped(block.text, LINE, WIDTH - 2 * MARGIN, indent):
                if y > HEIGHT - MARGIN:
                    pages.append([])
                    y = MARGIN
                x = (WIDTH - len(line) * LINE) / 2 if block.kind == "title" else MARGIN + indent
                pages[-1].append(_text(x, y, LINE, line))
                y += LINE * 1.75
                indent = 0.0
            continue
        found = spots(block.rows)
        wanted = weights(found)
        xs = [MARGIN]
        for weight in wanted:
            xs.append(xs[-1] + (WIDTH - 2 * MARGIN) * weight / sum(wanted))
        row = 7 * SMALL
        if y > MARGIN:  # a table begins on a page of its own, as long as the table is
            pages.append([])
            y = MARGIN
        for s in found:
            left, right = xs[s.column], xs[s.column + s.columns]
            top, bottom = y + s.row * row, y + (s.row + s.rows) * row
            pages[-1].append(_box(left, top, right - left, bottom - top))
            room = max(1, int((right - left - 1) / SMALL))
            lines = [s.text[i : i + room] for i in range(0, len(s.text), room)]
            at = (top + bottom - len(lines) * SMALL) / 2
            for line in lines:
                pages[-1].append(_text(left + 0.5, at, SMALL, line))
                at += SMALL
        pages.append([])
        y = MARGIN
    return _package(pages)


def _text(x: float, y: float, size: float, text: str) -> str:
    steps = [size * (0.5 if char.isascii() else 1.0) for char in text[:-1]]
    alike = len(set(steps)) == 1
    said = f"g {len(steps)} {steps[0]:g}" if alike else " ".join(f"{step:g}" for step in steps)
    delta = f' DeltaX="{said}"' if steps else ""
    return (
        f'<ofd:TextObject ID="1" Boundary="{x:.2f} {y:.2f} {size * len(text):.2f} {size:.2f}" '
        f'Font="2" Size="{size:g}"><ofd:TextCode X="0" Y="{size * 0.85:.2f}"{delta}>'
        f"{escape(text)}</ofd:TextCode></ofd:TextObject>"
    )


def _box(x: float, y: float, wide: float, high: float) -> str:
    path = f"M 0 0 L {wide:.2f} 0 L {wide:.2f} {high:.2f} L 0 {high:.2f} C"
    return (
        f'<ofd:PathObject ID="3" Boundary="{x:.2f} {y:.2f} {wide:.2f} {high:.2f}" LineWidth="0.2">'
        f"<ofd:AbbreviatedData>{path}</ofd:AbbreviatedData></ofd:PathObject>"
    )


def _package(pages: list[list[str]]) -> bytes:
    listed = "".join(
        f'<ofd:Page ID="{10 + n}" BaseLoc="Pages/Page_{n}/Content.xml"/>' for n in range(len(pages))
    )
    files = {
        "OFD.xml": f"<ofd:OFD {NS} Version='1.0'><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml"
        "</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f"<ofd:Document {NS}><ofd:CommonData><ofd:PageArea>"
        f"<ofd:PhysicalBox>0 0 {WIDTH:g} {LONG:g}</ofd:PhysicalBox></ofd:PageArea>"
        f"</ofd:CommonData><ofd:Pages>{listed}</ofd:Pages></ofd:Document>",
        **{
            f"Doc_0/Pages/Page_{n}/Content.xml": f"<ofd:Page {NS}><ofd:Content><ofd:Layer ID='4'>"
            f"{''.join(page)}</ofd:Layer></ofd:Content></ofd:Page>"
            for n, page in enumerate(pages)
        },
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in files.items():
            package.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + text)
    return out.getvalue()
