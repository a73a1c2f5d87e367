"""Whose a document is, of which year, and what else is printed around it."""

import pytest
from parser_pages import FORM_B, page

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


def test_a_founding_date_and_a_cited_number_are_not_the_report_year():
    document = parse(
        page(
            "2018年12月29日某某市审批局挂牌成立，现将成立前的政府信息公开工作汇报如下：",
            "2018年，中心按照某政发〔2019〕2号文件要求公开信息。",
            *REPORT[1:],
            "某某市审批局",
            "2019年1月17日",
        )
    )[0]
    assert (document.year, document.organ) == (2018, "某某市审批局")
    assert document.written_on == "2019-01-17"


@pytest.mark.parametrize(
    ("date", "year"), [("2014.12.31", 2014), ("2015年2月3日", 2014), ("二〇一五年三月四日", 2014)]
)
def test_a_signature_tells_the_year_before_unless_signed_in_december(date, year):
    document = parse(page(*REPORT[1:], "某某市水务局", date))[0]
    assert (document.year, document.year_evidence) == (year, "signature")


def test_the_title_beats_weaker_evidence_and_a_conflict_is_an_issue():
    document = parse(
        page(
            "某某局2019年政府信息公开年度报告",
            "本报告所列数据的统计期限自2018年1月1日起至2018年12月31日止。",
            LONG,
        )
    )[0]
    assert (document.year, document.year_evidence) == (2019, "title")
    assert "year_conflict" in [issue.code for issue in document.issues]


def test_a_period_may_end_before_the_year_does():
    sentence = "所列统计数字的时限自2013年1月1日起至2013年12月25日止。"
    document = parse(page(*REPORT[1:], sentence))[0]
    assert document.period == ("2013-01-01", "2013-12-25")
    assert document.year == 2013


def test_labels_around_the_text_are_read_though_spaces_stray_into_them():
    document = parse(
        page(
            "索 引 号: 012345678/2014-00012 公开方式: 主动公开",
            "发布机构: 市水务局 成文日期: 2014-03-01",
            "文号: 某水发〔2014〕7号 发布时间: 2014-03-02 15: 54 浏览次数:",
            *REPORT,
        )
    )[0]
    assert document.index_no == "012345678/2014-00012"
    assert document.doc_no == "某水发〔2014〕7号"
    assert document.published_at == "2014-03-02T15:54+08:00"
    assert document.written_on == "2014-03-01"
    assert document.organ == "市水务局"


def test_a_cited_document_number_is_not_the_documents_own():
    assert parse(page("根据某政发〔2016〕9号文件要求，编制本报告。", *REPORT))[0].doc_no is None


@pytest.mark.parametrize(
    ("parts", "organ", "scope"),
    [
        (["某县人民政府2016年政府信息公开工作报告", *REPORT], "某县人民政府", "government"),
        (["某某市2016年政府信息公开工作年度报告", *REPORT], "某某市", "government"),
        (
            ["2016年度服务中心政府信息公开年度报告", *REPORT, "某某市服务中心", "2017年3月1日"],
            "某某市服务中心", "department",
        ),
        (
            ["本报告由某某市人民政府政务中心（以下简称市中心）编制。", *REPORT],
            "某某市人民政府政务中心", "department",
        ),
        (
            ["结合某某市审批局政府信息公开工作实际，编制本报告。", *REPORT],
            "某某市审批局", "department",
        ),
        (["2016年，本溪市水务局坚持公开。", *REPORT], "本溪市水务局", "department"),
        (["2016年，我局坚持公开。", *REPORT], None, None),
        (["我镇2016年政府信息公开工作年度报告", *REPORT], None, None),
        (["某县㙍头镇人民政府2016年政府信息公开年报", *REPORT], "某县㙍头镇人民政府", "government"),
    ],
)  # fmt: skip
def test_the_organ_is_the_one_printed(parts, organ, scope):
    document = parse(page(*parts))[0]
    assert (document.organ, document.scope) == (organ, scope)


def test_a_short_name_is_resolved_by_the_document_that_defines_it():
    defines = ["2015年，市政务中心管理办（以下简称中心）公开信息。", *REPORT[1:]]
    signed = [*REPORT[1:], "某某市政务中心管理办公室", "2018年1月2日"]
    plan = [["工作任务", "责任科室"], ["公开中心信息", "办公室"]]
    documents = parse(page(plan, SIZES, *defines, SIZES, *signed))
    assert documents[0].organ == "某某市政务中心管理办公室"
    assert "organ_from_alias" in [issue.code for issue in documents[0].issues]
    assert parse(page(plan))[0].organ is None


def test_a_bare_form_takes_its_year_from_the_report_that_quotes_its_numbers():
    quoting = [*REPORT, "某某市水务局", "2017年1月2日"]
    other = [line.replace("2016", "2017").replace("4721", "4999") for line in REPORT]
    documents = parse(page(FORM_B, SIZES, *quoting, SIZES, *other))
    form = documents[0]
    assert (form.class_, form.year, form.organ) == ("statistics_form", 2016, "某某市水务局")
    assert form.year_evidence == "sibling"
    assert "year_from_sibling" in [issue.code for issue in form.issues]


def test_a_bare_form_nobody_quotes_has_no_year():
    other = [line.replace("4721", "4999") for line in REPORT]
    assert parse(page(FORM_B, SIZES, *other))[0].year is None
    twice = [line.replace("2016", "2017") for line in REPORT]
    assert parse(page(FORM_B, SIZES, *REPORT, SIZES, *twice))[0].year is None
