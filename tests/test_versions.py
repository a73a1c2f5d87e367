"""A portal that redesigns, moves and revises its reports: one document each, with its versions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from command_line import Ran, call_gongkai, run_gongkai
from test_catalogue import figure, page, report

from crawler.practice.answer import Answer, plain
from crawler.practice.blocks import html
from crawler.practice.organs import organs
from crawler.practice.paper import Paper
from crawler.practice.server import serving
from pipelines.catalogue import Catalogue

HOST, LIST = "www.fanye.test", "/xxgk/nb/list.jsp"
LICENSING = "t2.art20_5.licensing.decisions"
PAPERS = {year: Paper(1, "annual_report", organs(1, 12)[0], year) for year in (2021, 2022, 2023)}
OLD = (
    "<!DOCTYPE html><html><head><meta charset=utf-8><title>{title}</title></head><body>"
    "<div class=nav><a href=/>首页</a></div><h1>{title}</h1><div id=zoom>{body}"
    "<p>浏览次数：{views} 次</p></div><p>今天是2026年11月{day}日 星期日</p></body></html>"
)
NEW = (
    "<!DOCTYPE html><html lang=zh><head><meta charset=utf-8><title>{title}_门户</title></head>"
    "<body class=v2><header><a href=/>门户首页</a></header><main><article>"
    "<p>来源：办公室　发布时间：2026-11-{day} 09:00　字号：[大 中 小] 打印</p>{body}"
    "<p>阅读次数：{views}</p><p>扫一扫在手机打开当前页</p></article></main></body></html>"
)


class Portal:
    """Two nights: as it was; then redesigned, a report moved, one corrected, one issued anew."""

    def __init__(self) -> None:
        self.night = 1
        self._views = count(1000)

    def answer(
        self, host: str, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        shown = self.pages()
        if target == LIST:
            rows = "".join(f"<li><a href={path}>{t}</a></li>" for path, (t, _) in shown.items())
            return self._answer(f"<html><ul class=list>{rows}</ul></html>")
        if target not in shown:
            return plain(404, "没有这个页面")
        title, article = shown[target]
        skin = NEW if self.night > 1 else OLD
        said = skin.format(title=title, body=article, views=next(self._views), day=self.night)
        return self._answer(said)

    def pages(self) -> dict[str, tuple[str, str]]:
        """Path → title and article, tonight."""
        wording = "styled" if self.night > 1 else "plain"
        body = {y: (p.title, html(p.write().blocks, wording)) for y, p in PAPERS.items()}
        if self.night == 1:
            return {f"/xxgk/nb/{year}.html": said for year, said in body.items()}
        return {
            "/xxgk/nb/2021.html": body[2021],
            "/xxgk/gz/2021.html": revised(body[2021], 2021),
            "/xxgk/2022/index.shtml": body[2022],
            "/xxgk/nb/2023.html": revised(body[2023], 2023),
        }

    def _answer(self, page: str) -> Answer:
        return Answer(200, (("Content-Type", "text/html; charset=utf-8"),), page.encode())


def revised(said: tuple[str, str], year: int) -> tuple[str, str]:
    """With one figure corrected, and said so."""
    value = licensing(year)
    assert said[1].count(f">{value}<") == 1
    article = said[1].replace(f">{value}<", f">{value + 7}<")
    return said[0], article.replace("</table>", "</table><p>许可数据已更正。</p>", 1)


def licensing(year: int) -> int:
    return int(PAPERS[year].write().figures[LICENSING] or 0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the store of both nights lies."""
    folder: Path = tmp_path_factory.mktemp("nights")
    portal = Portal()
    with serving(portal) as address:
        to = ("--world", "practice", "--connect-to", address, "--delay", "0.01", "--store", "s")
        for portal.night in (1, 2):
            run_gongkai(folder, "crawl", "practice_fanye", "--crawl", f"night-{portal.night}", *to)
    return folder


