"""What is printed is what is true: tables read back cell by cell, prose by its numbers."""

import re
from html.parser import HTMLParser

import pytest

APPLICANTS = [
    "natural_person",
    "legal_commercial",
    "legal_research",
    "legal_social",
    "legal_law_service",
    "legal_other",
]
DENIED = [
    "state_secret",
    "law_forbidden",
    "safety_stability",
    "third_party_rights",
    "internal_affairs",
    "process_info",
    "enforcement_case",
    "admin_query",
]
UNABLE = ["no_info", "need_creation", "unclear"]
NOT_PROCESSED = ["complaint", "repeat", "publication", "massive_requests", "confirm_info"]
OTHER = ["overdue_correction", "overdue_fee", "other_reasons"]
GROUPS = ("review", "litigation_direct", "litigation_post_review")
RESULTS = ("maintain", "correct", "other", "pending", "total")


class Tables(HTMLParser):
    """The tables of a page as lists of rows of (text, colspan, rowspan)."""

    def __init__(self, html):
        super().__init__()
        self.tables = []
        self.inside = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "table":
            self.tables.append([])
        if tag == "tr":
            self.tables[-1].append([])
        if tag == "td":
            spans = dict(attrs)
            self.inside = True
            cell = ["", int(spans.get("colspan", 1)), int(spans.get("rowspan", 1))]
            self.tables[-1][-1].append(cell)

    def handle_endtag(self, tag):
        self.inside = self.inside and tag != "td"

    def handle_data(self, data):
        if self.inside:
            self.tables[-1][-1][-1][0] += data.strip()


def outcome_rows(form):
    other = [f"other.{key}" for key in OTHER] if form == "D" else ["other"]
    return [
        "granted",
        "partial_grant",
        *(f"denied.{key}" for key in DENIED),
        *(f"unable.{key}" for key in UNABLE),
        *(f"not_processed.{key}" for key in NOT_PROCESSED),
        *other,
    ]


def number(text):
    text = text.removeprefix("约").removesuffix("万元")
    if text in {"", "/"}:
        return None
    return float(text) if "." in text else int(text)


def read_back(tables, form):
    """Figures by position, which is all that lost labels leave."""
    two, three, four = tables
    rows = ["new_received", "carried_over", *outcome_rows(form), "total_processed"]
    figures = {}
    for row, cells in zip([*rows, "carried_forward"], three[3:], strict=True):
        for column, cell in zip([*APPLICANTS, "total"], cells[-7:], strict=True):
            figures[f"t3.{row}.{column}"] = number(cell[0])
    keys = [f"t4.{group}.{result}" for group in GROUPS for result in RESULTS]
    figures |= dict(zip(keys, (number(cell[0]) for cell in four[-1]), strict=True))
    printed = [
        number(c[0])
        for row in two
        for c in row[1:]
        if re.fullmatch(r"[约+-]?[\d.]*(万元)?|/", c[0])
    ]
    return figures, printed


@pytest.fixture(scope="module")
def forms(city, fetch):
    """Every form-C and form-D report with a page of its own: (truth, its tables)."""
    found = []
    for truth in city.truth():
        if truth.form in {"C", "D"} and truth.findable and not {"inline", "file"} & {*truth.quirks}:
            tables = Tables(fetch(truth.url).text).tables
            found.append((truth, [t for t in tables if len(t) > 2]))
    assert len(found) > 40
    return found


def test_tables_say_what_the_truth_says(forms):
    for truth, tables in forms:
        figures, table_two = read_back(tables, truth.form)
        for key, value in figures.items():
            assert truth.figures[key] == value, (truth.url, key)
        told = [value for key, value in truth.figures.items() if key.startswith("t2.")]
        assert table_two == told, truth.url
        assert len(figures) + len(told) == sum(key[0] == "t" for key in truth.figures)


