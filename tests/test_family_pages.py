"""Families on pages of other habits than those of their practice portals, and their manners."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote

import pytest
from scrapy.http import HtmlResponse, JsonResponse, Request, Response, TextResponse

from crawler.download.cookies import CookieMiddleware
from crawler.errors import LayoutChanged, StateLost
from crawler.frontier.record import Record
from crawler.items import Kind, Link
from crawler.order import portals
from spiders.portal import Portal

SITE = "http://www.a.test"


def portal(family: str) -> Portal:
    """The practice portal of a family, on whose host the pages of these tests stand."""
    return portals()[f"practice_{family}"]()


def page(family: str, path: str, body: str, posted: str = "") -> TextResponse:
    url = portal(family).site + path
    request = Request(url, body=posted, method="POST" if posted else "GET")
    kind = JsonResponse if body.startswith("{") else HtmlResponse
    return kind(url, body=body.encode(), encoding="utf-8", request=request)


def further(family: str, path: str, body: str) -> list[str]:
    """The further pages that a family finds, without the host."""
    shown = page(family, path, body)
    return [link.url.removeprefix(portal(family).site) for link in portal(family).next_page(shown)]


HIDDEN = b64encode(quote('<script>createPageHTML(2, 0, "index", "html")</script>').encode())
PAGERS: Mapping[str, tuple[str, str, str, list[str]]] = {
    "TRS counts from zero": (
        "trs", "/xxgk/nb/", 'createPageHTML(3, 0, "index", "html");',
        ["/xxgk/nb/index_1.html", "/xxgk/nb/index_2.html"],
    ),
    "TRS with another name and ending": (
        "trs", "/xxgk/nb/list.shtml", "createPageHTML(2, 0, 'list', 'shtml')",
        ["/xxgk/nb/list_1.shtml"],
    ),
    "TRS that only says how many": ("trs", "/nb/", "var countPage = 2;", ["/nb/index_1.html"]),
    "TRS that links to its last": (
        "trs", "/nb/", "<a href='index_1.htm'>2</a><a href='index_2.htm'>尾页</a>",
        ["/nb/index_1.htm", "/nb/index_2.htm"],
    ),
    "TRS that hides its pager": (
        "trs", "/nb/", f'window.atob("{HIDDEN.decode()}")', ["/nb/index_1.html"],
    ),
    "TRS beyond its first page": ("trs", "/index_1.html", 'createPageHTML(3,1,"index","html")', []),
    "VSB counts down": ("vsb", "/a/nb.htm", "<p>共61条 1/3</p>", ["/a/nb/2.htm", "/a/nb/1.htm"]),
    "VSB of one page": ("vsb", "/a/nb.htm", "<p>共6条&nbsp;&nbsp;1/1</p>", []),
    "VSB by the pages that it links to": (
        "vsb", "/a/nb.htm", "<a href='nb/2.htm'>下页</a><a href='nb/1.htm'>尾页</a>",
        ["/a/nb/2.htm", "/a/nb/1.htm"],
    ),
    "VSB beyond its first page": ("vsb", "/a/nb/2.htm", "<p>共61条 2/3</p>", []),
    "UCAP counts from one": (
        "ucap", "/s/c100231/nb.shtml", "createPageHTML('page_div',3, 1,'nb','shtml',43);",
        ["/s/c100231/nb_2.shtml", "/s/c100231/nb_3.shtml"],
    ),
    "UCAP beyond its first page": (
        "ucap", "/s/c100231/nb_2.shtml", "createPageHTML('page_div',3, 2,'nb','shtml',43);", [],
    ),
    "ASP by its last page": (
        "asp", "/list.aspx?cid=3", "<a href='list.aspx?cid=3&PageNo=2'>下一页</a>"
        "<a href='list.aspx?cid=3&PageNo=3'>尾页</a>",
        ["/list.aspx?cid=3&PageNo=2", "/list.aspx?cid=3&PageNo=3"],
    ),
    "ASP by the number that it prints": (
        "asp", "/list.asp?s=1", "<a href='?s=1&page=2'>下一页</a> 共 3 页",
        ["/list.asp?s=1&page=2", "/list.asp?s=1&page=3"],
    ),
    "LonSun asks as its script would": (
        "lonsun", "/public/column/7?type=3",
        "data:{labelName:'publicInfoList',siteId:'67',organId:7,type:3,file:'/x/l'},pageCount:2",
        ["/site/label/8888?IsAjax=1&dataType=html&labelName=publicInfoList&siteId=67&organId=7"
         "&type=3&file=%2Fx%2Fl&pageIndex=2"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("family", "path", "body", "found"), PAGERS.values(), ids=PAGERS)
def test_a_pager(family: str, path: str, body: str, found: list[str]) -> None:
    assert further(family, path, f"<html><body>{body}</body></html>") == found


def test_furniture_is_no_entry_and_dates_are_found_wherever_they_stand() -> None:
    rows = (
        "<ul><li><a href='/about.html'>关于</a></li>"
        "<li><a href='./202203/t20220310_7.html' title='甲局2021年年报'>甲局20…</a>"
        "<span class='n'>1</span><b>[2022.3.10]</b></li>"
        "<li><i>2022年03月\n11日</i><a href='t20220311_8.htm'>乙局2021年年报</a></li>"
        "<li><a href='./P020220312.pdf'>丙局2021年年报</a></li></ul>"
    )
    links = list(portal("trs").links(page("trs", "/nb/", rows)))
    assert [(link.title, link.date) for link in links] == [
        ("甲局2021年年报", "2022.3.10"),
        ("乙局2021年年报", "2022年03月11日"),
        ("丙局2021年年报", ""),
    ]
    assert links[0].url.endswith("/nb/202203/t20220310_7.html")


def test_rows_of_any_make_give_title_and_date_of_their_own_link() -> None:
    rows = (
        "<div class='b'><div><a href='info/1032/7.htm'><img src='x.png'></a>"
        "<p><a href='info/1032/7.htm'>甲局年报</a></p><p>2022-01-07</p></div>"
        "<div><a href='/lm/'>[乙]</a><a href='info/1032/8.htm'>乙局年报</a><b>2022-01-08</b></div>"
        "<dl><dt><a href='/content.jsp?wbtreeid=1032&wbnewsid=9'>丙局年报</a></dt></dl></div>"
    )
    links = portal("vsb").links(page("vsb", "/nb.htm", rows))
    assert [(link.title, link.date) for link in links] == [
        ("甲局年报", "2022-01-07"),
        ("乙局年报", "2022-01-08"),
        ("丙局年报", ""),
    ]
    alone = f"<div><a href='info/1032/7.htm'>甲局年报</a>{'正文。' * 200}2022年1月7日</div>"
    [entry] = portal("vsb").links(page("vsb", "/nb.htm", alone))
    assert entry.date == ""
    public = "<a href='InfoPublic.aspx?cid=3&page=2'>2</a><a href='InfoShow.aspx?id=7'>丁局年报</a>"
    [entry] = portal("asp").links(page("asp", "/InfoPublic.aspx?cid=3", public))
    assert entry.title == "丁局年报"


def test_a_list_in_a_frame_of_the_portal_is_followed_and_one_of_others_is_not() -> None:
    here = Link(portal("asp").site + "/nb.asp", Kind.LISTING, "annual_report")
    body = "<iframe src='list.asp?cid=3'></iframe><iframe src='http://tongji.test/x'></iframe>"
    found = list(portal("asp").crawl_listing(page("asp", "/nb.asp", body), here))
    assert [(link.url, link.kind) for link in found] == [
        (portal("asp").site + "/list.asp?cid=3", Kind.LISTING)
    ]


def test_a_list_of_several_columns_is_asked_for_with_all_their_numbers() -> None:
    shown = (
        "<script>$('#53').jpage({totalRecord:3,proxyUrl:'/module/jpage/morecolumndataproxy.jsp',"
        "perPage:2,ajaxParam:{'col':1,\"columnid\":'12,13',webname:\"甲局\"}})</script>"
    )
    [second] = portal("hanweb").next_page(page("hanweb", "/col/col12/index.html", shown))
    assert "/module/jpage/morecolumndataproxy.jsp?startrecord=3&endrecord=4" in second.url
    assert dict(parse_qsl(second.body)) == {"col": "1", "columnid": "12,13", "webname": "甲局"}


GRID = (
    "<form method=post action='./List.aspx?c=3'><input type=hidden name=__VIEWSTATE value='/wE+='>"
    "<input type=hidden name=__EVENTTARGET><input type=text name=key value='年报'>"
    "<input type=submit name=go value=搜索>{}</form>"
)
LINK = '<a href="javascript:__doPostBack(&#39;GridView1&#39;,&#39;Page${0}&#39;)">{0}</a>'


def test_a_list_by_postback_goes_on_with_the_fields_of_its_page() -> None:
    shown = GRID.format("1" + LINK.format(2) + LINK.format(3))
    [second] = portal("aspx").next_page(page("aspx", "/x/List.aspx?c=3", shown))
    assert second.url == portal("aspx").site + "/x/List.aspx?c=3"
    assert dict(parse_qsl(second.body, keep_blank_values=True)) == {
        "__VIEWSTATE": "/wE+=", "__EVENTTARGET": "GridView1", "__EVENTARGUMENT": "Page$2",
        "key": "年报",
    }  # fmt: skip
    last = GRID.format(LINK.format(1) + LINK.format(2) + "3")
    posted = second.body.replace("%242", "%243")
    assert list(portal("aspx").next_page(page("aspx", "/x/List.aspx?c=3", last, posted))) == []


def test_a_list_that_has_lost_its_place_is_refused_by_name() -> None:
    first = GRID.format("1" + LINK.format(2))
    [second] = portal("aspx").next_page(page("aspx", "/x/List.aspx?c=3", first))
    for shown, posted in ((first, second.body), (first.replace("__VIEWSTATE", "x"), "")):
        with pytest.raises(StateLost) as lost:
            list(portal("aspx").next_page(page("aspx", "/x/List.aspx?c=3", shown, posted)))
        assert lost.value.code == "state_lost"
        assert f"gongkai archive show {portal('aspx').site}/x/List.aspx?c=3" in str(lost.value)


def test_pages_that_have_names_and_no_numbers_are_refused_and_buttons_are_none() -> None:
    grid = "<a href=\"javascript:__doPostBack('DataGrid1$ctl14$ctl01','')\">{}</a>"
    with pytest.raises(LayoutChanged, match=r"DataGrid1\$ctl14\$ctl01"):
        list(portal("aspx").next_page(page("aspx", "/x/List.aspx", GRID.format(grid.format(2)))))
    menu, calendar = (grid.replace("DataGrid1$ctl14$ctl01','", of) for of in ("M','2", "C','V80"))
    for other in (grid.format("登录"), menu.format(2), calendar.format(12)):
        assert not [*portal("aspx").next_page(page("aspx", "/x/List.aspx", other))]


def test_a_jpaas_page_whose_lists_have_unknown_names_is_asked_for_all_of_them() -> None:
    unit = "<script url=\"/x/front/page/build/unit\" queryData=\"{{'tagId':'{}'}}\"></script>"
    shown = "".join(map(unit.format, ("甲", "乙")))
    assert len(list(portal("jpaas").links(page("jpaas", "/col/nb/", shown)))) == 2
    named = shown + unit.format("当前栏目_list")
    [link] = portal("jpaas").links(page("jpaas", "/col/nb/", named))
    assert "list" in link.url


def test_a_gkmlpt_page_without_the_category_says_what_to_state() -> None:
    with pytest.raises(LayoutChanged, match="behind a #"):
        list(portal("gkmlpt").links(page("gkmlpt", "/gkmlpt/guide", "<script>SID: '7'</script>")))
    tree = '<script>SID: "7", TREE: [{"id": 12, "pid": 3, "name": "公开指南"}]</script>'
    [link] = portal("gkmlpt").links(page("gkmlpt", "/gkmlpt/guide", tree))
    assert link.url.endswith("/gkmlpt/api/all/12?page=1&sid=7")


def test_an_epoint_list_goes_on_from_what_was_asked_for() -> None:
    [first] = portal("epoint").links(page("epoint", "/x.html?categorynum=003", "<p></p>"))
    assert json.loads(first.body)["params"]["categorynum"] == "003"
    answer = '{"custom": {"total": 5, "data": [{"infourl": "/a/1.html", "title": "一"}, {}]}}'
    path = first.url.removeprefix(portal("epoint").site)
    more = list(portal("epoint").next_page(page("epoint", path, answer, first.body)))
    assert [json.loads(link.body)["pageIndex"] for link in more] == [1, 2]
    assert {link.url for link in more} == {first.url}


def test_what_is_said_with_a_request() -> None:
    def headers(**more: str) -> dict[str, str]:
        return Record("p", **{"kind": "listing", "url": f"{SITE}/x", **more}).headers()

    assert headers() == {}
    assert headers(parent=f"{SITE}/col/") == {"Referer": f"{SITE}/col/"}
    assert headers(parent="https://www.a.test/col/") == {}  # never from https to http
    assert headers(parent=f"{SITE}/col/", kind="robots") == {}
    assert headers(body="a=1")["Content-Type"] == "application/x-www-form-urlencoded"
    assert headers(body='{"a": 1}')["Content-Type"] == "application/json"


def test_a_host_gets_its_own_cookies_back_and_only_where_the_portal_wants_it() -> None:
    jar = CookieMiddleware()

    def asked(url: str, portal: str = "p") -> bytes | None:
        request = Request(url, meta={"cookies": portal} if portal else {})
        jar.process_request(request)
        set_cookie = {"Set-Cookie": ["a=1; Path=/; HttpOnly", "b=x=y", "broken"]}
        jar.process_response(request, Response(url, headers=set_cookie, request=request))
        return request.headers.get("Cookie")

    assert asked(f"{SITE}/1") is None
    assert asked(f"{SITE}/2") == b"a=1; b=x=y"
    assert asked("http://b.a.test/") is None
    assert asked(f"{SITE}/3", portal="q") is None
    assert asked(f"{SITE}/4", portal="") is None
