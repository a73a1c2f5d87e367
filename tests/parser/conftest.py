"""Short ways to look at what the parser found."""

from collections.abc import Callable

import pytest
from parser_pages import page

from crawler.items import Page
from pipelines.parser import Parsed, parse
from pipelines.parser.model import Figure


@pytest.fixture
def only() -> Callable[[Page], Parsed]:
    """The one document of a page."""

    def read(whole: Page) -> Parsed:
        documents = parse(whole)
        assert len(documents) == 1, [each.text[:40] for each in documents]
        return documents[0]

    return read


@pytest.fixture
def told(only: Callable[[Page], Parsed]) -> Callable[..., dict[str, Figure]]:
    """The figures of a report made of `sentences`, by key without `prose.`."""

    def read(*sentences: str) -> dict[str, Figure]:
        blocks = ("某某市教育局2015年政府信息公开年度报告", *sentences)
        document = only(page(*blocks))
        for figure in document.figures:
            where = figure.where
            assert figure.raw in document.text[where.start : where.end], figure
        return {figure.key.removeprefix("prose."): figure for figure in document.figures}

    return read
