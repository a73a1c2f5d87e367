"""What the portals of the CMS families insist on, before a crawler has anything from them."""

import json
import re
import socket
import ssl
import warnings
from collections import Counter
from html import unescape
from urllib.parse import urlencode, urljoin

import pytest

from crawler.practice.city import City


def site(city, name):
    return next(s for s in city.families if s.place.portal == f"practice_{name}")


def test_every_family_reports_on_every_year_and_counts_for_nothing_in_the_city(city):
    for portal in city.families:
        placed = list(portal.placed())
        kinds = Counter(one.paper.kind for one in placed)
        assert (kinds["annual_report"], kinds["disclosure_guide"]) == (4 * 18, 4)
        assert kinds["notice"] + kinds["work_plan"] > 4
        assert len({one.url for one in placed}) == len(placed)
    named = {portal.place.portal for portal in city.families}
    assert not named & {truth.portal for truth in city.truth()}
    assert not {host for portal in city.families for host in portal.hosts} & city.sites().keys()


def test_a_city_of_one_year_has_them_too_and_no_column_for_former_years():
    city = City(organs=3, years=(2020, 2020))
    for portal in city.families:
        assert [one.paper.kind for one in portal.placed()].count("annual_report") == 3
    column = "/xxgk/zfxxgknb/"
    assert b"lnnb" not in city.answer("www.yunting.test", "GET", column, {}, b"").body
    assert city.answer("www.yunting.test", "GET", f"{column}lnnb/", {}, b"").status == 404


def test_a_cookie_is_set_and_asked_back(fetch):
    start = "http://www.shidu.test/zfxxgk/zfxxgknb.htm"
    reply = fetch(start)
    assert (reply.status, reply.headers["Location"]) == (302, start)
    cookie = reply.headers["Set-Cookie"].partition(";")[0]
    assert fetch(start, headers={"Cookie": cookie}).status == 200
    assert fetch("http://www.shidu.test/robots.txt").status == 404


def test_pages_of_a_department_count_down_on_its_own_host(city, fetch):
    host = next(h for h in site(city, "vsb").hosts if h != "www.shidu.test")
    cookie = {"headers": {"Cookie": "JSESSIONID=7B1C0DE5"}}
    first = fetch(f"http://{host}/zfxxgk/zfxxgknb.htm", **cookie).text
    [last] = map(int, re.findall(r"<span>1/(\d+)</span>", first))
    days = []
    for name in ("", *(f"/{number}" for number in range(last - 1, 0, -1))):
        text = fetch(f"http://{host}/zfxxgk/zfxxgknb{name}.htm", **cookie).text
        days += re.findall(r"</a><span>(\d{4}-\d\d-\d\d)</span>", text)
    assert days == sorted(days, reverse=True)
    assert len(days) == 18
    assert fetch(f"http://{host}/zfxxgk/zfxxgknb/{last}.htm", **cookie).status == 404


def test_the_proxy_wants_a_post_and_a_referer_and_ignores_the_range(fetch):
    proxy = "http://www.xinbu.test/module/web/jpage/dataproxy.jsp?startrecord=13&endrecord=16"
    column = {"headers": {"Referer": "http://www.xinbu.test/col/col1229063379/index.html"}}
    assert fetch(proxy, "POST", "columnid=1229063379").status == 404
    assert "<record>" not in fetch(f"{proxy}&columnid=1229063379", **column).text
    first = fetch(proxy, "POST", "columnid=1229063379", **column).text
    second = fetch(f"{proxy}&page=2", "POST", "columnid=1229063379", **column).text
    links = [re.findall(r'href="([^"]+)"', text) for text in (first, second)]
    assert links[1][0] == links[0][-1]
    assert len({*links[0], *links[1]}) == 8


def test_the_gateway_refuses_what_it_does_not_know(fetch):
    unit = "http://www.haiyu.test/api-gateway/jpaas-publish-server/front/page/build/unit"
    asked = f"{unit}?pageId=1638&tagId=%E5%88%86%E9%A1%B5%E5%88%97%E8%A1%A8"
    column = {"headers": {"Referer": "http://www.haiyu.test/col/zfxxgknb/index.html"}}
    assert fetch(asked).status == 404
    assert fetch(f"{asked}&page=2", **column).status == 400
    html = json.loads(fetch(asked, **column).body)["data"]["html"]
    assert html.count("<li>") == 4


def test_an_api_answers_only_who_asks_as_its_script_does(city, fetch):
    api = "http://www.nanrong.test/gkmlpt/api/all/"
    guides = json.loads(fetch(f"{api}30902?page=1&sid=755031").body)
    assert len(guides["articles"]) == guides["classify"]["post_count"] == 4
    assert all(a["url"].startswith("https://www.nanrong.test/") for a in guides["articles"])
    assert fetch(f"{api}30902?page=2&sid=755031").status == 404
    assert fetch(f"{api}30902?page=1").status == 404
    epoint = "http://www.xuting.test/EWB-FRONT/rest/lightfrontaction/getgovinfolist"
    form = {"headers": {"Content-Type": "application/x-www-form-urlencoded"}}
    assert fetch(epoint, "POST", "categorynum=003005", **form).status == 404


