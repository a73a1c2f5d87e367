"""What a stranger's page costs grows with its size and no faster.

Each text is read at one length and at four times that; processor time may grow twelvefold, which
leaves room for noise. A cost that grows with the square of the length grows sixteenfold.
"""

from __future__ import annotations

import time

import pytest

from crawler.items import Block, Cell, Page, Table
from pipelines.html import read_page
from pipelines.parser import parse

LENGTH = 5_000  # characters of the shorter text
UNITS = {
    "digits": "7",
    "spaces": " ",
    "wide spaces": "\u3000",
    "commas": "，",
    "grouped digits": "1,234,",
    "numerals": "一二三",
    "numerals and units": "二十件",
    "zeros in words": "没有未无",
    "denials": "未收到政府信息公开申请的行政复议诉讼",
    "headings": "一、",
    "brackets": "（",
    "years": "2015年",
    "dates": "2015年3月3日",
    "application": "收到依申请公开",
    "published": "主动公开政府信息",
    "glued": "10000000",
    "pipes": "1|",
    "labels": "索引号：",
    "organs": "某某市人民政府",
    "titles": "政府信息公开年度报告",
    "units": "件条万余",
    "quotes": "《“",
    "since": "以来，2014年，",
}
GUIDE = {
    "hours": "办公时间：8:30-",
    "phones": "电话：0999-",
    "mail": "a@b.",
    "addresses": "地址：某某市",
    "sites": "http://www.a",
    "days": "收到申请之日起",
}
TITLES = {
    "report": "某某市水务局2015年政府信息公开年度报告",
    "guide": "某某市水务局政府信息公开指南",
}


def seconds(page: Page) -> float:
    """Processor time, the better of two: other work on the machine does not count."""
    took = []
    for _ in range(2):
        started = time.process_time()
        parse(page)
        took.append(time.process_time() - started)
    return min(took)


def grows_evenly(page_of: dict[int, Page]) -> bool:
    short, long = (seconds(page) for page in page_of.values())
    return long <= 12 * short + 0.25


@pytest.mark.parametrize(
    ("title", "unit"),
    [
        *(("report", name) for name in UNITS),
        *(("guide", name) for name in ("digits", "spaces", "numerals", *GUIDE)),
    ],
)
def test_a_line_without_end_costs_in_proportion(title: str, unit: str) -> None:
    words = (UNITS | GUIDE)[unit]
    texts = {n: words * (n // len(words)) for n in (LENGTH, 4 * LENGTH)}
    pages = {n: Page((Block(TITLES[title]), Block(text))) for n, text in texts.items()}
    assert grows_evenly(pages)


@pytest.mark.parametrize("unit", ["7", "一二三", "未收到政府信息公开申请", "1 ", "（三）不予公开"])
def test_cells_without_end_cost_in_proportion(unit: str) -> None:
    heads = ["统计指标", "单位", "统计数"], ["主动公开政府信息数", "条", "1"]
    pages = {}
    for n in (LENGTH, 4 * LENGTH):
        rows = [*heads, [unit * (n // len(unit))] * 3]
        grid = Table(tuple(tuple(map(Cell, row)) for row in rows))
        pages[n] = Page((Block(TITLES["report"]), Block(table=grid)))
    assert grows_evenly(pages)


@pytest.mark.parametrize(
    "label", ["不是任何表的行", "其他", "1.属于国家秘密", "（一）维持具体行政行为数"]
)
@pytest.mark.parametrize(
    "head", ["统计指标 单位 统计数", "自然人 科研机构 总计", "信息内容 本年制发件数 现行有效件数"]
)
def test_rows_without_end_cost_in_proportion(head: str, label: str) -> None:
    pages = {}
    for n in (150, 600):
        rows = [head.split(), *([label, "件", str(i)] for i in range(n))]
        grid = Table(tuple(tuple(map(Cell, row)) for row in rows))
        pages[n] = Page((Block(TITLES["report"]), Block(table=grid)))
    assert grows_evenly(pages)


def test_a_line_of_a_megabyte_is_read() -> None:
    text = "77　 一二三没有，" * 100_000
    (document,) = parse(Page((Block(TITLES["report"]), Block(text))))
    assert document.figures == ()
    assert len(document.text) > 1_000_000


HUGE = {
    "cells": "<table>" + ("<tr>" + "<td>1" * 80) * 1300 + "</table>",
    "colspan": "<table><tr><td colspan=1000000>统计指标<tr><td>1<td>2</table>" * 50,
    "rowspan": "<table><tr><td rowspan=1000000>统计指标<td>1<tr><td>2</table>" * 50,
    "unclosed": "<table><tr><td>" * 20_000,
    "unclosed inline": "<p>" + "<span><b>" * 30_000 + "1",
}


@pytest.mark.parametrize("html", HUGE.values(), ids=list(HUGE))
def test_a_huge_table_ends_in_no_figures(html: str) -> None:
    title = f"<p>{TITLES['report']}</p>"
    blocks, issues = read_page(title + html)
    documents = parse(Page(blocks))
    assert all(not document.figures for document in documents)
    told = {issue.code for issue in issues} | {i.code for d in documents for i in d.issues}
    assert told <= {"table_too_large", "no_values", "unknown_columns", "page_too_large"}
