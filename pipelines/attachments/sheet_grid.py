"""Tables from ruled lines: slots between the lines, joined where no line parts them."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise, product
from typing import TYPE_CHECKING

from crawler.items import Cell, Table
from pipelines.attachments.reading import UnreadableError
from pipelines.attachments.sheet import Char, Edge, Line, Sheet, lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST_EDGES = 6000
MOST_SLOTS = 60_000
TOLERANCE = 3.0  # points: double borders, and lines that do not quite meet

Slot = tuple[int, int]  # row, column


@dataclass(frozen=True, slots=True)
class Ruled:
    """A table, and where the lines between its columns and rows stand."""

    table: Table
    xs: tuple[float, ...]
    ys: tuple[float, ...]

    @property
    def x0(self) -> float:
        return self.xs[0]

    @property
    def x1(self) -> float:
        return self.xs[-1]

    @property
    def top(self) -> float:
        return self.ys[0]

    @property
    def bottom(self) -> float:
        return self.ys[-1]

    def holds(self, char: Char) -> bool:
        x, y = char.middle
        return self.x0 <= x <= self.x1 and self.top <= y <= self.bottom

    def spans(self, line: Line) -> bool:
        return self.top <= (line.top + line.bottom) / 2 <= self.bottom


@dataclass(frozen=True, slots=True)
class Frame:
    """The lines of a table without its words: where they stand, and which slots they join."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    cells: dict[Slot, Slot]  # slot → top-left slot of the cell it belongs to

    def boxes(self) -> Iterator[tuple[float, float, float, float]]:
        """Left, top, right and bottom of every cell."""
        ends = {top_left: slot for slot, top_left in sorted(self.cells.items())}
        for (row, column), (last_row, last_column) in ends.items():
            yield self.xs[column], self.ys[row], self.xs[last_column + 1], self.ys[last_row + 1]


def ruled_tables(sheet: Sheet) -> list[Ruled]:
    """The tables of a page, from top to bottom. A frame around running text is none.

    Raises UnreadableError for a page with more lines than any form has.
    """
    found = (_filled(frame, sheet.chars) for frame in frames(sheet.edges))
    return sorted(filter(None, found), key=lambda ruled: (ruled.top, ruled.x0))


def frames(edges: list[Edge]) -> list[Frame]:
    """What the lines of a page make of it. Raises UnreadableError as `ruled_tables` does."""
    if len(edges) > MOST_EDGES:
        says = f"a page with {len(edges)} ruled lines is read as text only"
        raise UnreadableError("table_too_large", says)
    return [frame for group in _touching(_merged(edges)) if (frame := _frame(group)) is not None]


def _merged(edges: Iterable[Edge]) -> list[Edge]:
    """Lines on nearly the same axis as one, its pieces joined where they nearly touch."""
    level = [(e.top, e.x0, e.x1) for e in edges if e.x1 - e.x0 >= e.bottom - e.top]
    upright = [(e.x0, e.top, e.bottom) for e in edges if e.x1 - e.x0 < e.bottom - e.top]
    return [Edge(a, at, b, at) for at, a, b in _joined(level)] + [
        Edge(at, a, at, b) for at, a, b in _joined(upright)
    ]


def _joined(pieces: list[tuple[float, float, float]]) -> Iterable[tuple[float, float, float]]:
    axes: list[list[tuple[float, float, float]]] = []
    for piece in sorted(pieces):
        if not axes or piece[0] - axes[-1][-1][0] > TOLERANCE:
            axes.append([])
        axes[-1].append(piece)
    for axis in axes:
        at = sum(piece[0] for piece in axis) / len(axis)
        spans = sorted((a, b) for _, a, b in axis)
        start, end = spans[0]
        for a, b in spans[1:]:
            if a > end + TOLERANCE:
                yield at, start, end
                start = a
            end = max(end, b)
        yield at, start, end


