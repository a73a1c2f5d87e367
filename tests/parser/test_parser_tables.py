"""Forms A to D: rows found by label or position, cells read as printed."""

from decimal import Decimal
from itertools import pairwise

from parser_pages import T2_C, T2_D, page, table, table_four, table_three

from crawler.items import Table
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


def results(*tables):
    document = parse(page("某某市水务局2021年政府信息公开工作年度报告", *tables))[0]
    return {check.id: check.result for check in document.checks}


def test_form_c_has_23_rows_and_one_other():
    found = figures(table_three("C", {0: ONES}), form=("C",))
    assert len(found) == 23 * 7
    assert found["t3.other.total"].value == 0
    assert "t3.other.overdue_fee.total" not in found


def test_form_d_splits_other_into_three():
    found = figures(table_three("D", {22: ONES}), form=("D",))
    assert len(found) == 25 * 7
    assert found["t3.other.other_reasons.natural_person"].value == 1
    assert found["t3.other.overdue_correction.total"].value == 0


def test_a_blank_cell_is_blank_and_never_zero():
    found = figures(table_three("C", {0: ["17", "", "", "", "", "", "17"]}, default=""))
    assert found["t3.new_received.legal_commercial"].status == "blank"
    assert found["t3.new_received.legal_commercial"].value is None
    assert found["t3.granted.total"].value is None


def test_a_slash_is_not_applicable():
    found = figures(table_three("C", {1: ["/", "-", "－", "—", "／", "无", "0"]}))
    row = [f for key, f in found.items() if key.startswith("t3.carried_over.")]
    assert [figure.status for figure in row] == ["not_applicable"] * 6 + ["number"]


def test_full_width_digits_and_separators_are_read():
    found = figures(table_three("C", {0: ["１，２３４", "1 234", "+3", "十二", "3件", "x", "0"]}))
    row = [f.value for key, f in found.items() if key.startswith("t3.new_received.")]
    assert row == [1234, 1234, 3, 12, 3, None, 0]
    assert found["t3.new_received.legal_other"].status == "unparsed"


def test_where_names_the_grid_cell():
    found = figures(T2_D, table_three("D", {0: ONES}))
    where = found["t3.new_received.natural_person"].where
    assert (where.table, where.row, where.column) == (1, 3, 3)


def test_lost_labels_are_aligned_by_position():
    rows = table_three("D", {0: ONES, 3: ONES})
    for lost in (0, 3, 5, 7, 13, 14):
        rows[3 + lost][2] = "" if rows[3 + lost][2] != "^" else "^"
    rows[3][:3] = ["", "^", "^"]
    rows[6][1:3] = ["", "^"]
    found = figures(rows)
    assert len(found) == 25 * 7
    assert found["t3.new_received.total"].value == 1
    assert found["t3.partial_grant.total"].value == 1
    assert "label_lost" in issues(rows)


def test_a_group_label_in_place_of_its_first_row_is_that_row():
    rows = table_three("D", {15: ONES})
    rows[3 + 15][1:3] = ["（五）不予处理", ""]
    assert figures(rows)["t3.not_processed.complaint.total"].value == 1


def test_a_missing_unlabelled_row_leaves_its_neighbours_unread():
    rows = table_three("D", {})
    for lost in (4, 5, 6):
        rows[3 + lost][2] = ""
    del rows[3 + 5]
    found = figures(rows)
    assert "t3.denied.state_secret.total" not in found
    assert "t3.denied.third_party_rights.total" in found
    assert "unknown_label" in issues(rows)


def test_a_split_table_is_read_as_one():
    rows = table(table_three("D", {24: ONES})).rows
    found = figures(Table(rows[:14]), Table(rows[14:]))
    assert len(found) == 25 * 7
    where = found["t3.carried_forward.total"].where
    assert (where.table, where.row) == (1, 13)


def test_trailing_blank_columns_do_not_shift_values():
    rows = [[*row, "", "", ""] for row in table_three("D", {0: ONES})]
    assert figures(rows)["t3.new_received.total"].value == 1


def test_tables_three_and_four_in_one_table():
    rows = [[*row, *[""] * 5] for row in table_three("C", {})]
    rows += table_four([str(n) for n in range(15)])
    found = figures(rows)
    assert found["t4.review.maintain"].value == 0
    assert found["t4.litigation_post_review.total"].value == 14
    assert len(found) == 23 * 7 + 15


def test_table_four_is_fifteen_numbers_in_order():
    found = figures(table_four(["1", "0", "0", "0", "1", "2", "", "", "", "2", *["0"] * 5]))
    assert found["t4.review.total"].value == 1
    assert found["t4.litigation_direct.maintain"].value == 2
    assert found["t4.litigation_direct.correct"].status == "blank"


