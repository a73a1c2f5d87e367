"""How much of the practice city the parser reads, against floors that only go up.

The pages are read as `gongkai parse` reads a local file: without a portal's article region.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crawler.download.charset import decode
from crawler.items import Page
from crawler.practice.city import City
from crawler.practice.truth import Truth
from crawler.scoring import score
from pipelines.html import page_meta, read_page
from pipelines.parser import parse

FLOORS = json.loads(Path(__file__).with_name("floors.json").read_text())


def truths(city: City) -> list[Truth]:
    """What stands on pages; the city's files are read by others before the parser sees them."""
    return [t for t in city.truth() if t.findable and "file" not in t.quirks]


def documents(city: City) -> Iterator[dict[str, Any]]:
    for url, host in dict.fromkeys((t.url, t.host) for t in truths(city)):
        answer = city.answer(host, "GET", url.partition(host)[2], {}, b"")
        html = decode(answer.body, None).text
        page = Page(read_page(html, url=url)[0], url=url, meta=page_meta(html))
        for parsed in parse(page):
            yield {**parsed.as_json(), "capture": {"url": url}}


@pytest.mark.parametrize(
    "city",
    [
        pytest.param(City(organs=6, years=(2008, 2025), seed=3), id="6 organs"),
        pytest.param(City(organs=20, years=(2008, 2025), seed=20), id="20", marks=pytest.mark.soak),
    ],
)
def test_no_figure_is_lost_wrong_or_invented(city: City) -> None:
    found = score(truths(city), documents(city))
    assert found.documents > 100
    assert found.found / found.documents >= FLOORS["documents"], found.lost[:5]
    assert found.invented == []
    assert found.precision >= FLOORS["precision"], found.wrong[:5]
    assert found.recall >= FLOORS["recall"], found.missed[:5]
    assert found.failing_found / found.failing >= FLOORS["planted_errors"]
    assert found.false_alarms == []
