"""A file and the page that links to it: one report, with what each of them knows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from make_files import MAKERS, paper, whole

from crawler.items import Block, Capture, Page, Part
from pipelines.attachments.files import read_file
from pipelines.attachments.join import joined
from pipelines.attachments.parts import documents, link_title
from pipelines.attachments.protocol import Parse
from pipelines.catalogue import Catalogue

PAGE, FILE = "http://a.test/art/1.html", "http://a.test/down?f=1.pdf"
BUREAU = paper(2023, 3)  # its title names organ and year


def parsed(*parts: Part, title: str = "", url: str = FILE) -> list[dict[str, Any]]:
    task = Parse(parts, url, "annual_report", title, "", {}, (), "p", is_file=True)
    found: list[dict[str, Any]] = json.loads(documents(task))
    return found


def tables_only() -> Part:
    return Part("xlsx", read_file(MAKERS["xlsx"](whole(BUREAU))).blocks)


def page(url: str = FILE, parent: str = PAGE, night: int = 1, title: str = "年报数据.xlsx") -> Page:
    at = f"2026-11-{night:02}T02:13:05.000000Z"
    capture = Capture(
        url, at, f"warc/{night}", night, f"urn:uuid:{night}{url}", f"sha-{night}{url}"
    )
    parts = (Part("pdf", ()),) if parent else ()
    return Page((), url, title=title, portal="p", capture=capture, parent=parent, parts=parts)


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("附件1：某局2023年年报.pdf", "某局2023年年报"),
        ("某局2023年年报（最终）.docx (123KB)", "某局2023年年报（最终）"),
        ("附件：《年报》.PDF", "年报"),
        ("附件", ""),
        (" P0202301.xls ", "P0202301"),
    ],
)
def test_a_links_words_without_what_only_says_file(words: str, title: str) -> None:
    assert link_title(words) == title


def test_a_files_own_words_come_before_those_of_its_link() -> None:
    part = Part("docx", read_file(MAKERS["docx"](whole(BUREAU))).blocks)
    (document,) = parsed(part, title="某某局2019年政府信息公开工作年度报告.docx")
    assert (document["year"], document["organ"]) == (2023, BUREAU.name)
    assert document["year_evidence"] != "link"
    assert document["issues"] == []


def test_what_a_file_lacks_its_link_says() -> None:
    (document,) = parsed(tables_only(), title=f"附件：{BUREAU.title}.xlsx")
    assert document["class"] == "annual_report"
    assert (document["organ"], document["year"]) == (BUREAU.name, 2023)
    assert document["year_evidence"] == "link"
    assert document["file"] == {"kind": "xlsx", "member": None}


def test_a_member_is_known_by_its_own_name() -> None:
    tables = tables_only()
    first = Part("xlsx", tables.blocks, "年报/演示市财政局2021年政府信息公开工作年度报告.xlsx")
    second = Part("xlsx", tables.blocks, "年报/演示市财政局2022年政府信息公开工作年度报告.xlsx")
    found = parsed(first, second, title="历年年报.zip")
    assert [(each["year"], each["organ"]) for each in found] == [
        (2021, "演示市财政局"), (2022, "演示市财政局"),
    ]  # fmt: skip


def test_a_picture_is_kept_by_the_words_of_its_link_or_not_at_all() -> None:
    (document,) = parsed(Part("pdf", ()), title=f"{BUREAU.title}.pdf")
    assert (document["class"], document["year"]) == ("attachment_only", 2023)
    assert parsed(Part("pdf", ()), title="点击下载") == []


def test_what_neither_says_the_page_says_and_it_is_told() -> None:
    (document,) = parsed(tables_only(), title="年报数据.xlsx")
    assert (document["organ"], document["year"]) == (None, None)
    parent = {
        "organ": "演示市财政局", "scope": "department", "year": 2023, "title": "年度报告",
        "published_at": "2024-01-20",
    }  # fmt: skip
    (whole_,) = joined(page(), [document], [parent])
    assert (whole_["organ"], whole_["year"], whole_["year_evidence"]) == (
        "演示市财政局", 2023, "parent",
    )  # fmt: skip
    assert whole_["published_at"] == "2024-01-20"
    assert [issue["code"] for issue in whole_["issues"]][-1] == "organ_from_parent"
    assert whole_["file"]["parent"] == PAGE
    # A page of several documents tells the organ if they agree, and never the year.
    (unsure,) = joined(page(), [document], [parent, {**parent, "year": 2022}])
    assert (unsure["organ"], unsure["year"]) == ("演示市财政局", None)


def ocr(kind: str = "image") -> dict[str, Any]:
    """A report as OCR reads it: without doubt about the characters, still in doubt."""
    blocks = read_file(MAKERS["docx"](whole(BUREAU))).blocks
    (document,) = parsed(Part(kind, blocks, seen=True))
    return document


def test_numbers_that_ocr_read_count_only_where_sums_bear_them_out() -> None:
    document = ocr()
    figures = {figure["key"]: figure for figure in document["figures"]}
    passed = {check["id"] for check in document["checks"] if check["result"] == "pass"}
    assert document["issues"][-1]["code"] == "read_by_ocr"
    sure = {key for key, figure in figures.items() if figure["status"] == "number"}
    assert sure
    for key in sure:
        assert key.startswith(("t3.", "t4."))
    assert {"t3.row_sum.granted", "t3.outcome_sum.total"} <= passed
    assert figures["t3.granted.total"]["status"] == "number"
    licensing = figures["t2.art20_5.licensing.decisions"]  # no sum holds it
    assert (licensing["value"], licensing["status"]) == (None, "image")
    assert licensing["raw"]


LONG = "\n".join(block.text for block in paper(2016, 3).write().blocks)


def report(text: str = LONG, figures: dict[str, int] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "class": "annual_report", "title": "年报", "organ": "示例局", "scope": "department",
        "year": 2023, "year_evidence": "title", "published_at": None, "written_on": None,
        "index_no": None, "doc_no": None, "period": None, "forms": [], "sections": [],
        "figures": [
            {"key": key, "value": value, "unit": "件", "status": "number", "approx": None,
             "raw": str(value), "where": {"start": 0, "end": 1}}
            for key, value in (figures or {"prose.active.total": 7}).items()
        ],
        "checks": [], "guide": None, "attachments": [], "issues": [], "text": text, "tables": [],
        **more,
    }  # fmt: skip


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue.open(tmp_path / "store") as opened:
        yield opened


def addresses(catalogue: Catalogue) -> list[str]:
    return [document["url"] for document in catalogue.documents()]


def test_a_file_that_repeats_its_page_is_no_second_report(catalogue: Catalogue) -> None:
    linked = {"kind": "pdf", "member": None, "parent": PAGE, "link": "年报.pdf"}
    catalogue.put(page(PAGE, ""), [report()], parser="1")
    catalogue.put(page(), [report("另一种排版的同一份报告", file=linked)], parser="1")
    assert addresses(catalogue) == [PAGE]
    assert catalogue.counts() == {"annual_report": 1}
    # The file says more than the page: it is the report then.
    fuller = report(figures={"prose.active.total": 7, "t3.granted.total": 3}, file=linked)
    catalogue.put(page(night=2), [fuller], parser="1")
    assert addresses(catalogue) == [FILE]
    # It says something else: these are two.
    other = report(figures={"prose.active.total": 8}, file=linked)
    catalogue.put(page(night=3), [other], parser="1")
    assert addresses(catalogue) == [PAGE, FILE]


def test_a_page_under_a_new_address_is_the_same_document(catalogue: Catalogue) -> None:
    moved, dressed, revised = (f"http://a.test/{n}" for n in ("moved", "dressed", "revised"))
    catalogue.put(page(PAGE, ""), [report()], parser="1")
    catalogue.put(page(moved, "", night=2), [report(f"浏览次数：12\n{LONG}")], parser="1")
    skin = report(f"{LONG}责任编辑：张三 打印本页")
    catalogue.put(page(dressed, "", night=3), [skin], parser="1")
    catalogue.put(
        page(revised, "", night=4), [report(figures={"prose.active.total": 9})], parser="1"
    )
    assert addresses(catalogue) == [revised]  # the newest version
    catalogue.put(page(revised, "", night=5), [], parser="1")
    assert addresses(catalogue) == [PAGE]
    catalogue.put(page(PAGE, "", night=6), [], parser="1")  # the first address is gone
    assert addresses(catalogue) == [moved]


def test_the_order_of_reading_does_not_matter(catalogue: Catalogue, tmp_path: Path) -> None:
    linked = {"kind": "pdf", "member": None, "parent": PAGE, "link": ""}
    readings = [
        (page(PAGE, ""), [report()]),
        (page(), [report("短", file=linked)]),
        (page("http://a.test/moved", "", night=2), [report()]),
    ]
    for reading in readings:
        catalogue.put(*reading, parser="1")
    with Catalogue.open(tmp_path / "other") as other:
        for reading in reversed(readings):
            other.put(*reading, parser="1")
        assert list(other.documents()) == list(catalogue.documents())
        with Catalogue.open(tmp_path / "third") as third:
            third.adopt(other, None, (None, None))
            assert addresses(third) == addresses(catalogue) == [PAGE]


def test_counters_and_clocks_make_no_version(catalogue: Catalogue) -> None:
    said = [f"浏览次数：{n}\n{LONG}\n今天是2026年11月{n}日 星期三" for n in (3, 18)]
    assert catalogue.put(page(PAGE, ""), [report(said[0])], parser="1").new == 1
    assert catalogue.put(page(PAGE, "", night=2), [report(said[1])], parser="1").unchanged == 1
    signed = f"{said[1]}\n2024年3月4日"  # a date of the text itself is no clock
    assert catalogue.put(page(PAGE, "", night=3), [report(signed)], parser="1").changed == 1


def test_short_texts_prove_nothing(catalogue: Catalogue) -> None:
    catalogue.put(page(PAGE, ""), [report("见附件")], parser="1")
    catalogue.put(page("http://a.test/2", "", night=2), [report("见附件")], parser="1")
    assert len(addresses(catalogue)) == 2


def test_blocks_of_a_page_are_no_file() -> None:
    task = Parse((Part("html", (Block(LONG),)),), PAGE, "", "", "", {}, (), "p", is_file=False)
    (document,) = json.loads(documents(task))
    assert "file" not in document
