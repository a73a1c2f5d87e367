import msgspec

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


def test_a_record_survives_storage_without_force_and_attempt() -> None:
    record = Record.from_link("zhejiang_taizhou", LINK)
    forced = msgspec.structs.replace(record, force=True, attempt=2)
    assert Record.decode(forced.encode()) == record
    assert Record.decode(forced.encode(), attempt=2).attempt == 2


def test_a_redirect_keeps_the_class_of_its_origin() -> None:
    record = Record.from_link("p", LINK, hops="L", group="zj-platform")
    inside = record.redirected("https://www.zjtz.gov.cn/a.html")
    assert (inside.priority, inside.hops, inside.group) == (3, "LR", "zj-platform")
    assert inside.parent == record.url
    assert not inside.force
    assert record.redirected("http://www.gov.cn/").group == ""
    assert record.redirected(record.url).force


def test_a_fingerprint_is_63_bits_of_method_url_and_body() -> None:
    base = Record("p", "document", "http://a.cn/")
    prints = {
        base.fingerprint(),
        Record("q", "listing", "http://a.cn/#top", title="other").fingerprint(),
    }
    assert len(prints) == 1
    assert 0 <= min(prints) < 2**63
    for other in ({"url": "http://a.cn/b"}, {"method": "POST"}, {"body": "x"}):
        assert msgspec.structs.replace(base, **other).fingerprint() not in prints
