"""Digits, dates, years and document numbers in every spelling portals use."""

import pytest

from crawler.text import (
    chinese_number,
    dates,
    document_numbers,
    only_date,
    plain,
    squeeze,
    years,
)


def test_plain_text_has_the_length_of_its_original():
    text = "１２，３（四）：“五”﹝6﹞\u3000—∶\u200b％"
    assert len(plain(text)) == len(text)
    assert plain(text) == '12,3(四):"五"〔6〕 -: %'


def test_squeezed_text_has_no_white_space():
    assert squeeze(" 统 计\u3000指\n标 ") == "统计指标"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("十", 10), ("十二", 12), ("二十", 20), ("二十五", 25), ("一百零五", 105), ("三千", 3000),
        ("二〇一四", 2014), ("二○一四", 2014), ("零", 0), ("两", 2), ("", None), ("二a", None),
    ],
)  # fmt: skip
def test_chinese_numerals(text, number):
    assert chinese_number(text) == number


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2016-03-11", "2016-03-11"),
        ("2014.12.31", "2014-12-31"),
        ("2017年2月20日", "2017-02-20"),
        ("２０１７年２月３日", "2017-02-03"),
        ("2017 年 2 月 3 日", "2017-02-03"),
        ("二〇一四年三月三日", "2014-03-03"),
        ("二○一四年十二月三十一日", "2014-12-31"),
        ("二零一四年三月", "2014-03"),
        ("2013年12月", "2013-12"),
    ],
)
def test_dates_in_every_spelling(text, iso):
    assert [found.iso for found in dates(text)] == [iso]
    found = only_date(f" {text} ")
    assert found is not None
    assert found.iso == iso


@pytest.mark.parametrize("text", ["2016年13月1日", "2015-02-30", "20161231", "自201611日起1231止"])
def test_what_is_no_date_gives_none(text):
    assert list(dates(text)) == []


def test_a_line_that_says_more_is_not_only_a_date():
    assert only_date("2017年2月20日发布") is None


def test_years_are_printed_with_their_word():
    text = "2016年公开，国办发〔2017〕47号，电话2018888"
    assert list(years(text)) == [(0, 2016)]


def test_document_numbers_are_given_as_printed():
    text = "依据国办发〔2014〕32号、某政办发﹝2014﹞ 8号和国务院令第711号"
    found = list(document_numbers(text))
    assert found[0].endswith("国办发〔2014〕32号")
    assert found[1].endswith("某政办发﹝2014﹞ 8号")
    assert found[2].endswith("国务院令第711号")