@pytest.fixture
def nights(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Callable[..., Ran]:
    """`nights(*args)` runs a command on that store."""
    return lambda *args: call_gongkai(folder, monkeypatch, capfdbinary, *args, "--store", "s")


@pytest.fixture
def listed(nights: Callable[..., Ran]) -> dict[int, Any]:
    return {document["year"]: document for document in nights("export").lines}


def versions(nights: Callable[..., Ran], id_: str) -> list[dict[str, Any]]:
    ran = nights("document", "versions", id_, "--json")
    assert ran.code == 0
    found: list[dict[str, Any]] = ran.json["versions"]
    return found


def places(version: dict[str, Any]) -> list[tuple[str, str]]:
    return [(place["url"].partition(HOST)[2], place["how"]) for place in version["places"]]


def test_every_report_is_listed_once_as_it_is_now(listed: dict[int, Any]) -> None:
    values = {
        year: figure["value"]
        for year, document in listed.items()
        for figure in document["figures"]
        if figure["key"] == LICENSING
    }
    assert len(listed) == 3
    assert values == {2021: licensing(2021) + 7, 2022: licensing(2022), 2023: licensing(2023) + 7}


def test_a_new_dress_and_a_new_address_make_no_version(
    nights: Callable[..., Ran], listed: dict[int, Any]
) -> None:
    (version,) = versions(nights, listed[2022]["id"])
    assert places(version) == [("/xxgk/nb/2022.html", "listed"), ("/xxgk/2022/index.shtml", "text")]
    assert [place["gone_at"] for place in version["places"]] == [None, None]


def test_a_report_corrected_in_place_has_two_versions(
    nights: Callable[..., Ran], listed: dict[int, Any]
) -> None:
    first, second = versions(nights, listed[2023]["id"])
    assert places(first) == places(second) == [("/xxgk/nb/2023.html", "listed")]
    assert first["changes"] == {"text": [], "figures": []}
    old = licensing(2023)
    assert second["changes"]["figures"] == [{"key": LICENSING, "before": old, "after": old + 7}]
    changes = second["changes"]["text"]
    assert [line for change in changes for line in change["after"]] == [
        f"行政许可|{old + 7}", "许可数据已更正。",
    ]  # fmt: skip
    assert [line for change in changes for line in change["before"]] == [f"行政许可|{old}"]
    assert first["places"][0]["capture"] != second["places"][0]["capture"]


def test_a_report_issued_anew_elsewhere_is_a_version_of_the_first(
    nights: Callable[..., Ran], listed: dict[int, Any]
) -> None:
    assert listed[2021]["url"].endswith("/xxgk/gz/2021.html")
    first, second = versions(nights, listed[2021]["id"])
    assert places(first) == [("/xxgk/nb/2021.html", "revised")]
    assert places(second) == [("/xxgk/gz/2021.html", "listed")]
    assert [figure["key"] for figure in second["changes"]["figures"]] == [LICENSING]
    # Any of its places leads to the same history.
    assert versions(nights, first["places"][0]["id"]) == [first, second]


def test_people_see_figures_before_and_after(
    nights: Callable[..., Ran], listed: dict[int, Any]
) -> None:
    said = nights("document", "versions", listed[2023]["id"]).out.decode()
    old = licensing(2023)
    assert "2 versions" in said
    assert f"{LICENSING}  {old} → {old + 7}" in said
    assert "+ 许可数据已更正。" in said


def test_an_unknown_id_is_one_line_and_code_2(nights: Callable[..., Ran]) -> None:
    ran = nights("document", "versions", "nothing")
    assert ran.code == 2
    assert ran.err.count("\n") == 1
    assert "gongkai export" in ran.err


def test_replay_gives_the_same_history(nights: Callable[..., Ran], listed: dict[int, Any]) -> None:
    before = [versions(nights, document["id"]) for document in listed.values()]
    assert nights("replay", "--json").code == 0
    assert [versions(nights, document["id"]) for document in listed.values()] == before


TEXT = "\n".join(block.text for block in PAPERS[2021].write().blocks)
FIRST, SECOND = "http://a.test/1.html", "http://b.test/2.html"


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue.open(tmp_path / "store") as opened:
        yield opened


def listed_urls(catalogue: Catalogue, portal: str | None = None) -> list[str]:
    return [document["url"] for document in catalogue.documents(portal)]


def test_a_report_on_two_portals_is_one_and_each_portal_has_it(catalogue: Catalogue) -> None:
    catalogue.put(page(1, FIRST, "a"), [report(TEXT)], parser="1")
    catalogue.put(page(2, SECOND, "b"), [report(f"来源：示例局\n{TEXT}")], parser="1")
    assert listed_urls(catalogue) == [FIRST]
    assert listed_urls(catalogue, "b") == [SECOND]
    assert catalogue.counts() == {"annual_report": 1} == catalogue.counts("b")
    (own,) = catalogue.documents("b")
    (version,) = catalogue.history(own["id"]).versions
    assert [(each.url, each.how) for each in version.places] == [
        (FIRST, "listed"), (SECOND, "elsewhere"),
    ]  # fmt: skip


def test_two_portals_with_other_figures_say_two_things(catalogue: Catalogue) -> None:
    catalogue.put(page(1, FIRST, "a"), [report(TEXT)], parser="1")
    other = report(TEXT, figures=[figure(value=1)])
    catalogue.put(page(2, SECOND, "b"), [other], parser="1")
    assert listed_urls(catalogue) == [FIRST, SECOND]


def test_the_same_bytes_read_by_a_better_parser_are_no_version(catalogue: Catalogue) -> None:
    catalogue.put(page(1, payload="same"), [report(TEXT)], parser="1")
    better = report(TEXT, figures=[figure(), figure("a.requests.total", 3)])
    catalogue.put(page(2, payload="same"), [better], parser="2")
    (found,) = catalogue.documents()
    (version,) = catalogue.history(found["id"]).versions
    assert version.places[0].capture["at"].startswith("2026-11-01")


def test_what_went_and_came_back_is_told(catalogue: Catalogue) -> None:
    catalogue.put(page(1), [report(TEXT)], parser="1")
    (found,) = catalogue.documents()
    catalogue.put(page(2), [], parser="1")
    (gone,) = catalogue.history(found["id"]).versions
    assert [(place.gone_at or "")[:10] for place in gone.places] == ["2026-11-02"]
    catalogue.put(page(3), [report(TEXT)], parser="1")
    (back,) = catalogue.history(found["id"]).versions
    assert [place.gone_at is None for place in back.places] == [False, True]


def test_a_copy_whose_original_is_not_derived_again_is_listed(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    catalogue.put(page(1, FIRST), [report(TEXT)], parser="1")
    catalogue.put(page(2, SECOND), [report(TEXT)], parser="1")
    assert listed_urls(catalogue) == [FIRST]
    with Catalogue.open(tmp_path / "fresh") as fresh:
        fresh.put(page(2, SECOND), [report(TEXT)], parser="1")
        catalogue.adopt(fresh, None, (None, None))
    assert listed_urls(catalogue) == [SECOND]
