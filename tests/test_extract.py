"""Extraction: paragraphs in order, tables whole, furniture gone, nothing guessed."""

from __future__ import annotations

import asyncio
import time

import pytest

from crawler.items import Attachment, Block, Capture, Document, Page, Part
from crawler.practice.attachments_office import docx
from crawler.practice.blocks import Block as PracticeBlock
from pipelines import grid
from pipelines.attachments.pool import Pool
from pipelines.extract import ExtractPipeline, Unread
from pipelines.html import (
    as_markdown,
    as_text,
    page_meta,
    read_html,
    read_page,
    read_text,
)

LONG = "全年围绕群众关切的事项主动公开政府信息，完善目录，规范流程，回应关切，取得进展，特此报告。"
FORM = """<table border=1><caption>附表</caption>
<thead><tr><th rowspan=2>项目</th><th colspan=2>申请人</th></tr>
<tr><th>自然人</th><th>总计</th></tr></thead>
<tr><td>本年新收</td><td>3</td><td>3</td></tr><tr><td>上年结转</td><td></td><td>0</td></tr></table>"""
GRID = [
    ["项目", "申请人", "申请人"],
    ["项目", "自然人", "总计"],
    ["本年新收", "3", "3"],
    ["上年结转", "", "0"],
]


def article(html: str) -> tuple[Block, ...]:
    return read_html("<html>ignored</html>", html)


def texts(html: str) -> list[str]:
    return [block.text for block in article(html) if block.table is None]


def tables(blocks: tuple[Block, ...]) -> list[list[list[str]]]:
    found = [block.table for block in blocks if block.table]
    return [[[cell.text for cell in row] for row in table.rows] for table in found]


def only(html: str) -> list[list[str]]:
    (table,) = tables(article(html))
    return table


def test_blocks_and_breaks_end_a_paragraph_and_inline_markup_does_not() -> None:
    html = "<div>一、<b>概</b><i>述</i><p>共<i>2</i><i>3</i>件<br>其中一件</p>尾</div>"
    assert texts(html) == ["一、概述", "共23件", "其中一件", "尾"]


def test_spaces_of_all_kinds_collapse_and_zero_width_characters_go() -> None:
    assert texts("<p>&nbsp;&ensp;\u3000 公\u200b开&emsp;\u3000 目录\ufeff </p>") == ["公开 目录"]


def test_a_line_wrapped_in_the_source_is_one_line() -> None:
    assert texts("<p>政府信息\n   公开，\n年报 of\n2013 年</p>") == [
        "政府信息公开，年报 of 2013 年"
    ]


def test_headings_keep_their_level() -> None:
    blocks = article("<h1>年度<em>报告</em></h1><h3>一、概述</h3><p>正文</p>")
    assert [(block.text, block.heading) for block in blocks] == [
        ("年度报告", 1), ("一、概述", 3), ("正文", 0),
    ]  # fmt: skip


def test_scripts_styles_comments_and_hidden_elements_are_not_text() -> None:
    html = """<p>甲<script>var a</script><style>b{}</style><!-- c -->
    <span style="display: NONE">d</span><i hidden>e</i><![if !supportLists]>乙<![endif]>
    <o:p>丙</o:p></p>"""
    assert texts(html) == ["甲 乙 丙"]


def test_a_hidden_tab_full_of_text_is_read() -> None:
    assert texts(f'<div style="display:none"><p>{LONG * 10}</p></div>') == [LONG * 10]


def test_separators_between_documents_of_one_page_stay() -> None:
    html = """<div>字号:\n<a>大</a> <a>中</a> <a>小</a></div><p>正文</p>
    <div>扫码使用手机浏览本页内容</div><p>打印本页 关闭窗口</p>"""
    expected = ["字号: 大 中 小", "正文", "扫码使用手机浏览本页内容", "打印本页 关闭窗口"]
    assert texts(html) == expected
    page = f"<body><p>{LONG}</p>{html}<p>{LONG}</p></body>"
    assert [block.text for block in read_html(page)] == [LONG, *expected, LONG]


