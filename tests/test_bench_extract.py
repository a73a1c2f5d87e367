"""The corpus of `make bench-extract`, in small: what others make, and every charset."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.download.charset import decode
from tests.bench.extract import ours_file, pdfplumber_alone, trafilatura_alone
from tests.bench.extract_charset import matrix
from tests.bench.extract_corpus import Sample, files
from tests.bench.extract_score import Score, exact_cells, text_f1


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> list[Sample]:
    folder: Path = tmp_path_factory.mktemp("made")
    return list(files(2, folder, convert=False))


def test_files_that_others_make_are_read_cell_by_cell(samples: list[Sample]) -> None:
    assert {"reportlab pdf", "python-docx docx", "openpyxl xlsx"} <= {s.kind for s in samples}
    score = Score()
    for sample in samples:
        read = ours_file(sample)
        assert sample.truth.rows is not None
        assert exact_cells(sample.truth.rows, read.rows or ()) == sum(map(len, sample.truth.rows))
        score.add(sample.name, sample.truth, read)
    assert score.text >= 0.98


def test_every_charset_under_every_declaration_is_read_as_it_was_written() -> None:
    cases = list(matrix(3))
    assert len(cases) == 5 * 6 * 8 * 3
    decoded = [decode(case.body, case.header) for case in cases]
    assert [case for case, read in zip(cases, decoded, strict=True) if read.text != case.text] == []
    assert not any("\ufffd" in read.text for read in decoded)


def test_scores_see_what_is_wrong() -> None:
    truth = [["受理", "3"], ["办结", "2"]]
    assert exact_cells(truth, truth) == 4
    assert exact_cells(truth, [["受理", "3"], ["办结", "5"]]) == 3
    assert exact_cells(truth, [["受理"], ["办结", "2"]]) == 3
    assert exact_cells(truth, []) == 0
    assert text_f1("主动公开信息三百件", "主动公开 信息三百件") == 1.0
    assert 0.5 < text_f1("主动公开信息三百件", "主动公开信息三百件，版权所有") < 1.0
    assert text_f1("主动公开信息", "依申请公开") == 0.0


def test_the_others_read_something(samples: list[Sample]) -> None:
    pdf = samples[0]
    assert text_f1(pdf.truth.text, pdfplumber_alone(pdf).text) > 0.8
    body = f"<html><body><article><p>{pdf.truth.text}</p></article></body></html>"
    page = Sample("page", "年报", body.encode(), pdf.truth)
    assert text_f1(pdf.truth.text, trafilatura_alone(page).text) > 0.8
