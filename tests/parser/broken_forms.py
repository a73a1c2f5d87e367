"""Whole forms with known numbers, and the ways in which clerks, editors and CMSs break them.

A form is a list of `Line`s: label cells, printed values, and the keys they are the values of.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from hypothesis import strategies as st
from parser_pages import T3_HEAD, T3_LABELS, T3_OTHER, T3_TAIL, T4, table

from crawler.items import Table
from crawler.practice.form_a import FUJIAN, SHANDONG, SHANGHAI
from crawler.practice.form_b_rows import rows as rows_of_b
from crawler.practice.forms import COLUMNS, T4_GROUPS, T4_RESULTS, all_rows

Truth = dict[str, float | None]
COLUMN_KEYS = [key for key, _ in COLUMNS]


@dataclass(frozen=True)
class Line:
    """A row: its label cells with the row's own last, the numbers after it, and their keys."""

    labels: tuple[str, ...]
    values: tuple[str, ...]
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Form:
    """A table about to be printed."""

    name: str
    head: tuple[tuple[str, ...], ...]
    lines: tuple[Line, ...]

    @property
    def truth(self) -> Truth:
        """What the first row of each label prints."""
        told: Truth = {}
        for line in self.lines:
            for key, text in zip(line.keys, line.values, strict=True):
                told.setdefault(key, number(text))
        return told


def number(text: str) -> float | None:
    flat = text.translate(FULL_WIDTH_BACK).replace(",", "").removesuffix("件").strip()
    return float(flat) if flat not in {"", "/"} else None


FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
FULL_WIDTH_BACK = str.maketrans("０１２３４５６７８９", "0123456789")


def rolls(draw: st.DrawFn) -> Iterator[str]:
    """Printed counts without end, most of them small; one draw for all of them is quick."""
    dice = Random(draw(st.integers(0, 1 << 16)))
    while True:
        yield str(dice.choice((0, dice.randint(0, 9), dice.randint(0, 70_000))))


@st.composite
def table_three(draw: st.DrawFn) -> Form:
    """Form C or D; nothing adds up, for sums are no help to the reader of a cell."""
    form, count = draw(st.sampled_from("CD")), rolls(draw)
    labels = [*T3_LABELS, *T3_OTHER[form], *T3_TAIL]
    head = tuple(tuple(row) for row in T3_HEAD)
    lines = [
        Line(
            tuple(words),
            tuple(next(count) for _ in COLUMN_KEYS),
            tuple(f"t3.{key}.{column}" for column in COLUMN_KEYS),
        )
        for words, key in zip(labels, all_rows(form), strict=True)
    ]
    return Form(f"t3 {form}", head, tuple(lines))


@st.composite
def table_four(draw: st.DrawFn) -> Form:
    count = rolls(draw)
    keys = tuple(f"t4.{group}.{result}" for group in T4_GROUPS for result, _ in T4_RESULTS)
    values = tuple(next(count) for _ in keys)
    return Form("t4", tuple(tuple(row) for row in T4), (Line((), values, keys),))


@st.composite
def form_a(draw: st.DrawFn) -> Form:
    template, head, before, after = draw(
        st.sampled_from(
            [
                (SHANDONG, ("指标名称", "计量单位", "本年累计"), 0, 0),
                (SHANGHAI, ("指标名称", "计量单位", "代码", "本期实际", "本年累计"), 2, 0),
                (FUJIAN, ("指标名称", "计量单位", "2009年度", "历年累计"), 0, 1),
            ]
        )
    )
    count = rolls(draw)
    lines = [
        Line(
            (label, unit, *(next(count) for _ in range(before))),
            (next(count), *(next(count) for _ in range(after))),
            (f"a.{key}", *("" for _ in range(after))),
        )
        for key, label, unit in template
    ]
    return Form("a", (head,), tuple(lines))


