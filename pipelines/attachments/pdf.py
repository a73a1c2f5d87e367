"""PDF: glyphs and ruled lines of every page; pages that are pictures wait for OCR."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pdfplumber
from pdfminer.pdfdocument import PDFPasswordIncorrect
from pdfminer.pdfparser import PDFSyntaxError
from pdfminer.psexceptions import PSException
from pdfplumber.utils.exceptions import PdfminerException
from pdfplumber.utils.geometry import obj_to_edges

from crawler.items import Issue
from pipelines.attachments.reading import Content, UnreadableError
from pipelines.attachments.sheet import Char, Edge, Sheet
from pipelines.attachments.sheet_flow import blocks_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pdfplumber.page import Page
    from pdfplumber.pdf import PDF

MOST_PAGES = 300
MOST_CHARS = 60_000  # on one page
FEW_CHARS = 20  # a page with fewer glyphs and a picture is a scan with a stamp or a number on it
THIN = 3.0  # points: a filled shape thinner than this is a line, a thicker one a background

UNNAMED = "\ufffd"  # a glyph whose font does not say which character it is
MOST_UNNAMED = 0.1  # of a page's glyphs; beyond, its text is none
_UNNAMED = re.compile(r"\(cid:\d+\)|[\x00-\x08\x0e-\x1f\ud800-\udfff]")  # with half characters
_PRIVATE = range(0xE000, 0xF900)  # code points by which a font may mean anything

logging.getLogger("pdfminer").setLevel(logging.CRITICAL)  # what it cannot read is told by us


def read_pdf(body: bytes) -> Content:
    """Raises UnreadableError for what is no PDF, is encrypted, or is longer than any report."""
    try:
        with pdfplumber.open(BytesIO(body)) as pdf:
            return _read(pdf)
    except PdfminerException as error:
        cause = error.args[0] if error.args else error
        if isinstance(cause, MemoryError):
            raise cause from error
        raise _refusal(cause) from error
    except (PSException, PDFSyntaxError, ValueError, TypeError, KeyError) as error:
        raise _refusal(error) from error


def _refusal(error: object) -> UnreadableError:
    if isinstance(error, PDFPasswordIncorrect):
        return UnreadableError("file_encrypted", "the PDF needs a password")
    return UnreadableError("file_damaged", f"no PDF that can be read: {error!r:.200}")


def _read(pdf: PDF) -> Content:
    if len(pdf.pages) > MOST_PAGES:
        raise UnreadableError("file_too_long", f"{len(pdf.pages)} pages: not read")
    unread = _Unread()
    blocks, issues = blocks_of(_sheets(pdf, unread))
    pages = tuple(sorted({*unread.scans, *unread.nameless}))
    found = (*issues, *unread.issues(len(pdf.pages)))
    return Content("pdf", blocks, found, wants="ocr" if pages else "", pages=pages)


@dataclass(slots=True)
class _Unread:
    """Pages, counted from 0, that only eyes can read, and glyphs that none of us can."""

    scans: list[int] = field(default_factory=list)
    nameless: list[int] = field(default_factory=list)
    glyphs: int = 0

    def issues(self, total: int) -> Iterator[Issue]:
        font = "drawn by a font that does not say which characters they are"
        if self.scans:
            says = f"{len(self.scans)} of {total} pages are pictures of text"
            yield Issue("pages_are_pictures", says)
        if self.nameless:
            says = f"{len(self.nameless)} of {total} pages are {font}: not read as text"
            yield Issue("glyphs_nameless", says)
        if self.glyphs:
            yield Issue("glyphs_nameless", f"{self.glyphs} glyphs, kept as {UNNAMED}, are {font}")


def _sheets(pdf: PDF, unread: _Unread) -> Iterator[Sheet]:
    for number, page in enumerate(pdf.pages):
        if len(page.chars) > MOST_CHARS:
            says = f"page {number + 1} has {len(page.chars)} glyphs: not read"
            raise UnreadableError("file_too_long", says)
        chars = list(_chars(page))
        if len(page.chars) < FEW_CHARS and page.images:
            unread.scans.append(number)
        if sum(map(_is_nameless, chars)) > MOST_UNNAMED * len(chars):
            unread.nameless.append(number)
            chars = []
        unread.glyphs += sum(char.text == UNNAMED for char in chars)
        yield Sheet(float(page.width), float(page.height), chars, list(_edges(page)))
        page.close()  # else all pages' glyphs stay


def _chars(page: Page) -> Iterator[Char]:
    """Every glyph once: bold type is often set twice, a hair apart.

    One whose character is not told is not left out: 1?5 is not 15.
    """
    for char in page.dedupe_chars(tolerance=0.6).chars:
        text = UNNAMED if _UNNAMED.search(char["text"]) else char["text"]
        if text.strip():
            yield Char(text, char["x0"], char["x1"], char["top"], char["bottom"])


def _is_nameless(char: Char) -> bool:
    return char.text == UNNAMED or any(ord(each) in _PRIVATE for each in char.text)


def _edges(page: Page) -> Iterator[Edge]:
    for shape in (*page.lines, *page.rects, *page.curves):
        if _is_background(shape):
            continue
        for edge in obj_to_edges(shape):
            yield Edge(edge["x0"], edge["top"], edge["x1"], edge["bottom"])


def _is_background(shape: dict[str, Any]) -> bool:
    """White behind every line of text, as WPS paints it; shaded cells have lines of their own."""
    filled = shape.get("fill") and not shape.get("stroke")
    return bool(filled) and min(shape["width"], shape["height"]) > THIN