def test_table_two_of_form_c_by_column_order_though_a_header_is_cut():
    found = figures(T2_C, form=("C",))
    assert found["t2.art20_1.regulations.published"].value == 2
    assert found["t2.art20_5.licensing.items_change"].value == -14
    assert found["t2.art20_5.other_services.items_change"].value == 1
    assert found["t2.art20_5.other_services.decisions"].status == "not_applicable"
    amount = found["t2.art20_9.central_procurement.amount"]
    assert (amount.value, amount.unit, amount.approx) == (Decimal("12.5"), "万元", "about")
    assert amount.value_yuan == 125000


def test_table_two_of_form_d_has_other_columns_under_the_same_articles():
    found = figures(T2_D, form=("D",))
    assert found["t2.art20_1.normative_documents.valid"].value == 7
    assert found["t2.art20_5.licensing.decisions"].value == 1234
    fee = found["t2.art20_8.admin_fees.amount_wan_yuan"]
    assert (fee.value, fee.value_yuan) == (Decimal("26.43"), 264300)
    assert "t2.art20_1.normative_documents.published_total" not in found


def test_blocks_of_table_two_may_be_tables_of_their_own():
    starts = [0, 4, 7, len(T2_D)]
    parts = [T2_D[a:b] for a, b in pairwise(starts)]
    assert {key: f.value for key, f in figures(*parts).items()} == {
        key: f.value for key, f in figures(T2_D).items()
    }


def test_a_fee_printed_in_another_unit_is_kept_and_flagged():
    rows = [*T2_D[:-1], ["行政事业性收费", "500元", "^", "^"]]
    fee = figures(rows)["t2.art20_8.admin_fees.amount_wan_yuan"]
    assert (fee.value, fee.unit, fee.value_yuan) == (500, "元", 500)
    assert "unit_mismatch" in issues(rows)


def test_checks_fail_as_printed_and_nothing_is_repaired():
    rows = table_three("D", {0: ["31", *["0"] * 5, "31"], 2: [*["0"] * 6, "7"]})
    rows[3 + 23][3:] = ["31", *["0"] * 5, "31"]
    checks = results(rows)
    assert checks["t3.row_sum.granted"] == "fail"
    assert checks["t3.row_sum.new_received"] == "pass"
    assert checks["t3.outcome_sum.natural_person"] == "fail"
    assert checks["t3.balance.total"] == "pass"
    assert figures(rows)["t3.granted.total"].value == 7


def test_a_check_with_a_blank_operand_is_not_assessable():
    checks = results(table_three("C", {0: ["17", "", "", "", "", "", "17"]}))
    assert checks["t3.row_sum.new_received"] == "not_assessable"


def test_table_four_sums_are_checked_per_group():
    checks = results(table_four(["10", "1", "0", "0", "0", *["0"] * 10]))
    assert checks["t4.sum.review"] == "fail"
    assert checks["t4.sum.litigation_direct"] == "pass"


def test_a_row_without_blank_cells_in_running_text_gives_its_total_only():
    flat = [
        ["自然人", "法人或其他组织", "总计", ""],
        ["商业企业", "科研机构", "社会公益组织", "法律服务机构"],
        ["一、本年新收政府信息公开申请数量", "1", "1", "2"],
        ["二、上年结转政府信息公开申请数量", "0", "", ""],
        ["四、结转下年度继续办理", "3", "1", ""],
    ]
    found = figures(flat)
    assert {key: figure.value for key, figure in found.items()} == {
        "t3.new_received.total": 2,
        "t3.carried_over.total": 0,
    }
    assert "cells_lost" in issues(flat)


def test_a_layout_table_is_text_and_gives_no_grid():
    body = "一、概述 2013年,我县公开信息。 二、收费情况 未收取费用。"
    layout = [["某县人民政府2013年政府信息公开工作报告", *["^"] * 139], [body, *["^"] * 139]]
    document = parse(page(layout))[0]
    assert document.tables == ()
    assert document.year == 2013
    assert [figure.key for figure in document.figures] == ["prose.fees.amount"]


def test_a_table_beyond_any_form_is_an_issue_not_minutes():
    rows = [[str(n), "x"] for n in range(2500)]
    document = parse(page("某某局2020年政府信息公开工作年度报告", rows))[0]
    assert document.tables == ()
    assert "table_too_large" in [issue.code for issue in document.issues]


def test_a_second_table_three_is_told_and_the_first_is_taken():
    first = table_three("D", {0: ["3", "1", "0", "0", "0", "0", "4"]})
    second = table_three("D", {0: ["9", "1", "0", "0", "0", "0", "10"]})
    (document,) = parse(page("某某县2022年政府信息公开工作年度报告", first, second))
    read = {figure.key: figure.value for figure in document.figures}
    assert read["t3.new_received.total"] == 4
    (issue,) = [issue for issue in document.issues if issue.code == "repeated_figure"]
    assert "t3.new_received.natural_person, t3.new_received.total" in issue.says