def test_a_data_table_is_one_block_with_its_caption_before_it() -> None:
    blocks = article(f"<p>前</p>{FORM}<p>后</p>")
    assert [block.text for block in blocks] == ["前", "附表", "", "后"]
    assert tables(blocks) == [GRID]


def test_only_the_first_copy_of_a_merged_cell_is_its_origin() -> None:
    (block,) = (block for block in article(FORM) if block.table)
    assert block.table is not None
    assert [[cell.origin for cell in row] for row in block.table.rows[:2]] == [
        [True, True, False], [False, True, True],
    ]  # fmt: skip


def test_numbers_split_by_markup_are_joined_and_paragraphs_in_a_cell_are_not() -> None:
    html = """<table><tr><td>本年新<br>公开数量</td><td><p>2</p><p>3</p></td></tr>
    <tr><td>甲</td><td><span>1</span><font>0<b>4</b></font></td></tr></table>"""
    assert only(html) == [["本年新公开数量", "2 3"], ["甲", "104"]]


@pytest.mark.parametrize("span", ["0", "99999", "1000"])
def test_silly_rowspans_end_with_their_group(span: str) -> None:
    html = f"""<table><tbody><tr><td rowspan={span}>甲</td><td>1</td></tr><tr><td>2</td></tr>
    </tbody><tbody><tr><td>乙</td><td>3</td></tr></tbody></table>"""
    assert only(html) == [["甲", "1"], ["甲", "2"], ["乙", "3"]]


@pytest.mark.parametrize("span", ["1000", "99999999", "2", "x", "-3", ""])
def test_columns_that_no_cell_begins_in_do_not_exist(span: str) -> None:
    html = f"""<table><tr><td colspan="{span}">指标</td><td>数</td></tr>
    <tr><td colspan="{span}">收到</td><td>7</td></tr></table>"""
    assert only(html) == [["指标", "数"], ["收到", "7"]]


def test_where_spans_overlap_the_first_cell_stays_and_the_grid_is_rectangular() -> None:
    html = """<table><tr><td>a</td><td rowspan=2>b</td><td>c</td></tr>
    <tr><td colspan=3>d</td><td>e</td></tr><tr><td>f</td></tr></table>"""
    assert only(html) == [["a", "b", "c", ""], ["d", "b", "d", "e"], ["f", "", "", ""]]


def test_empty_columns_at_the_right_are_trimmed_below_a_header_only() -> None:
    header = "<tr><td>项目</td><td>数</td><td></td><td>&nbsp;</td></tr>"
    row = "<tr><td>甲</td><td>1</td><td></td><td></td></tr>"
    assert only(f"<table>{header}{row}</table>") == [["项目", "数"], ["甲", "1"]]
    # A table continued after a page break: the total is blank, not absent.
    assert only(f"<table>{row}{row}</table>") == [["甲", "1", "", ""]] * 2


def test_an_empty_column_with_a_header_stays() -> None:
    html = "<table><tr><td>项目</td><td>数</td></tr><tr><td>甲</td><td></td></tr></table>"
    assert only(html) == [["项目", "数"], ["甲", ""]]


def test_bad_markup_still_makes_rows() -> None:
    html = "<table><form><tr><td>a<td>b<tr><td>c<td>d</form></table><table><td>e<td>1<td>2</table>"
    assert tables(article(html)) == [[["a", "b"], ["c", "d"]], [["e", "1", "2"]]]


def test_a_picture_in_a_cell_is_not_a_blank() -> None:
    html = "<table><tr><td>甲</td><td>1</td></tr><tr><td>乙</td><td><img src=x></td></tr></table>"
    assert only(html)[1] == ["乙", "[image]"]


def test_layout_tables_are_seen_through() -> None:
    html = f"""<table><tr><td><h1>年报</h1></td></tr><tr><td>
    <table><tr><td><p>{LONG}</p><p>{LONG}</p>{FORM}</td></tr></table></td></tr></table>"""
    blocks = article(html)
    assert [block.text for block in blocks] == ["年报", LONG, LONG, "附表", ""]
    assert tables(blocks) == [GRID]


