"""The catalogue: the same captures in the same order give the same bytes."""

from __future__ import annotations

import json
import multiprocessing
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from crawler.errors import Unavailable, WrongUse
from crawler.items import Capture, Issue, Page
from pipelines.catalogue import Catalogue, Put, identified

if TYPE_CHECKING:
    from collections.abc import Iterator

URL = "http://www.shili.test/nb/2013.html"
ALL = (None, None)


def figure(key: str = "a.active.total", value: float | None = 837) -> dict[str, Any]:
    return {
        "key": key, "value": value, "unit": "条", "status": "blank" if value is None else "number",
        "approx": None, "raw": "" if value is None else str(value),
        "where": {"table": 0, "row": 1, "column": 2},
    }  # fmt: skip


def report(text: str = "正文", year: int | None = 2013, **fields: Any) -> dict[str, Any]:
    return {
        "class": "annual_report", "title": "示例局年报", "organ": "示例局", "scope": "department",
        "year": year, "year_evidence": "title", "published_at": "2014-01-02", "written_on": None,
        "index_no": None, "doc_no": None, "period": None, "forms": ["A"], "sections": [],
        "figures": [figure()],
        "checks": [{"id": "a.sum", "result": "pass", "severity": "error", "says": "1 = 1"}],
        "guide": None, "attachments": [], "issues": [], "text": text, "tables": [],
        **fields,
    }  # fmt: skip


def page(night: int = 1, url: str = URL, portal: str = "practice_trs", payload: str = "") -> Page:
    at = f"2026-11-{night:02}T02:13:05.000000Z"
    file, digest = f"warc/2026/11/{night}.warc.gz", payload or f"payload-{night}"
    capture = Capture(url, at, file, night * 100, f"urn:uuid:{night}", digest)
    return Page((), url=url, portal=portal, capture=capture)


def dump(catalogue: Catalogue) -> str:
    return json.dumps(list(catalogue.documents()), ensure_ascii=False)


def table(path: Path, query: str) -> list[Any]:
    connection = sqlite3.connect(path / "catalogue.sqlite")
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue.open(tmp_path / "store") as opened:
        yield opened


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue.open(tmp_path, f"sqlite:///{tmp_path / 'scratch.sqlite'}") as opened:
        yield opened


def test_a_document_comes_back_as_the_contract_says(catalogue: Catalogue) -> None:
    assert catalogue.put(page(), [report()], parser="1.0") == Put(1, 0, 0)
    (found,) = catalogue.documents()
    capture = {
        "url": URL, "at": "2026-11-01T02:13:05.000000Z", "file": "warc/2026/11/1.warc.gz",
        "offset": 100, "record_id": "urn:uuid:1", "payload_sha256": "payload-1", "parser": "1.0",
    }  # fmt: skip
    expected = report() | {"id": found["id"], "portal": "practice_trs", "url": URL}
    assert found == expected | {"capture": capture}


def test_figures_and_checks_can_be_asked_for_in_sql(catalogue: Catalogue, tmp_path: Path) -> None:
    money = figure("b.fees.amount", 9.6) | {"unit": "万元", "value_yuan": 96000}
    catalogue.put(page(), [report(figures=[figure(), money, figure("a.x", None)])], parser="1")
    found = table(tmp_path / "store", "SELECT key, value, value_yuan FROM figures ORDER BY ordinal")
    assert found == [
        ("a.active.total", 837.0, None),
        ("b.fees.amount", 9.6, 96000.0),
        ("a.x", None, None),
    ]
    assert table(tmp_path / "store", 'SELECT "check", result FROM checks') == [("a.sum", "pass")]


def test_ids_say_what_a_document_is_and_not_when_it_was_read() -> None:
    first, second, third = identified(URL, [report("甲"), report("乙"), report("丙", 2014)])
    assert len({first["id"], second["id"], third["id"]}) == 3
    again = identified(URL, [report("丁", 2014), report("戊")])
    assert [document["id"] for document in again] == [third["id"], first["id"]]
    assert identified(f"{URL}?", [report("甲")])[0]["id"] != first["id"]


def test_a_recrawl_without_change_keeps_the_first_capture(catalogue: Catalogue) -> None:
    catalogue.put(page(1), [report()], parser="1")
    before = dump(catalogue)
    moved = report(published_at="2026-11-02", attachments=["http://a.test/b"])
    assert catalogue.put(page(2), [moved], parser="1") == Put(0, 0, 1)
    assert dump(catalogue) == before


