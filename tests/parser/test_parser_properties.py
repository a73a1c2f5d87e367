"""Whatever a page says, the parser answers, and never with a number the page does not print."""

from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from parser_pages import FORM_A, FORM_B, T2_C, T2_D, table, table_four, table_three

from crawler.items import Block, Cell, Page, Table
from crawler.text import chinese_number, plain
from pipelines.parser import parse
from pipelines.parser.cells import SCALES
from pipelines.parser.model import Span

WORDS = (
    "政府信息公开", "2016年", "年度报告", "主动公开信息", "收到", "申请", "件", "条", "余", "万",
    "元", "，", "。", "没有", "无", "未发生", "行政复议", "、", "行政诉讼", "一、", "（一）",
    "收费", "12", "3.5", "1,234", "第二十条第（一）项", "信息内容", "统计指标", "单位", "自然人",
    "科研机构", "总计", "结果维持", "指南", "字号：大 中 小", "\n", " ", "|", "-", "约",
    "某某市水务局", "（以下简称中心）", "2017年1月3日", "9" * 20, "%",
)  # fmt: skip
texts = st.lists(st.sampled_from(WORDS) | st.text(max_size=4), max_size=24).map("".join)
forms = st.sampled_from(
    [FORM_A, FORM_B, T2_C, T2_D, table_three("C", {}), table_three("D", {}), table_four(["1"] * 15)]
)


@st.composite
def tables(draw):
    """A known form with some cells overwritten, or any small grid."""
    rows = [list(row) for row in table(draw(forms)).rows]
    for _ in range(draw(st.integers(0, 6))):
        row = draw(st.integers(0, len(rows) - 1))
        column = draw(st.integers(0, len(rows[0]) - 1))
        rows[row][column] = Cell(draw(texts), draw(st.booleans()))
    start = draw(st.integers(0, len(rows) - 1))
    return Table(tuple(tuple(row) for row in rows[start:]))


blocks = st.lists(texts.map(Block) | tables().map(lambda grid: Block(table=grid)), max_size=8)


@settings(
    max_examples=150, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(blocks)
def test_parse_never_raises_and_never_invents_a_number(parts):
    for document in parse(Page(tuple(parts))):
        document.as_json()
        keys = [figure.key for figure in document.figures]
        assert len(keys) == len(set(keys))
        for figure in document.figures:
            assert_printed(document, figure)


def assert_printed(document, figure):
    where = figure.where
    if isinstance(where, Span):
        source = document.text[where.start : where.end]
    else:
        source = document.tables[where.table][where.row][where.column]
    assert figure.raw in source
    if figure.value is None:
        assert figure.status in {"blank", "not_applicable", "image", "unparsed"}
    elif figure.status == "derived":
        assert not figure.raw
    elif figure.status == "number":
        assert abs(figure.value) in readings(figure.raw)
    else:
        assert (figure.value, figure.status) == (0, "explicit_zero")


def readings(raw):
    """Every number `raw` could mean: its digits, plain or scaled, or its Chinese numeral."""
    flat = plain(raw).replace(",", "").replace(" ", "")
    digits = "".join(char for char in flat if char.isdigit() or char == ".").strip(".")
    numeral = "".join(char for char in flat if chinese_number(char) is not None or char in "十百千")
    found = {Decimal(digits)} if digits else set()
    found |= {number * scale for number in found for scale in SCALES.values()}
    chinese = chinese_number(numeral)
    return found if chinese is None else {*found, chinese}
