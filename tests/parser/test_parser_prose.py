"""Numbers told in sentences, and zeros told in words."""

from decimal import Decimal

import pytest
from parser_pages import page, table_three

FEES = "四、政府信息公开的收费及减免情况"
REVIEW = "五、因政府信息公开申请行政复议、提起行政诉讼的情况"


@pytest.mark.parametrize(
    ("sentence", "key", "value", "approx"),
    [
        ("全年累计主动公开政府信息500余条。", "active.total", 500, "at_least"),
        ("全市共向社会主动公开政府信息18万余条。", "active.total", 180000, "at_least"),
        ("主动公开信息约1，200条。", "active.total", 1200, "about"),
        ("在县政府信息公开网上主动公开各类政府信息314条。", "active.website", 314, None),
        ("微信公众号发布信息509条。", "active.wechat", 509, None),
        ("通过网站、微信等平台主动公开信息累计70条。", "active.total", 70, None),
        ("共收到政府信息公开申请23件。", "requests.total", 23, None),
        ("全年受理依申请公开60件。", "requests.total", 60, None),
        ("答复政府信息公开申请8件。", "replies.total", 8, None),
        ("因政府信息公开发生行政复议0件。", "review.total", 0, None),
        ("信息公开类行政复议7件，诉讼9件。", "litigation.total", 9, None),
        ("对3件政府信息公开申请收取了信息处理费2950元。", "fees.amount", 2950, None),
        ("全年发布政策解读共计69篇。", "interpretations.total", 69, None),
        ("制发规范性文件4件。", "normative.issued", 4, None),
        ("配备了2名兼职工作人员。", "staff.part_time", 2, None),
        ("配备政府信息公开专职人员三人、兼职人员两人。", "staff.part_time", 2, None),
        ("全年组织政府信息公开业务培训四次。", "training.sessions", 4, None),
        ("主动公开信息70条，其中在政府门户网站公开约30条。", "active.website", 30, "about"),
        (
            "收到信息公开申请9件，其中予以公开5件、部分公开三件、不予公开1件。",
            "replies.partial_grant",
            3,
            None,
        ),
        ("政府信息公开收费36.5元。", "fees.amount", Decimal("36.5"), None),
    ],
)
def test_a_sentence_tells_its_number(told, sentence, key, value, approx):
    figure = told(sentence)[key]
    assert (figure.value, figure.approx, figure.status) == (value, approx, "number")


@pytest.mark.parametrize(
    ("heading", "sentence", "keys"),
    [
        ("三、依申请公开情况", "本年度无收到依申请公开政府信息情况。", ["requests.total"]),
        ("", "2015年，没有收到任何依申请公开政府信息的申请。", ["requests.total"]),
        ("", "本年度没有发生政府信息公开申请。", ["requests.total"]),
        (FEES, "未收取费用。", ["fees.amount"]),
        (FEES, "无涉及政府信息公开的收费及减免情况。", ["fees.amount"]),
        ("", "本年度没有政府信息公开收费，也不存在收费减免情况。", ["fees.amount"]),
        ("", "未收取政府信息公开信息处理费。", ["fees.amount"]),
        ("", "全年没有收到公民、法人或者其他组织提出的政府信息公开申请。", ["requests.total"]),
        ("", "没有因政府信息公开被申请行政复议，也没有因此产生的行政诉讼。",
         ["litigation.total", "review.total"]),
        ("", "2015年没有制发规范性文件。", ["normative.issued"]),
        (REVIEW, "无。", ["litigation.total", "review.total"]),
        (REVIEW, "本年度没有行政复议案件，也没有出现行政诉讼情况。",
         ["litigation.total", "review.total"]),
        ("", "无因政府信息公开引起的举报、投诉、行政复议和行政诉讼的情况。",
         ["complaints.total", "litigation.total", "review.total"]),
        (REVIEW, "行政复议、行政诉讼均为零。", ["litigation.total", "review.total"]),
    ],
)  # fmt: skip
def test_a_zero_said_in_words_is_explicit(told, heading, sentence, keys):
    found = told(*filter(None, (heading, sentence)))
    assert sorted(found) == keys
    assert {(figure.value, figure.status) for figure in found.values()} == {(0, "explicit_zero")}


