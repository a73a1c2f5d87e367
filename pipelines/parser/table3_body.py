"""Where table three begins and ends, and which of its grid columns are what."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.parser.cells import read_cell
from pipelines.parser.columns import OTHER_YEARS
from pipelines.parser.grid import Row, is_blank
from pipelines.parser.labels import T3_COLUMNS, T3_HEADER, Wanted
from pipelines.parser.table3_rows import knows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.parser.columns import Whose

_END = ("结果维持", "第二十条第")
_TOTAL = re.compile(r"总计|合计|总数|(?:申请)?(?:数量|件数)(?:\(件\))?")
_YEARS = re.compile(r"(?:20\d\d|本|上一?)年度?(?:总?数|总计|合计)?")
_FEWEST = 6  # known rows that make a table three of a table whose header is lost


@dataclass(frozen=True, slots=True)
class Body:
    """The data rows of table three; its value columns are () where the header does not tell."""

    rows: tuple[Row, ...]
    columns: tuple[int, ...]  # from left to right
    kinds: tuple[Wanted, ...] = T3_COLUMNS  # what they are: in another order, or not all seven


def find_body(rows: Sequence[Row], whose: Whose) -> Body | None:
    """The rows after the header up to 结转下年度, with the grid columns the header names."""
    header = next((i for i, row in enumerate(rows) if names_applicants(row)), None)
    if header is None:
        return _without_header(rows, whose)
    named = _named_columns(rows, header)
    years = next((row for row in rows[header + 1 : header + 3] if _names_years(row)), None)
    if years is not None and years.table == rows[header].table and named[0]:
        return _of_one_year(rows[header + 1 :], years, named[0], whose)
    body = _until_the_end(rows[header + 1 :])
    known = [column for column in named if column is not None]
    if (len(known) == len(named) and known != sorted(known)) or _has_no_totals(named, body):
        order = sorted(zip(known, T3_COLUMNS, strict=False), key=lambda each: each[0])
        return Body(body, tuple(sorted(known)), tuple(kind for _, kind in order))
    return Body(body, _columns(rows[header], named))


def _names_years(row: Row) -> bool:
    """Several years stand under each kind of applicant."""
    return sum(bool(_YEARS.fullmatch(name)) for name in row.labels) > len(T3_COLUMNS)


def _of_one_year(rows: Sequence[Row], years: Row, first: int, whose: Whose) -> Body:
    """The columns of this year; no kinds where they are not seven."""
    own = tuple(n for n, name in enumerate(years.labels) if whose.is_named(name))
    body = _until_the_end([row for row in rows if row.place > years.place])
    if len(own) != len(T3_COLUMNS):
        return Body(body, (), ())
    return Body(tuple(row.only({*range(first), *own}) for row in body), own)


def _has_no_totals(named: Sequence[int | None], body: Sequence[Row]) -> bool:
    """The header names every kind of applicant and ends there, and so do the rows."""
    *kinds, total = named
    known = [column for column in kinds if column is not None]
    if total is not None or len(known) < len(kinds) or known != sorted(known) or known[0] == 0:
        return False
    return bool(body) and not any(any(row.texts[known[-1] + 1 :]) for row in body)


def _without_header(rows: Sequence[Row], whose: Whose) -> Body | None:
    """Rows that only table three has, below a header that is lost or names only a total."""
    known = [i for i, row in enumerate(rows) if knows(row)]
    if len(known) < _FEWEST:
        return None
    body = _until_the_end(rows[known[0] :])
    column, labels = _only_column(rows[max(0, known[0] - 1)], body, whose)
    if column is None:
        return Body(body, ())
    return Body(tuple(row.only({*labels, column}) for row in body), (column,), T3_COLUMNS[-1:])


def _only_column(
    header: Row, body: Sequence[Row], whose: Whose
) -> tuple[int | None, Sequence[int]]:
    """Where a header names one column of numbers, or of this year's beside those of others.

    And the columns that may hold labels.
    """
    names = header.labels
    others = {n for n, name in enumerate(names) if OTHER_YEARS.search(name)}
    years = {n for n, name in enumerate(names) if _YEARS.fullmatch(name)} - others
    own = [n for n in years if whose.is_named(names[n])]
    named = own or [n for n, name in enumerate(names) if _TOTAL.fullmatch(name)]
    rest = [n for n in range(len(names)) if n not in {*named, *others, *years}]
    told = {read_cell(row.texts[n]).status for row in body for n in rest if n < len(row.cells)}
    apart = header.loose or header.table != body[0].table or "number" in told
    return (None, ()) if apart or len(named) != 1 else (named[0], rest)


def _until_the_end(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Data rows; the header printed again, page numbers and blank rows are none.

    Past the last table that has a row of table three, other tables of the report begin.
    """
    tables = {row.table for row in rows if knows(row)} | {row.table for row in rows[:1]}
    body: list[Row] = []
    for row in rows:
        texts = row.texts
        if row.table not in tables or any(text.startswith(_END) for text in texts):
            break
        if is_blank(row) or _is_header(row):
            continue
        if not any(text.isdigit() for text in texts) and "行政复议" in texts:
            break
        body.append(row)
        if any("结转下" in text for text in texts):
            break
    return tuple(body)


def _is_header(row: Row) -> bool:
    named = any(T3_HEADER.search(text) for text in row.texts)
    return named and not any(read_cell(text).status == "number" for text in row.texts)


def names_applicants(row: Row) -> bool:
    names = set(row.labels)
    return bool(names & {"科研机构", "法律服务机构", "商业企业"})


def _named_columns(rows: Sequence[Row], header: int) -> list[int | None]:
    """Where the header row and those above name the seven value columns."""
    if rows[header].loose:
        return [None] * len(T3_COLUMNS)
    found: dict[str, int] = {}
    above = [row for row in rows[max(0, header - 2) : header] if row.table == rows[header].table]
    for row in (rows[header], *reversed(above)):
        for column, name in enumerate(row.labels):
            for kind in T3_COLUMNS:
                if kind.pattern.search(name) and column not in found.values():
                    found.setdefault(kind.key, column)
    return [found.get(kind.key) for kind in T3_COLUMNS]


def _columns(header: Row, columns: Sequence[int | None]) -> tuple[int, ...]:
    """The seven value columns; () when not all are known."""
    if None in columns and not header.loose:
        columns = _by_order(header, columns)
    known = [column for column in columns if column is not None]
    if len(known) < len(T3_COLUMNS) or known != sorted(known) or known[0] == 0:
        return ()
    return tuple(known)


def _by_order(header: Row, columns: Sequence[int | None]) -> list[int | None]:
    """A header with some names lost: the others say which of its seven last cells is which."""
    runs = header.runs
    starts = {run.start: place for place, run in enumerate(runs)}
    firsts = {
        starts[column] - kind
        for kind, column in enumerate(columns)
        if column is not None and column in starts
    }
    known = sum(column is not None for column in columns)
    first = firsts.pop() if len(firsts) == 1 else 0
    if known < 4 or first < 1 or first + len(columns) > len(runs):
        return [None]
    return [run.start for run in runs[first : first + len(columns)]]
