"""Portals state facts: their names, their places, and nothing that a family does not know."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest
from scrapy.http import HtmlResponse, Request

from crawler.errors import LayoutChanged
from crawler.items import Document, Kind, Link
from crawler.order import portals
from spiders.portal import Portal

HOOKS = {"links", "next_page", "document", "attachments"}
LONGEST = 25


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
        f"http://www.yanshi.test/module/web/jpage/dataproxy.jsp?page={n}&col=1" for n in (2, 3)
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
