"""Which URLs are one, which are not, and which listings are counted."""

from __future__ import annotations

import re
from datetime import date
from urllib.parse import quote_from_bytes, unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.frontier.canon import canonical, pattern_of
from crawler.order import portals

SAME = {
    "http and https": ("https://www.a.gov.cn/x", "http://a.gov.cn/x"),
    "host in capitals": ("HTTP://Www.A.Gov.CN./x", "http://a.gov.cn/x"),
    "a host in Chinese": ("http://政务.中国/x", "http://xn--zfr164b.xn--fiqs8s/x"),
    "a default port": ("https://a.cn:443/x", "http://a.cn:80/x"),
    "an empty port": ("http://a.cn:/x", "http://a.cn/x"),
    "nothing after the host": ("http://a.cn", "http://a.cn/?"),
    "dot segments": ("http://a.cn/a/./b/../c/..", "http://a.cn/a/"),
    "dots that are escaped": ("http://a.cn/a/%2E%2e/b", "http://a.cn/b"),
    "escapes that need not be": ("http://a.cn/%7ea%2db", "http://a.cn/~a-b"),
    "escapes in small letters": ("http://a.cn/%d6%d0", "http://a.cn/%D6%D0"),
    "Chinese as it is typed": ("http://a.cn/年报 1?题=年", "http://a.cn/%E5%B9%B4%E6%8A%A5%201?%E9%A2%98=%E5%B9%B4"),
    "parameters in any order": ("http://a.cn/x?b=1&a=2&c", "http://a.cn/x?c&a=2&b=1"),
    "parameters left empty": ("http://a.cn/x?&&a=1&", "http://a.cn/x?a=1"),
    "a Java session": ("http://a.cn/x.jsp;jsessionid=0FA1.node2?id=3", "http://a.cn/x.jsp?id=3"),
    "a PHP session": ("http://a.cn/x?PHPSESSID=k2jh4&id=3", "http://a.cn/x?id=3"),
    "an ASP session": ("http://a.cn/x?ASPSESSIONIDQQABCD=AAA", "http://a.cn/x"),
    "an ASP.NET session": ("http://a.cn/(S(lit3py55t21z5v55vlm25s55))/x.aspx", "http://a.cn/x.aspx"),
    "a session in hex": ("http://a.cn/x?id=3&sid=0123456789abcdef0123", "http://a.cn/x?id=3"),
    "where the visitor came from": ("http://a.cn/x?utm_source=wx&spm=1.2.3&id=3", "http://a.cn/x?id=3"),
    "a number against caches": ("http://a.cn/x?_=1732247640123&rnd=0.8237461", "http://a.cn/x"),
    "a place on the page": ("http://a.cn/x#top", "http://a.cn/x"),
}  # fmt: skip
APART = {
    "a folder and a file": ("http://a.cn/x", "http://a.cn/x/"),
    "an index page": ("http://a.cn/", "http://a.cn/index.html"),
    "capitals in a path": ("http://a.cn/A", "http://a.cn/a"),
    "another port": ("http://a.cn:8080/x", "http://a.cn/x"),
    "another sub-domain": ("http://zw.a.cn/x", "http://a.cn/x"),
    "two values of one name": ("http://a.cn/x?a=1&a=2", "http://a.cn/x?a=2&a=1"),
    "an escaped separator": ("http://a.cn/a%2Fb", "http://a.cn/a/b"),
    "an escaped ampersand": ("http://a.cn/x?a=1%26b=2", "http://a.cn/x?a=1&b=2"),
    "a plus and a space": ("http://a.cn/x?a=1+2", "http://a.cn/x?a=1%202"),
    "a short sid, which is an id": ("http://a.cn/x?sid=17", "http://a.cn/x?sid=18"),
    "an id called t": ("http://a.cn/x?t=17", "http://a.cn/x?t=18"),
    "routes of a script": ("http://a.cn/x#!/list/2", "http://a.cn/x#!/list/3"),
    "one word in GBK and in UTF-8": ("http://a.cn/%D6%D0", "http://a.cn/%E4%B8%AD"),
    "a doubled slash": ("http://a.cn//x", "http://a.cn/x"),
}


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=list(SAME))
def test_these_are_one(one: str, other: str) -> None:
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(("one", "other"), APART.values(), ids=list(APART))
def test_these_are_two(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


def test_an_alias_counts_under_the_host_that_the_portal_names() -> None:
    for url in ("http://old.a.cn/x?b=1&a=2", "https://old.a.cn/x?a=2&b=1"):
        assert canonical(url, "www.b.gov.cn") == canonical("http://b.gov.cn/x?a=2&b=1")
    assert canonical("http://old.a.cn:8080/x", "b.cn") == "http://b.cn:8080/x"


@pytest.mark.parametrize(
    "url", ["", "mailto:a@b.cn", "javascript:void(0)", "http://", "/x", "ftp://a.cn/x"]
)
def test_what_is_no_web_address_stays_as_it_is(url: str) -> None:
    assert canonical(url) == url
    assert pattern_of(url) == ""


SEGMENT = st.text("abcXYZ019-_.~%/;=()中文?&#+ ", max_size=12)
ODD = st.sampled_from(["..", ".", "(S(a1))", ";jsessionid=1", "%2e%2e", "2031", "05"])
HOSTS = ("a.gov.cn", "A.cn:80", "a.cn:8080", "政务.中国", "10.0.0.1", "www.cn", "localhost")
URL = st.builds(
    "{}://{}{}/{}".format,
    st.sampled_from(["http", "https", "HTTP"]),
    st.sampled_from(["www.", "WWW.www.", "", "zw."]),
    st.sampled_from(HOSTS),
    st.lists(SEGMENT | ODD, max_size=6).map("/".join),
)


@given(URL)
def test_the_canonical_form_is_its_own_canonical_form(url: str) -> None:
    once = canonical(url)
    assert canonical(once) == once
    assert pattern_of(once) == pattern_of(url)


@given(
    st.permutations(
        [("a", "1"), ("b", "2"), ("c", ""), ("b2", "中"), ("page", "3"), ("utm_id", "9")]
    )
)
def test_the_order_of_parameters_does_not_matter(pairs: list[tuple[str, str]]) -> None:
    query = "&".join(f"{name}={value}" for name, value in pairs)
    assert canonical(f"http://a.cn/x?{query}") == "http://a.cn/x?a=1&b=2&b2=%E4%B8%AD&c=&page=3"


@given(st.binary(min_size=1, max_size=12), st.sampled_from(["", "/-~"]))
def test_escaped_bytes_stay_the_bytes_they_are(name: bytes, safe: str) -> None:
    """Whatever the encoding: the second byte of a GBK character may look like a letter."""
    url = f"http://a.cn/x?name={quote_from_bytes(name, safe)}"
    assert unquote_to_bytes(canonical(url).partition("=")[2]) == name
    lower = re.sub("%..", lambda escape: escape[0].lower(), url)
    assert canonical(lower) == canonical(url)


@given(
    st.text("abcdefgh0123456789/_-", min_size=1, max_size=30),
    st.text("abcdefgh0123456789/_-", min_size=1, max_size=30),
)
def test_two_plain_paths_are_two(one: str, other: str) -> None:
    assert (canonical(f"https://a.cn/{one}") == canonical(f"http://www.a.cn/{other}")) == (
        one == other
    )


# Traps.

COUNTED = {
    "http://a.cn/rl?date=2031-05": "a.cn/rl?date=*",
    "http://www.a.cn/rl.jsp?month=5&year=2031&dept=7": "a.cn/rl.jsp?dept=7&month=*&year=*",
    "https://a.cn/rl?ym=203105": "a.cn/rl?ym=*",
    "http://a.cn/calendar/2031/05/": "a.cn/calendar/*",
    "http://a.cn/calendar/2031-05": "a.cn/calendar/*",
    "http://a.cn/list?page=17": "a.cn/list?page=*",
    "http://a.cn/list?type=3&pageNo=2": "a.cn/list?pageNo=*&type=3",
    "http://a.cn/x?startrecord=46&endrecord=90": "a.cn/x?endrecord=*&startrecord=*",
    "http://a.cn/xxgk/index_17.html": "a.cn/xxgk/index_*.html",
    "http://a.cn/xxgk/list_1021_2.htm": "a.cn/xxgk/list_1021_*.htm",
    "http://a.cn/xxgk/page/17/": "a.cn/xxgk/page/*/",
    "http://a.cn/x/a/b/a/b/a/b": "a.cn/x/a/b/*",
    "http://a.cn/x/a/b/a/b/a/b/a/b": "a.cn/x/a/b/*",
    "http://a.cn/" + "/".join(map(str, range(40))): "a.cn/0/1/2/*",
    "http://a.cn/x#!/list/page/9": "a.cn/x#!/list/page/*",
}  # fmt: skip


@pytest.mark.parametrize(("url", "pattern"), COUNTED.items())
def test_a_listing_that_could_go_on_for_ever_has_a_pattern(url: str, pattern: str) -> None:
    assert pattern_of(url) == pattern


HONEST = (
    "http://www.zjtz.gov.cn/art/2013/12/31/art_1229199470_42939.html",
    "http://www.zjtz.gov.cn/col/col1229199470/index.html",
    "http://www.cncn.gov.cn/col/col1229257251/index.html",
    "http://zwzx.liaocheng.gov.cn/channel_lc_sxzspjchannel201911221748261556996309",
    "http://zwzx.liaocheng.gov.cn/doc_5dd7b0e8aa00bb11cc22dd33.html",
    "http://www.mdj.gov.cn/mdjsrmzf/c105131/zfxxgknb.shtml",
    "http://www.mdj.gov.cn/mdjsrmzf/c105131/202401/c00_1234.shtml",
    "http://www.changde.gov.cn/zwgk/public/column/6616760?type=3",
    "http://www.changde.gov.cn/zwgk/public/6616760/7654321.html",
    "http://www.a.gov.cn/xxgk/202401/t20240117_4567.html",  # TRS
    "http://www.a.edu.cn/info/1021/2045.htm",  # VSB
    "http://www.a.gov.cn/content.jsp?id=12345&page=1",
    "http://www.a.gov.cn/attach/0/P020210121.pdf",
)


@pytest.mark.parametrize("url", HONEST)
def test_an_honest_address_has_none(url: str) -> None:
    assert pattern_of(url) == ""


@pytest.mark.parametrize("name", list(portals()))
def test_what_the_portals_start_with_has_none_and_stays_apart(name: str) -> None:
    portal = portals()[name]
    urls = [portal.site + path for path in portal.sections.values() if path]
    assert [pattern_of(url) for url in urls] == [""] * len(urls)
    assert len({canonical(url) for url in urls}) == len(urls)


@given(st.dates(date(1994, 1, 1), date(2093, 12, 31)), st.integers(1, 99), st.integers(1, 10**9))
def test_dated_articles_are_no_calendar(day, column: int, number: int) -> None:
    assert (
        pattern_of(f"http://a.cn/art/{day.year}/{day.month}/{day.day}/art_{column}_{number}.html")
        == ""
    )


@given(
    st.lists(st.sampled_from("abcd"), min_size=1, max_size=3), st.integers(3, 5), st.integers(3, 5)
)
def test_a_path_that_repeats_itself_is_one_pattern_however_deep(
    period: list[str], once: int, again: int
) -> None:
    shallow, deep = ("http://a.cn/" + "/".join(period * n) + "/x.html" for n in (once, again))
    assert pattern_of(shallow) == pattern_of(deep) != ""
