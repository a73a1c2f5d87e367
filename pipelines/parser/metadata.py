"""What is printed around a text: labelled facts, dates, the statistics period, the signature."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.text import Dated, chinese_number, dates, document_numbers, only_date, plain, squeeze
from pipelines.parser.titles import ORGAN, arabic_years

if TYPE_CHECKING:
    from crawler.items import Page
    from pipelines.parser.flow import Laid, Line

_FIELDS = {
    "index_no": "索引号|信息索引|信息索引号",
    "organ": "编制单位|填报单位|填表单位",
    "publisher": "发布机构|发布机关|发文机关|发文机构|发文单位|制发机关|公开机构|责任部门|发布单位",
    "written": "成文日期|成文时间|生成日期|生成时间|公文生成日期|发文日期|签发日期|印发日期",
    "published": "发布日期|发布时间|公开日期|公开时间|发表时间|时间|日期",
    "updated": "更新时间|更新日期",
    "doc_no": "文号|发文字号|发布文号|公文文号|备注/文号",
    "": "公开方式|公开形式|公开时限|公开范围|公开程序|主题分类|组配分类|体裁分类|主题导航|主题词"
    "|分类|关键词|信息来源|来源|稿源|信息名称|名称|标题|内容概述|时效|有效性|效力状态"
    "|浏览次数|点击数|阅读次数|累计次数|字号",
}
_NAMES = {name: field for field, names in _FIELDS.items() for name in names.split("|")}
_LABELS = "|".join(" ?".join(name) for name in sorted(_NAMES, key=len, reverse=True))
_LABELLED = re.compile(
    rf"(?:(?<=[\s|;,(])|^)(?P<label>{_LABELS}) ?(?:\((?:盖章|公章|签章)\) ?)?[:|] ?"
)
_TIME = re.compile(r"(?<!\d)(?P<h>[01]?\d|2[0-3]) ?: ?(?P<m>[0-5]\d)(?!\d)")
_PERIOD = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<y>20\d\d)年 ?(?P<m>\d{1,2})月 ?(?P<d>\d{1,2})日?(?:起|开始)?,? ?(?:至|到|-|~)+ ?"
        r"(?:(?P<y2>20\d\d)年)? ?(?P<m2>\d{1,2})月 ?(?P<d2>\d{1,2})日",
        r"(?<![\d.])(?P<y>20\d\d)[./](?P<m>\d{1,2})[./](?P<d>\d{1,2}) ?(?:至|到|-|~)+ ?"
        r"(?:(?P<y2>20\d\d)[./])?(?P<m2>\d{1,2})[./](?P<d2>\d{1,2})(?![\d.])",
    )
)
_NUMERAL = re.compile(r"[一二三四五六七八九十]{1,3}(?= ?[月日])")
_STATISTICS = re.compile(r"统计|数据|期限|时限")
_HEAD_LINES, _TAIL_LINES = 15, 12


@dataclass(frozen=True, slots=True)
class Signature:
    """The last lines of a text: who signs, and when."""

    organ: str | None = None
    date: Dated | None = None


def printed_facts(laid: Laid) -> dict[str, str]:
    """Labelled values by field (keys of `_FIELDS`); the first non-empty one wins."""
    facts: dict[str, str] = {}
    body = [line for line in laid.lines if len(line.text) <= 300]
    for line in (*body[:_HEAD_LINES], *body[-_TAIL_LINES:]):
        flat = line.flat
        found = list(_LABELLED.finditer(flat))
        ends = [*(match.start() for match in found[1:]), len(flat)]
        for match, end in zip(found, ends, strict=False):
            value = line.text[match.end() : end].strip(" |\u3000\xa0")
            field = _NAMES[squeeze(match["label"])]
            if field and value:
                facts.setdefault(field, value)
    return facts


def published_at(facts: dict[str, str], page: Page, alone: bool) -> str | None:
    """The printed publication date, with a time only if one is printed."""
    sources = [facts.get("published", "")]
    if alone:
        sources += [page.meta.get("PubDate", ""), page.date]
    sources.append(facts.get("updated", ""))
    return next((found for source in sources if (found := moment(source))), None)


def moment(text: str) -> str | None:
    """The first whole date of a text, ISO, with its time of day if one is printed after it."""
    found = next((each for each in dates(text) if each.day is not None), None)
    if found is None:
        return None
    time = _TIME.search(plain(text), found.end)
    return f"{found.iso}T{int(time['h']):02}:{time['m']}+08:00" if time else found.iso


def written_on(facts: dict[str, str], signature: Signature) -> str | None:
    """The date of the text itself: labelled, else signed. A month alone is no date."""
    labelled = next(dates(facts.get("written", "")), None)
    for found in (labelled, signature.date):
        if found is not None and found.day is not None:
            return found.iso
    return None


def doc_no(facts: dict[str, str]) -> str | None:
    """The document's own number; numbers it cites are not its own."""
    value = facts.get("doc_no", "")
    return next(document_numbers(value), None)


