import msgspec
import pytest

from crawler.frontier.record import Record
from crawler.items import Kind, Link

LINK = Link("http://www.zjtz.gov.cn/a.html", Kind.ATTACHMENT, "annual_report", "年报", parent="p")


def test_a_link_becomes_a_record_of_its_class() -> None:
    record = Record.from_link("zhejiang_taizhou", LINK, depth=2, hops="LL")
    assert record.priority == 3
    assert (record.kind, record.section, record.title) == ("attachment", "annual_report", "年报")
    assert (record.method, record.depth, record.hops) == ("GET", 2, "LL")


def test_a_body_makes_it_a_post() -> None:
    assert Record.from_link("p", Link("http://a.cn/", body="page=2")).method == "POST"


def test_a_record_survives_storage_but_for_force() -> None:
    record = Record.from_link("zhejiang_taizhou", LINK)
    assert b"GET" not in record.encode()  # the last defaults are left out
    for full in (
        record,
        msgspec.structs.replace(record, attempt=2),
        msgspec.structs.replace(record, group="zj-platform", method="POST", body="页=2", depth=3),
    ):
        forced = msgspec.structs.replace(full, force=True)
        assert Record.decode(full.encode()) == Record.decode(forced.encode()) == full


def test_a_redirect_keeps_the_class_of_its_origin() -> None:
    record = Record.from_link("p", LINK, hops="L", group="zj-platform")
    inside = record.redirected("https://www.zjtz.gov.cn/b.html")
    assert (inside.priority, inside.hops, inside.group) == (3, "LR", "zj-platform")
    assert inside.parent == record.url
    assert not inside.force
    assert record.redirected("http://www.gov.cn/").group == ""
    assert record.redirected(record.url).force


def test_a_fingerprint_is_63_bits_of_method_url_and_body() -> None:
    base = Record("p", "document", "http://a.cn/")
    prints = {
        base.fingerprint(),
        Record("q", "listing", "https://www.a.cn/#top", title="other").fingerprint(),
    }
    assert len(prints) == 1
    assert 0 <= min(prints) < 2**63
    for other in ({"url": "http://a.cn/b"}, {"method": "POST"}, {"body": "x"}):
        assert msgspec.structs.replace(base, **other).fingerprint() not in prints


def test_each_origin_has_a_robots_txt_of_its_own() -> None:
    urls = [f"{origin}/robots.txt" for origin in ("http://a.cn", "http://www.a.cn", "https://a.cn")]
    assert len({Record("p", "robots", url).fingerprint() for url in urls}) == 3


@pytest.mark.parametrize(
    ("record", "counted"),
    [
        (Record("p", "listing", "http://a.cn/list?page=7"), True),
        (Record("p", "listing", "http://a.cn/list?page=7", force=True), False),
        (Record("p", "document", "http://a.cn/list?page=7"), False),
        (Record("p", "listing", "http://a.cn/list/"), False),
    ],
)
def test_only_listings_count_as_traps(record: Record, counted: bool) -> None:
    assert bool(record.pattern()) == counted


def test_a_redirect_to_its_own_twin_is_queued_although_it_was_seen() -> None:
    record = Record.from_link("p", LINK)
    for twin in ("https://www.zjtz.gov.cn/a.html", "http://zjtz.gov.cn/a.html;jsessionid=7"):
        assert record.redirected(twin).force
    old = "http://www.old.gov.cn/a.html"
    assert not record.redirected(old).force
    assert record.redirected(old, alias="www.zjtz.gov.cn").force


def test_twins_and_aliases_are_one_page_but_each_origin_has_its_own_robots_txt() -> None:
    page = Record("p", "document", "http://www.zjtz.gov.cn/a.html")
    twin = msgspec.structs.replace(page, url="https://zjtz.gov.cn/a.html")
    alias = Record("p", "document", "http://old.cn/a.html", alias="www.zjtz.gov.cn")
    assert page.fingerprint() == twin.fingerprint() == alias.fingerprint()
    assert Record.decode(alias.encode()) == alias
    robots = [Record("p", "robots", f"{s}://zjtz.gov.cn/robots.txt") for s in ("http", "https")]
    assert len({record.fingerprint() for record in robots}) == 2
