"""A text without what a page says differently every time it is asked."""

from __future__ import annotations

import re

_DAY = r"\d{4}\s*[年./-]\s*\d{1,2}\s*[月./-]\s*\d{1,2}\s*日?(?:\s*\d{1,2}:\d{2}(?::\d{2})?)?"
_COUNTED = re.compile(
    r"(?:浏览|点击|阅读|访问|下载)(?:次数|数|量|人数)\s*[:：]?\s*\d*\s*(?:次|人)?"
    rf"|(?:今天是|当前时间|现在时间|打印时间)\s*[:：]?\s*(?:{_DAY})?\s*(?:星期[一二三四五六日天])?"
)
_DATED = re.compile(
    rf"(?:更新时间|发布时间|发布日期)[:：]?|{_DAY}|\d{{1,2}}:\d{{2}}|-\s*\d{{1,3}}\s*-|\s+"
)


def uncounted(text: str) -> str:
    """Without counters of visits and clocks: what is left makes a version."""
    return _COUNTED.sub("", text)


def settled(text: str) -> str:
    """Without dates and white space, too: what is left is compared between addresses."""
    return _DATED.sub("", uncounted(text))
