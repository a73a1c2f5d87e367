"""What portals call their sections and what leads there, and how much a link is worth for it.

Pure: words and addresses in, a score out. Uniform names of folders are pinyin initials of the
platform that every portal must have (zfxxgk: 政府信息公开, nb: 年报, zn: 指南).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

PROMISING = 45  # what is worth less is looked at only while nothing is found

# What a column of the section is called; what its rows are; what its folder is called.
NAMED = {
    "annual_report": re.compile(r"年度?报告?(?!纸|刊|名)|年度工作报告|历年报告"),
    "guide": re.compile(r"公开指南|^指南$"),
}
ROWS = {
    "annual_report": re.compile(r"年度报告|年报|信息公开[^，。]{0,16}报告"),
    "guide": re.compile(r"公开(?:工作)?指南|依申请公开.{0,4}指南"),
}
SLUGS = {
    "annual_report": re.compile(
        r"(?:zfxxgk|xxgk|gk)(?:nb|ndbg|gznb)|(?:^|[/_])(?:nb|ndbg|nbg)(?=[/_.\d]|$)"
        r"|annualreport|[?&]type=3\b",
        re.IGNORECASE,
    ),
    "guide": re.compile(
        r"(?:zfxxgk|xxgk|gk)zn|(?:^|[/_])zn(?=[/_.]|$)|gkmlpt/guide|[?&]type=2\b", re.IGNORECASE
    ),
}
# Words of a row, or of a link, that speak about reports and are none.
ABOUT = re.compile(
    r"通知|通报|通告|会议|培训|方案|要点|解读|图解|召开|部署|督查|检查|征求|任务|计划(?!生育)|办法|制度|意见"
)
OTHER = re.compile(
    r"申请|制度|规定|意见箱|监督(?!管理)|投诉|举报|条例|政策|办事(?!处)|新闻(?!出版)|互动|登录|注册|财政预|决算"
)
PLATFORM = re.compile(r"政府信息公开")
DISCLOSURE = re.compile(r"信息公开|政务公开|^公开$")
PLATFORM_SLUG = re.compile(r"zfxxgk|(?:^|/)(?:xxgk|zwgk|xxgkml)(?=[/_.]|$)|gkmlpt", re.IGNORECASE)
TREE = re.compile(r"部门|市直|区直|县直|直属|各?单位|乡镇|镇街|街道|县区|区县|县市|各级|机关|下级")
MAP = re.compile(r"网站地图|站点地图|网站导航")
YEAR = re.compile(r"(?:19|20)\d\d年?度?(?:年度?报告?|报告)?")
FORMER = re.compile(r"历年|往年|以前年度|历史")
ORGAN = re.compile(
    r"[\u3400-\u9fff·（）()]{1,20}"
    r"(?:政府|办公?室?|委员会|局|委|厅|处|中心|镇|乡|街道|办事处|区|县|市|会|院|所|站|队)"
)
LONGEST = 24  # characters of a link to a column; titles of articles are longer


def worth(words: str, url: str, page: str, sections: Iterable[str]) -> int:
    """How likely a link leads to one of these sections, 0 (never) to 100 (says so).

    `page` is what the page calls itself that the link is on.
    """
    parts = urlsplit(url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    sections = tuple(sections)
    return max(
        *(_by_words(words, page, section) for section in sections),
        *(70 for section in sections if SLUGS[section].search(path) and not _article(words)),
        _way(words, path, page),
    )


def _by_words(words: str, page: str, section: str) -> int:
    if _article(words):
        return 0
    if NAMED[section].search(words) and not YEAR.fullmatch(words):
        return 100 if PLATFORM.search(words) else 80
    about = NAMED[section].search(page) is not None
    if about and (YEAR.fullmatch(words) or FORMER.search(words)):
        return 75
    return 0


def _way(words: str, path: str, page: str) -> int:
    """Worth as a step on the way: the platform, lists of organs, organs, a map."""
    if len(words) > LONGEST or OTHER.search(words) or ABOUT.search(words):
        return 0
    disclosed = DISCLOSURE.search(page) is not None
    if disclosed and ORGAN.fullmatch(words):
        return 55
    if PLATFORM_SLUG.search(path) and not DISCLOSURE.search(words):
        return 45 if path.rstrip("/").count("/") <= 2 and not words[:1].isdigit() else 5
    ways = (
        (60, PLATFORM.search(words)),
        (50, DISCLOSURE.search(words) or (disclosed and TREE.search(words))),
        (30, MAP.search(words)),
        (15, TREE.search(words)),
    )
    return next((score for score, seen in ways if seen), 0)


def _article(words: str) -> bool:
    """Whether a link's words are a title of an article rather than the name of a column."""
    if len(words) > LONGEST or ABOUT.search(words) or OTHER.search(words):
        return True
    return bool(YEAR.search(words)) and not YEAR.fullmatch(words)
