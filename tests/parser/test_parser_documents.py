"""One page, many documents: where they are cut, what class, whose, of which year."""

import pytest
from parser_pages import FORM_A, FORM_B, page, table_four, table_three

from pipelines.parser import parse

SIZES, SCAN = "字号： 大 中 小", "扫码使用手机浏览本页内容"
LONG = (
    "本局认真落实各项要求，规范公开流程，及时更新公开目录，方便公众查阅和监督，工作取得明显成效。"
    * 2
)
REPORT = [
    "现将2016年有关情况报告如下:",
    "一、概述",
    LONG,
    "二、主动公开政府信息情况",
    "全年主动公开政府信息4721条。",
    "三、依申请公开情况",
    "收到政府信息公开申请3件。",
]


def classes(*parts, **known):
    return [document.class_ for document in parse(page(*parts, **known))]


def test_furniture_cuts_entries_and_empty_ones_vanish():
    documents = parse(page(SIZES, LONG, SCAN, SIZES, SCAN, SIZES, *REPORT, SCAN, SIZES))
    assert [document.text[:4] for document in documents] == [LONG[:4], "现将20"]
    assert all("字号" not in document.text for document in documents)


def test_a_title_above_the_font_size_switch_belongs_to_the_body_below():
    documents = parse(page("某某市卫生局2016年政府信息公开年度报告", SIZES, *REPORT))
    assert len(documents) == 1
    assert documents[0].title == "某某市卫生局2016年政府信息公开年度报告"


def test_an_entry_that_is_only_the_title_of_a_page_elsewhere_is_no_document():
    link = "某某局2021年政府信息公开工作年度报告"
    bodies = [[*REPORT, SCAN, SIZES], [LONG, SCAN, SIZES], [LONG, SCAN, SIZES]]
    documents = parse(page(link, SCAN, SIZES, *bodies[0], *bodies[1], *bodies[2]))
    assert [document.year for document in documents] == [2016, None, None]
    assert documents[0].title is None


def test_an_entry_with_nothing_but_a_file_is_a_document_of_its_own():
    file = "某某局2021年政府信息公开工作年度报告.pdf"
    documents = parse(page(*REPORT, SCAN, SIZES, file, SCAN, SIZES, LONG, SCAN))
    assert [each.class_ for each in documents][1] == "attachment_only"


def test_a_text_file_with_everything_in_one_block_is_cut_the_same():
    documents = parse(page("\n".join([LONG, SCAN, SIZES, *REPORT])))
    assert [document.year for document in documents] == [None, 2016]


def test_titles_of_other_years_cut_only_where_bodies_follow():
    first, second = "某局2015年政府信息公开年度报告", "某局2016年政府信息公开年度报告"
    assert len(parse(page(first, LONG, LONG, second, LONG, LONG))) == 2
    assert len(parse(page(first, LONG, LONG, second, "某局2014年政府信息公开年度报告"))) == 1


@pytest.mark.parametrize(
    ("title", "class_"),
    [
        ("某某市财政局2021年政府信息公开工作年度报告", "annual_report"),
        ("2015年度某某市财政局政府信息公开年报", "annual_report"),
        ("某某市财政局政府信息公开指南", "disclosure_guide"),
        ("关于做好2021年政府信息公开工作年度报告编制工作的通知", "notice"),
        ("某某市2021年政务公开工作要点", "work_plan"),
        ("某某市财政局政府信息公开年度报告制度", "rules"),
        ("某某市财政局政府信息公开目录", "catalogue"),
        ("图解：某某市2021年政府信息公开工作年度报告", "infographic"),
        ("某某市2021年政府信息公开工作年度报告（图片版）", "infographic"),
    ],
)
def test_the_last_word_of_a_title_decides(title, class_):
    assert classes(title, LONG, LONG) == [class_]


def test_a_plan_told_as_done_work_is_no_report():
    plan = [
        "2017年是改革的重要一年，现将我局落实情况汇报如下：",
        "一、进一步加强政府信息主动公开工作",
        LONG,
        "二、大力推进依申请公开工作",
        LONG,
    ]
    document = parse(page(*plan))[0]
    assert (document.class_, document.year, document.figures) == ("work_plan", 2017, ())


def test_a_plan_that_declares_itself_needs_no_title():
    document = parse(page("为做好2014年政务公开工作，制定本要点。", "一、主动公开", LONG))[0]
    assert (document.class_, document.year) == ("work_plan", 2014)


def test_a_task_table_is_a_plan():
    rows = [["工作任务", "责任科室", "完成时限"], ["编写2014年公开年度报告", "办公室", "12月前"]]
    assert classes(rows) == ["work_plan"]


def test_a_report_title_above_nothing_but_a_file_is_attachment_only():
    title = "某某局2020年政府信息公开工作年度报告"
    assert classes(title, attachments=("http://a.test/P020.pdf",)) == ["attachment_only"]
    document = parse(page(title=title, attachments=("http://a.test/P020.pdf",)))[0]
    assert (document.class_, document.year) == ("attachment_only", 2020)


def test_a_report_without_a_title_is_known_by_its_statutory_numbers():
    document = parse(page(*REPORT))[0]
    assert (document.class_, document.year, document.title) == ("annual_report", 2016, None)


def test_a_bare_form_is_a_statistics_form_and_one_with_a_narrative_a_report():
    assert classes(FORM_A) == ["statistics_form"]
    told = [
        *FORM_A,
        ["2012年，中心严格按照要求公开信息，在办公场所和网站共公开信息70条。", "^", "^"],
    ]
    document = parse(page(told))[0]
    assert (document.class_, document.year) == ("annual_report", 2012)
    assert document.forms == ("A",)


def test_an_empty_page_has_no_documents():
    assert parse(page()) == []
    assert parse(page("", SIZES, "打印本页 关闭窗口")) == []


def test_the_json_has_every_key_of_the_contract():
    document = parse(page("某局2021年政府信息公开工作年度报告", table_three("D", {}), *REPORT))[0]
    known = document.as_json()
    assert list(known) == [
        "class", "title", "organ", "scope", "year", "year_evidence", "published_at", "written_on",
        "index_no", "doc_no", "period", "forms", "sections", "figures", "checks", "guide",
        "attachments", "issues", "text", "tables",
    ]  # fmt: skip
    assert known["figures"][0]["where"] == {"table": 0, "row": 3, "column": 3}
    assert "一、本年新收政府信息公开申请数量 | 0 | 0" in known["text"]


def test_parsing_twice_gives_the_same():
    once = page(SIZES, FORM_B, SIZES, *REPORT, SIZES, table_four(["0"] * 15), LONG)
    assert [d.as_json() for d in parse(once)] == [d.as_json() for d in parse(once)]
