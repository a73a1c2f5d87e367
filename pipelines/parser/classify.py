"""Which class a document is. Plans and reports share their vocabulary; only reports count."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.text import plain, squeeze
from pipelines.parser.sections import STATUTORY
from pipelines.parser.titles import title_kind, title_year

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.parser.flow import Laid
    from pipelines.parser.model import Class, Figure, Section
    from pipelines.parser.reading import Reading

_SELF_NAMED = re.compile(r"本(?:年度|年度的)?(?:报告|年报)|年度报告|报告如下|汇报如下|报告年度")
# Reports on other work tell of disclosure in passing.
_OTHER_WORK = re.compile(
    r"(?!.*(?:信息|政务)公开).{0,30}(?:法治|依法行政|决算|预算|绩效|述职|党建|审计|廉政|政府工作).{0,16}(?:报告|总结)"
)
_TASKS = {
    "工作任务",
    "任务",
    "责任科室",
    "责任单位",
    "责任部门",
    "完成时限",
    "责任人",
    "牵头单位",
    "时限要求",
}
_URGING = re.compile(
    r"^[一二三四五六七八九十]{1,3}、(?:进一步|大力|全面|强化|加强|推进|深化|建立|健全|完善|切实|着力|做好|继续)"
)
_GUIDE = re.compile(r"(?:编制|制定|调整|修订|更新|公布|本)[^。《》]{0,24}指南")
_GUIDE_PARTS = (
    "编排体系|分类", "获取(?:形式|方式)|公开(?:形式|方式)", "公开时限",
    "办公时间|工作时间|受理时间",
    "邮政编码|邮编", "受理机构|工作机构", "申请方式|申请接收|提出申请|提交申请", "收费标准|收费",
    "监督|投诉|举报",
)  # fmt: skip
_DECLARED: tuple[tuple[re.Pattern[str], Class], ...] = (
    (
        re.compile(r"(?:制定|提出|印发)(?:以下|如下|本)(?:工作)?(?:要点|方案|计划|意见)"),
        "work_plan",
    ),
    (re.compile(r"(?:制定|制订)本(?:制度|办法|规定|细则)"), "rules"),
)
_SCORES = {"分值", "评分标准", "得分", "扣分标准", "评分细则", "考核指标", "评分办法", "考核标准"}
# A form to be filled in: its organ and its year are crosses or blanks.
_TEMPLATE = re.compile(
    r"[×xX*＊_□]{2,}年|20[×xX*＊_□]{1,2}年|[×xX*＊]{2,}(?:省|市|县|区|局|单位|机关|部门)"
    r"|\((?:模板|样式|样表|格式|参考格式|范本|示例)\)"
)
_LINKS = 3  # titles of documents elsewhere that make a page a list of them
_NOTICE = re.compile(r"(?:通知|要求)如下|请(?:各|你)(?:单位|部门|县|区|市)")
_COUNTS = re.compile(r"^prose\.(?:active|published|requests|replies|review|litigation|fees)\.")
_LIVING = frozenset({"annual_report", "disclosure_guide"})
_OPENING = 800  # characters in which a text says what it is
_SOME = 30  # characters of a body that may be a picture's caption, and still is one
_SHORT = 150  # characters below which a body is a title and a link


def classify(
    laid: Laid,
    titles: Sequence[str],
    sections: Sequence[Section],
    reading: Reading,
    attachments: Sequence[str],
    *,
    forms: frozenset[int],
) -> Class:
    """The class, by title first, then by what the text does; lines at `forms` are rows of one."""
    titled = next((kind for title in titles if (kind := title_kind(title))), None)
    told = any(figure.value is not None for figure in reading.figures)
    if not told and _TEMPLATE.search(plain(laid.text[:_OPENING])):
        return "other"
    if {"C", "D"} & set(reading.forms) and (told or titled in {None, "annual_report"}):
        return "annual_report"
    counts = _counts(reading.figures)
    if titled in _LIVING and not counts and not reading.forms and _body(laid) < _SHORT:
        return _without_body(laid, titles, titled, attachments)
    if titled and titled != "statistics_form":
        return titled
    if reading.forms:
        return "annual_report" if _is_told(laid, forms) else "statistics_form"
    return titled or _by_body(laid, sections, counts, attachments)


def _without_body(
    laid: Laid, titles: Sequence[str], titled: Class, attachments: Sequence[str]
) -> Class:
    """What a title of a report or a guide announces that has next to nothing below it."""
    if sum(1 for line in laid.prose if title_kind(line.text) in _LIVING) > _LINKS:
        return "catalogue"
    if attachments or _names_file(laid):
        return "attachment_only"
    # A column is named like a report without its year; a guide without a word is none.
    named = titled == "annual_report" and any(map(title_year, titles))
    return titled if named or _body(laid) >= _SOME else "other"


def _by_body(
    laid: Laid, sections: Sequence[Section], counts: int, attachments: Sequence[str]
) -> Class:
    """The first class the text gives evidence of, in this order."""
    opening = plain(laid.text[:_OPENING])
    kinds = {section.kind for section in sections} & STATUTORY
    urging = sum(1 for section in sections if _URGING.match(squeeze(section.heading)))
    declared = [kind for pattern, kind in _DECLARED if pattern.search(opening)]
    evidence: tuple[tuple[Class, bool], ...] = (
        (
            "disclosure_guide",
            counts < 2 and _GUIDE.search(opening) is not None and _guide_parts(laid) >= 4,
        ),
        (
            "annual_report",
            counts > 0
            and (len(kinds) >= 3 or _SELF_NAMED.search(opening) is not None)
            and not any(_OTHER_WORK.fullmatch(squeeze(line.text)) for line in laid.prose[:5]),
        ),
        *((kind, True) for kind in declared),
        ("work_plan", urging >= 2 or _has_columns(laid, _TASKS)),
        ("rules", _has_columns(laid, _SCORES)),
        ("notice", not counts and _NOTICE.search(opening) is not None),
        (
            "attachment_only",
            len(laid.text) < _SHORT and (bool(attachments) or _names_file(laid)),
        ),
    )
    return next((kind for kind, seen in evidence if seen), "other")


def _counts(figures: Sequence[Figure]) -> int:
    """How many numbers (or stated zeros) of disclosure the prose tells."""
    return sum(1 for figure in figures if _COUNTS.match(figure.key))


def _body(laid: Laid) -> int:
    return sum(len(line.text) for line in laid.lines if title_kind(line.text) is None)


def _is_told(laid: Laid, forms: frozenset[int]) -> bool:
    return any(len(line.text) >= 30 and line.start not in forms for line in laid.prose)


def _guide_parts(laid: Laid) -> int:
    flat = plain(laid.text)
    return sum(1 for part in _GUIDE_PARTS if re.search(part, flat))


def _has_columns(laid: Laid, names: set[str]) -> bool:
    """A table whose header has at least two of these columns."""
    return any(
        len(names & {squeeze(cell.text) for cell in row}) >= 2
        for table in laid.tables
        for row in table.rows[:3]
    )


def _names_file(laid: Laid) -> bool:
    return bool(re.search(r"(?i)\.(?:pdf|docx?|xlsx?|wps|ofd|zip|rar|jpe?g)\b|附件", laid.text))