def test_one_distinct_cell_a_row_is_layout_however_wide() -> None:
    html = "<table><tr><td colspan=140>标题</td></tr><tr><td colspan=140>正文</td></tr></table>"
    assert texts(html) == ["标题", "正文"]


def test_an_article_beside_a_narrow_column_is_layout() -> None:
    body = f"<p>{LONG}</p>" * 8
    html = f"<table><tr><td>栏目</td><td>{body}</td></tr><tr><td>a</td><td>b</td></tr></table>"
    assert texts(html) == ["栏目", *[LONG] * 8, "a b"]


def test_a_line_of_labels_and_values_is_one_line() -> None:
    row = "<td>索引号：</td><td>X/2013-1</td><td>发布机构：</td><td>示例局</td>"
    assert texts(f"<table><tr>{row}</tr></table>") == ["索引号： X/2013-1 发布机构： 示例局"]


def test_a_small_table_inside_a_form_stays_in_its_cell() -> None:
    rows = "".join(f"<tr><td>{n}</td><td>指标</td><td>{n}</td></tr>" for n in range(6))
    inner = "<table><tr><td>1</td></tr></table>"
    table = only(f"<table>{rows}<tr><td>合计</td><td></td><td>{inner}</td></tr></table>")
    assert table[-1] == ["合计", "", "1"]


def test_without_an_article_navigation_and_imprint_go_and_title_and_date_stay() -> None:
    html = f"""<html><head><title>t</title></head><body>
    <div class="top-nav"><a href=a>首页</a> <a href=b>新闻</a></div>
    <ul><li><a href=c>公开指南</a></li><li><a href=d>公开年报</a></li></ul>
    <h1>示例局年报</h1><div>发布日期：2014-01-02</div>
    <p>{LONG}</p>{FORM}<p>{LONG}</p><p>示例局</p><p>2014年1月2日</p>
    <div>版权所有：示例市人民政府 备案号X</div></body></html>"""
    blocks = read_html(html)
    assert [block.text for block in blocks] == [
        "示例局年报", "发布日期：2014-01-02", LONG, "附表", "", LONG, "示例局", "2014年1月2日",
    ]  # fmt: skip


def test_without_an_article_no_data_table_is_lost() -> None:
    filler = '<div><a href="x">链接</a></div>' * 20
    blocks = read_html(f"<body>{FORM}{filler}<p>{LONG}</p>{filler}{FORM}</body>")
    assert tables(blocks) == [GRID, GRID]


def test_a_page_without_running_text_is_read_whole() -> None:
    assert [block.text for block in read_html("<body><p>附件下载</p></body>")] == ["附件下载"]


@pytest.mark.parametrize(
    "html",
    ["", " ", "<", "<!--", "<script>x", "<frameset>", "\0", "<?xml version='1.0' encoding='gbk'?>"],
)
def test_what_is_hardly_html_does_no_harm(html: str) -> None:
    assert tables(read_html(html)) == []
    assert page_meta(html) == {}


def test_text_below_hundreds_of_unclosed_tags_is_read() -> None:
    assert texts("<div><font>" * 900 + "深处") == ["深处"]


@pytest.mark.parametrize(
    "html",
    [
        "<table><tr><td>1</td><td>2</td></tr>" + "<tr><td>1</td><td>2</td></tr>" * grid.MAX_ROWS,
        "<table>" + f"<tr>{'<td>1</td>' * (grid.MAX_COLUMNS + 1)}</tr>" * 2,
        "<table>" + "<tr><td colspan=1000 rowspan=5000>1</td><td>2</td></tr>" * 4000,
    ],
)
def test_a_table_too_large_is_an_issue_and_takes_seconds_at_most(html: str) -> None:
    start = time.monotonic()
    blocks, issues = read_page("x", f"<p>前</p>{html}</table><p>后</p>", url="http://a.test/")
    assert [block.text for block in blocks] == ["前", "后"]
    assert [(issue.code, issue.url) for issue in issues] == [("table_too_large", "http://a.test/")]
    assert time.monotonic() - start < 20


