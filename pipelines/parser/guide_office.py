"""Which offices a guide names: where to apply, where to complain, where to read.

A telephone or an address belongs to the office it is printed under.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipelines.parser.guide_contact import Text, contact, every, unique

if TYPE_CHECKING:
    from collections.abc import Iterator

_HAN = r"\u3400-\u9fff"
_END = (
    "政府|办公厅|办公室|委员会|管委会|办事处|委|局|厅|中心|办|站|所|队|院|校|科|处|室|股|组|窗口|馆"
    "|公司"
)
_NAME = (
    rf"(?P<value>[{_HAN}](?:(?![为是])[{_HAN}()·\d]){{1,30}}?(?:{_END})"
    rf"(?: [{_HAN}()·]{{1,14}}(?:科|处|室|股|中心))?)"
)
_AFTER_LABEL = r"(?:名称)?(?:为|是)?(?: ?[:|为是] ?\n?|\n)(?:(?:机构|单位|部门)?名称 ?[:|] ?\n?)?"
_ENDS = r"(?=[。;,(|\n ]|$)"
_OFFICE = (
    re.compile(rf"(?:(?:工作|受理|承办|负责)机构|受理部门|机构名称){_AFTER_LABEL}{_NAME}{_ENDS}"),
    re.compile(
        rf"(?:^|[\n。;,]){_NAME}(?:具体)?负责[^。;,\n]{{0,14}}(?:受理|办理|接收)[^。;,\n]{{0,24}}申请"
    ),
)
_NOBODY = re.compile(r"公民|网站$|^(?:申请|本|该|各|由|可)")
_CONTACTS = r"(?:办公|联系|通[讯信]|监督|举报|投诉)?(?:地址|电话|邮编|邮政编码|传真)"
_LINES = rf"(?:\n ?{_CONTACTS}[^。\n]{{0,80}}){{0,4}}"
_SUPERVISOR = re.compile(
    rf"(?:主管|监督)(?:部门|机构|单位){_AFTER_LABEL}{_NAME}{_ENDS}[^。\n]{{0,120}}{_LINES}"
)
_FOR_COMPLAINTS = re.compile(r"(?:监督|举报|投诉)(?=电话|热线)")
_HEADS = (r" ?[一二三四五六七八九十]{1,3} ?、", r" ?\([一二三四五六七八九十]{1,3}\)")
# What is printed of others: under a heading about complaints, in the rest of a sentence about
# them, and right after a library.
_OTHERS = (
    _SUPERVISOR,
    *(
        re.compile(
            rf"(?:^|\n){head}[^。:\n]{{0,12}}(?:监督(?!管理)|救济|投诉|举报)[^。:\n]{{0,14}}"
            rf"(?:\n(?!{head}|[^\n]{{0,8}}(?:受理|工作)机构)[^\n]*)+"
        )
        for head in _HEADS
    ),
    re.compile(r"(?:举报|投诉|监督(?:电话|热线|邮箱|信箱|机构|部门|单位|方式))[^。;\n]*"),
    re.compile(
        rf"(?:档案馆|图书馆)(?:\([^()\n]{{0,40}}\))?[。:,;|]? ?\n? ?"
        rf"{_CONTACTS}[^。\n]{{0,80}}{_LINES}"
    ),
)
_PLACES = "(?:档案馆|图书馆|查阅点|查阅场所|查阅中心|查阅室)"
_READING = re.compile(rf"(?:^|[在到至往于为:、,;)和及与或\n])(?P<value>[{_HAN}]{{0,16}}?{_PLACES})")
_ANY_PLACE = re.compile(  # a kind of place, and no place
    r"(?:国家|各级|公共|当地|本级|[省市县区]级?|综合|信息|政府|政务|集中|公众|公开|设立|设置)*"
    + _PLACES
)


def office_name(text: Text) -> str | None:
    """The office that takes applications; a line under its heading only if it is a name."""
    names = (name for pattern in _OFFICE for name in every(pattern, text))
    return next((name for name in names if not _NOBODY.search(name)), None)


def supervising_body(text: Text) -> dict[str, str | None] | None:
    """{name, address, phone} of the body a guide names for complaints."""
    match = _SUPERVISOR.search(text.flat)
    if match is None:
        return None
    after = text.cut(match.end("value"), match.end())
    flat = _FOR_COMPLAINTS.sub(lambda found: " " * len(found[0]), after.flat)
    reached = contact(Text(flat, after.printed))
    return {
        "name": text.printed[match.start("value") : match.end("value")].strip(),
        "address": next(iter(reached["address"]), None),
        "phone": next(iter(reached["phones"]), None),
    }


def of_the_office(text: Text) -> Text:
    """The text without the contacts of others."""
    for pattern in _OTHERS:
        text = text.without(pattern)
    return text


def reading_points(text: Text) -> list[str]:
    """Libraries, archives and rooms by name; 公共图书馆 names none."""
    return unique(_named(every(_READING, text)))


def _named(values: Iterator[str]) -> Iterator[str]:
    for value in values:
        name = re.split("[到往]", value)[-1]
        if "的" not in name and not _ANY_PLACE.fullmatch(name):
            yield name
