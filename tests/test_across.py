"""Reports of one organ beside each other: checks between years, and one series over all forms."""

from __future__ import annotations

from typing import Any

from pipelines.across import across
from pipelines.series import series

OLD, NEW = "示例市政务服务中心", "示例市行政审批局"
RENAMED = {"p": {OLD: NEW}}


def report(year: int, organ: str = NEW, **figures: float | None) -> dict[str, Any]:
    """A report whose figures are t3_new_received_total=23 and the like, `_` for a dot."""
    keys = {key.replace("__", "."): value for key, value in figures.items()}
    return {
        "id": f"{organ}-{year}", "portal": "p", "class": "annual_report", "organ": organ,
        "year": year, "scope": "government" if organ.endswith("人民政府") else "department",
        "figures": [{"key": key, "value": value, "approx": None} for key, value in keys.items()],
    }  # fmt: skip


def checks(*reports: dict[str, Any]) -> dict[str, dict[str, str]]:
    found = across(reports, RENAMED)
    return {id_: {check.id: check.result for check in some} for id_, some in found.items()}


def test_what_is_carried_forward_must_be_carried_over() -> None:
    before = report(2021, OLD, t3__carried_forward__total=3, t3__carried_forward__natural_person=1)
    now = report(2022, t3__carried_over__total=3, t3__carried_over__natural_person=2)
    assert checks(before, now) == {
        now["id"]: {"t3.carry.total": "pass", "t3.carry.natural_person": "fail"}
    }


def test_a_gap_of_a_year_or_two_reports_of_one_year_are_held_against_nothing() -> None:
    early, late = (report(year, t3__carried_forward__total=3) for year in (2019, 2020))
    now = report(2022, t3__carried_over__total=7)
    assert checks(early, late, now) == {}
    twice = {**report(2021, t3__carried_forward__total=3), "id": "other"}
    assert checks(report(2021, t3__carried_forward__total=3), twice, now) == {}


def test_a_blank_is_not_assessable_and_what_no_form_has_is_not_checked() -> None:
    before = report(2021, t3__carried_forward__total=None)
    assert checks(before, report(2022, t3__carried_over__total=0)) == {
        report(2022)["id"]: {"t3.carry.total": "not_assessable"}
    }
    assert checks(before, report(2022, t2__x=1)) == {}


def test_stocks_follow_from_the_year_before() -> None:
    key = "t2__art20_1__normative_documents__"
    before = report(2021, **{f"{key}valid": 40})
    now = report(2022, **{f"{key}valid": 41, f"{key}made": 3, f"{key}repealed": 2})
    assert checks(before, now)[now["id"]] == {"t2d.stock.normative_documents": "pass"}
    # 2019 said 178 and no change; in 2020 they typed the present stock into last year's cell.
    key = "t2__art20_5__licensing__"
    before = report(2019, **{f"{key}items_prev_year": 178, f"{key}items_change": 0})
    now = report(2020, **{f"{key}items_prev_year": 164, f"{key}items_change": -14})
    assert checks(before, now)[now["id"]] == {"t2c.stock.art20_5.licensing": "fail"}


def test_a_percentage_in_the_text_is_rounded_as_printed() -> None:
    before = report(2022, t3__new_received__total=13)
    for said, result in ((77, "pass"), (76.9, "pass"), (76.92, "pass"), (78, "fail")):
        now = report(2023, t3__new_received__total=23, prose__requests__change=said)
        assert checks(before, now)[now["id"]]["text.change"] == result
    none = report(2022, t3__new_received__total=0)
    assert checks(none, now)[now["id"]]["text.change"] == "not_assessable"


def test_a_department_has_no_more_applications_than_its_government() -> None:
    whole = report(2022, "示例市人民政府", t3__new_received__total=5)
    part = report(2022, t3__new_received__total=6)
    assert checks(whole, part) == {part["id"]: {"hier.requests": "fail"}}


def test_a_series_takes_the_surest_place_and_names_it() -> None:
    old = report(2014, OLD, prose__requests__total=40, prose__review__total=0)
    form = {**report(2014, OLD, b__requests__total=31), "class": "statistics_form", "id": "form"}
    new = report(2022, t3__new_received__total=23, t4__litigation_direct__total=1,
                 t4__litigation_post_review__total=2, t3__granted__total=None)  # fmt: skip
    first, second = series([old, form, new], RENAMED)
    assert (first["organ"], first["year"], second["year"]) == (NEW, 2014, 2022)
    assert (first["requests_received"], first["requests_received_from"]) == (
        31, "b.requests.total form",
    )  # fmt: skip
    assert (first["review_total"], first["litigation_total"]) == (0, None)
    assert (second["requests_received"], second["litigation_total"]) == (23, 3)
    assert second["requests_granted"] is None  # a blank is nobody's number


def test_two_reports_that_disagree_give_no_number() -> None:
    one = report(2022, t3__new_received__total=23)
    other = {**report(2022, t3__new_received__total=24), "id": "revised"}
    (row,) = series([one, other], {})
    assert row["requests_received"] is None
    assert row["requests_received_from"].startswith("conflict: ")
    assert "revised" in row["requests_received_from"]