def test_a_page_too_large_is_an_issue() -> None:
    blocks, issues = read_page("x" * 20_000_001)
    assert (blocks, issues[0].code) == ((), "table_too_large")


def test_tables_nested_two_hundred_deep_are_layout() -> None:
    assert texts("<table><tr><td>" * 200 + "底") == ["底"]


def test_plain_text_keeps_lines_and_makes_tables_of_pipes() -> None:
    blocks = read_text("一、概述\n\n\u3000正文\n| 项目 | 数 |\n甲 | 1\n|乙||\n完\n来源 | 作者\n")
    assert [block.text for block in blocks] == ["一、概述", "正文", "", "完", "来源 作者"]
    assert tables(blocks) == [[["项目", "数"], ["甲", "1"], ["乙", ""]]]


def test_lines_with_pipes_but_one_column_are_lines() -> None:
    assert [block.text for block in read_text("标题 ||||\n|\n||||")] == ["标题"]


def test_meta_and_title_are_read_and_the_first_wins() -> None:
    html = """<head><title>  年报 </title><meta content="一" name="ArticleTitle">
    <META NAME=ArticleTitle CONTENT=二><meta property="og:title" content="三"><meta charset=gbk>"""
    assert page_meta(html) == {"title": "年报", "ArticleTitle": "一", "og:title": "三"}


def test_text_and_markdown_have_every_cell() -> None:
    blocks = (Block("年报", heading=2), *(block for block in article(FORM) if block.table))
    assert as_text(blocks).splitlines()[:3] == ["年报", "项目\t申请人", "自然人\t总计"]
    assert as_markdown(blocks).splitlines()[:4] == [
        "## 年报", "", "| 项目 | 申请人 | 申请人 |", "| --- | --- | --- |",
    ]  # fmt: skip


def capture(url: str) -> Capture:
    return Capture(url, "2026-01-01T00:00:00.000000Z", "warc/a", 0, "urn:x", "00")


def through(*items: object) -> list[object]:
    """What the pipeline makes of items, in a process of its own."""

    async def run() -> list[object]:
        pool = Pool(1)
        try:
            return [await ExtractPipeline(pool).process_item(item) for item in items]
        finally:
            await pool.close()

    return asyncio.run(run())


def test_the_pipeline_turns_pages_and_files_into_pages_and_lets_others_pass() -> None:
    url, file = "http://a.test/", "http://a.test/x.docx"
    document = Document(
        portal="p", section="annual_report", url=url, html="<p>全页</p>",
        article="<p>正文</p>", title="题", date="2014-01-02", meta={"a": "b"},
        attachments=(file,), capture=capture(url),
    )  # fmt: skip
    body = docx([PracticeBlock("paragraph", "正文")])
    attachment = Attachment("p", "guide", file, url, capture(file), body, "附件", "2014-01-02")
    page, read, other = through(document, attachment, "other")
    assert page == Page(
        blocks=(Block("正文"),), url=url, section="annual_report", title="题",
        date="2014-01-02", meta={"a": "b"}, attachments=(file,), portal="p", capture=capture(url),
    )  # fmt: skip
    assert read == Page(
        blocks=(), url=file, section="guide", title="附件", date="2014-01-02", portal="p",
        capture=capture(file), parent=url, parts=(Part("docx", (Block("正文"),)),),
    )  # fmt: skip
    assert other == "other"


def test_what_cannot_be_read_is_handed_on_as_issues() -> None:
    file = "http://a.test/x.pdf"
    broken = Attachment("p", "", file, "", capture(file), b"%PDF-1.4 and no more")
    large = Attachment("p", "", file, "", capture(file), None)
    found = through(broken, large)
    assert [[issue.code for issue in each.issues] for each in found] == [
        ["file_damaged"], ["file_too_large"],
    ]  # fmt: skip
    assert all(isinstance(each, Unread) and each.issues[0].url == file for each in found)