def test_inline_tables_say_what_the_truth_says(city, fetch):
    truths = [t for t in city.truth() if "inline" in t.quirks and t.form in {"C", "D"}]
    assert len(truths) > 15
    for channel in {t.url for t in truths}:
        tables = [t for t in Tables(fetch(channel).text).tables if "序号" not in t[0][0][0]]
        national = [t for t in tables if len(t[0]) < 3]
        for position, truth in enumerate(t for t in truths if t.url == channel):
            figures, _ = read_back(national[position * 3 : position * 3 + 3], truth.form)
            assert figures.items() <= truth.figures.items(), (truth.organ, truth.year)


def test_merged_cells_are_those_of_the_national_forms(forms):
    for truth, (two, three, four) in forms:
        assert [cell[1:] for cell in three[0]] == [[3, 3], [7, 1]]
        assert [cell[1] for cell in three[1]] == [1, 5, 1]
        assert three[5][0][2] == (20 if truth.form == "C" else 22)
        assert len(three) - 3 == (23 if truth.form == "C" else 25)
        assert [cell[1] for cell in four[0]] == [5, 10]
        assert len(four[-1]) == 15
        assert len({sum(cell[1] for cell in row) for row in two}) == 1


def test_sums_hold_except_where_an_error_was_planted(forms):
    assert any(truth.failing_checks for truth, _ in forms)
    for truth, tables in forms:
        figures, _ = read_back(tables, truth.form)
        assert broken(figures, truth.form) == set(truth.failing_checks), truth.url


def broken(figures, form):
    """The sums worked out a second time, from the page alone."""
    outcomes = outcome_rows(form)
    every = ["new_received", "carried_over", *outcomes, "total_processed", "carried_forward"]
    sums = {
        f"t3.row_sum.{row}": ([f"t3.{row}.total"], [f"t3.{row}.{c}" for c in APPLICANTS])
        for row in every
    }
    for c in (*APPLICANTS, "total"):
        sums[f"t3.outcome_sum.{c}"] = (
            [f"t3.total_processed.{c}"],
            [f"t3.{row}.{c}" for row in outcomes],
        )
        sums[f"t3.balance.{c}"] = (
            [f"t3.new_received.{c}", f"t3.carried_over.{c}"],
            [f"t3.total_processed.{c}", f"t3.carried_forward.{c}"],
        )
    for group in GROUPS:
        parts = [f"t4.{group}.{result}" for result in RESULTS[:-1]]
        sums[f"t4.sum.{group}"] = ([f"t4.{group}.total"], parts)
    found = set()
    for name, sides in sums.items():
        left, right = ([figures[key] for key in side] for side in sides)
        if None not in [*left, *right] and sum(left) != sum(right):
            found.add(name)
    return found


def test_lost_labels_leave_the_rows_in_place(forms):
    lost = [(truth, tables) for truth, tables in forms if "lost_labels" in truth.quirks]
    assert lost
    for _, (_, three, _) in lost:
        blank = [row for row in three[3:] if row[-8][0] == ""]
        assert len(blank) in {2, 3}


def test_prose_prints_each_figure_it_claims(city, fetch):
    checked = 0
    for truth in city.truth():
        if truth.form not in {"prose", "A", "B"} or not truth.findable:
            continue
        if not {"inline", "file"} & {*truth.quirks}:
            text = re.sub(r"<[^>]+>", "", fetch(truth.url).text)
            text = text.translate({ord("０") + n: str(n) for n in range(10)}).replace(",", "")
            for key, value in truth.figures.items():
                if key.startswith("prose.") and value and value > 5 and value % 1000:
                    assert str(value) in text, (truth.url, key, value)
                    checked += 1
    assert checked > 300


def test_prose_reports_differ_in_what_they_state(city):
    prose = [t for t in city.truth() if t.form in {"prose", "A", "B"}]
    stated = {key for truth in prose for key in truth.figures}
    assert {
        "prose.active.total",
        "prose.requests.online",
        "prose.replies.granted",
        "prose.review.total",
        "prose.fees.amount",
        "prose.training.sessions",
        "prose.consultations.phone",
        "a.active.total",
    } <= stated
    assert any("prose.litigation.total" not in truth.figures for truth in prose)
    assert all("prose.active.total" in truth.figures for truth in prose)