def publisher(facts: dict[str, str]) -> str | None:
    """The labelled publisher, where it is a department; a government's office publishes for all."""
    name = plain(facts.get("publisher", "")).strip()
    shared = re.search(r"政府|办公[室厅]$|数据|信息", name)
    return None if shared or not ORGAN.fullmatch(name) else name


def index_no(facts: dict[str, str]) -> str | None:
    """The catalogue number, as printed."""
    value = facts.get("index_no", "").split()
    return value[0] if value and re.search(r"\d", value[0]) else None


def period(laid: Laid) -> tuple[str, str] | None:
    """First and last day of the statistics, ISO; only from a sentence about statistics."""
    for line in laid.prose:
        flat = line.flat
        if "〇" in flat or "○" in flat or "零" in flat:
            flat = _NUMERAL.sub(lambda match: f"{chinese_number(match[0])}", arabic_years(flat))
        for match in (found for pattern in _PERIOD for found in pattern.finditer(flat)):
            around = flat[max(0, match.start() - 40) : match.end() + 20]
            ends = list(dates(f"{match['y']}年{match['m']}月{match['d']}日"))
            ends += dates(f"{match['y2'] or match['y']}年{match['m2']}月{match['d2']}日")
            if _STATISTICS.search(around) and len(ends) == 2 and ends[0].iso < ends[1].iso:
                return ends[0].iso, ends[1].iso
    return None


def signature(laid: Laid) -> Signature:
    """Organ and date from the end of the text, wherever an annex may follow it."""
    lines = laid.prose
    for index in range(len(lines) - 1, max(-1, len(lines) - _TAIL_LINES), -1):
        date = only_date(lines[index].text)
        if date is not None and date.year >= 2008:
            return Signature(_signer(lines[max(0, index - 3) : index]), date)
        glued = _glued(lines[index].text)
        if glued is not None:
            return glued
    tail = _signer(lines[-3:])
    return Signature(tail, _inline_date(laid.text))


def _signer(lines: tuple[Line, ...]) -> str | None:
    """The organ line closest to the date."""
    for line in reversed(lines):
        flat = squeeze(line.text).strip("()")
        if 4 <= len(flat) <= 30 and ORGAN.fullmatch(flat):
            return flat
    return None


def _glued(text: str) -> Signature | None:
    """`某某局 2022年1月17日` on one line."""
    found = list(dates(text))
    if not found or found[-1].end < len(text.rstrip()):
        return None
    organ = squeeze(text[: found[-1].start])
    if 4 <= len(organ) <= 30 and ORGAN.fullmatch(organ):
        return Signature(organ, found[-1])
    return None


def _inline_date(text: str) -> Dated | None:
    """A date standing by itself near the end of a text without line breaks."""
    offset = max(0, len(text) - 200)
    tail = text[offset:]
    for found in reversed(list(dates(tail))):
        before, after = tail[: found.start], tail[found.end :]
        alone = (not before or before[-1].isspace()) and (not after or after[0].isspace())
        if alone and before and found.day is not None and found.year >= 2008:
            return found
    return None
