"""The name of a local file as the weakest evidence of a report's year."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
from command_line import Ran

from crawler.text import only_year

Gongkai = Callable[..., Ran]
BODY = "<p>三、依申请公开情况<p>全年未收到政府信息公开申请。<p>四、收费情况<p>未收取费用。"
FORM = (
    "<table><tr><td>统计指标<td>单位<td>统计数"
    "<tr><td>（一）主动公开政府信息数<td>条<td>23<tr><td>制发规范性文件总数<td>件<td>2</table>"
)


@pytest.mark.parametrize(
    ("name", "year"),
    [
        ("report_2014_stats.html", 2014), ("２０１４年.pdf", 2014), ("2014.html", 2014),
        ("20140303.html", None), ("t201403.html", None), ("2013-2014.html", None),
        ("2007.html", None), ("2027.html", None), ("report.html", None),
    ],
)  # fmt: skip
def test_a_name_tells_a_year_that_stands_alone_in_it(name: str, year: int | None) -> None:
    assert only_year(name, 2026) == year


def read(command: Gongkai, path: Path, html: str) -> dict[str, object]:
    path.write_text(f"<html><body>{html}</body></html>", encoding="utf-8")
    ran = command("parse", path.name, "--json")
    assert ran.code == 0
    [document] = ran.json["documents"]
    return {
        **{field: document[field] for field in ("class", "year", "year_evidence")},
        "issues": [issue["code"] for issue in document["issues"]],
    }


def test_a_page_without_a_year_has_its_name_s(command: Gongkai, tmp_path: Path) -> None:
    found = read(command, tmp_path / "stats_2014.html", FORM)
    assert found == {
        "class": "statistics_form",
        "year": 2014,
        "year_evidence": "file_name",
        "issues": ["year_from_file_name"],
    }


def test_a_name_overrules_nothing(command: Gongkai, tmp_path: Path) -> None:
    title = "<h1>某某市水务局2013年政府信息公开年度报告</h1>"
    found = read(command, tmp_path / "stats_2014.html", title + BODY + FORM)
    assert (found["year"], found["year_evidence"], found["issues"]) == (2013, "title", [])


def test_a_page_that_is_no_report_has_none(command: Gongkai, tmp_path: Path) -> None:
    found = read(command, tmp_path / "x_2014.html", "<h1>放假通知</h1><p>下周一放假一天。")
    assert (found["year"], found["issues"]) == (None, [])


def test_the_members_of_an_archive_have_names_of_their_own(
    command: Gongkai, tmp_path: Path
) -> None:
    with ZipFile(tmp_path / "forms_2011.zip", "w") as archive:
        for name in ("a_2014.html", "b_2015.html", "c.html"):
            archive.writestr(name, f"<html><body>{FORM}</body></html>")
    ran = command("parse", "forms_2011.zip", "--json")
    assert [document["year"] for document in ran.json["documents"]] == [2014, 2015, None]
