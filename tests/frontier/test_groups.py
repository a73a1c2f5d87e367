import pytest

from crawler.frontier.groups import group_of


@pytest.mark.parametrize(
    ("url", "group"),
    [
        ("http://www.zjtz.gov.cn/col/col1229/", "zjtz.gov.cn"),
        ("https://zwzx.liaocheng.gov.cn/xxgk", "liaocheng.gov.cn"),
        ("http://slj.liaocheng.gov.cn:8080/a?b=c", "liaocheng.gov.cn"),
        ("http://www.gov.cn", "www.gov.cn"),
        ("http://gov.cn/", "gov.cn"),
        ("http://WWW.ZJTZ.GOV.CN./", "zjtz.gov.cn"),
        ("http://a.yanshan.test/", "yanshan.test"),
        ("http://yanshan.test/", "yanshan.test"),
        ("http://www.zjtz.gov.cn?page=2", "zjtz.gov.cn"),
        ("http://localhost:8000/", "localhost"),
        ("http://127.0.0.1:8000/x", "127.0.0.1"),
        ("http://[::1]:8000/x", "::1"),
    ],
)
def test_hosts_of_one_registered_domain_are_one_group(url: str, group: str) -> None:
    assert group_of(url) == group


@pytest.mark.parametrize(
    "url",
    ["", "xxgk/", "ftp://www.zjtz.gov.cn/", "javascript:void(0)", "http://", "http://[::1/",
     "http://a|b.cn/", "mailto:a@zjtz.gov.cn"],
)  # fmt: skip
def test_what_cannot_be_fetched_has_no_group(url: str) -> None:
    assert group_of(url) == ""


def test_a_portal_may_name_its_group() -> None:
    assert group_of("http://www.zjtz.gov.cn/", "zj-platform") == "zj-platform"
