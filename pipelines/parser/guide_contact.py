"""How a guide says where an office is reached: telephones, faxes, e-mail, addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crawler.text import plain, squeeze

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Between a label and its value: in a cell, or on a line of its own that is no row.
SEP = r" ?(?:[:|]|为|是)? ?(?:\n(?![^\n]*\|))?"
_NEXT = r"邮编|邮政编码|电话|联系|传真|电子|邮箱|办公时间|工作时间|网址|微信|受理"
_PHONE = re.compile(
    r"(?<![\d.-])(?:\+?86-)?"
    r"(?P<number>(?:\(?0\d{2,3}\)?[- ]?)?[1-9]\d{6,7}(?:(?:转|-)\d{1,4})?|1[3-9]\d{9}"
    r"|\(?0\d{2,3}\)?[- ]?[1-9]\d{3} \d{4}|400-?\d{3}-?\d{4}|(?:0\d{2,3}-)?12345)"
    r"(?![\d.-])(?P<aside> ?\((?:兼|及|或|含)?传真\))?"
)
# Numbers to complain at are no numbers of the office.
_CONTACT = re.compile(
    r"(?<!举报)(?<!监督)(?<!投诉)(?:电话|热线|联系方式)(?:号码)?"
    rf"(?P<aside>[(/、及和] ?传真(?:号码)?\)?|\([^()]{{0,8}}\))?{SEP}(?P<value>[^。;\n]{{5,80}})"
)
_FAX = re.compile(
    rf"(?<![(/、及和兼])传真(?:号码|电话)?(?:\([^()]{{0,8}}\))?{SEP}(?P<value>[^。;,\n]{{6,60}})"
)
_OTHERS = re.compile(r"(?<!\()(?<!兼)(?<!及)(?<!或)(?<!含)传真|监督|举报|投诉")  # other numbers
_EMAIL = re.compile(
    r"(?i)(?<![a-z0-9_.+-])(?P<name>[a-z0-9_.+-]{1,40}) ?"
    r"(?:@|[(\[{] ?(?:at|@|艾特) ?[)\]}]| at |艾特|[#*]"
    r"|\(?[#*]\(?(?:请|用)?(?:换成|换为|改为|改成|替换[为成]|代替)@\)) ?"
    r"(?P<host>[a-z0-9-]{1,40}(?: ?(?:\.|[(\[]dot[)\]]) ?[a-z0-9-]{1,20}){1,4})(?![a-z0-9-])"
)
_DOT = re.compile(r"(?i) ?(?:\.|[(\[]dot[)\]]) ?")
_REFUSED = re.compile(
    r"(?P<value>[^。;,()\n]{0,20}(?:邮箱|邮件)[^。;,()\n]{0,6}(?:不|仅|只)[^。;()\n]{2,30})"
)
_POSTCODE = re.compile(rf"(?:邮编|邮政编码){SEP}(?P<value>[1-9]\d{{5}})(?!\d)")
_ADDRESS = re.compile(
    r"(?<!网站)(?<!网络)(?<!邮箱)(?<!邮件)(?<!网页)(?:地址|来信请寄)(?: ?[:|为] ?\n?|\n)"
    rf"(?P<value>[^。;,(|\n@]{{4,60}}?)(?= *(?:[。;,(|\n]|{_NEXT}|$))"
)
WEB = re.compile(
    r"(?:https?://[A-Za-z0-9.-]{3,80}|www\.[A-Za-z0-9.-]{3,80}"
    r"|(?<![A-Za-z0-9@.-])(?:[A-Za-z0-9-]{1,30}\.){1,4}gov\.cn(?![A-Za-z0-9.-]))"
    r"(?::\d{2,5})?(?:/[A-Za-z0-9_./?=&%#-]{0,120})?"
)
_WECHAT = (
    re.compile(r"微信号? ?[:为]? ?(?P<value>[A-Za-z][\w-]{4,30})"),
    re.compile(r"[\"“「](?P<value>[^\"”“」\n]{2,20})[\"”」] ?(?:官方|政务)?微信(?:公众号|订阅号)"),
    re.compile(
        r"微信(?:公众号|订阅号)(?:名称)?(?: ?: ?[\"“「]?|[为是]? ?[\"“「])(?P<value>\w{2,20})"
    ),
)
_WEIBO = (
    re.compile(r"[\"“「]@?(?P<value>[^\"”“」\n]{2,20})[\"”」] ?(?:官方|政务|新浪|腾讯)?微博"),
    re.compile(r"微博(?:号|账号|名称|昵称)? ?[:为]? ?[\"“「@]{1,2}(?P<value>\w{2,20})"),
    re.compile(r"微博(?:号|账号|名称|昵称)? ?: ?(?P<value>\w{2,20})"),
)
# Labels whose characters stand apart, so that a column of them looks even.
_SPREAD = re.compile(
    "(?:监督|举报|投诉|联系|咨询|办公|通讯|通信|邮寄)? {0,4}(?:"
    + "|".join(
        " {0,6}".join(label)
        for label in ("地址", "邮编", "邮政编码", "电话", "传真", "网址", "邮箱", "办公时间")
    )
    + ")"
)
_LABEL = re.compile(
    "[^:|]{0,6}(?:机构|部门|单位|地址|邮编|邮政编码|电话|传真|网址|邮箱|时间)(?:号码|名称)?"
)
_PLACE = re.compile(r"[路街道巷号楼村园弄幢栋座里镇乡\d]|大厦|广场")


@dataclass(frozen=True, slots=True)
class Text:
    """Matched as plain text, handed out as printed; offsets are the same in both."""

    flat: str
    printed: str

    def cut(self, start: int, end: int) -> Text:
        """A part of it."""
        return Text(self.flat[start:end], self.printed[start:end])

    def without(self, pattern: re.Pattern[str]) -> Text:
        """Without what `pattern` finds, in whose place a line ends."""
        return Text(*(_blanked(pattern, self.flat, each) for each in (self.flat, self.printed)))


def _blanked(pattern: re.Pattern[str], flat: str, text: str) -> str:
    parts, end = [], 0
    for match in pattern.finditer(flat):
        parts.append(text[end : match.start()])
        end = match.end()
    return "\n".join([*parts, text[end:]])


def read_text(laid: str) -> Text:
    """The text of a guide, made ready for matching: labels closed up, each beside its value."""
    printed = "\n".join(_upright(laid.split("\n")))
    return Text(_SPREAD.sub(lambda m: squeeze(m[0]).rjust(len(m[0])), plain(printed)), printed)


def _upright(lines: list[str]) -> Iterator[str]:
    """Rows below a header of labels as one line a cell, its label before it."""
    header: list[str] = []
    for line in lines:
        cells = line.split(" | ")
        labels = sum(1 for cell in cells if _LABEL.fullmatch(squeeze(cell)))
        if labels >= max(2, len(cells) - 1):
            header = cells if not re.search(r"\d", line) else []
        elif header and len(cells) == len(header):
            yield from (f"{label}：{cell}" for label, cell in zip(header, cells, strict=True))
            continue
        else:
            header = []
        yield line


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
        f"{match['name']}@{_DOT.sub('.', match['host'])}" for match in _EMAIL.finditer(text.flat)
    )


def contact(text: Text) -> dict[str, Any]:
    """The fields of a guide that say how its office is reached."""
    phones, faxes = telephones(text)
    sites = WEB.finditer(text.without(_EMAIL).flat)
    return {
        "address": unique(each for each in every(_ADDRESS, text) if _PLACE.search(plain(each))),
        "postcode": next(map(plain, every(_POSTCODE, text)), None),
        "phones": phones,
        "faxes": faxes,
        "emails": emails(text),
        "email_note": first(_REFUSED, text),
        "website": unique(match[0].rstrip(".") for match in sites),
        "wechat": next((name for p in _WECHAT if (name := first(p, text))), None),
        "weibo": next((name for p in _WEIBO if (name := first(p, text))), None),
    }
