"""The forms of 2008–2018 read back row by row, and their sums worked out from the page alone."""

import re

import pytest
from test_practice_reports import Tables

from crawler.practice.form_a import FUJIAN, SHANDONG, SHANGHAI
from crawler.practice.form_b_rows import rows

# What tells the variants apart in their headers, and where the annual number stands.
A_HEADS = {"代码": (SHANGHAI, 4), "历年累计": (FUJIAN, 2), "本年累计": (SHANDONG, 2)}


@pytest.fixture(scope="module")
def older(city, fetch):
    """Every form A and B on a page of its own: (truth, its table)."""
    found = []
    for truth in city.truth():
        if truth.form in {"A", "B"} and truth.findable and not {"inline", "file"} & {*truth.quirks}:
            (table,) = (t for t in Tables(fetch(truth.url).text).tables if len(t) > 10)
            found.append((truth, [[cell[0] for cell in row] for row in table]))
    assert {truth.form for truth, _ in found} == {"A", "B"}
    return found


def number(text):
    if text in {"", "/"}:
        return None
    return float(text) if "." in text else int(text)


def told(truth, form):
    return {k: v for k, v in truth.figures.items() if k.startswith(f"{form}.")}


def test_form_a_prints_the_year_in_the_column_of_its_province(older):
    seen = set()
    for truth, (head, *body) in older:
        if truth.form == "A":
            name = next(name for name in A_HEADS if name in (head[2], head[-1]))
            seen.add(name)
            template, column = A_HEADS[name]
            assert [row[0] for row in body] == [label for _, label, _ in template]
            read = {
                f"a.{key}": number(row[column])
                for (key, *_), row in zip(template, body, strict=True)
            }
            assert read == told(truth, "a"), truth.url
    assert seen == {*A_HEADS}


def test_fujian_prints_the_sum_of_all_years_beside_every_annual_figure(older):
    tables = [body for truth, (head, *body) in older if truth.form == "A" and "历年累计" in head]
    assert tables
    for body in tables:
        assert all(int(row[3]) > (number(row[2]) or 0) for row in body)
    assert any(row[2] == "" for body in tables for row in body)


def form_b(table):
    """Rows of label, unit and the number that counts."""
    serial = table[0][0] == "序号"
    body = table[2:] if "合计" in table[1] else table[1:]
    return [row[serial:][:3] for row in body]


def test_form_b_says_what_the_truth_says(older):
    layouts = set()
    for truth, table in older:
        if truth.form == "B":
            body = form_b(table)
            printed = rows(
                library=any("图书馆" in row[0] for row in body),
                other_mode=any("其他形式" in row[0] for row in body),
            )
            assert [tuple(row[:2]) for row in body] == [(label, unit) for _, label, unit in printed]
            read = {
                f"b.{key}": number(row[2])
                for (key, *_), row in zip(printed, body, strict=True)
                if key
            }
            assert read == told(truth, "b"), truth.url
            layouts.add(len(table[2]))
    assert len(layouts) == 3  # plain, numbered, with levels


def test_levels_add_up_to_the_number_that_counts(older):
    tables = [t for truth, t in older if truth.form == "B" and "合计" in t[1]]
    assert tables
    for table in tables:
        for row in table[2:]:
            if row[2].isdigit():
                assert int(row[2]) == int(row[3]) + int(row[4])


def test_sums_of_form_b_hold_except_where_an_error_was_planted(older):
    planted = [truth for truth, _ in older if "planted_error" in truth.quirks]
    assert planted
    assert all(truth.failing_checks for truth in planted)
    for truth, _ in older:
        if truth.form == "B":
            assert broken(truth.figures) == {
                name for name in truth.failing_checks if name.endswith(".sum")
            }, truth.url
            assert bool(truth.failing_checks) == ("planted_error" in truth.quirks), truth.url


PARTS = {
    "b.requests": r"b\.requests\.(?!total)\w+",
    "b.closed": r"b\.closed\.(?!total)\w+",
    "b.replies": r"b\.replies\.(?!total)\w+|b\.replies\.denied\.total",
    "b.replies.denied": r"b\.replies\.denied\.(?!total)\w+",
    "b.review": r"b\.review\.(?!total)\w+",
    "b.litigation": r"b\.litigation\.(?!total)\w+",
    "b.complaints": r"b\.complaints\.(?!total)\w+",
    "b.library_deposits": r"b\.library_deposits\.(?!total)\w+",
    "b.staff": r"b\.staff\.(?!total)\w+",
}


def broken(figures):
    """Totals that are not what their parts add up to, all of them filled in."""
    found = set()
    for group, pattern in PARTS.items():
        whole = figures.get(f"{group}.total")
        parts = [value for key, value in figures.items() if re.fullmatch(pattern, key)]
        if whole is not None and parts and None not in parts and sum(parts) != whole:
            found.add(f"b.{'denied' if 'denied' in group else group[2:]}.sum")
    return found


def test_what_the_text_and_the_form_both_state_is_the_same_or_a_planted_error(older):
    compared = 0
    for truth, _ in older:
        for what in ("requests.total", "review.total", "litigation.total", "staff.part_time"):
            said, form = truth.figures.get(f"prose.{what}"), f"{truth.form.lower()}.{what}"
            if said is not None and truth.figures.get(form) is not None:
                same = truth.figures[form] == said
                assert same or "planted_error" in truth.quirks or form == "a.staff.part_time"
                compared += 1
    assert compared > 60
