"""The fields of a disclosure guide: where to apply, how, until when, what it costs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from crawler.text import chinese_number, dates
from pipelines.parser.guide_contact import WEB, Text, contact, every, first, read_text, unique
from pipelines.parser.guide_hours import office_hours, seasonal_hours
from pipelines.parser.guide_office import (
    of_the_office,
    office_name,
    reading_points,
    supervising_body,
)

if TYPE_CHECKING:
    from pipelines.parser.flow import Laid

_MAIL_NOTE = re.compile(
    r"(?P<value>[^。;,\n]{0,16}信封[^。;\n]{0,12}(?:注明|标明|标注|写明)[^。;\n]{2,30})"
)
_WORKING_DAYS = r"(?P<value>\d{1,3}|[一二三四五六七八九十]{1,3}) ?个?工作日"
_PROACTIVE = re.compile(rf"(?:形成|变更|生成|产生)[^。\n]{{0,20}}?{_WORKING_DAYS}")
_OTHER_STEP = "补正|登记|告知|转送|转交|征求"  # steps before the reply, with terms of their own
_REPLY = (
    re.compile(
        rf"(?:收到申请|受理申请|申请之日)[^。\n]{{0,16}}?{_WORKING_DAYS}"
        rf"(?:(?!{_OTHER_STEP})[^。;\n]){{0,14}}?(?:答复|回复|处理决定)"
    ),
    re.compile(rf"{_WORKING_DAYS}(?:之?内)?(?:予以|作出|给予)?(?:书面)?答复"),
)
_EXTENSION = re.compile(rf"延长(?![至到])[^。\n]{{0,24}}?{_WORKING_DAYS}")
_FEE = re.compile(r"(?P<value>[^。;\n]{0,60}(?:收费|收取|费用|处理费)[^。;\n]{0,60})")
_CHARGED = re.compile(r"不收|不得收|免费|收取|可以收|按照|依照|根据|执行")
_COMPLAINT = re.compile(r"(?P<value>[^。;\n]{0,40}(?:举报|投诉)[^。;\n]{0,60})")
_CHANNELS = (
    ("in_person", re.compile(r"(?:当面|现场)(?:提交|申请|递交|提出|受理|、|方式)")),
    ("mail", re.compile(r"信函|信件|邮寄|邮政寄送")),
    ("online", re.compile(r"网上(?:申请|提交|提出|受理)|在线(?:申请|提交)|网络(?:申请|提交|方式|、)"
                          r"|互联网(?:申请|提交|方式)|依申请公开.{0,2}(?:栏目|系统|平台)")),
    ("fax", re.compile(r"传真(?:申请|方式|提交|、|或|等)|(?:通过|采用)传真|、传真")),
    ("email", re.compile(r"电子邮[件箱](?:申请|方式|提交|、|或|等)|(?:通过|采用|、)电子邮件")),
)  # fmt: skip
_APPLY = re.compile(
    r"提交申请|提出申请|申请页面|(?:在线|网上)(?:申请|提交|填写)|填写申请|依申请公开"
)
_REFUSED = re.compile(r"不(?:再)?(?:接受|受理|接收|提供|支持|开通)|暂不|未开通|不能(?:通过|以)")
_DECREES = (
    ("711", re.compile(r"第?711号|2019年修[订正]|第三十七条[^。]{0,20}区分")),
    ("492", re.compile(r"第?492号")),
)
# The guide's own days: laws and forms it cites have theirs.
_EFFECTIVE = re.compile(
    r"(?:(?:^|[\n。;(])|指南[^。;\n《》]{0,20}?)(?:自|从) ?(?P<date>[^,。;\n]{8,16}?)(?:起)?"
    r"(?:施行|实施|执行|生效)"
)
_UPDATED = (
    re.compile(r"(?:更新|修订|修改|调整)(?:日期|时间) ?[:于|]? ?(?P<date>[^,。;\n]{8,16})"),
    re.compile(r"指南[^。;\n《》]{0,12}(?:更新|修订|修改|调整)于 ?(?P<date>[^,。;\n]{8,16})"),
    re.compile(
        r"指南[^。;\n《》]{0,12}?(?:于|在) ?(?P<date>[^,。;:(\n]{8,16}?)(?:更新|修订|修改|调整)"
    ),
    re.compile(r"(?:^|[\n(]) ?(?P<date>[^,。;:(\n]{8,16}?)(?:更新|修订|修改|调整) ?(?:[)\n]|$)"),
)


def read_guide(laid: Laid, organ: str | None, year: int | None) -> dict[str, Any]:
    """The guide's fields; null, or [] for lists, where the text does not say."""
    text = read_text(laid.text)
    hours = office_hours(text)
    return {
        "organ": organ,
        "office_name": office_name(text),
        **contact(of_the_office(text)),
        "office_hours": hours,
        "seasonal_hours": seasonal_hours(hours),
        "online_application_url": _online(text.flat),
        "channels": _channels(text.flat),
        "mail_note": first(_MAIL_NOTE, text),
        "proactive_deadline_working_days": _days(text, _PROACTIVE),
        "reply_deadline_working_days": _days(text, *_REPLY),
        "extension_working_days": _days(text, _EXTENSION),
        "fee_policy": next((v for v in every(_FEE, text) if _CHARGED.search(v)), None),
        "reading_points": reading_points(text),
        "supervising_body": supervising_body(text),
        "complaint_channels": unique(every(_COMPLAINT, text)),
        "legal_version": next((name for name, p in _DECREES if p.search(text.flat)), None),
        "guide_year": year,
        "effective_on": _date(text.flat, _EFFECTIVE),
        "updated_on": _date(text.flat, *_UPDATED),
    }


def _online(text: str) -> str | None:
    """The address in the line that tells how to apply online, or alone in the next one."""
    before = ""
    for line in text.split("\n"):
        match = WEB.search(line)
        alone = match is not None and line.strip() == match[0] and before.endswith(":")
        if match and _APPLY.search(before + line if alone else line):
            return match[0]
        before = line.strip()
    return None


def _channels(text: str) -> list[str]:
    """Ways to apply; one that a sentence turns down is none."""
    said = [
        part for part in re.split(r"[。;\n]|,(?=可|请|申请人可)", text) if not _REFUSED.search(part)
    ]
    return [name for name, pattern in _CHANNELS if any(map(pattern.search, said))]


def _days(text: Text, *patterns: re.Pattern[str]) -> int | None:
    value = next((value for pattern in patterns if (value := first(pattern, text))), None)
    if value is None:
        return None
    return int(value) if value.isdigit() else chinese_number(value)


def _date(text: str, *patterns: re.Pattern[str]) -> str | None:
    for pattern in patterns:
        for match in pattern.finditer(text):
            found = next(dates(match["date"]), None)
            if found is not None:
                return found.iso
    return None
