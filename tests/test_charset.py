"""Charsets: what the bytes are wins over what header and meta say."""

from __future__ import annotations

import pytest

from crawler.download.charset import decode

TEXT = "示例区档案馆二〇一二年度政府信息公开工作报告：主动公开信息三百件，㐀𠀀镕〇。" * 4
META = '<meta http-equiv="Content-Type" content="text/html; charset={}">'


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize(
    "header", [None, b"text/html", b"text/html; charset=utf-8", "a/b;charset=GBK"]
)
@pytest.mark.parametrize("meta", ["utf-8", "gb2312", "iso-8859-1", "x-nonsense"])
def test_every_pair_of_declarations_reads_the_same(
    encoding: str, header: bytes | str | None, meta: str
) -> None:
    page = META.format(meta) + TEXT
    decoded = decode(page.encode(encoding), header)
    assert decoded.text == page
    assert decoded.encoding == encoding


def test_gb2312_is_read_as_gb18030_and_that_is_no_conflict() -> None:
    decoded = decode((META.format("gb2312") + TEXT).encode("gb18030"), "text/html; charset=gbk")
    assert decoded.declared == {"header": "gbk", "meta": "gb2312"}
    assert not decoded.conflict


@pytest.mark.parametrize(
    ("header", "meta"), [("utf-8", "gb2312"), ("utf-8", "utf-8"), ("gbk", "utf-8")]
)
def test_a_wrong_declaration_is_a_conflict(header: str, meta: str) -> None:
    body = (META.format(meta) + TEXT).encode("gb18030")
    assert decode(body, f"text/html; charset={header}").conflict


def test_plain_ascii_contradicts_nobody() -> None:
    assert not decode(b"<p>404</p>", "text/html; charset=gb2312").conflict


def test_a_byte_order_mark_wins_and_is_not_text() -> None:
    decoded = decode(TEXT.encode("utf-8-sig"), "text/html; charset=gbk")
    assert (decoded.text, decoded.declared["bom"], decoded.conflict) == (TEXT, "utf-8", True)
    assert decode(TEXT.encode("utf-16"), None).text == TEXT


def test_big5_is_found_by_statistics_and_by_declaration() -> None:
    page = "範例縣政府資訊公開年度報告，主動公開情況與依申請公開情況如下。"
    assert decode(page.encode("big5"), None).text == page
    assert decode(page.encode("big5"), "text/html; charset=big5").evidence.startswith("declared")


@pytest.mark.parametrize("declared", ["gb2312", "gbk", "gb18030"])
def test_big5_declared_as_gb_is_big5(declared: str) -> None:
    page = META.format(declared) + "範例縣政府資訊公開年度報告，主動公開情況與依申請公開。" * 8
    for header in (None, f"text/html; charset={declared}"):
        decoded = decode(page.encode("big5"), header)
        assert (decoded.text, decoded.encoding, decoded.conflict) == (page, "big5hkscs", True)
    gb = page.replace(declared, "big5").encode("gb18030")
    assert decode(gb, "text/html; charset=big5").encoding == "gb18030"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("cut", [1, 2, 3, 4, 5])
def test_a_body_cut_inside_a_character_loses_only_that_character(encoding: str, cut: int) -> None:
    decoded = decode(TEXT.encode(encoding)[:-cut], None)
    assert TEXT.startswith(decoded.text)
    assert len(TEXT) - len(decoded.text) <= cut


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("declared", [None, "text/html; charset=utf-8", "text/html; charset=gbk"])
def test_one_bad_byte_costs_one_character_and_is_reported(
    encoding: str, declared: str | None
) -> None:
    body = TEXT.encode(encoding) + b"\xff" + "完".encode(encoding)
    decoded = decode(body, declared)
    assert decoded.text == f"{TEXT}\ufffd完"
    assert decoded.encoding == encoding
    assert "1 undecodable byte replaced" in decoded.evidence


def test_a_replacement_character_of_the_page_is_not_damage() -> None:
    decoded = decode("坏字\ufffd".encode(), None)
    assert (decoded.text, decoded.evidence) == ("坏字\ufffd", "valid UTF-8")


def test_a_few_gb_bytes_are_not_taken_for_western_letters() -> None:
    assert decode("首页".encode("gbk"), None).text == "首页"
    assert decode("déjà vu".encode("latin-1"), None).text == "déjà vu"


def test_a_meta_in_a_comment_declares_nothing_and_a_late_one_does() -> None:
    page = "<!-- <meta charset=big5> -->" + " " * 3000 + "<meta charset='gb2312'>"
    assert decode(page.encode(), None).declared == {"meta": "gb2312"}


def test_comments_that_never_end_declare_nothing_and_hold_up_nobody() -> None:
    page = b"<!-- <meta charset=big5>" * 2500 + "年报".encode("gb18030")
    assert decode(page, None).declared == {}


def test_an_empty_body_is_empty_text() -> None:
    assert decode(b"", None).text == ""
