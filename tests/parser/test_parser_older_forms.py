"""The forms of 2008 to 2018: one labelled row, one number."""

from decimal import Decimal

from parser_pages import FORM_A, FORM_B, page

from pipelines.parser import parse

ONES = ["1", "0", "0", "0", "0", "0", "1"]


def figures(*tables, form=None):
    document = parse(page("某某市水务局2021年政府信息公开工作年度报告", *tables))[0]
    if form is not None:
        assert document.forms == form
    return {figure.key: figure for figure in document.figures}


def issues(*tables):
    document = parse(page("某某市水务局2021年政府信息公开工作年度报告", *tables))[0]
    return [issue.code for issue in document.issues]


def test_form_a_reads_the_annual_column_and_leaves_blanks_blank():
    found = figures(FORM_A, form=("A",))
    assert found["a.active.total"].value == 70
    assert found["a.active.business"].status == "blank"
    assert found["a.requests.total"].value == 5
    assert found["a.fees.amount_yuan"].value_yuan == Decimal("12.50")
    assert found["a.complaints.maintain"].value is None
    assert found["a.review.maintain"].value == 2


def test_form_a_never_takes_the_sum_over_all_years():
    rows = [
        ["指标名称", "计量单位", "2009年度", "历年累计"],
        ["主动公开信息数", "条", "12", "99"],
    ]
    assert figures(rows)["a.active.total"].value == 12
    rows[0][2] = "本期实际"
    assert figures(rows) == {}


def test_form_b_rows_mean_what_their_group_says():
    found = figures(FORM_B, form=("B",))
    assert found["b.review.maintain"].value == 1
    assert found["b.litigation.maintain"].value == 0
    assert found["b.active.normative_published"].status == "blank"  # the unit cell spans it
    assert found["b.channels.website"].value == 4721


def test_form_b_reports_wrong_units_and_a_suspected_shift():
    codes = issues(FORM_B)
    assert "unit_mismatch" in codes
    assert "sum_mismatch" in codes
    assert "suspected_row_shift" in codes


def test_form_b_with_several_number_columns_takes_their_sum_or_nothing():
    rows = [
        ["统计指标", "单位", "数量", "合计"],
        ["主动公开政府信息数", "条", "1", "9"],
    ]
    assert figures(rows)["b.active.total"].value == 9
    rows[0][3] = "数值"
    assert figures(rows) == {}
    assert "unknown_columns" in issues(rows)


def test_rows_that_several_groups_have_are_nobodys_where_the_next_group_opens_unseen():
    rows = [
        ["统计指标", "单位", "统计数"],
        ["（一）主动公开政府信息数", "条", "9"],
        ["四、行政复议数量", "件", "3"],
        ["（一）维持具体行政行为数", "件", "1"],
        ["（三）其他情形数", "件", "2"],
        ["（一）维持具体行政行为数", "件", "7"],  # of the lawsuits, whose own row is lost
        ["（二）被依法纠错数", "件", "8"],
        ["六、举报投诉数量", "件", "5"],
        ["（二）被依法纠错数", "件", "5"],
    ]
    found = {key: figure.value for key, figure in figures(rows).items() if "active" not in key}
    assert found == {
        "b.review.total": 3, "b.review.maintain": 1, "b.review.other": 2,
        "b.complaints.total": 5, "b.complaints.correct": 5,
    }  # fmt: skip
