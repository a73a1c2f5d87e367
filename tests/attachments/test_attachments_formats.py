"""Every format gives back what was put in: each cell, each figure, organ, year and class."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from make_files import MAKERS, SOFFICE, cells, converted, paper, printed, squeezed, whole

from crawler.items import Block, Page
from crawler.practice.paper import Paper
from pipelines.attachments.files import read_file
from pipelines.attachments.reading import Content
from pipelines.parser import parse

PAPERS = [paper(2012), paper(2016, 5), paper(2019, 2), paper(2020, 4), paper(2023), paper(2025, 7)]


def figures_of(blocks: Sequence[Block]) -> tuple[object, dict[str, float | None]]:
    (document,) = parse(Page(tuple(blocks)))
    facts = document.class_, document.organ, document.year
    return facts, {figure.key: figure.value for figure in document.figures}


def stated(paper: Paper, *, tables: bool = False) -> dict[str, float | None]:
    """What a report states, all of it or in its tables."""
    figures = paper.write().figures.items()
    return {key: value for key, value in figures if not (tables and key.startswith("prose."))}


def share(
    figures: dict[str, float | None], found: dict[str, float | None]
) -> tuple[int, list[object]]:
    """How many figures are right, and those that are not."""
    off = [
        (key, value, found.get(key))
        for key, value in figures.items()
        if (value is None) != (found.get(key) is None)
        or (value is not None and abs(float(value) - float(found[key] or 0)) > 1e-6)
    ]
    return len(figures) - len(off), off


@pytest.mark.parametrize("kind", ["docx", "pdf", "ofd"])
@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: f"{paper.organ.index}-{paper.year}")
def test_a_report_is_the_same_in_every_format(kind: str, paper: Paper) -> None:
    content = read_file(MAKERS[kind](whole(paper)))
    assert (content.kind, content.issues) == (kind, ())
    facts, found = figures_of(content.blocks)
    assert facts == ("annual_report", paper.name, paper.year)
    assert share(stated(paper), found)[1] == []
    said = [squeezed(block.text) for block in content.blocks if not block.table]
    assert said == [squeezed(block.text) for block in whole(paper) if not block.rows]


@pytest.mark.parametrize("paper", PAPERS[2:], ids=lambda paper: str(paper.year))
def test_a_workbook_of_tables_has_every_figure(paper: Paper) -> None:
    content = read_file(MAKERS["xlsx"](whole(paper)))
    _, found = figures_of(content.blocks)
    assert share(stated(paper, tables=True), found)[1] == []


@pytest.mark.parametrize("kind", ["docx", "pdf", "ofd"])
def test_every_cell_is_exact(kind: str) -> None:
    right = total = 0
    for each in PAPERS:
        truth = [row for block in whole(each) if block.rows for row in printed(block)]
        read = cells(read_file(MAKERS[kind](whole(each))).blocks)
        assert len(read) == len(truth)
        total += sum(map(len, truth))
        right += sum(
            a == b
            for row, true in zip(read, truth, strict=True)
            for a, b in zip(row, true, strict=True)
        )
    assert right >= 0.995 * total


def test_merged_cells_say_where_they_begin() -> None:
    for make in MAKERS.values():
        blocks = read_file(make(whole(PAPERS[4]))).blocks
        name = "不予公开"
        rows = [row for block in blocks if block.table for row in block.table.rows]
        row = next(row for row in rows if any(name in cell.text for cell in row))
        group = [cell.origin for cell in row if name in cell.text]
        assert group == [True]
        below = rows[rows.index(row) + 1]
        assert [cell.origin for cell in below if name in cell.text] == [False]


@pytest.mark.soak
@pytest.mark.skipif(not SOFFICE, reason="LibreOffice is not installed")
@pytest.mark.parametrize("kind", ["doc", "pdf", "xls", "ods"])
def test_what_libreoffice_makes_of_a_report_reads_the_same(kind: str, tmp_path: Path) -> None:
    excel = kind in {"xls", "ods"}
    years = (2020, 2024) if excel else (2010, 2016, 2020, 2024)
    reports = {
        tmp_path / f"{organ}-{year}.{'xlsx' if excel else 'docx'}": paper(year, organ)
        for organ in range(6)
        for year in years
    }
    for source, each in reports.items():
        source.write_bytes(MAKERS[source.suffix[1:]](whole(each)))
    converted(kind, *reports)
    wrong = []
    for source, each in reports.items():
        content = read_file(source.with_suffix(f".{kind}").read_bytes())
        assert content.issues == ()
        _, found = figures_of(content.blocks)
        wrong += share(stated(each, tables=excel), found)[1]
    total = sum(len(stated(each, tables=excel)) for each in reports.values())
    assert len(wrong) <= 0.005 * total, wrong


@pytest.mark.soak
@pytest.mark.parametrize("kind", ["docx", "pdf", "ofd"])
def test_every_report_of_the_city_reads_the_same(kind: str) -> None:
    for each in (paper(year, organ) for organ in range(12) for year in range(2008, 2026)):
        content: Content = read_file(MAKERS[kind](whole(each)))
        facts, found = figures_of(content.blocks)
        assert facts == ("annual_report", each.name, each.year)
        assert share(stated(each), found)[1] == []
