"""A picture of a page, made fit to be read: its size, its tilt, its ink and its ruled lines.

Needs the extra `ocr`. Pictures are NumPy arrays, rows × columns × blue, green, red.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pypdfium2

from pipelines.attachments.magic import sniff
from pipelines.attachments.reading import UnreadableError
from pipelines.attachments.sheet import Edge

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_PIXELS = 40_000_000
LONGEST, NARROWEST = 3000, 1600  # pixels of the longer and of the shorter side that OCR sees
DOTS = 200  # to the inch, for a page of a PDF
_STEEPEST = 4.0  # degrees that a page lies askew
_LEVEL = 0.05  # degrees below which nothing is turned
_NARROWEST_TABLE = 8  # of them fit into the width of a page
_NEAR = 8  # pixels between the end of a line and the one it meets
_WHITE = (255, 255, 255)

Picture = Any


def picture_of(body: bytes, page: int) -> Picture:
    """One page of a PDF or of a picture. Raises UnreadableError for what is none, or too large."""
    if sniff(body) == "pdf":
        drawn = pypdfium2.PdfDocument(body)[page]
        scale = min(DOTS / 72, LONGEST / max(*drawn.get_size(), 1))
        return np.ascontiguousarray(drawn.render(scale=scale).to_numpy()[:, :, :3])
    data = np.frombuffer(body, np.uint8)
    _, found = cv2.imdecodemulti(data, cv2.IMREAD_COLOR, range=(page, page + 1))
    if not found:
        raise UnreadableError("file_damaged", "no picture that can be decoded")
    high, wide = found[0].shape[:2]
    if high * wide > MOST_PIXELS:
        raise UnreadableError("file_too_long", f"a picture of {wide} by {high} pixels: not read")
    scale = min(max(1.0, NARROWEST / min(high, wide)), LONGEST / max(high, wide))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cv2.resize(found[0], None, fx=scale, fy=scale, interpolation=how)


def ink(picture: Picture) -> Picture:
    """255 where there is ink, 0 where there is paper, however uneven the light."""
    gray = cv2.medianBlur(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), 3)
    return cv2.adaptiveThreshold(
        gray, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 31, 15
    )


def levelled(picture: Picture) -> Picture:
    """The page with its lines level: turned to where they part best from the space between."""
    scale = 800 / max(picture.shape[:2])
    small = cv2.resize(ink(picture), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    angle = max(np.arange(-_STEEPEST, _STEEPEST + 0.1, 0.2), key=lambda a: _contrast(small, a))
    angle = max(np.arange(angle - 0.15, angle + 0.16, 0.05), key=lambda a: _contrast(small, a))
    return _turned(picture, angle, _WHITE) if abs(angle) > _LEVEL else picture


def _contrast(small: Picture, angle: float) -> float:
    rows = _turned(small, angle, 0).sum(axis=1, dtype=np.float64)
    return float(np.square(np.diff(rows)).sum())


def _turned(picture: Picture, angle: float, border: Any) -> Picture:
    high, wide = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((wide / 2, high / 2), float(angle), 1)
    return cv2.warpAffine(picture, matrix, (wide, high), flags=cv2.INTER_CUBIC, borderValue=border)


def ruled(picture: Picture) -> list[Edge]:
    """The lines of tables, level and upright, in pixels: long ones, and those between them.

    Strokes of a character hold each other; at most one end of theirs meets a line.
    """
    far = picture.shape[1] / _NARROWEST_TABLE
    found: list[Edge] = []
    left = list(_straight(picture))
    held = [e for e in left if max(e.x1 - e.x0, e.bottom - e.top) > far]
    while held:
        found += held
        left = [edge for edge in left if edge not in held]
        held = [edge for edge in left if _is_held(edge, found)]
    return found


def _is_held(edge: Edge, lines: list[Edge]) -> bool:
    """Whether both ends of it meet lines that run the other way."""
    across = [line for line in lines if (line.top == line.bottom) != (edge.top == edge.bottom)]
    return all(
        any(
            line.x0 - _NEAR <= x <= line.x1 + _NEAR and line.top - _NEAR <= y <= line.bottom + _NEAR
            for line in across
        )
        for x, y in ((edge.x0, edge.top), (edge.x1, edge.bottom))
    )


def _straight(picture: Picture) -> Iterator[Edge]:
    """Runs of ink that hang together over more than some words."""
    dark = ink(picture)
    length = max(picture.shape[1] // 40, 30)
    level, upright = (_runs(dark, *size) for size in ((length, 1), (1, length)))
    whole = cv2.dilate(level | upright, np.ones((5, 5), np.uint8))
    _, labels, facts, _ = cv2.connectedComponentsWithStats(whole)
    kept = facts[:, cv2.CC_STAT_WIDTH] > picture.shape[1] / _NARROWEST_TABLE
    kept[0] = False  # the paper
    for runs in (level, upright):
        runs[~kept[labels]] = 0
        contours, _ = cv2.findContours(runs, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        for contour in contours:
            x, y, wide, high = map(float, cv2.boundingRect(contour))
            if runs is level and wide > 3 * high:
                yield Edge(x, y + high / 2, x + wide, y + high / 2)
            elif runs is upright and high > 3 * wide:
                yield Edge(x + wide / 2, y, x + wide / 2, y + high)


def _runs(dark: Picture, across: int, down: int) -> Picture:
    """Where ink runs on for so many pixels; a line that is a little askew is made thicker first."""
    thick = cv2.dilate(dark, np.ones((3, 1) if across > down else (1, 3), np.uint8))
    return cv2.morphologyEx(
        thick, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, (across, down))
    )
