"""What a title says: the class of a document, its year, its organ."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.text import chinese_number, plain, squeeze

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipelines.parser.model import Class

# The last of these words in a title decides, and of those that end alike the longest: a 报告制度 is
# a rule, a 方案编制报告 a report, an 自查报告 none.
_KINDS: tuple[tuple[str, Class], ...] = (
    ("年度报告", "annual_report"),
    ("报告", "annual_report"),
    ("年报", "annual_report"),
    ("工作总结", "annual_report"),
    *(
        (f"{word}报告", "other")
        for word in ("自查", "整改", "评估", "考核", "调研", "督查", "测评")
    ),
    *((word, "other") for word in ("解读", "编制说明", "模板", "样本", "样式", "范本", "汇编")),
    ("指南", "disclosure_guide"),
    ("统计表", "statistics_form"),
    ("统计报表", "statistics_form"),
    ("情况表", "statistics_form"),
    ("通知", "notice"),
    ("公告", "notice"),
    ("通报", "notice"),
    ("函", "notice"),
    ("须知", "notice"),
    ("要点", "work_plan"),
    ("方案", "work_plan"),
    ("任务", "work_plan"),
    ("分工", "work_plan"),
    ("分解表", "work_plan"),
    ("计划", "work_plan"),
    ("目录", "catalogue"),
    ("制度", "rules"),
    ("办法", "rules"),
    ("规定", "rules"),
    ("细则", "rules"),
    ("条例", "rules"),
    ("标准", "rules"),
    ("评分表", "rules"),
    ("指标体系", "rules"),
)
_TAILS = {"", "公布", "发布", "公示", "全文", "表", "书", "汇总"}
_HEADING = re.compile(
    r"(?:[一二三四五六七八九十]{1,3}|\d{1,2}) ?[、.]|\([一二三四五六七八九十\d]{1,3}\)"
)
# Parts of a year, and how to apply: a report's and a guide's words for something smaller.
_PARTIAL = re.compile(r"[上下]?半年|[第一二三四1-4]季度?|季报|月报|(?<!\d)\d{1,2}月份")
_APPLYING = re.compile(r"(?:依申请公开|公开申请)(?:办理|申请)?(?:工作)?(?:指南|须知)")
_DISCLOSURE = re.compile(r"信息公开|政务公开|公开年报|公开指南")
_PICTURE = re.compile(r"图解|一图|图片版|长图")
_YEAR = re.compile(r"(?<!\d)(20\d\d)年?度?")
_NUMERALS = re.compile(r"二[〇○零Oo0][〇○零Oo0一二三四五六七八九]{2}(?= ?年)")
_SENTENCE = re.compile(r"[。;!?|]|,.*,")
_ORGAN_END = (
    "人民政府|政府|办公厅|办公室|委员会|管委会|办事处|委|局|厅|中心|办|站|所|队|院|校|学|公司|馆|"
    "协会|银行|集团|分局|支队|总队|法院|检察院|社|(?<![内全各本])部"
)
ORGAN = re.compile(rf"[\u3400-\u9fff\U00020000-\U0003134f()、·]{{1,38}}(?:{_ORGAN_END})")
PLACE = re.compile(r"[\u3400-\u9fff\U00020000-\U0003134f]{1,14}(?:省|市|县|区|州|盟|旗|镇|乡|街道)")


def title_kind(title: str) -> Class | None:
    """The class a title announces, None when it announces none of ours."""
    flat = squeeze(title)
    if _PICTURE.search(flat) and _DISCLOSURE.search(flat):
        return "infographic"
    flat = re.sub(r"\([^()]{0,12}\)$", "", flat)
    ends = (
        (flat.rfind(word) + len(word), len(word), kind) for word, kind in _KINDS if word in flat
    )
    end, _, kind = max(ends, default=(0, 0, None))
    if kind is None or not _DISCLOSURE.search(flat) or flat[end:] not in _TAILS:
        return None
    if kind == "disclosure_guide" and _APPLYING.search(flat):
        return "notice"
    partial = kind in {"annual_report", "statistics_form"} and _PARTIAL.search(flat)
    return "other" if partial else kind


def is_title(line: str) -> bool:
    """A line that could stand above a document: short, no sentence, and of a known kind."""
    flat = plain(line).strip(" •·")
    if not 6 <= len(flat) <= 60 or _SENTENCE.search(flat) or _HEADING.match(flat):
        return False
    return title_kind(flat) is not None


def clean_title(line: str) -> str:
    """The title without bullets and white space around it."""
    return line.strip(" \u3000\xa0•·")


def site_parts(title: str) -> list[str]:
    """A page's <title>, whole and without the names of site and column put to it."""
    parts = re.split(r"[-_|—–－>»]+", title)
    return [title, *parts] if len(parts) > 1 else [title]


def arabic_years(flat: str) -> str:
    """二〇一四年 as 2014年: the same length, so that offsets stay."""
    if "二" not in flat:
        return flat
    return _NUMERALS.sub(lambda match: f"{chinese_number(match[0])}", flat)


def title_year(title: str) -> int | None:
    """The year of a title, None when there is none or when there are two."""
    found = {int(year) for year in _YEAR.findall(arabic_years(squeeze(title)))}
    return found.pop() if len(found) == 1 else None


def title_organ(title: str) -> str | None:
    """The organ a report's or guide's title names, as printed there."""
    flat = re.sub(
        r"^(?:图解|一图[读看]懂):?|^关于(?:公布|发布)?|关于(?:公布|发布|印发)?(?=20\d\d|政府信息公开)",
        "",
        arabic_years(squeeze(title)).strip("•·"),
    )
    cut = re.search(r"政府信息公开|信息公开|政务公开", flat)
    if not cut:
        return None
    head = _YEAR.sub("", flat[: cut.start()]).strip("的()")
    # "…人民政府信息公开报告" swallows one of its two 政府.
    head += "政府" if head.endswith("人民") else ""
    if not head or re.fullmatch(r"[省市县区州旗镇乡]?(?:人民)?政府(?:办公[室厅])?", head):
        return None  # every place has one
    if re.match(r"我|本[市县区镇局]|全[市县区]", head):
        return None
    return head if ORGAN.fullmatch(head) or PLACE.fullmatch(head) else None


def first_organ(titles: Iterable[str]) -> str | None:
    """The organ that the first title names that names one."""
    return next((name for title in titles if (name := title_organ(title))), None)
