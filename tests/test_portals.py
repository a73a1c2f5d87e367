"""Portals state facts: their names, their places, and nothing that a family does not know."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import Ran
from scrapy.http import HtmlResponse, Request

from crawler.errors import LayoutChanged
from crawler.items import Document, Kind, Link
from crawler.order import PRACTICE, portals
from spiders.portal import Portal

HOOKS = {"links", "next_page", "document", "attachments"}
LONGEST = 25
REAL = [name for name in portals() if not name.startswith(PRACTICE)]
FIXTURES = Path(__file__).parent / "portals"


@pytest.mark.parametrize("name", list(portals()))
class TestAPortal:
    def test_is_named_like_its_file(self, name: str) -> None:
        portal = portals()[name]
        path = Path(inspect.getfile(portal))
        assert name == f"{path.parent.name}_{path.stem}"
        assert portal.__name__ == "".join(part.capitalize() for part in path.stem.split("_"))
        assert len(path.read_text().splitlines()) <= LONGEST

    def test_defines_only_hooks_and_declared_facts(self, name: str) -> None:
        portal = portals()[name]
        for attribute, value in vars(portal).items():
            if attribute.startswith("_"):
                continue
            if inspect.isfunction(value):
                assert attribute in HOOKS
            else:
                declared = attribute == "name" or hasattr(portal.__mro__[1], attribute)
                assert declared, f"{attribute} is no fact that the family knows"

    def test_states_its_facts(self, name: str) -> None:
        portal = portals()[name]
        assert re.fullmatch(r"\d{6}", portal.code)
        assert re.fullmatch(r"https?://[a-z0-9.-]+", portal.site)
        assert portal.sections
        assert set(portal.sections) <= {"annual_report", "guide"}
        assert portal.__mro__[1] is not Portal


@pytest.mark.parametrize("name", REAL)
def test_a_real_portal_says_how_its_paths_are_known(name: str) -> None:
    portal = portals()[name]
    paths = {section for section, path in portal.sections.items() if path}
    assert set(portal.known.values()) <= {"seen", "inferred"}
    crawled = (FIXTURES / name / "pages.warc").exists()  # its own pages say it then
    assert set(portal.known) == paths or (crawled and not portal.known)


LIVE = {"world": "live", "connect_to": ""}
RAN = {"reports": 3, "new": 0, "changed": 0, "unchanged": 3}
NEVER = {
    "nobody ran it": None,
    "in the practice city": ({**LIVE, "world": "practice"}, RAN),
    "on a server of one's own": ({**LIVE, "connect_to": "127.0.0.1:9"}, RAN),
    "and brought nothing": (LIVE, {**RAN, "unchanged": 0}),
    "and brought no report": (LIVE, {**RAN, "reports": 0}),
}


def begun(store: Path, name: str, order: dict[str, str], ran: dict[str, int]) -> None:
    """What a crawl of one portal leaves behind of itself, begun at six in the morning of a day."""
    home = store / "crawls" / name
    home.mkdir(parents=True)
    (home / "order.json").write_text(json.dumps(order))
    said = {"began": f"{name}T06:00:00.5Z", "portals": [{"portal": "hubei_ezhou", **ran}]}
    (home / "summary.json").write_text(json.dumps({**said, "interrupted": False}))


@pytest.mark.parametrize("ran", NEVER.values(), ids=list(NEVER))
def test_no_portal_is_verified_by_less_than_a_report_from_the_web(
    command: Callable[..., Ran], tmp_path: Path, ran: tuple[dict[str, str], dict[str, int]] | None
) -> None:
    if ran is not None:
        begun(tmp_path / "store", "2026-11-22", *ran)
    [row] = command("status", "hubei_ezhou", "--json", "--store", "store").json
    assert row["verified"] is None
    assert row["paths"] == {"annual_report": "seen", "guide": "searched"}
    line = command("status", "hubei_ezhou", "--store", "store").out.decode().splitlines()[1]
    words = ["hubei_ezhou", "seen/searched", "never", "never", "never", "0", "0", "0"]
    assert line.split() == words


def test_a_crawl_or_a_check_of_the_web_verifies_a_portal(
    command: Callable[..., Ran], tmp_path: Path
) -> None:
    begun(tmp_path / "store", "2026-11-22", LIVE, RAN)
    begun(tmp_path / "store" / "checks", "2026-11-24", LIVE, RAN)
    begun(tmp_path / "store", "2026-11-23", LIVE, RAN)
    [row] = command("status", "hubei_ezhou", "--json", "--store", "store").json
    assert row["verified"] == "2026-11-24T06:00:00Z"


def test_a_section_without_a_path_is_searched_for(command: Callable[..., Ran]) -> None:
    [row] = command("status", "jiangsu_xuzhou", "--json", "--store", "store").json
    assert row["paths"] == {"annual_report": "searched", "guide": "searched"}


def test_the_codes_of_a_province_begin_alike_and_no_other_s_do() -> None:
    begin = {name.partition("_")[0]: portals()[name].code[:2] for name in REAL}
    for name in REAL:
        assert portals()[name].code[:2] == begin[name.partition("_")[0]], name
    assert len(set(begin.values())) == len(begin)


def response(body: str, url: str = "http://www.yanshi.test/col/col1/index.html") -> HtmlResponse:
    request = Request(url, meta={"receipt": None})
    return HtmlResponse(url, body=body.encode(), encoding="utf-8", request=request)


def hanweb() -> Portal:
    return portals()["practice_hanweb"]()


LISTING = Link("http://www.yanshi.test/col/col1/index.html", Kind.LISTING, "annual_report")
RECORD = (
    "<record><![CDATA[<li><a href='/art/2022/1/9/art_1_{0}.html' title='{0}年度报告'>{0}年…</a>"
    "<span>[2022-01-09]</span></li>]]></record>"
)


def test_a_hanweb_column_gives_its_records_and_its_further_pages() -> None:
    body = (
        '<datastore><nextgroup><![CDATA[<a href="/module/web/jpage/dataproxy.jsp?page=1&col=1">'
        f"</a>]]></nextgroup><recordset>{RECORD.format(2021)}{RECORD.format(2020)}</recordset>"
        "</datastore><script>jpage({totalRecord:31,perPage:15})</script>"
    )
    found = list(hanweb().crawl_listing(response(body), LISTING))
    documents = [f for f in found if f.kind == Kind.DOCUMENT]
    assert [(d.title, d.date) for d in documents] == [
        ("2021年度报告", "2022-01-09"),
        ("2020年度报告", "2022-01-09"),
    ]
    assert {d.section for d in documents} == {"annual_report"}
    pages = [f.url for f in found if f.kind == Kind.LISTING]
    assert pages == [
        f"http://www.yanshi.test/module/web/jpage/dataproxy.jsp?page={n}&col=1&perpage=15"
        for n in (2, 3)
    ]


def test_an_empty_listing_is_a_changed_layout_and_says_what_to_do() -> None:
    with pytest.raises(LayoutChanged, match=r"gongkai archive show http://www\.yanshi\.test"):
        list(hanweb().crawl_listing(response("<ul></ul>"), LISTING))


def test_links_that_leave_the_portal_are_not_followed() -> None:
    record = RECORD.format(2021).replace("/art/", "http://www.yanshi-mirror.test/art/")
    body = f"<datastore>{record}{RECORD.format(2020)}</datastore>"
    found = list(hanweb().crawl_listing(response(body), LISTING))
    assert [f.title for f in found] == ["2020年度报告"]


def test_a_leading_dot_lets_sub_domains_in_and_nothing_else() -> None:
    portal = portals()["practice_shandong"]()
    assert portal.owns("www.yanshan.test")
    assert portal.owns("czj.yanshan.test")
    assert not portal.owns("notyanshan.test")
    assert not portal.owns("yanshan.test.evil.test")


def test_a_document_carries_its_region_its_facts_and_its_files() -> None:
    class Receipt:
        from crawler.items import Capture

        capture = Capture("u", "2026-01-01T00:00:00.000000Z", "warc/x", 0, "urn:uuid:x", "00")

    page = response(
        "<html><head><title>年报</title><meta name='PubDate' content='2022-01-09'>"
        "<meta name='PubDate' content=''></head><body><div id='zoom'><p>正文</p>"
        "<a href='P01.PDF'>附件</a><a href='/x.html'>页</a></div><a href='/y.pdf'>别处</a></body>"
    )
    assert page.request is not None
    page.request.meta["receipt"] = Receipt()
    found = list(hanweb().crawl_document(page, Link(page.url, section="annual_report", title="题")))
    document, attachment = found
    assert isinstance(document, Document)
    assert document.article.startswith('<div id="zoom">')
    assert document.meta == {"title": "年报", "PubDate": "2022-01-09"}
    assert isinstance(attachment, Link)
    assert (attachment.kind, attachment.url) == (
        Kind.ATTACHMENT,
        "http://www.yanshi.test/col/col1/P01.PDF",
    )


@pytest.mark.parametrize(
    ("article", "found"),
    [
        ("<img src=/a/1.jpg><p>图解</p><a href=2.PNG>二</a>", ["/a/1.jpg", "/col/col1/2.PNG"]),
        ("<img src=/a/1.jpg><table><tr><td>受理<td>3</table>", []),
        (f"<img src=/a/1.jpg><p>{'本年度受理申请二十三件。' * 20}</p>", []),
        ("<img src=/icons/pdf.png><a href=/a/2023.pdf>年报</a>", ["/a/2023.pdf"]),
        ("<img src='data:image/png;base64,AA.png'><a href=/a/2023.7z>附件</a>", ["/a/2023.7z"]),
    ],
)
def test_pictures_are_files_only_where_nothing_else_says_it(article: str, found: list[str]) -> None:
    page = response(f"<img src=/logo.png><div id=zoom>{article}</div>")
    assert list(hanweb().attachments(page)) == [f"http://www.yanshi.test{path}" for path in found]