def test_a_heading_that_names_both_is_not_an_answer_for_both(told):
    found = told(REVIEW, "本年度没有发生针对政府信息公开事务的行政复议案。")
    assert found["review.total"].value == 0
    assert "litigation.total" not in found


@pytest.mark.parametrize(
    "sentence",
    [
        "收到政府信息公开申请2件，全年未发生因超时引发的行政复议和行政诉讼。",
        "政府信息公开工作未发生被纠错的行政复议。",
        "政府信息公开方面没有尚未审结的行政诉讼。",
        "没有超期答复的政府信息公开申请。",
        "政府信息公开中无违规收费现象。",
        "没有政府信息公开申请2件以外的情况。",
    ],
)
def test_a_conditional_negation_is_not_a_zero(told, sentence):
    assert not [key for key, f in told(sentence).items() if f.status == "explicit_zero"]


@pytest.mark.parametrize(
    "sentence",
    [
        "中心各窗口共受理各类申请107319件，累计办结107949件。",
        "及时处理交易投诉举报案件40余起。",
        "全年办理行政复议案件300件。",
        "收取税费4.1亿元。",
        "主动公开信息同比增长230%。",
        "收到政府信息公开申请一次性告知补正内容。",
        "协助办理市里交办的依申请公开1件。",
        "共办理人大代表建议5件。",
        "自201611日起1231止的政府信息公开统计。",
    ],
)
def test_business_of_another_kind_is_no_disclosure_figure(told, sentence):
    assert told("一、概述", sentence) == {}


def test_modes_count_only_where_applications_are_counted(told):
    found = told(
        "我局共收到政府信息公开申请17件（其中网络申请9件，信函方式申请5件，当面申请3件）。"
    )
    values = {key: figure.value for key, figure in found.items()}
    assert values == {
        "requests.total": 17,
        "requests.online": 9,
        "requests.letter": 5,
        "requests.in_person": 3,
    }
    assert told("网络申请办件9件。") == {}


def test_a_joint_number_of_reviews_and_lawsuits_is_neither(told):
    found = told("因政府信息公开引起的行政复议和行政诉讼共3件。")
    assert "litigation.total" not in found
    assert "review.total" not in found


def test_two_outcomes_told_together_are_no_partial_grants(told):
    assert "replies.partial_grant" not in told("信息公开申请予以公开及部分公开258件。")


def test_contradicting_statements_become_an_issue_and_the_own_section_wins(only):
    document = only(
        page(
            "某某局2014年政府信息公开年度报告",
            "一、概述",
            "主动公开信息870条，依申请公开信息31余条。",
            "六、政府信息公开申请的办理情况",
            "受理政府信息公开申请40余次。",
        )
    )
    values = {figure.key: figure.value for figure in document.figures}
    assert values["prose.requests.total"] == 40
    assert "conflicting_statements" in [issue.code for issue in document.issues]
    assert len({figure.key for figure in document.figures}) == len(document.figures)


def test_glued_headings_in_one_line_still_make_sections(only):
    body = "引言。 一、概述 工作有序。 二、收费及减免情况 未收取费用。 三、其他事项 无。"
    document = only(page("某县人民政府2013年政府信息公开工作报告", body))
    assert [section.kind for section in document.sections] == ["overview", "fees", "other"]
    assert [figure.key for figure in document.figures] == ["prose.fees.amount"]


def test_a_preamble_that_lists_section_names_makes_no_sections(only):
    text = "全文包括概述、主动公开情况、复议、诉讼情况、收费情况和其他事项。"
    document = only(page("某某局2013年政府信息公开工作报告", text))
    assert document.sections == ()


def test_a_number_in_the_text_is_checked_against_the_table(only):
    rows = table_three("D", {0: ["23", *["0"] * 5, "23"]})
    document = only(page("共收到政府信息公开申请22件。", rows))
    checks = {check.id: (check.result, check.severity) for check in document.checks}
    assert checks["text.requests"] == ("fail", "warning")
