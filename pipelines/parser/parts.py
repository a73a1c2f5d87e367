"""Parts of a number that a sentence has stated: by way of arrival, by channel of publication."""

from __future__ import annotations

import re

from pipelines.parser.phrase import count

# Modes count only in a sentence that states the number of applications.
MODES = tuple(
    (f"prose.requests.{key}", re.compile(rf"(?:{words})(?:方式|形式|渠道|提交)?(?:的)?(?:申请)?"
                                         rf"[^\d。;,、()]{{0,4}}{count('件|份|条|次|人次')}"))
    for key, words in (
        ("online", "网络|网上|在线"),
        ("letter", "信函|邮寄"),
        ("in_person", "当面|现场"),
        ("fax", "传真"),
        ("email", "电子邮件"),
    )
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