@st.composite
def form_b(draw: st.DrawFn) -> Form:
    template = rows_of_b(library=draw(st.booleans()), other_mode=draw(st.booleans()))
    count = rolls(draw)
    lines = [
        Line((label, unit), (next(count) if key else "",), (f"b.{key}" if key else "",))
        for key, label, unit in template
    ]
    return Form("b", (("统计指标", "单位", "统计数"),), tuple(lines))


forms = st.one_of(table_three(), table_four(), form_a(), form_b())


def grid(head: tuple[tuple[str, ...], ...], lines: list[Line], more: int = 0) -> Table:
    """The printed table, with `more` blank columns at its right."""
    rows = [[*row, *[""] * more] for row in head]
    rows += [[*line.labels, *line.values, *[""] * more] for line in lines]
    first = len(head)
    if rows[first][0] == '"':  # a cell that spans rows is printed again below a page break
        rows[first][0] = "三、本年度办理结果"
    if len(rows[first]) > 1 and rows[first][1] == '"':
        rows[first][1] = ""
    return table(rows)


@st.composite
def respelled(draw: st.DrawFn, form: Form) -> Form:
    """The same numbers otherwise: full width, with separators, with a unit; or left blank."""

    dice = Random(draw(st.integers(0, 1 << 16)))

    def cell(text: str, key: str) -> str:
        if not key or not text:
            return text
        kind = dice.choice(("", "", "wide", "comma", "space", "blank", "slash"))
        return {
            "wide": text.translate(FULL_WIDTH),
            "comma": f"{int(text):,}",
            "space": f" {text}\u3000",
            "blank": "",
            "slash": "/",
        }.get(kind, text)

    lines = (replace(line, values=tuple(map(cell, line.values, line.keys))) for line in form.lines)
    return replace(form, lines=tuple(lines))


@st.composite
def parted(draw: st.DrawFn, form: Form) -> list[Table]:
    """Over up to three pages, the header on each or on the first alone, blank rows in between."""
    lines = list(form.lines)
    cuts = sorted(draw(st.sets(st.integers(1, max(1, len(lines) - 1)), max_size=2)))
    again, more = draw(st.booleans()), draw(st.integers(0, 3))
    tables: list[Table] = []
    for start, end in zip([0, *cuts], [*cuts, len(lines)], strict=True):
        if piece := lines[start:end]:
            tables.append(grid(form.head if again or not start else (), piece, more))
    return tables


@st.composite
def damaged(draw: st.DrawFn, form: Form) -> Form:
    """Labels lost, rows left out, printed twice, or cut in two by a page."""
    lines = list(form.lines)
    for _ in range(draw(st.integers(0, 5))):
        at = draw(st.integers(0, len(lines) - 1))
        line = lines[at]
        if not line.labels:
            break
        kind = draw(st.sampled_from(["lost", "gone", "twice", "torn"]))
        copies = {"^", '"'}  # of the cell to the left, and of the one above
        last = max(i for i, text in enumerate(line.labels) if text not in copies)
        own = 0 if form.name in {"a", "b"} else last
        words = line.labels[own]
        if kind == "lost":
            lines[at] = replace(line, labels=_with(line.labels, own, ""))
        elif kind == "gone" and len(lines) > 3:
            del lines[at]
        elif kind == "twice":
            lines.insert(at + 1, line)
        elif kind == "torn" and len(words) > 6:
            blank = tuple("" for _ in line.values)
            head = Line(_with(line.labels, own, words[:5], rest=""), blank, blank)
            lines[at : at + 1] = [head, replace(line, labels=_with(line.labels, own, words[5:]))]
    return replace(form, lines=tuple(lines))


def _with(labels: tuple[str, ...], at: int, text: str, rest: str | None = None) -> tuple[str, ...]:
    """The labels with another text at `at`; what stands right of it stays, or becomes `rest`."""
    after = tuple(each if rest is None or each == "^" else rest for each in labels[at + 1 :])
    return (*labels[:at], text, *after)


def read(document: Any) -> Truth:
    return {
        figure.key: None if figure.value is None else float(figure.value)
        for figure in document.figures
        if figure.status != "derived"
    }
