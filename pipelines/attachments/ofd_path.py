"""The strokes of an OFD page that can be lines of a table, and the matrices that place them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipelines.attachments.sheet import Edge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

Matrix = tuple[float, float, float, float, float, float]
Point = tuple[float, float]

IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
THIN = 3.0  # points: a filled shape thinner than this is a line
_ARGUMENTS = {"S": 2, "M": 2, "L": 2, "Q": 4, "B": 6, "A": 7, "C": 0}
_TOKEN = re.compile(r"[A-Za-z]|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_MOST_NUMBERS = 20_000


def numbers(text: str) -> list[float]:
    """The numbers of an attribute; `g 3 2.5` stands for 2.5 three times."""
    found: list[float] = []
    tokens = text.split()[:_MOST_NUMBERS]
    at = 0
    while at < len(tokens):
        try:
            if tokens[at] == "g":
                count, value = min(int(tokens[at + 1]), _MOST_NUMBERS), float(tokens[at + 2])
                found += [value] * count
                at += 3
                continue
            found.append(float(tokens[at]))
        except (ValueError, IndexError):
            return found
        at += 1
    return found


def moved(matrix: Matrix, x: float, y: float) -> Matrix:
    a, b, c, d, e, f = matrix
    return a, b, c, d, e + x, f + y


def compose(outer: Matrix, inner: Matrix) -> Matrix:
    """First `inner`, then `outer`."""
    a, b, c, d, e, f = outer
    g, h, i, j, k, m = inner
    return (
        a * g + c * h, b * g + d * h, a * i + c * j, b * i + d * j, a * k + c * m + e,
        b * k + d * m + f,
    )  # fmt: skip


def strokes(element: etree._Element, matrix: Matrix) -> list[Edge]:
    """The level and upright lines that a path draws; of a filled sliver, its spine."""
    data = " ".join(
        child.text or ""
        for child in element
        if isinstance(child.tag, str) and child.tag.endswith("AbbreviatedData")
    )
    segments = list(_segments(data, matrix))
    if element.get("Stroke", "true") == "false":  # only filled: a line, or a background
        return _spine(segments)
    return [edge for a, b in segments if (edge := _edge(a, b)) is not None]


def _spine(segments: list[tuple[Point, Point]]) -> list[Edge]:
    points = [point for segment in segments for point in segment]
    if not points:
        return []
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    top, bottom = min(y for _, y in points), max(y for _, y in points)
    if min(right - left, bottom - top) > THIN:
        return []
    if right - left > bottom - top:
        return [Edge(left, (top + bottom) / 2, right, (top + bottom) / 2)]
    return [Edge((left + right) / 2, top, (left + right) / 2, bottom)]


def _segments(data: str, matrix: Matrix) -> Iterator[tuple[Point, Point]]:
    """The straight pieces of a path; curves only move the pen."""
    tokens = _TOKEN.findall(data[: 40 * _MOST_NUMBERS])
    start = pen = (0.0, 0.0)
    at = 0
    while at < len(tokens):
        command = tokens[at]
        count = _ARGUMENTS.get(command)
        if count is None:
            return
        values = tokens[at + 1 : at + 1 + count]
        if len(values) < count or any(value.isalpha() for value in values):
            return
        at += 1 + count
        end = start if command == "C" else _placed(matrix, float(values[-2]), float(values[-1]))
        if command in {"S", "M"}:
            start = end
        elif command in {"L", "C"}:
            yield pen, end
        pen = end


def _placed(matrix: Matrix, x: float, y: float) -> Point:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _edge(a: Point, b: Point) -> Edge | None:
    (x0, y0), (x1, y1) = a, b
    if abs(y0 - y1) < THIN / 2 and abs(x0 - x1) > THIN:
        return Edge(min(x0, x1), (y0 + y1) / 2, max(x0, x1), (y0 + y1) / 2)
    if abs(x0 - x1) < THIN / 2 and abs(y0 - y1) > THIN:
        return Edge((x0 + x1) / 2, min(y0, y1), (x0 + x1) / 2, max(y0, y1))
    return None
