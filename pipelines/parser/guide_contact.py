"""How a guide says where an office is reached: telephones, faxes, e-mail, addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crawler.text import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SEP = r" ?(?:[:|]|为|是)? ?\n?"  # between a label and its value: in a cell or on a line of its own
_NEXT = r"邮编|邮政编码|电话|联系|传真|电子|邮箱|办公时间|工作时间|网址|微信|受理"
_PHONE = re.compile(
    r"(?<![\d.-])(?P<number>(?:\(?0\d{2,3}\)?[- ]?)?[1-9]\d{6,7}(?:(?:转|-)\d{1,4})?|1[3-9]\d{9}"
    r"|400-?\d{3}-?\d{4}|12345)(?![\d.-])(?P<aside> ?\((?:兼|及|或|含)?传真\))?"
)
# Numbers to complain at are no numbers of the office.
_CONTACT = re.compile(
    r"(?<!举报)(?<!监督)(?<!投诉)(?:电话|热线)(?:号码)?"
    rf"(?P<aside>[(/、及和] ?传真(?:号码)?\)?|\([^()]{{0,8}}\))?{SEP}(?P<value>[^。;\n]{{5,80}})"
)
_FAX = re.compile(
    rf"(?<![(/、及和兼])传真(?:号码|电话)?(?:\([^()]{{0,8}}\))?{SEP}(?P<value>[^。;,\n]{{6,60}})"
)
_OTHERS = re.compile(r"(?<!\()(?<!兼)(?<!及)(?<!或)(?<!含)传真|监督|举报|投诉")  # other numbers
_EMAIL = re.compile(
    r"(?i)(?<![a-z0-9_.+-])(?P<name>[a-z0-9_.+-]{1,40}) ?(?:@|[(\[{] ?(?:at|@) ?[)\]}]| at |#) ?"
    r"(?P<host>[a-z0-9-]{1,40}(?: ?\. ?[a-z0-9-]{1,20}){1,4})(?![a-z0-9-])"
)
_REFUSED = re.compile(
    r"(?P<value>[^。;,()\n]{0,20}(?:邮箱|邮件)[^。;,()\n]{0,6}(?:不|仅|只)[^。;()\n]{2,30})"
)
_POSTCODE = re.compile(rf"(?:邮编|邮政编码){SEP}(?P<value>[1-9]\d{{5}})(?!\d)")
_ADDRESS = re.compile(
    r"(?<!网站)(?<!网络)(?<!邮箱)(?<!邮件)(?<!网页)(?:地址|来信请寄)(?: ?[:|为] ?\n?|\n)"
    rf"(?P<value>[^。;,(|\n@]{{4,60}}?)(?= *(?:[。;,(|\n]|{_NEXT}|$))"
)
WEB = re.compile(
    r"(?:https?://|www\.)[A-Za-z0-9.-]{3,80}(?::\d{2,5})?(?:/[A-Za-z0-9_./?=&%#-]{0,120})?"
)
_WECHAT = (
    re.compile(r"微信号? ?[:为]? ?(?P<value>[A-Za-z][\w-]{4,30})"),
    re.compile(r"[\"“「](?P<value>[^\"”“」\n]{2,20})[\"”」] ?(?:官方|政务)?微信(?:公众号|订阅号)"),
    re.compile(r"微信(?:公众号|订阅号) ?[:为]? ?[\"“「]?(?P<value>\w{2,20})"),
)
_WEIBO = (
    re.compile(r"[\"“「]@?(?P<value>[^\"”“」\n]{2,20})[\"”」] ?(?:官方|政务|新浪|腾讯)?微博"),
    re.compile(r"微博(?:号|账号|名称|昵称)? ?[:为]? ?[\"“「@]{1,2}(?P<value>\w{2,20})"),
    re.compile(r"微博(?:号|账号|名称|昵称)? ?[:为] ?(?P<value>\w{2,20})"),
)


@dataclass(frozen=True, slots=True)
class Text:
    """Matched as plain text, handed out as printed; offsets are the same in both."""

    flat: str
    printed: str

    def cut(self, start: int, end: int) -> Text:
        """A part of it."""
        return Text(self.flat[start:end], self.printed[start:end])

    def without(self, start: int, end: int) -> Text:
        """All but a part of it, in whose place a line ends."""
        return Text(*(each[:start] + "\n" + each[end:] for each in (self.flat, self.printed)))


def every(pattern: re.Pattern[str], text: Text) -> Iterator[str]:
    """What `pattern` calls its value, as printed, of all its matches."""
    for match in pattern.finditer(text.flat):
        yield text.printed[match.start("value") : match.end("value")].strip(" \u3000\xa0")


def first(pattern: re.Pattern[str], text: Text) -> str | None:
    """The first value."""
    return next(every(pattern, text), None)


def unique(values: Iterable[str]) -> list[str]:
    """Each value once, in order, none of them empty."""
    return list(dict.fromkeys(value for value in values if value))


def telephones(text: Text) -> tuple[list[str], list[str]]:
    """(phones, faxes) with half-width digits and dashes; one line for both stands in both."""
    faxes = [found["number"] for value in every(_FAX, text) for found in _numbers(value)]
    phones: list[str] = []
    for match in _CONTACT.finditer(text.flat):
        shared = "传真" in (match["aside"] or "")
        for found in _numbers(_OTHERS.split(match["value"])[0]):
            number, aside = found["number"], found["aside"] or ""
            faxes += [number] if shared or aside else []
            phones += [number] if not aside or "兼" in aside else []
    return unique(phones), sorted(unique(faxes), key=text.flat.find)


def _numbers(value: str) -> Iterator[re.Match[str]]:
    return _PHONE.finditer(plain(value))


def emails(text: Text) -> list[str]:
    """Addresses as they are typed, however @ is printed; pictures of addresses are none."""
    return unique(
        f"{match['name']}@{match['host']}".replace(" ", "") for match in _EMAIL.finditer(text.flat)
    )


def contact(text: Text) -> dict[str, Any]:
    """The fields of a guide that say how its office is reached."""
    phones, faxes = telephones(text)
    return {
        "address": unique(every(_ADDRESS, text)),
        "postcode": first(_POSTCODE, text),
        "phones": phones,
        "faxes": faxes,
        "emails": emails(text),
        "email_note": first(_REFUSED, text),
        "website": unique(match[0].rstrip(".") for match in WEB.finditer(text.flat)),
        "wechat": next((name for p in _WECHAT if (name := first(p, text))), None),
        "weibo": next((name for p in _WEIBO if (name := first(p, text))), None),
    }
