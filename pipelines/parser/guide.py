"""The fields of a disclosure guide: where to apply, how, until when, what it costs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crawler.text import chinese_number, dates, plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipelines.parser.flow import Laid

_PHONE = r"(?:\(?0\d{2,3}\)?[- ]?)?[1-9]\d{6,7}(?:转\d{1,4})?|1[3-9]\d{9}|12345"
_PHONES = re.compile(rf"(?<![\d.-])(?:{_PHONE})(?![\d.-])")
_CONTACT = re.compile(r"(?:电话|热线)(?:号码)?(?:\([^()]{0,8}\))? ?:? ?(?P<value>[^。;\n]{6,80})")
_FAX = re.compile(r"传真(?:号码|电话)?(?:\([^()]{0,8}\))? ?:? ?(?P<value>[^。;,\n]{6,60})")
_EMAIL = re.compile(r"[\w.+-]{1,40} ?(?:@|\(at\)) ?[\w-]{1,40}(?:\.[\w-]{1,20}){1,4}")
_WEB = re.compile(
    r"(?:https?://|www\.)[A-Za-z0-9.-]{3,80}(?::\d{2,5})?(?:/[A-Za-z0-9_./?=&%#-]{0,120})?"
)
_POSTCODE = re.compile(r"(?:邮编|邮政编码) ?:? ?(?P<value>[1-9]\d{5})(?!\d)")
_ADDRESS = re.compile(r"(?:地址|来信请寄|邮寄地址) ?[:为] ?(?P<value>[^。;,(\n]{4,60})")
_HOURS = re.compile(
    r"(?:办公|工作|受理|接待|服务|对外)时间(?:为)? ?[:为]? ?(?P<value>[^。\n]{4,160})"
)
_CLOCK = re.compile(r"\d{1,2}:\d{2}")
_OFFICE = re.compile(
    r"(?:(?:公开)?工作机构|受理机构|受理部门|机构名称|承办机构)(?:名称)?(?:为|是)? ?[:为] ?"
    r"(?P<value>[^。;,(\n]{3,40})"
)
_WECHAT = re.compile(r"微信号? ?:? ?(?P<value>[A-Za-z][\w-]{4,30})")
_MAIL_NOTE = re.compile(r"(?P<value>[^。;,\n]{0,16}信封[^。;\n]{0,12}(?:注明|标明)[^。;\n]{2,30})")
_WORKING_DAYS = r"(?P<value>\d{1,3}|[一二三四五六七八九十]{1,3}) ?个?工作日"
_PROACTIVE = re.compile(rf"(?:形成|变更|生成|产生)[^。\n]{{0,20}}?{_WORKING_DAYS}")
_REPLY = re.compile(rf"(?:收到申请|受理申请|申请之日)[^。\n]{{0,16}}?{_WORKING_DAYS}")
_EXTENSION = re.compile(rf"延长[^。\n]{{0,24}}?{_WORKING_DAYS}")
_FEE = re.compile(r"(?P<value>[^。;\n]{0,60}(?:收费|收取|处理费)[^。;\n]{0,60})")
_READING = re.compile(r"(?P<value>[^。;:,\n]{2,40}(?:查阅点|查阅场所|查阅中心|档案馆|图书馆))")
_SUPERVISOR = re.compile(
    r"(?:监督机构|主管部门|监督部门)(?:名称)?(?:为|是)? ?[:为] ?(?P<value>[^。;,(\n]{3,40})"
)
_COMPLAINT = re.compile(r"(?P<value>[^。;\n]{0,40}(?:举报|投诉)[^。;\n]{0,60})")
_CHANNELS = (
    ("in_person", re.compile(r"当面(?:提交|申请|递交)|现场(?:提交|申请)")),
    ("mail", re.compile(r"信函|邮寄|邮政寄送")),
    ("online", re.compile(r"网上申请|在线申请|网络申请|网上提交|在线提交|依申请公开.{0,2}栏目")),
    ("fax", re.compile(r"传真(?:申请|方式|提交)|通过传真")),
    ("email", re.compile(r"电子邮件(?:申请|方式|提交)|通过电子邮件|电子邮箱申请")),
)
_DECREES = (
    ("711", re.compile(r"第?711号|第三十七条[^。]{0,20}区分")),
    ("492", re.compile(r"第?492号")),
)


@dataclass(frozen=True, slots=True)
class _Text:
    """Matched as plain text, handed out as printed; offsets are the same in both."""

    flat: str
    printed: str


def read_guide(laid: Laid, organ: str | None, year: int | None) -> dict[str, Any]:
    """The guide's fields; null, or [] for lists, where the text does not say."""
    flat = plain(laid.text)
    text = _Text(flat, laid.text)
    faxes = _numbers(_FAX, text)
    return {
        "organ": organ,
        "office_name": _first(_OFFICE, text),
        "address": _unique(_all(_ADDRESS, text)),
        "postcode": _first(_POSTCODE, text),
        "phones": [phone for phone in _numbers(_CONTACT, text) if phone not in faxes],
        "faxes": faxes,
        "emails": _unique(match[0].replace(" ", "") for match in _EMAIL.finditer(flat)),
        "office_hours": _hours(text),
        "website": _unique(match[0] for match in _WEB.finditer(flat)),
        "wechat": _first(_WECHAT, text),
        "online_application_url": _online(flat),
        "channels": [name for name, pattern in _CHANNELS if pattern.search(flat)],
        "mail_note": _first(_MAIL_NOTE, text),
        "proactive_deadline_working_days": _days(_PROACTIVE, text),
        "reply_deadline_working_days": _days(_REPLY, text),
        "extension_working_days": _days(_EXTENSION, text),
        "fee_policy": _first(_FEE, text),
        "reading_points": _unique(_all(_READING, text)),
        "supervising_body": _supervisor(text),
        "complaint_channels": _unique(_all(_COMPLAINT, text)),
        "legal_version": next((name for name, p in _DECREES if p.search(flat)), None),
        "guide_year": year,
        "updated_on": _updated(flat),
    }


