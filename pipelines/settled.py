"""A text without what a page says differently every time it is asked, or in another dress."""

from __future__ import annotations

import re

_DAY = r"\d{4}\s*[年./-]\s*\d{1,2}\s*[月./-]\s*\d{1,2}\s*日?(?:\s*\d{1,2}:\d{2}(?::\d{2})?)?"
_COUNTED = re.compile(
    r"(?:浏览|点击|阅读|访问|下载)(?:次数|数|量|人数)\s*[:：]?\s*\d*\s*(?:次|人)?"
    rf"|(?:今天是|当前时间|现在时间|打印时间)\s*[:：]?\s*(?:{_DAY})?\s*(?:星期[一二三四五六日天])?"
)
_DATED = re.compile(rf"{_DAY}|\d{{1,2}}:\d{{2}}|-\d{{1,3}}-")
_SPACE = re.compile(r"\s+")
# A whole line that belongs to the page and not to the document; a sentence is none.
_DRESS = re.compile(
    r"(?:(?:您?(?:现在)?的?(?:当前)?位置|当前位置|首页[>»])[^。]{0,100}"
    r"|[\[【]?(?:信息来源|来源|稿源|发布机构|发布时间|发布日期|更新时间|责任编辑|作者|字号|字体)[:：]"
    r"[^。；]{0,80}"
    r"|(?:上一[篇条]|下一[篇条]|分享到?|相关链接|关联稿件)(?:[:：][^。]{0,80})?|扫一扫[^。]{0,30}"
    r"|[\[【]?(?:打印(?:本页|内容)?|关闭(?:窗口|本页)?|返回顶部|收藏|纠错)[\]】]?)+"
)


def lines(text: str) -> list[str]:
    """The document's own lines without white space, counters of visits, clocks and the page's."""
    bare = (_SPACE.sub("", line) for line in _COUNTED.sub("", text).split("\n"))
    return [line for line in bare if line and not _DRESS.fullmatch(line)]


def uncounted(text: str) -> str:
    """What makes a version: every character that the document says, dates among them."""
    return "".join(lines(text))


def settled(text: str) -> str:
    """Without dates, too: what is left is compared between addresses."""
    return _DATED.sub("", uncounted(text))