def test_old_pages_say_nothing_of_their_charset_in_the_header(fetch):
    frame = fetch("http://www.laoba.test/xxgk/nb.asp")
    assert frame.headers["Content-Type"] == "text/html"
    [address] = re.findall("IFRAME SRC='([^']+)'", frame.text)
    listing = fetch(urljoin("http://www.laoba.test/xxgk/nb.asp", address))
    with pytest.raises(UnicodeDecodeError):
        listing.body.decode("utf-8")
    text = listing.body.decode("gb18030")
    assert "charset=gb2312" in text
    assert re.search(r"\[\d{4}-\d\d?-\d\d?\]|\(\d{4}年\d\d?月\d\d?日\)", text)


def test_an_organ_has_a_page_a_year(city, fetch):
    placed = site(city, "hanweb_area").placed()
    report = next(one for one in placed if one.paper.kind == "annual_report")
    bare, _, year = report.url.partition("&fbtime=")
    assert str(report.paper.year) == year
    assert report.paper.title in fetch(report.url).text
    assert "政府信息公开" in fetch(bare).text
    assert "暂无信息" in fetch(f"{bare}&fbtime=2007").text


def https(address, host, request=b"", *, oldest=ssl.TLSVersion.TLSv1, trusting=True):
    """What a host says over TLS: its version, and its answer to a request."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = oldest
    if trusting:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    where = ("127.0.0.1", int(address.rpartition(":")[2]))
    with (
        socket.create_connection(where, timeout=20) as plain,
        context.wrap_socket(plain, server_hostname=host) as channel,
    ):
        channel.sendall(request)
        return channel.version(), channel.recv(65_536) if request else b""


def test_one_host_speaks_only_the_oldest_tls_and_the_others_only_http(address, fetch):
    old, request = "www.jiubu.test", b"GET / HTTP/1.1\r\nHost: www.jiubu.test\r\n\r\n"
    version, said = https(address, old, request)
    assert version == "TLSv1"
    assert said.startswith(b"HTTP/1.1 200 OK")
    with pytest.raises(OSError, match=r"EOF|reset|version"):
        https(address, old, oldest=ssl.TLSVersion.TLSv1_2)
    with pytest.raises(ssl.SSLCertVerificationError, match=r"self-signed|self signed"):
        https(address, old, trusting=False)
    assert fetch("http://www.jiubu.test/").status == 400
    for host in ("www.nanrong.test", "www.yanshi.test"):
        with pytest.raises(OSError, match=r"EOF|reset|unrecognized"):
            https(address, host)
        assert fetch(f"http://{host}/").status == 200


def test_a_search_of_the_disclosure_module_wants_its_form_from_page_2_on(fetch):
    first = "http://www.liudai.test/module/xxgk/search.jsp?infotypeId=B001&jdid=3&area=1133"
    second = f"{first}&currpage=2"
    assert fetch(second).status == 404
    assert fetch(first.replace("B001", "A0102")).status == 404
    titles = [
        re.findall('title="([^"]+)"', fetch(*asked).text)
        for asked in ((first,), (second, "POST", second.partition("?")[2]))
    ]
    assert len({*titles[0], *titles[1]}) == 4
    assert "共&nbsp;2&nbsp;页" in fetch(first).text


def test_a_page_by_postback_follows_from_the_page_that_offers_it(city):
    host, path = "www.jiubu.test", "/jbweb/xxgk/MoreInfo.aspx?CategoryNum=003001"

    def asked(method="GET", target=path, **form):
        answer = city.answer(host, method, target, {}, urlencode(form).encode())
        return answer.status, answer.body.decode()

    def state(text):
        inputs = re.findall(r'name="(__\w+)" id="\w+" value="([^"]*)"', text)
        return {name: unescape(value) for name, value in inputs}

    def turned(text, page, target=path, **other):
        pager = {"__EVENTTARGET": "MoreInfoList1$Pager", "__EVENTARGUMENT": page}
        return asked("POST", target, **{**state(text), **pager, **other})

    first = asked()[1]
    status, second = turned(first, "2")
    assert status == 200
    assert "<b>2</b>" in second
    assert state(second)["__VIEWSTATE"] != state(first)["__VIEWSTATE"]
    assert turned(second, "3")[0] == 200
    assert turned(first, "5")[0] == 500  # not on offer there
    assert turned(second, "3", __VIEWSTATE=state(first)["__VIEWSTATE"])[0] == 500
    assert turned(first, "2", path.replace("003001", "003002"))[0] == 500
    assert turned(first, "2", __VIEWSTATE="")[0] == 500