def _all(pattern: re.Pattern[str], text: _Text) -> Iterable[str]:
    return (
        text.printed[match.start("value") : match.end("value")].strip()
        for match in pattern.finditer(text.flat)
    )


def _first(pattern: re.Pattern[str], text: _Text) -> str | None:
    return next(iter(_all(pattern, text)), None)


def _unique(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(value for value in values if value))


def _numbers(pattern: re.Pattern[str], text: _Text) -> list[str]:
    """Telephone numbers after a label, with half-width digits and dashes."""
    return _unique(n for value in _all(pattern, text) for n in _PHONES.findall(plain(value)))


def _hours(text: _Text) -> list[str]:
    """Raw statements of office hours; only those that name a time of day."""
    return _unique(value for value in _all(_HOURS, text) if _CLOCK.search(plain(value)))


def _online(text: str) -> str | None:
    """The address printed in the sentence that tells how to apply online."""
    for line in text.split("\n"):
        match = _WEB.search(line)
        if match and re.search(r"提交申请|申请页面|在线申请|网上申请|依申请公开", line):
            return match[0]
    return None


def _supervisor(text: _Text) -> dict[str, str | None] | None:
    """The body complaints go to, with the address and telephone printed right after it."""
    match = _SUPERVISOR.search(text.flat)
    if match is None:
        return None
    around = slice(match.end(), match.end() + 120)
    after = _Text(text.flat[around], text.printed[around])
    name = text.printed[match.start("value") : match.end("value")].strip()
    phone = next(iter(_numbers(_CONTACT, after)), None)
    return {"name": name, "address": _first(_ADDRESS, after), "phone": phone}


def _days(pattern: re.Pattern[str], text: _Text) -> int | None:
    value = _first(pattern, text)
    if value is None:
        return None
    return int(value) if value.isdigit() else chinese_number(value)


def _updated(text: str) -> str | None:
    match = re.search(r"(?:更新|修订|施行|实施)(?:日期|时间)? ?[:于自] ?", text)
    found = next(dates(text[match.end() : match.end() + 24]), None) if match else None
    return found.iso if found else None
