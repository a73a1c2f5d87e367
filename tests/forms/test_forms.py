"""Every case file of this folder: what is printed is what is read, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from form_cases import Sentence, figures, pages, read, sentences

from crawler.items import Block, Page
from pipelines.parser import parse

SPECIAL = {"says", "page", "figures", "issues", "failing"}


@pytest.mark.parametrize("path", [pytest.param(p, id=f"{p.parent.name}/{p.stem}") for p in pages()])
def test_a_page_reads_as_its_truth_says(path: Path) -> None:
    page, truths = read(path)
    documents = [document.as_json() for document in parse(page)]
    assert len(documents) == len(truths), [each["text"][:40] for each in documents]
    for document, truth in zip(documents, truths, strict=True):
        compare(document, truth)


def compare(document: dict[str, Any], truth: dict[str, Any]) -> None:
    got = {figure["key"]: figure for figure in document["figures"]}
    want = figures(truth.get("figures", {}))
    told = {key: figure["value"] for key, figure in got.items() if figure["value"] is not None}
    assert told == {key: n for key, value in want.items() if (n := number(value)) is not None}
    for key, value in want.items():
        if isinstance(value, dict):
            assert {field: got[key].get(field) for field in value} == value, key
    for figure in got.values():
        assert_printed(document, figure)
    issues = sorted({issue["code"] for issue in document["issues"]})
    assert issues == sorted(truth.get("issues", [])), document["issues"]
    failing = {check["id"] for check in document["checks"] if check["result"] == "fail"}
    assert failing == set(truth.get("failing", []))
    for field in truth.keys() - SPECIAL:
        if isinstance(truth[field], dict):
            part = {name: document[field].get(name) for name in truth[field]}
            assert part == truth[field], field
        else:
            assert document[field] == truth[field], field


def number(value: Any) -> float | None:
    return value.get("value") if isinstance(value, dict) else value


def assert_printed(document: dict[str, Any], figure: dict[str, Any]) -> None:
    """What a figure says was printed stands where the figure says it stood."""
    where = figure["where"]
    if "start" in where:
        source = document["text"][where["start"] : where["end"]]
    else:
        source = document["tables"][where["table"]][where["row"]][where["column"]]
    assert figure["raw"] in source, figure


@pytest.mark.parametrize("sentence", [pytest.param(s, id=s.where) for s in sentences()])
def test_a_sentence_tells_this_and_no_more(sentence: Sentence) -> None:
    blocks = ("某某市教育局2015年政府信息公开年度报告", sentence.heading, sentence.text)
    (document,) = parse(Page(tuple(Block(text) for text in blocks if text)))
    told = {}
    for figure in document.as_json()["figures"]:
        assert_printed(document.as_json(), figure)
        key = figure["key"].removeprefix("prose.")
        told[key] = (float(figure["value"]), figure["approx"], figure["status"])
    assert told == sentence.tells