def _touching(edges: list[Edge]) -> list[list[Edge]]:
    """Groups of lines that cross or meet; only those with lines of both kinds."""
    parent = list(range(len(edges)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    level = [i for i, e in enumerate(edges) if e.top == e.bottom]
    upright = [i for i, e in enumerate(edges) if e.top != e.bottom]
    for i, j in product(level, upright):
        h, v = edges[i], edges[j]
        across = h.x0 - TOLERANCE <= v.x0 <= h.x1 + TOLERANCE
        if across and v.top - TOLERANCE <= h.top <= v.bottom + TOLERANCE:
            parent[root(i)] = root(j)
    groups: defaultdict[int, list[Edge]] = defaultdict(list)
    for i, edge in enumerate(edges):
        groups[root(i)].append(edge)
    return [g for g in groups.values() if len({e.top == e.bottom for e in g}) == 2]


def _axis(values: Iterable[float]) -> list[float]:
    return sorted(set(values))


def _frame(group: list[Edge]) -> Frame | None:
    level = [e for e in group if e.top == e.bottom]
    upright = [e for e in group if e.top != e.bottom]
    # Tables without lines at their sides, or broken by a page, end where their other lines end.
    xs = _axis([e.x0 for e in upright])
    ys = _axis([e.top for e in level])
    xs = _with_ends(xs, min(e.x0 for e in level), max(e.x1 for e in level))
    ys = _with_ends(ys, min(e.top for e in upright), max(e.bottom for e in upright))
    if len(xs) < 3 or len(ys) < 2 or (len(xs) - 1) * (len(ys) - 1) > MOST_SLOTS:
        return None
    return Frame(tuple(xs), tuple(ys), _cells(xs, ys, level, upright))


def _filled(frame: Frame, chars: list[Char]) -> Ruled | None:
    rows = _rows(frame, _texts(frame, chars))
    if max(sum(cell.origin and bool(cell.text) for cell in row) for row in rows) < 2:
        return None
    return Ruled(Table(tuple(rows)), frame.xs, frame.ys)


def _with_ends(axis: list[float], first: float, last: float) -> list[float]:
    head = [first] if first < axis[0] - 2 * TOLERANCE else []
    tail = [last] if last > axis[-1] + 2 * TOLERANCE else []
    return [*head, *axis, *tail]


def _cells(
    xs: list[float], ys: list[float], level: list[Edge], upright: list[Edge]
) -> dict[Slot, Slot]:
    """Slot → top-left slot of the cell it belongs to."""
    height, width = len(ys) - 1, len(xs) - 1
    walls = {(i, e.x0) for e in upright for i in range(height) if _covers(e.top, e.bottom, ys, i)}
    floors = {(j, e.top) for e in level for j in range(width) if _covers(e.x0, e.x1, xs, j)}
    ruling = _Ruling(xs, ys, walls, floors)
    cell: dict[Slot, Slot] = {}
    for i, j in product(range(height), range(width)):
        if (i, j) in cell:
            continue
        right = j + 1
        while right < width and (i, xs[right]) not in walls and (i, right) not in cell:
            right += 1
        down = i + 1
        while down < height and ruling.goes_on(down, j, right):
            down += 1
        for slot in product(range(i, down), range(j, right)):
            cell[slot] = (i, j)
    return cell


@dataclass(frozen=True, slots=True)
class _Ruling:
    """Where lines part the slots: walls by (row, x), floors by (column, y)."""

    xs: list[float]
    ys: list[float]
    walls: set[tuple[int, float]]
    floors: set[tuple[int, float]]

    def goes_on(self, row: int, left: int, right: int) -> bool:
        """Whether the cell above goes on here: no line above, none inside, one at each side."""
        if any((column, self.ys[row]) in self.floors for column in range(left, right)):
            return False
        if any((row, self.xs[column]) in self.walls for column in range(left + 1, right)):
            return False
        return (left == 0 or (row, self.xs[left]) in self.walls) and (
            right == len(self.xs) - 1 or (row, self.xs[right]) in self.walls
        )


def _covers(start: float, end: float, axis: list[float], index: int) -> bool:
    middle = (axis[index] + axis[index + 1]) / 2
    return start <= middle <= end


def _texts(frame: Frame, chars: list[Char]) -> dict[Slot, str]:
    inside: defaultdict[Slot, list[Char]] = defaultdict(list)
    for char in chars:
        x, y = char.middle
        slot = bisect_right(frame.ys, y) - 1, bisect_right(frame.xs, x) - 1
        if slot in frame.cells:
            inside[frame.cells[slot]].append(char)
    last = {top_left: column for (_, column), top_left in sorted(frame.cells.items())}
    return {at: _wrapped(found, frame.xs[last[at] + 1]) for at, found in inside.items()}


def _wrapped(chars: list[Char], right: float) -> str:
    """The lines of a cell as one: a number that fills its line goes on in the next."""
    found = lines(chars)
    text = found[0].text
    for above, below in pairwise(found):
        both = text[-1].isascii() and below.text[0].isascii()
        parts = both and right - above.x1 > 1.2 * above.size
        text += (" " if parts else "") + below.text
    return text


def _rows(frame: Frame, texts: dict[Slot, str]) -> list[tuple[Cell, ...]]:
    cells, height, width = frame.cells, len(frame.ys) - 1, len(frame.xs) - 1
    return [
        tuple(Cell(texts.get(cells[i, j], ""), origin=cells[i, j] == (i, j)) for j in range(width))
        for i in range(height)
    ]