@pytest.mark.parametrize("change", [{"text": "新文"}, {"figures": [figure(value=838)]}])
def test_a_change_of_text_or_figures_takes_the_new_capture(
    catalogue: Catalogue, tmp_path: Path, change: dict[str, Any]
) -> None:
    catalogue.put(page(1), [report()], parser="1")
    assert catalogue.put(page(2), [report(**change)], parser="1") == Put(0, 1, 0)
    (found,) = catalogue.documents()
    assert found["capture"]["record_id"] == "urn:uuid:2"
    kept = table(tmp_path / "store", "SELECT event, record_id FROM versions ORDER BY at")
    assert kept == [("new", "urn:uuid:1"), ("changed", "urn:uuid:2")]


def test_a_new_parser_that_reads_the_same_figures_keeps_the_first_capture(
    catalogue: Catalogue,
) -> None:
    catalogue.put(page(1), [report()], parser="1")
    assert catalogue.put(page(2), [report(forms=["B"])], parser="2") == Put(0, 0, 1)
    (found,) = catalogue.documents()
    assert (found["forms"], found["capture"]["parser"]) == (["B"], "2")
    assert found["capture"]["record_id"] == "urn:uuid:1"


def test_what_a_page_no_longer_holds_is_gone_and_remembered(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    catalogue.put(page(1), [report(), report(year=2014)], parser="1")
    assert catalogue.put(page(2), [report(year=2014)], parser="1") == Put(0, 0, 1)
    assert [found["year"] for found in catalogue.documents()] == [2014]
    gone = table(tmp_path / "store", "SELECT year, record_id FROM versions WHERE event = 'gone'")
    assert gone == [(2013, "urn:uuid:2")]
    assert table(tmp_path / "store", "SELECT count(*) FROM figures") == [(1,)]


def test_another_page_is_not_touched(catalogue: Catalogue) -> None:
    catalogue.put(page(1), [report()], parser="1")
    catalogue.put(page(2, url=f"{URL}?2"), [], parser="1")
    assert len(list(catalogue.documents())) == 1


def test_an_older_capture_changes_nothing(catalogue: Catalogue) -> None:
    catalogue.put(page(2), [report()], parser="1")
    before = dump(catalogue)
    assert catalogue.put(page(1), [report("旧文")], parser="1") == Put(0, 0, 1)
    assert dump(catalogue) == before


def test_the_same_reading_twice_is_one_reading(catalogue: Catalogue, tmp_path: Path) -> None:
    for documents in ([report()], [report()], [report("又")], [report()], [report("又")]):
        catalogue.put(page(1), documents, parser="1")
    assert table(tmp_path / "store", "SELECT count(*) FROM documents") == [(1,)]
    assert table(tmp_path / "store", "SELECT count(*) FROM figures") == [(1,)]


def test_seen_means_the_last_payload_by_this_parser(catalogue: Catalogue) -> None:
    assert not catalogue.seen(URL, "payload-1", "1")
    catalogue.put(page(1), [], parser="1")
    assert catalogue.seen(URL, "payload-1", "1")
    assert not catalogue.seen(URL, "payload-1", "2")
    catalogue.put(page(2), [], parser="1")
    assert not catalogue.seen(URL, "payload-1", "1")


def test_a_page_that_is_not_in_the_archive_is_refused(catalogue: Catalogue) -> None:
    with pytest.raises(WrongUse, match="archive"):
        catalogue.put(Page((), url=URL), [], parser="1")


def test_documents_are_in_a_fixed_order_and_can_be_chosen(catalogue: Catalogue) -> None:
    catalogue.put(page(1, portal="z"), [report(year=2015), report(year=2014)], parser="1")
    guide = report("指南", None, **{"class": "disclosure_guide", "organ": None})
    catalogue.put(page(1, url="http://b.test/"), [report(), guide], parser="1")
    catalogue.put(page(1, url="http://a.test/é"), [report(), report("二")], parser="1")
    found = [
        (row["portal"], row["class"], row["year"], row["text"]) for row in catalogue.documents()
    ]
    assert found == [
        ("practice_trs", "annual_report", 2013, "正文"),
        ("practice_trs", "annual_report", 2013, "二"),
        ("practice_trs", "annual_report", 2013, "正文"),
        ("practice_trs", "disclosure_guide", None, "指南"),
        ("z", "annual_report", 2014, "正文"),
        ("z", "annual_report", 2015, "正文"),
    ]
    assert [row["year"] for row in catalogue.documents(portal="z", years=(2015, None))] == [2015]
    assert [row["text"] for row in catalogue.documents(class_="disclosure_guide")] == ["指南"]
    assert len(list(catalogue.documents(organ="示例局", years=(None, 2014)))) == 4
    assert catalogue.counts("practice_trs") == {"annual_report": 3, "disclosure_guide": 1}
    assert catalogue.counts() == {"annual_report": 5, "disclosure_guide": 1}


def test_issues_are_kept_once_a_crawl(catalogue: Catalogue) -> None:
    issue = Issue("charset_conflict", "declared utf-8", URL)
    for crawl in ("night-2", "night-1", "night-1"):
        catalogue.add_issues(crawl, "p", [issue, issue, Issue("short", "1 of 2")])
    catalogue.add_issues("night-1", "q", [issue])
    catalogue.add_issues("night-1", "q", [])
    found = catalogue.issues(portal="p", crawl="night-1")
    assert [(row["crawl"], row["code"]) for row in found] == [
        ("night-1", "short"), ("night-1", "charset_conflict"),
    ]  # fmt: skip
    assert [row["id"] for row in catalogue.issues("p", "night-2")] == [row["id"] for row in found]
    assert len(catalogue.issues()) == 5


NIGHTS: list[tuple[Page, list[dict[str, Any]]]] = [
    (page(1), [report(), report("另", 2014)]),
    (page(1, url="http://b.test/"), [report("b", None)]),
    (page(2), [report()]),
    (page(3), [report("改"), report("另", 2014)]),
    (page(4), [report("改", forms=["B"]), report("另", 2014)]),
]


def test_replaying_in_order_of_time_gives_the_same_bytes(
    catalogue: Catalogue, scratch: Catalogue
) -> None:
    for read, documents in NIGHTS:
        catalogue.put(read, documents, parser="1")
    for read, documents in NIGHTS:
        scratch.put(read, documents, parser="1")
        scratch.put(read, documents, parser="1")
    assert dump(catalogue) == dump(scratch)
    change = catalogue.difference(scratch, None, ALL)
    assert (change.gained, change.lost, change.altered) == ((), (), ())
    catalogue.adopt(scratch, None, ALL)
    assert dump(catalogue) == dump(scratch)


def test_adopting_says_and_makes_the_difference(
    catalogue: Catalogue, scratch: Catalogue, tmp_path: Path
) -> None:
    catalogue.put(page(1), [report(), report(year=2014)], parser="1")
    catalogue.put(page(1, url="http://b.test/", portal="other"), [report("b")], parser="1")
    better = report(figures=[figure(value=838), figure("a.new", 1)])
    scratch.put(page(1), [better, report(year=2015)], parser="2")
    ids = {
        row["year"]: row["id"]
        for row in [*scratch.documents(), *catalogue.documents("practice_trs")]
    }
    change = catalogue.difference(scratch, {"practice_trs"}, ALL)
    catalogue.adopt(scratch, {"practice_trs"}, ALL)
    assert (change.gained, change.lost, change.altered) == (
        (ids[2015],), (ids[2014],), (ids[2013],),
    )  # fmt: skip
    told = {(c.document, c.key): (c.what, shown(c.before), shown(c.after)) for c in change.figures}
    assert told == {
        (ids[2013], "a.active.total"): ("altered", 837, 838),
        (ids[2013], "a.new"): ("gained", None, 1),
        (ids[2014], "a.active.total"): ("lost", 837, None),
        (ids[2015], "a.active.total"): ("gained", None, 837),
    }
    counts, figures, *lines = change.lines()
    assert counts == "documents   1 gained, 1 lost, 1 altered"
    assert figures == "figures     2 gained, 1 lost, 1 altered"
    assert lines[0] == f"  altered 示例局 2013  a.active.total  837条 → 838条  {URL}"
    assert lines[1] == f"  lost    示例局 2014  a.active.total  837条 → –  {URL}"
    assert list(catalogue.documents("practice_trs")) == list(scratch.documents())
    assert len(list(catalogue.documents("other"))) == 1
    assert catalogue.seen(URL, "payload-1", "2")
    assert catalogue.seen("http://b.test/", "payload-1", "1")
    assert table(tmp_path / "store", "SELECT count(*) FROM figures WHERE key = 'a.new'") == [(1,)]
    again = catalogue.difference(scratch, {"practice_trs"}, ALL)
    assert (again.gained, again.lost, again.altered, again.figures) == ((), (), (), ())


def shown(side: Any) -> Any:
    return None if side is None else side["value"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"value": None, "status": "blank", "raw": ""}, "837条 → blank"),
        ({"approx": "at_least", "raw": "837余"}, "837条 → 837条 at_least"),
        ({"unit": "件"}, "837条 → 837件"),
        ({"value": 0, "status": "explicit_zero", "raw": "无"}, "837条 → 0条 explicit_zero"),
        ({"raw": "837"}, None),
        ({"where": {"table": 0, "row": 9, "column": 2}}, None),
    ],
)
def test_a_figure_is_altered_when_it_says_something_else(
    catalogue: Catalogue, scratch: Catalogue, change: dict[str, Any], says: str | None
) -> None:
    catalogue.put(page(1), [report()], parser="1")
    scratch.put(page(1), [report(figures=[figure() | change])], parser="2")
    told = [each.says() for each in catalogue.difference(scratch, None, ALL).figures]
    assert [line.split("  ")[2] for line in told] == ([says] if says else [])


