"""From pages to blocks in reading order: paragraphs put together again, tables over page breaks."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.items import Block, Issue
from pipelines.attachments.reading import UnreadableError
from pipelines.attachments.sheet import Line, Sheet, lines, upright
from pipelines.attachments.sheet_grid import Ruled, ruled_tables
from pipelines.attachments.sheet_join import below
from pipelines.attachments.sheet_loose import loose_tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_PAGE_NUMBER = re.compile(
    r"[-—–－·\s]*(?:第\s*)?\d{1,4}(?:\s*页)?(?:\s*[/，,共]+\s*\d+\s*页?)?[-—–－·\s]*"
)
_MARGIN = 0.12  # of a page's height: where page numbers stand
_CHAPTER = re.compile(r"[一二三四五六七八九十]{1,3}[、．.]|[（(][一二三四五六七八九十]{1,3}[）)]")
_STARTS = re.compile(r"[一二三四五六七八九十]{1,3}[、．.]|[（(]|\d{1,2}[.．、]|第二十条|信息内容")


@dataclass(frozen=True, slots=True)
class _Margins:
    """Where the lines of running text begin and end on most pages."""

    left: float
    right: float


def blocks_of(sheets: Iterable[Sheet]) -> tuple[tuple[Block, ...], tuple[Issue, ...]]:
    """The blocks of a file's pages, and what could not be read as it should."""
    issues: list[Issue] = []
    pages = [_laid(upright(sheet), number, issues) for number, sheet in enumerate(sheets, 1)]
    flow = _Flow([], _margins(pages))
    for page in pages:
        flow.add(page)
    return tuple(flow.blocks), tuple(dict.fromkeys(issues))


@dataclass(frozen=True, slots=True)
class _Laid:
    """The lines and tables of a page, from top to bottom."""

    width: float
    parts: list[Line | Ruled]


def _laid(sheet: Sheet, number: int, issues: list[Issue]) -> _Laid:
    try:
        tables = ruled_tables(sheet)
    except UnreadableError as problem:
        issues.append(Issue(problem.code, f"page {number}: {problem}"))
        tables = []
    loose = [char for char in sheet.chars if not any(table.holds(char) for table in tables)]
    found = [line for line in lines(loose) if not _is_page_number(line, sheet)]
    if not tables and (tables := loose_tables(found, loose)):
        found = [line for line in found if not any(table.spans(line) for table in tables)]
        says = "a table without ruled lines, its columns told by where the words stand"
        issues.append(Issue("table_unruled", f"page {number}: {says}; check its figures"))
    parts: list[Line | Ruled] = [*found, *tables]
    return _Laid(sheet.width, sorted(parts, key=lambda part: part.top))


def _margins(pages: Sequence[_Laid]) -> _Margins:
    """Where most lines begin that are not indented, and most wide lines end."""
    found = [(line, page) for page in pages for line in page.parts if isinstance(line, Line)]
    starts = Counter(round(line.x0 / 2) * 2 for line, _ in found)
    shared = [x for x, count in starts.items() if count > max(1, len(found) // 50)] or list(starts)
    wide = [line.x1 for line, page in found if line.x1 - line.x0 > page.width * 0.6]
    ends = Counter(map(round, wide or [line.x1 for line, _ in found]))
    right = ends.most_common(1)[0][0] if ends else 0
    left = float(min(shared, default=0))
    if found:  # where every line begins a paragraph, only the other margin tells
        line, page = found[len(found) // 2]
        left = page.width - right if left - (page.width - right) > 1.5 * line.size else left
    return _Margins(left, float(right))


@dataclass(slots=True)
class _Flow:
    """What was read up to here; `last` is the line that may go on."""

    blocks: list[Block]
    margins: _Margins
    last: Line | None = None
    table: Ruled | None = None  # the one that may go on

    def add(self, page: _Laid) -> None:
        for place, part in enumerate(page.parts):
            if isinstance(part, Ruled):
                self._table(part, goes_on=place == 0)
            else:
                self._line(part, page.width)

    def _table(self, table: Ruled, *, goes_on: bool) -> None:
        """A table, or more of the last one when nothing stands between."""
        whole = below(self.table, table) if goes_on and self.table is not None else None
        if whole is not None:
            self.blocks.pop()
        self.table = whole or table
        self.blocks.append(Block(table=self.table.table))
        self.last = None

    def _line(self, line: Line, width: float) -> None:
        last = self.last
        if last is not None and (
            _goes_on(last, line, self.margins) or _is_one_title(last, line, self.margins, width)
        ):
            text = self.blocks[-1].text
            both = text[-1:].isascii() and line.text[:1].isascii()
            glue = " " if both and not (text[-1:].isdigit() and line.text[:1].isdigit()) else ""
            self.blocks[-1] = Block(text + glue + line.text)
        else:
            self.blocks.append(Block(line.text))
        self.last, self.table = line, None


def _is_page_number(line: Line, sheet: Sheet) -> bool:
    at_edge = line.top > sheet.height * (1 - _MARGIN) or line.bottom < sheet.height * _MARGIN
    return at_edge and _PAGE_NUMBER.fullmatch(line.text) is not None


def _goes_on(last: Line, line: Line, margins: _Margins) -> bool:
    """The line above is full, and this one is not indented."""
    size = max(last.size, line.size)
    full = last.x1 > margins.right - 1.6 * size
    flush = line.x0 < margins.left + 0.8 * size
    chapter = last.text.endswith(("。", "；", "！")) and _CHAPTER.match(line.text)
    return full and flush and not chapter


def _is_one_title(last: Line, line: Line, margins: _Margins, width: float) -> bool:
    """A title over two lines: both centred, alike in size, close together, neither a sentence."""
    for each in (last, line):
        off = abs((each.x0 + each.x1) / 2 - width / 2)
        if off > 1.5 * each.size or each.text.endswith(("。", "；", "：", ":")):
            return False
        if _STARTS.match(each.text):
            return False
    if line.x0 < margins.left + 1.5 * line.size or line.x1 > margins.right - 1.5 * line.size:
        return False
    alike = abs(last.size - line.size) < 0.15 * max(last.size, line.size)
    return alike and 0 <= line.top - last.bottom < 1.5 * line.size
