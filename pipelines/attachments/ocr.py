"""Pictures of text: lines by morphology, glyphs by OCR, cells that it overlooked one by one.

Needs the extra `ocr`. Everything read here is in doubt until sums bear it out; see `doubt.py`.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pypdfium2
from rapidocr import RapidOCR

from pipelines.attachments.reading import UnreadableError
from pipelines.attachments.sheet import Char, Edge, Sheet
from pipelines.attachments.sheet_grid import ruled_tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.attachments.sheet_grid import Ruled

MOST_PIXELS = 40_000_000
LONGEST = 3000  # pixels of a side that OCR sees; a page of A4 at 250 to the inch
DOTS = 200  # to the inch, for a page of a PDF
A4 = 595 / 72  # inches wide
_SURE = 0.5  # what the recogniser says of itself; below, it is noise
_INK = 0.012  # of a cell's pixels are dark: something stands in it

Picture = Any  # a NumPy array, rows × columns × blue, green, red


def see(body: bytes, page: int | None) -> Sheet:
    """A picture, or one page of a PDF, as glyphs and lines. Raises UnreadableError."""
    picture, dots = _picture(body) if page is None else _page(body, page)
    unit = 72 / dots
    sheet = Sheet(
        picture.shape[1] * unit,
        picture.shape[0] * unit,
        [Char(c.text, *(v * unit for v in c[1:])) for c in _glyphs(picture)],
        [Edge(*(v * unit for v in edge)) for edge in _lines(picture)],
    )
    for table in ruled_tables(sheet):
        sheet.chars += _overlooked(picture, table, unit)
    return sheet


@cache
def _engine() -> Any:
    return RapidOCR(params={"Global.log_level": "critical"})


def _picture(body: bytes) -> tuple[Picture, float]:
    """A picture and its dots to the inch, as if it were a page of A4 from side to side."""
    picture = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise UnreadableError("file_damaged", "no picture that can be decoded")
    high, wide = picture.shape[:2]
    if high * wide > MOST_PIXELS:
        raise UnreadableError("file_too_long", f"a picture of {wide} by {high} pixels: not read")
    scale = min(1.0, LONGEST / max(high, wide))
    if scale < 1:
        picture = cv2.resize(picture, None, fx=scale, fy=scale)
    return picture, picture.shape[1] / A4


def _page(body: bytes, number: int) -> tuple[Picture, float]:
    page = pypdfium2.PdfDocument(body)[number]
    scale = min(DOTS / 72, LONGEST / max(*page.get_size(), 1))
    picture = page.render(scale=scale).to_numpy()[:, :, :3]
    return np.ascontiguousarray(picture), 72 * scale


def _dark(picture: Picture) -> Picture:
    """255 where there is ink, 0 where there is paper, however uneven the light."""
    gray = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    return cv2.adaptiveThreshold(
        gray, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 31, 15
    )


def _lines(picture: Picture) -> Iterator[Edge]:
    """Straight runs of ink, level and upright, longer than any stroke of a character."""
    dark = _dark(picture)
    length = max(picture.shape[1] // 40, 30)
    for across, down in ((length, 1), (1, length)):
        kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (across, down))
        ruled = cv2.morphologyEx(dark, cv2.MORPH_OPEN, kernel)
        ruled = cv2.dilate(ruled, np.ones((3, 3), np.uint8))  # a scan's lines are a little askew
        contours, _ = cv2.findContours(ruled, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        for contour in contours:
            x, y, wide, high = map(float, cv2.boundingRect(contour))
            if across > down and wide > 3 * high:
                yield Edge(x, y + high / 2, x + wide, y + high / 2)
            elif down > across and high > 3 * wide:
                yield Edge(x + wide / 2, y, x + wide / 2, y + high)


def _glyphs(picture: Picture) -> Iterator[Char]:
    found = _engine()(picture, return_word_box=True)
    for words in found.word_results or ():
        for text, sure, corners in words:
            if sure < _SURE or not text.strip():
                continue
            xs, ys = [float(x) for x, _ in corners], [float(y) for _, y in corners]
            yield from _parted(text, min(xs), max(xs), min(ys), max(ys))


def _parted(text: str, x0: float, x1: float, top: float, bottom: float) -> Iterator[Char]:
    """A word as its characters, each with its share of the width."""
    shares = [0.5 if char.isascii() else 1.0 for char in text]
    unit, x = (x1 - x0) / sum(shares), x0
    for char, share in zip(text, shares, strict=True):
        yield Char(char, x, x + unit * share, top, bottom)
        x += unit * share


def _overlooked(picture: Picture, table: Ruled, unit: float) -> Iterator[Char]:
    """Single digits that the detector takes for specks: cells with ink and no text, one by one."""
    dark = _dark(picture)
    for box in _blank(table):
        x0, top, x1, bottom = (int(side / unit) for side in box)
        inset = max((bottom - top) // 12, 4)
        inside = (slice(top + inset, bottom - inset), slice(x0 + inset, x1 - inset))
        if dark[inside].size == 0 or dark[inside].mean() / 255 < _INK:
            continue
        said = _engine()(picture[inside], use_det=False, use_cls=False, use_rec=True)
        text = "".join(said.txts or ()).strip()
        if text and min(said.scores) >= _SURE:
            left, upper, right, lower = box
            yield from _parted(text, left + 2, right - 2, upper + 2, min(lower - 2, upper + 14))


def _blank(table: Ruled) -> Iterator[tuple[float, float, float, float]]:
    """The boxes of cells without text; a merged one by its first slot."""
    for y, row in enumerate(table.table.rows):
        for x, cell in enumerate(row):
            if cell.origin and not cell.text:
                yield table.xs[x], table.ys[y], table.xs[x + 1], table.ys[y + 1]