def test_another_version_of_the_parser_alone_alters_no_document(
    catalogue: Catalogue, scratch: Catalogue
) -> None:
    catalogue.put(page(1), [report()], parser="1")
    scratch.put(page(1), [report()], parser="2")
    assert catalogue.difference(scratch, None, ALL).altered == ()


def test_many_changes_are_cut_for_people_and_whole_in_the_json(
    catalogue: Catalogue, scratch: Catalogue
) -> None:
    catalogue.put(page(1), [report(figures=[])], parser="1")
    many = [figure(f"a.row{n}", n) for n in range(60)]
    scratch.put(page(1), [report(figures=many)], parser="2")
    change = catalogue.difference(scratch, None, ALL)
    *_, last = change.lines()
    assert last == "  and 40 more: --json tells them all"
    assert [each["after"]["value"] for each in change.as_json()["figures"]] == list(range(60))


def test_adopting_some_years_leaves_the_others_and_what_was_last_read(
    catalogue: Catalogue, scratch: Catalogue
) -> None:
    catalogue.put(page(1), [report(), report(year=2014), report("无年", None)], parser="1")
    scratch.put(page(1), [report("新"), report("新", 2014)], parser="2")
    assert len(catalogue.difference(scratch, None, (2014, None)).altered) == 1
    catalogue.adopt(scratch, None, (2014, None))
    assert [row["text"] for row in catalogue.documents()] == ["无年", "正文", "新"]
    assert catalogue.seen(URL, "payload-1", "1")


