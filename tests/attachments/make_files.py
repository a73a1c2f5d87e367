"""Files of every kind out of the city's reports, and what is true of them."""

from __future__ import annotations

import base64
import io
import quopri
import shutil
import subprocess
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pypdfium2
from make_ofd import ofd

from crawler.items import Block as Read
from crawler.practice.attachments_grid import spots
from crawler.practice.attachments_office import docx, xlsx
from crawler.practice.attachments_pdf import pdf
from crawler.practice.blocks import Block
from crawler.practice.organs import organs
from crawler.practice.paper import Paper

SOFFICE = shutil.which("soffice")


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


def converted(kind: str, *sources: Path) -> None:
    """What LibreOffice makes of some files, beside them. A profile of its own: two may run."""
    folder = sources[0].parent
    command = [str(SOFFICE), f"-env:UserInstallation={(folder / 'profile').as_uri()}"]
    command += ["--headless", "--convert-to", kind, "--outdir", str(folder)]
    subprocess.run([*command, *map(str, sources)], check=True, capture_output=True, timeout=280)


def turned(pdf: bytes, quarter: int) -> bytes:
    """A PDF whose pages lie on their side, or upside down."""
    document = pypdfium2.PdfDocument(pdf)
    for page in document:
        page.set_rotation(90 * quarter)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def mhtml(page: str, coding: str = "base64", start: str = "MIME-Version: 1.0\r\n") -> bytes:
    """A page as Word and Excel save it in one file, under .doc and .xls: its charset is GBK."""
    raw = page.encode("gb18030")
    body = base64.encodebytes(raw) if coding == "base64" else quopri.encodestring(raw)
    picture = "\r\n--=_x\r\nContent-Type: image/png\r\n\r\n-\r\n--=_x--\r\n"
    head = f'{start}Content-Type: multipart/related;\r\n\tboundary="=_x"\r\n\r\n'
    head += f"此文档为单个文件网页\r\n--=_x\r\nContent-Transfer-Encoding: {coding}\r\n"
    head += 'Content-Type: text/html; charset="gb2312"\r\n\r\n'
    return head.encode("gb18030") + body + picture.encode()
