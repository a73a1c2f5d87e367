"""Documents whose every word and cell is known: pages of all layouts, files of all kinds.

The words are the practice city's; files are made by LibreOffice, reportlab, python-docx, openpyxl
and the city's own writers.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from crawler.practice.attachments_grid import Spot, spots, weights, width
from crawler.practice.attachments_office import docx, xlsx, zipped
from crawler.practice.attachments_pdf import pdf
from crawler.practice.blocks import Block, html
from crawler.practice.city import City
from crawler.practice.paper import Paper
from tests.bench.extract_score import Reading

sys.path.append(str(Path(__file__).parents[1] / "attachments"))
from make_files import mhtml, printed, turned, whole
from make_ofd import ofd
from make_rar import rar

# From one of ours to what LibreOffice makes of it, and the name under which portals serve it.
CONVERTED = {
    "LibreOffice doc": ("docx", "doc"),
    "LibreOffice rtf": ("docx", "rtf"),
    "LibreOffice pdf": ("docx", "pdf"),
    "LibreOffice xls": ("xlsx", "xls"),
    "LibreOffice ods": ("xlsx", "ods"),
}
WORKBOOKS = {"city xlsx", "openpyxl xlsx", "LibreOffice xls", "LibreOffice ods"}


@dataclass(frozen=True, slots=True)
class Sample:
    """A document as bytes, and the truth of it. `address` is that of a page."""

    kind: str
    name: str
    body: bytes
    truth: Reading
    address: str = ""


def truth_of(blocks: Sequence[Block]) -> Reading:
    rows = [row for block in blocks if block.rows for row in printed(block)]
    parts = [
        "\n".join(cell for row in printed(block) for cell in row) if block.rows else block.text
        for block in blocks
    ]
    return Reading("\n".join(parts), rows)


def tables_of(paper: Paper) -> list[Block]:
    return [block for block in paper.write().blocks if block.rows]


def reports(count: int) -> list[Paper]:
    """Reports of all years and many organs."""
    city = City(organs=12, years=(2008, 2025), seed=7)
    found = [
        placed.paper
        for site in city.sites().values()
        for placed in site.placed()
        if placed.paper.kind == "annual_report"
    ]
    return found[:: max(1, len(found) // count)][:count]


def files(count: int, folder: Path, *, convert: bool = True) -> Iterator[Sample]:
    """Every report in every kind of file; those of LibreOffice, if it is there, by `convert`."""
    papers = reports(count)
    made: dict[str, Callable[[Paper], bytes]] = {
        "city pdf": lambda paper: pdf(whole(paper)),
        "pdf on its side": lambda paper: turned(pdf(whole(paper)), 1),
        "reportlab pdf": lambda paper: _reportlab(whole(paper)),
        "city docx": lambda paper: docx(whole(paper)),
        "python-docx docx": lambda paper: _python_docx(whole(paper)),
        "city ofd": lambda paper: ofd(whole(paper)),
        "city xlsx": lambda paper: xlsx(tables_of(paper)),
        "openpyxl xlsx": lambda paper: _openpyxl(tables_of(paper)),
        "Word web page": lambda paper: mhtml(f"<html>{html(whole(paper), 'word')}</html>"),
        "zip of docx": lambda paper: zipped([(f"{paper.title}.docx", docx(whole(paper)))]),
        "rar of docx": lambda paper: rar([(f"{paper.title}.docx", docx(whole(paper)))]),
    }
    for kind, make in made.items():
        for paper in papers:
            if blocks := _within(kind, paper):
                yield Sample(kind, paper.title, make(paper), truth_of(blocks))
    if convert and shutil.which("soffice"):
        for kind, (source, target) in CONVERTED.items():
            yield from _converted(kind, papers, source, target, folder / target)


def _within(kind: str, paper: Paper) -> Sequence[Block]:
    """What a file of this kind holds of a report: a workbook has its tables, if there are any."""
    return tables_of(paper) if kind in WORKBOOKS else whole(paper)


def _converted(
    kind: str, papers: Sequence[Paper], source: str, target: str, folder: Path
) -> Iterator[Sample]:
    folder.mkdir()
    sources = []
    for number, paper in enumerate(papers):
        if blocks := _within(kind, paper):
            path = folder / f"{number}.{source}"
            path.write_bytes(docx(blocks) if source == "docx" else xlsx(list(blocks)))
            sources.append((path, paper, blocks))
    command = ["soffice", "--headless", f"-env:UserInstallation=file://{folder}/profile"]
    command += ["--convert-to", target, "--outdir", str(folder / "made")]
    paths = [str(path) for path, _, _ in sources]
    subprocess.run([*command, *paths], check=True, capture_output=True, timeout=1800)
    for path, paper, blocks in sources:
        body = (folder / "made" / f"{path.stem}.{target}").read_bytes()
        yield Sample(kind, paper.title, body, truth_of(blocks))


def pages(count: int) -> Iterator[Sample]:
    """Pages of every family of the city, each with all documents that stand on it."""
    city = City(organs=6, years=(2008, 2025), seed=7)
    for site in (*city.sites().values(), *city.families):
        held: defaultdict[str, list[Paper]] = defaultdict(list)
        for placed in site.placed():
            if not placed.file and placed.trouble in {None, "redirect"}:
                held[placed.url].append(placed.paper)
        for url in list(held)[:: max(1, len(held) // count)][:count]:
            target = url.partition(site.host)[2]
            answer = city.answer(site.host, "GET", target, {}, b"")
            blocks = [block for paper in held[url] for block in paper.write().blocks]
            if answer.status == 200 and answer.sent is None and b"<" in answer.body[:200]:
                kind = type(site).__name__
                yield Sample(kind, held[url][0].title, answer.body, truth_of(blocks), url)


def _reportlab(blocks: Sequence[Block]) -> bytes:
    from reportlab.lib import colors
    from reportlab.lib.pagesizes import A3
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    prose = ParagraphStyle("p", fontName="STSong-Light", fontSize=14, leading=22, wordWrap="CJK")
    small = ParagraphStyle("c", fontName="STSong-Light", fontSize=8, leading=10, wordWrap="CJK")
    story = []
    for block in blocks:
        if not block.rows:
            story.append(Paragraph(block.text, prose))
            continue
        found = spots(block.rows)
        height = max(spot.row + spot.rows for spot in found)
        grid: list[list[object]] = [[""] * width(found) for _ in range(height)]
        style: list[tuple[object, ...]] = [("GRID", (0, 0), (-1, -1), 0.5, colors.black)]
        for spot in found:
            grid[spot.row][spot.column] = Paragraph(spot.text, small)
            style.append(("SPAN", *_corners(spot)))
        wanted = weights(found)
        widths = [(A3[0] - 120) * weight / sum(wanted) for weight in wanted]
        story.append(LongTable(grid, colWidths=widths, style=style))
    out = io.BytesIO()
    SimpleDocTemplate(out, pagesize=A3, leftMargin=60, rightMargin=60).build(story)
    return out.getvalue()


def _corners(spot: Spot) -> tuple[tuple[int, int], tuple[int, int]]:
    last = (spot.column + spot.columns - 1, spot.row + spot.rows - 1)
    return (spot.column, spot.row), last


def _python_docx(blocks: Sequence[Block]) -> bytes:
    from docx import Document

    document = Document()
    for block in blocks:
        if not block.rows:
            document.add_paragraph(block.text)
            continue
        found = spots(block.rows)
        table = document.add_table(max(s.row + s.rows for s in found), width(found), "Table Grid")
        cells = [row.cells for row in table.rows]  # each look-up walks the whole table
        for spot in found:
            (x, y), (right, bottom) = _corners(spot)
            cell = cells[y][x]
            if spot.rows * spot.columns > 1:
                cell = cell.merge(cells[bottom][right])
            cell.text = spot.text
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _openpyxl(blocks: Sequence[Block]) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for block in blocks:
        sheet = book.create_sheet()
        for spot in spots(block.rows):
            (x, y), (right, bottom) = _corners(spot)
            sheet.cell(y + 1, x + 1, _number(spot.text))
            if spot.rows * spot.columns > 1:
                sheet.merge_cells(None, y + 1, x + 1, bottom + 1, right + 1)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _number(text: str) -> object:
    return int(text) if text.isascii() and text.isdecimal() else text