def test_a_dry_run_writes_nothing(catalogue: Catalogue, scratch: Catalogue) -> None:
    scratch.put(page(1), [report()], parser="1")
    assert len(catalogue.difference(scratch, None, ALL).gained) == 1
    assert list(catalogue.documents()) == []


def test_an_interrupted_write_leaves_the_page_as_it_was(catalogue: Catalogue) -> None:
    catalogue.put(page(1), [report()], parser="1")
    before = dump(catalogue)
    broken = report("新", checks=[{"id": "x", "result": None, "severity": "error", "says": ""}])
    with pytest.raises(Exception, match="NOT NULL"):
        catalogue.put(page(2), [broken], parser="1")
    assert dump(catalogue) == before
    assert catalogue.seen(URL, "payload-1", "1")


def test_it_survives_being_closed_and_opened(tmp_path: Path) -> None:
    with Catalogue.open(tmp_path) as opened:
        opened.put(page(), [report()], parser="1")
        before = dump(opened)
    with Catalogue.open(tmp_path) as opened:
        assert dump(opened) == before


@pytest.mark.parametrize(
    "url", ["no url", "nosuch://host/db", "sqlite:////proc/none/x.sqlite", "sqlite:///{}"]
)
def test_a_catalogue_that_cannot_be_written_says_what_to_do(tmp_path: Path, url: str) -> None:
    with pytest.raises(Unavailable, match="GONGKAI_CATALOGUE"):
        Catalogue.open(tmp_path, url.format(tmp_path))


def test_a_store_that_is_a_file_is_unavailable(tmp_path: Path) -> None:
    file = tmp_path / "store"
    file.write_text("")
    with pytest.raises(Unavailable, match="GONGKAI_STORE"):
        Catalogue.open(file)


def test_a_password_is_not_shown(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        Catalogue.open(tmp_path, "nosuch://me:geheim@host/db")
    assert "geheim" not in str(caught.value)


def write_pages(store: Path, worker: int) -> None:
    with Catalogue.open(store) as opened:
        for number in range(20):
            url = f"http://w{worker}.test/{number}"
            opened.put(page(1, url=url), [report(), report(year=2014)], parser="1")
            opened.add_issues("night", "p", [Issue("x", "same", URL)])


def test_workers_write_side_by_side(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=write_pages, args=(tmp_path, n)) for n in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    with Catalogue.open(tmp_path) as opened:
        assert opened.counts() == {"annual_report": 120}
        assert len(opened.issues()) == 1


def test_nothing_but_one_function_is_for_sqlite_only() -> None:
    from sqlalchemy.dialects import postgresql
    from sqlalchemy.schema import CreateTable

    from pipelines import schema

    for each in schema.metadata.sorted_tables:
        assert "CREATE TABLE" in str(CreateTable(each).compile(dialect=postgresql.dialect()))
