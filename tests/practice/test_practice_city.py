"""The city as data: it repeats, it scales, and its books are in order."""

import ast
import json
import sys
import time
from pathlib import Path

import pytest

import crawler.practice
from crawler.practice.city import City


def _key(truth):
    return truth.portal, truth.organ, truth.year


def test_the_same_city_is_the_same_truth_and_the_same_bytes():
    one, other = City(organs=6), City(organs=6)
    assert one.truth() == other.truth()
    assert one.troubles() == other.troubles()
    for truth in one.truth()[::7]:
        path = truth.url.removeprefix(f"http://{truth.host}")
        asked = (truth.host, "GET", path, {"accept-encoding": "gzip"}, b"")
        assert one.answer(*asked) == other.answer(*asked)


def test_another_seed_is_another_city():
    assert City(organs=3, seed=1).truth() != City(organs=3, seed=2).truth()


def test_a_report_does_not_depend_on_which_other_years_exist():
    whole = {_key(t): t.figures for t in City(organs=6).truth() if t.form}
    part = {_key(t): t.figures for t in City(organs=6, years=(2016, 2022)).truth() if t.form}
    assert part
    assert part == {key: whole[key] for key in part}


def test_every_organ_reports_on_every_year_and_has_a_guide(city):
    truths = city.truth()
    reports = [t for t in truths if t.document_class == "annual_report"]
    assert len(reports) == (12 + 1) * 18  # the rendered portal has an organ of its own
    assert len({(t.portal, t.url, t.year, t.organ) for t in reports}) == len(reports)
    assert sum(t.document_class == "disclosure_guide" for t in truths) == 12
    assert {t.portal for t in reports} == {
        "practice_hanweb",
        "practice_hanweb_gb",
        "practice_shandong",
        "practice_xuanran",
    }
    assert all((t.form in {"C", "D"}) == (t.year >= 2019) for t in reports)


def test_about_one_report_in_twelve_has_a_planted_error():
    forms = [t for t in City(organs=60, years=(2019, 2025)).truth() if t.form in {"C", "D"}]
    wrong = [t for t in forms if t.failing_checks]
    assert 0.07 < len(wrong) / len(forms) < 0.1
    families = {check.rsplit(".", maxsplit=1)[0] for t in wrong for check in t.failing_checks}
    assert {"t4.sum", "t3.outcome_sum", "t3.balance"} <= families
    assert any(family.startswith("t3.row_sum") for family in families)


def test_what_is_carried_forward_is_carried_over(city):
    reports = {(t.host, t.organ, t.year): t.figures for t in city.truth() if t.form in {"C", "D"}}
    chained = 0
    for (host, organ, year), figures in reports.items():
        before = reports.get((host, organ, year - 1))
        if before:
            forward = before["t3.carried_forward.total"]
            assert figures["t3.carried_over.total"] == forward, (organ, year)
            chained += bool(forward)
    assert chained > 5


def test_every_accident_of_typing_happens_in_a_small_city(city):
    quirks = {quirk for truth in city.truth() for quirk in truth.quirks}
    assert {"planted_error", "lost_labels", "only_total", "sparse", "slash", "inline"} <= quirks


def test_truth_is_json(city):
    truth = next(t for t in city.truth() if t.form == "D")
    again = json.loads(json.dumps(truth.as_json(), ensure_ascii=False))
    assert again["class"] == "annual_report"
    assert again["figures"] == truth.figures


def test_a_city_of_four_hundred_organs_is_built_at_once():
    start = time.perf_counter()
    city = City(organs=400)
    assert len(city.sites()) == 2 + 1 + 133
    answer = city.answer("www.yanshi.test", "GET", "/col/col1229100001/index.html", {}, b"")
    assert answer.status == 200
    assert time.perf_counter() - start < 3


def test_organs_have_different_names_and_hosts():
    city = City(organs=600, years=(2024, 2024))
    names = [t.organ for t in city.truth() if t.document_class == "disclosure_guide"]
    assert len(set(names)) == 600
    assert len(city.sites()) == 2 + 1 + 200


@pytest.mark.parametrize("wrong", [{"organs": 2}, {"years": (2020, 2019)}, {"years": (1999, 2001)}])
def test_an_impossible_city_is_refused(wrong):
    with pytest.raises(ValueError, match="not"):
        City(**wrong)


BESIDE = {("certificate.py", "cryptography")}  # the standard library makes no certificates


def test_the_city_imports_nothing_of_what_it_tests():
    folder = Path(crawler.practice.__file__).parent
    for file in folder.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names.append(node.module or "")
            for name in names:
                top = name.split(".")[0]
                allowed = name.startswith(("crawler.practice", "crawler.text"))
                allowed = allowed or top in sys.stdlib_module_names or (file.name, top) in BESIDE
                assert allowed, (file.name, name)
