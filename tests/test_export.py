"""Exports: every row of the catalogue, and the same bytes each time."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from crawler.errors import WrongUse
from crawler.items import Capture, Issue, Page
from pipelines.catalogue import Catalogue
from pipelines.export import TABLES, export

if TYPE_CHECKING:
    from collections.abc import Iterator


def figure(key: str, value: float | None, **fields: Any) -> dict[str, Any]:
    return {
        "key": key, "value": value, "unit": "条", "status": "blank" if value is None else "number",
        "approx": None, "raw": "约“1”,\n2", "where": {"start": 1, "end": 2}, **fields,
    }  # fmt: skip


def report(year: int) -> dict[str, Any]:
    return {
        "class": "annual_report", "title": "示例局年报", "organ": "示例局", "scope": None,
        "year": year, "year_evidence": "title", "published_at": None, "written_on": None,
        "index_no": None, "doc_no": None, "period": None, "forms": ["A", "B"], "sections": [],
        "figures": [
            figure("a.total", year), figure("a.blank", None),
            figure("a.fees", 9.6, unit="万元", value_yuan=96000),
        ],
        "checks": [{"id": "a.sum", "result": "fail", "severity": "error", "says": "1 ≠ 2"}],
        "guide": None, "attachments": [], "text": "正文㐀𠀀",
        "issues": [{"code": "label_lost", "says": "标签缺失"}], "tables": [[["甲"]]],
    }  # fmt: skip


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue.open(tmp_path / "store") as opened:
        for number in (2, 1):
            url = f"http://www.shili.test/{number}"
            capture = Capture(url, "2026-11-01T00:00:00.000000Z", "warc/a", 7, "urn:uuid:a", "00")
            read = Page((), url=url, portal="p", capture=capture)
            opened.put(read, [report(2012 + number)], parser="1")
        opened.add_issues("night", "p", [Issue("short", "1 of 2", "http://www.shili.test/")])
        yield opened


def written(catalogue: Catalogue, *args: str) -> bytes:
    out = io.BytesIO()
    export(catalogue, args[0], out, *args[1:])
    return out.getvalue()


def test_jsonl_has_one_contract_document_a_line(catalogue: Catalogue) -> None:
    lines = written(catalogue, "jsonl").decode().split("\n")
    assert lines.pop() == ""
    assert [json.loads(line) for line in lines] == list(catalogue.documents())
    assert "正文㐀𠀀" in lines[0]
    assert list(json.loads(lines[0])) == sorted(json.loads(lines[0]))


def test_csv_has_one_figure_a_row_by_default(catalogue: Catalogue) -> None:
    rows = list(csv.DictReader(io.StringIO(written(catalogue, "csv").decode(), newline="")))
    assert [(row["year"], row["key"], row["value"], row["value_yuan"]) for row in rows[:3]] == [
        ("2013", "a.total", "2013", ""), ("2013", "a.blank", "", ""),
        ("2013", "a.fees", "9.6", "96000"),
    ]  # fmt: skip
    assert rows[0]["raw"] == "约“1”,\n2"
    assert (rows[0]["url"], rows[0]["file"], rows[0]["offset"]) == (
        "http://www.shili.test/1",
        "warc/a",
        "7",
    )
    assert len(rows) == 6


@pytest.mark.parametrize("table", list(TABLES))
@pytest.mark.parametrize("format_", ["jsonl", "csv", "parquet"])
def test_the_same_catalogue_gives_the_same_bytes(
    catalogue: Catalogue, format_: str, table: str
) -> None:
    first = written(catalogue, format_, table)
    assert first
    assert first == written(catalogue, format_, table)


@pytest.mark.parametrize("table", list(TABLES))
def test_parquet_has_what_csv_has(catalogue: Catalogue, tmp_path: Path, table: str) -> None:
    out = tmp_path / "out.parquet"
    export(catalogue, "parquet", out, table)
    with duckdb.connect() as engine:
        packed = engine.read_parquet(str(out))
        assert packed.columns == list(TABLES[table])
        found = packed.fetchall()
    flat = list(csv.reader(io.StringIO(written(catalogue, "csv", table).decode(), newline="")))
    assert len(found) == len(flat) - 1
    for typed, printed in zip(found, flat[1:], strict=True):
        for value, cell in zip(typed, printed, strict=True):
            same = float(cell) == value if isinstance(value, float) else str(value) == cell
            assert same or (value is None and cell == "")


def test_issues_are_those_of_crawls_and_of_documents(catalogue: Catalogue) -> None:
    rows = [json.loads(line) for line in written(catalogue, "jsonl", "issues").splitlines()]
    assert [(row["crawl"], row["code"], row["document"] is None) for row in rows] == [
        ("night", "short", True), (None, "label_lost", False), (None, "label_lost", False),
    ]  # fmt: skip


def test_a_file_appears_only_when_it_is_complete(catalogue: Catalogue, tmp_path: Path) -> None:
    out = tmp_path / "figures.csv"
    out.write_text("old")
    export(catalogue, "csv", out)
    assert out.read_bytes() == written(catalogue, "csv")
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["figures.csv"]


def test_an_empty_catalogue_is_exported_as_empty_tables(tmp_path: Path) -> None:
    with Catalogue.open(tmp_path) as empty:
        assert written(empty, "jsonl") == b""
        assert written(empty, "csv", "checks").count(b"\n") == 1
        out = tmp_path / "empty.parquet"
        export(empty, "parquet", out)
    with duckdb.connect() as engine:
        assert engine.read_parquet(str(out)).columns == list(TABLES["figures"])


@pytest.mark.parametrize("args", [("xlsx",), ("csv", "guides")])
def test_an_unknown_format_or_table_is_wrong_use(
    catalogue: Catalogue, args: tuple[str, ...]
) -> None:
    with pytest.raises(WrongUse, match="parquet"):
        written(catalogue, *args)
