"""The three portals, walked with regular expressions over real HTTP."""

import re
from urllib.parse import urljoin

import pytest

HANWEB = "http://www.yanshi.test"
HANWEB_GB = "http://www.laoxian.test"
LINE = re.compile(r'<li><a href="([^"]+)" target="_blank" title="([^"]+)">')
GROUP = re.compile(r'<nextgroup><!\[CDATA\[<a href="([^"]+)"></a>\]\]></nextgroup>')


def walk(fetch, site, column):
    """Every line of a column: page 1 from the listing, the others from the data proxy."""
    first = fetch(f"{site}/col/col{column}/index.html").text
    total = int(re.search(r"totalRecord:(\d+),perPage:15", first)[1])
    lines = LINE.findall(first)
    assert len(lines) == min(15, total)
    link = GROUP.search(first)[1]
    for page in range(2, -(-total // 15) + 1):
        xml = fetch(site + link.replace("page=1", f"page={page}")).text
        assert f"<totalrecord>{total}</totalrecord>" in xml
        assert f"<totalpage>{-(-total // 15)}</totalpage>" in xml
        lines += LINE.findall(xml)
    assert len(lines) == total
    return lines


@pytest.mark.parametrize("site", [HANWEB, HANWEB_GB])
def test_listing_and_proxy_together_show_every_document(city, fetch, site):
    listed = {}
    for column in ("1229100001", "1229100002"):
        listed |= {urljoin(site, href): title for href, title in walk(fetch, site, column)}
    truths = [t for t in city.truth() if site.endswith(t.host)]
    assert len(truths) == len(listed)
    for truth in truths:
        address = (*truth.aliases, truth.url)[0]
        assert listed[address] == truth.title


def test_the_home_page_leads_to_the_columns(fetch):
    for path in ("/", "/index.html"):
        home = fetch(HANWEB + path).text
        assert 'href="/col/col1229100001/index.html"' in home
        assert 'href="/col/col1229100002/index.html"' in home


def test_the_proxy_takes_a_form_as_well(fetch):
    proxy = f"{HANWEB}/module/web/jpage/dataproxy.jsp"
    got = fetch(f"{proxy}?page=2&columnid=1229100001")
    posted = fetch(f"{proxy}?page=1", "POST", "page=2&columnid=1229100001&unitid=6127353")
    assert posted.body == got.body
    assert "<record>" in got.text
    assert "<record>" not in fetch(f"{proxy}?page=99&columnid=1229100001").text
    assert fetch(f"{proxy}?page=1&columnid=enciphered").text == (
        "<datastore><recordset></recordset></datastore>"
    )


def page_of(city, host):
    """A document of the host with a page of its own."""
    found = (t for t in city.truth() if t.host == host and t.findable and "file" not in t.quirks)
    return next(found)


def test_an_article_has_its_landmarks(city, fetch):
    truth = page_of(city, "www.yanshi.test")
    text = fetch(truth.url).text
    assert f'<meta name="ArticleTitle" content="{truth.title}">' in text
    assert f'<meta name="PubDate" content="{truth.published} ' in text
    assert "索 引 号" in text
    assert '<div id="zoom">' in text
    assert truth.organ in text


def test_the_old_county_says_utf_8_and_gb2312_and_means_gb18030(city, fetch):
    truth = page_of(city, "www.laoxian.test")
    for url in (f"{HANWEB_GB}/col/col1229100001/index.html", truth.url):
        reply = fetch(url)
        assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
        assert b"charset=gb2312" in reply.body
        with pytest.raises(UnicodeDecodeError):
            reply.body.decode("utf-8")
        with pytest.raises(UnicodeDecodeError):
            reply.body.decode("gbk")
        text = reply.body.decode("gb18030")
        assert all(char in text for char in "㙍镕〇")
    assert any("㙍头镇" in t.organ for t in city.truth())


def test_the_district_leads_to_its_departments(city, fetch):
    home = fetch("http://www.yanshan.test/").text
    assert "/channel_ys_zfxxgk001" in home
    catalogue = fetch("http://www.yanshan.test/channel_ys_zfxxgk001").text
    channels = re.findall(
        r"href='(http://(\w+)\.yanshan\.test/channel_ys_\2channel[0-9]+)'", catalogue
    )
    assert len(channels) == 4
    inline = {t.url for t in city.truth() if "inline" in t.quirks}
    assert inline == {url for url, _ in channels}


def test_a_channel_page_holds_every_document_inline_or_linked(city, fetch):
    truths = [t for t in city.truth() if t.portal == "practice_shandong"]
    for channel in {t.url for t in truths if "inline" in t.quirks}:
        page = fetch(channel).text
        own = [t for t in truths if channel.startswith(f"http://{t.host}/")]
        blocks = page.split("字号:")[1:]
        assert len(blocks) == page.count("扫码使用手机浏览本页内容")
        empty = [b for b in blocks if "<div></div>" in b]
        links = re.findall(r'<a href="(/doc_[0-9a-f]{24}\.html)"', page)
        assert 1 <= len(links) <= 2
        assert len(empty) == 2
        assert len(blocks) == len(own) + len(empty)
        linked = {(*t.aliases, t.url)[0] for t in own if "inline" not in t.quirks}
        assert linked == {urljoin(channel, link) for link in links}
        classes = [t.document_class for t in own]
        assert classes[0] == "disclosure_guide"
        assert classes.count("annual_report") == 18
        assert classes.count("work_plan") >= 2


def test_one_host_has_a_robots_txt(fetch):
    robots = fetch("http://www.yanshan.test/robots.txt")
    assert robots.status == 200
    assert robots.text == "User-agent: *\nDisallow: /admin/\nCrawl-delay: 0.3\n"
    assert "'/admin/login'" in fetch("http://www.yanshan.test/").text
    for host in ("www.yanshi.test", "www.laoxian.test"):
        assert fetch(f"http://{host}/robots.txt").status == 404


def test_listings_hold_lookalikes(city):
    titles = {t.title for t in city.truth() if t.document_class in {"notice", "work_plan"}}
    assert any(
        re.fullmatch(r"关于做好\d{4}年度政府信息公开工作年度报告编制工作的通知", t) for t in titles
    )
    assert any("政务公开工作要点" in title for title in titles)


def test_guides_print_their_contacts(city, fetch):
    for truth in city.truth():
        if truth.document_class == "disclosure_guide":
            text = re.sub(r"<[^>]+>", "", fetch(truth.url).text)
            assert all(value in text for value in truth.guide.values()), truth.url
            assert {"address", "phones", "office_hours"} <= truth.guide.keys()
