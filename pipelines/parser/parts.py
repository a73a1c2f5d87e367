"""Parts of a number that a sentence has stated: by way of arrival, by channel of publication."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipelines.parser.phrase import count

if TYPE_CHECKING:
    from collections.abc import Iterator

# Modes count only in a sentence that states the number of applications.
_MODES = {
    "online": "网络|网上|在线|互联网",
    "letter": "信函|邮寄",
    "in_person": "当面|现场",
    "fax": "传真",
    "email": "电子邮件",
}
_WAYS = tuple((f"prose.requests.{key}", re.compile(words)) for key, words in _MODES.items())
MODES = tuple(
    (f"prose.requests.{key}", re.compile(rf"(?:{words})(?:方式|形式|渠道|提交)?(?:的)?(?:申请)?"
                                         rf"[^\d。;,、()别]{{0,4}}{count('件|份|条|次|人次')}"))
    for key, words in _MODES.items()
)  # fmt: skip

# Where a sentence has stated how much was published, parts of it need not say 信息 again.
PARTS = tuple(
    (
        f"prose.active.{key}",
        re.compile(rf"(?:{words})上?(?:主动)?(?:公开|发布) ?{count('条|件|篇')}"),
    )
    for key, words in (
        ("website", "网站|门户网|公开网"),
        ("wechat", "微信|微信公众号"),
        ("weibo", "微博"),
        ("gazette", "公报"),
        ("other", "其[他它](?:方式|渠道)"),
    )
)

_OUTCOMES = tuple(
    (f"prose.{key}", re.compile(words))
    for key, words in (
        ("replies.partial_grant", "部分公开"),
        ("replies.denied", "不予公开|不同意公开"),
        ("replies.granted", "予以公开|同意公开"),
        ("review.total", "行政复议"),
        ("litigation.total", "行政诉讼"),
    )
)
_COUNT = re.compile(count("件|份|条|次|人次|起|宗"))
_RESPECTIVELY = re.compile(
    r"(?:^|[,:(])(?P<names>[^,:()\d]{4,80})分别(?:为|是|有|达)? ?"
    r"(?=(?P<numbers>[约近]?\d[^,、和及。;]{0,8}(?:[,、和及] ?[约近]?\d[^,、和及。;]{0,8}){1,6}))"
)


def respective(text: str, *, applied: bool) -> Iterator[tuple[str, re.Match[str]]]:
    """(key, number) of `网络申请、信函申请分别为21件、15件`: as many names as numbers, in order.

    How applications came is told only where their number is (`applied`).
    """
    known = (*_WAYS, *_OUTCOMES) if applied else _OUTCOMES
    for match in _RESPECTIVELY.finditer(text) if "分别" in text else ():
        names = re.split("[、和及与]", match["names"].removeprefix("其中"))
        numbers = [*_COUNT.finditer(text, match.start("numbers"), match.end("numbers"))]
        for name, number in zip(names, numbers, strict=False) if len(names) == len(numbers) else ():
            keys = [key for key, words in known if words.search(name)]
            if keys:
                yield keys[0], number


# Where a number of published items stands decides what it is the number of.
MANY_CHANNELS = re.compile(r"[、]|等|平台|渠道")
CHANNELS = (
    ("wechat", re.compile(r"微信")),
    ("weibo", re.compile(r"微博")),
    ("", re.compile(r"头条|抖音|客户端|屏")),
    ("gazette", re.compile(r"公报")),
    ("own_site", re.compile(r"(?:本|我|中心|局|办|委|单位|部门)(?:的)?(?:门户)?网站")),
    ("website", re.compile(r"网站|公开网|门户网|网上")),
)
