"""Pictures of text: ruled tables cell by cell, and around them whatever a detector finds.

Needs the extra `ocr`. Everything read here is in doubt until sums bear it out; see `doubt.py`.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from rapidocr import RapidOCR

from pipelines.attachments import scan
from pipelines.attachments.sheet import Char, Edge, Sheet
from pipelines.attachments.sheet_grid import frames
from pipelines.grid import IMAGE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.attachments.scan import Picture

A4 = 595.0, 842.0  # points
_SURE = 0.5  # what the recogniser says of itself; below, it is noise
_SEEN = 1600  # pixels of the longer side that the detector sees
_TELLING = 4  # lines that tell which side of a page is up
_SPECK = 6  # pixels: no character is as small both ways
_LINE = 5  # pixels: half of a thick line, and what is askew of it
_ROOM = 6  # pixels of paper around a line, as the recogniser learned it

Box = tuple[float, float, float, float]  # left, top, right, bottom


def see(body: bytes, page: int) -> Sheet:
    """One page of a PDF or of a picture as glyphs and lines. Raises UnreadableError."""
    picture = scan.levelled(_upright(scan.picture_of(body, page)))
    high, wide = picture.shape[:2]
    unit = A4[wide > high] / wide  # as if it were a page of A4 from side to side
    sheet = Sheet(wide * unit, high * unit)
    sheet.edges = [Edge(*(v * unit for v in edge)) for edge in scan.ruled(picture)]
    dark = scan.ink(picture)
    for frame in frames(sheet.edges):
        for box in frame.boxes():
            sheet.chars += _cell(picture, dark, box, unit)
        _wiped(picture, (frame.xs[0], frame.ys[0], frame.xs[-1], frame.ys[-1]), unit)
    sheet.chars += _running(picture, unit)
    return sheet


@cache
def _engine() -> Any:
    threads = {f"EngineConfig.onnxruntime.{kind}_op_num_threads": 1 for kind in ("intra", "inter")}
    return RapidOCR(params={"Global.log_level": "critical", **threads})


def _read(line: Picture) -> tuple[str, float]:
    """The text of one line, and how sure the recogniser is."""
    found = _engine()(line, use_det=False, use_cls=False, use_rec=True)
    return ("".join(found.txts or ()).strip(), min(found.scores or (0.0,)))


def _found(picture: Picture) -> list[Box]:
    """Where the detector sees lines of text."""
    scale = min(1.0, _SEEN / max(picture.shape[:2]))
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    found = _engine()(small, use_det=True, use_cls=False, use_rec=False)
    if found.boxes is None:
        return []
    sides = np.hstack([found.boxes.min(axis=1), found.boxes.max(axis=1)]) / scale
    return [(left, top, right, bottom) for left, top, right, bottom in sides.tolist()]


def _upright(picture: Picture) -> Picture:
    """The page as people hold it: lines lie, and read better than upside down."""
    boxes = _found(picture)
    shapes = [(right - left, bottom - top) for left, top, right, bottom in boxes]
    lying = sum(wide > 2 * high for wide, high in shapes)
    standing = sum(high > 2 * wide for wide, high in shapes)
    if standing > lying:
        across = picture.shape[0]
        picture = cv2.rotate(picture, cv2.ROTATE_90_CLOCKWISE)
        boxes = [(across - bottom, left, across - top, right) for left, top, right, bottom in boxes]
    longest = sorted(boxes, key=lambda box: box[0] - box[2])[:_TELLING]
    lines = [_cut(picture, box) for box in longest]
    up = sum(_read(line)[1] for line in lines)
    if up > 0.9 * len(lines):
        return picture
    down = sum(_read(cv2.rotate(line, cv2.ROTATE_180))[1] for line in lines)
    return cv2.rotate(picture, cv2.ROTATE_180) if down > up else picture


def _cut(picture: Picture, box: Box) -> Picture:
    left, top, right, bottom = (max(int(side), 0) for side in box)
    return np.ascontiguousarray(picture[top : bottom + 1, left : right + 1])


def _wiped(picture: Picture, box: Box, unit: float) -> None:
    left, top, right, bottom = (max(int(side / unit), 0) for side in box)
    picture[top : bottom + 1, left : right + 1] = 255


def _running(picture: Picture, unit: float) -> Iterator[Char]:
    """The text outside of tables."""
    for box in _found(picture):
        text, sure = _read(_cut(picture, box))
        if text and sure >= _SURE:
            yield from _parted(text, box[0] * unit, box[2] * unit, box[1] * unit, box[3] * unit)


def _cell(picture: Picture, dark: Picture, box: Box, unit: float) -> Iterator[Char]:
    """The text of one cell, line by line: a detector takes single digits for specks.

    Ink that cannot be read is told as a picture is: the cell is not empty.
    """
    left, top, right, bottom = (int(side / unit) for side in box)
    within = slice(top + _LINE, max(bottom - _LINE, 0)), slice(left + _LINE, max(right - _LINE, 0))
    inside = dark[within]
    for start, end in _stripes(inside):
        columns = np.flatnonzero(inside[start:end].any(axis=0))
        first, last = int(columns[0]), int(columns[-1]) + 1
        if max(last - first, end - start) < _SPECK:
            continue
        line = picture[within][start:end, first:last]
        text, sure = _read(cv2.copyMakeBorder(line, *[_ROOM] * 4, cv2.BORDER_REPLICATE))
        x, y = left + _LINE, top + _LINE
        yield from _parted(
            text if text and sure >= _SURE else IMAGE,
            (x + first) * unit, (x + last) * unit, (y + start) * unit, (y + end) * unit,
        )  # fmt: skip


def _stripes(dark: Picture) -> list[tuple[int, int]]:
    """The lines of text in a cell: rows with ink, from and to."""
    rows = np.flatnonzero(np.diff(np.pad(dark.any(axis=1), 1).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(rows[::2], rows[1::2], strict=True)]


def _parted(text: str, x0: float, x1: float, top: float, bottom: float) -> Iterator[Char]:
    """A line as its characters, each with its share of the width."""
    shares = [0.5 if char.isascii() else 1.0 for char in text]
    unit, x = (x1 - x0) / sum(shares), x0
    for char, share in zip(text, shares, strict=True):
        yield Char(char, x, x + unit * share, top, bottom)
        x += unit * share
