"""How reports say their numbers, as data. Matched in `plain()` sentences, gaps bounded.

No gap crosses a comma, an enumeration mark or another digit, so a number belongs to the words
right before it. `context` says what else must hold: the sentence speaks of disclosure, or its
section is of a kind in which the words can mean nothing else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipelines.parser.cells import NUMBER, NUMERAL

_PIECES = "条|件|篇|次|份|人次|件次|条次|宗|起|例|个|期|场"
_GAP = r"[^。;,、\d%()]"


def count(units: str = _PIECES) -> str:
    """A quantity with its unit: 约 23000 余条, 18万余件."""
    return (
        r"(?P<pre>约|近|超过|超|逾|达)? ?(?<![\d.])"
        rf"(?P<num>{NUMBER}|{NUMERAL}) ?(?P<scale>[万亿](?!元))? ?(?P<suf>余|多)? ?"
        rf"(?P<unit>{units})(?P<post>以上|左右)?"
    )


PEOPLE = rf"(?P<num>\d{{1,4}}|{NUMERAL}) ?(?P<unit>名|人)"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A way to say the number of `key`. `sections` raise its weight, or are needed as context."""

    key: str
    pattern: re.Pattern[str]
    weight: int = 2
    section: str = ""  # the section in which this is the number to be believed
    context: str = ""  # "disclosure": the sentence or `section` must be about disclosure
    unless: re.Pattern[str] | None = None  # in the match or the clause before it


def _phrase(
    key: str,
    pattern: str,
    weight: int = 2,
    section: str = "",
    *,
    context: str = "",
    unless: str = "",
) -> Phrase:
    words = re.compile(unless) if unless else None
    return Phrase(f"prose.{key}", re.compile(pattern), weight, section, context, words)


DISCLOSURE = re.compile(r"信息公开|政务公开|依申请公开|公开政府信息|信息处理费")

_APPLICATION = r"(?:政府信息公开|信息公开|依申请公开|公开政府信息)"
_NOT_APPLICATIONS = r"复议|诉讼|咨询|举报|投诉|转办|交办|结转|上年|去年|建议|提案|培训|指导"

PHRASES = (
    _phrase(
        "active.total",
        rf"主动(?:向社会)?公开(?:发布)?(?:的|了)?(?:各类|各项)?(?:政府|政务)?信息{_GAP}{{0,8}}?"
        rf"{count('条|件|篇|次')}",
        3, "active",
    ),
    _phrase(
        "active.total",
        rf"(?:累计|共|共计|总计)(?:公开|公布)(?:各类|各项)?(?:政府|政务)?信息{_GAP}{{0,6}}?"
        rf"{count('条|件|篇')}",
        2, "active",
    ),
    _phrase(
        "active.total",
        rf"(?:累计|共|共计|总计)发布(?:各类|各项)?政府信息{_GAP}{{0,6}}?{count('条|件|篇')}",
        1,
        "active",
    ),
    _phrase(
        "active.website",
        rf"网站?上?(?:主动)?公开(?:各类)?(?:政府|政务)?信息{_GAP}{{0,6}}?{count('条|件|篇')}",
        2, "active",
    ),
    _phrase(
        "published.total",
        rf"(?<!公开)发布(?:的|了)?(?:各类|各项)?(?:政府|政务)?信息{_GAP}{{0,6}}?{count('条|件|篇')}",
        unless=r"报刊|日报|晚报|晨报|电视|媒体",
    ),
    _phrase(
        "requests.total",
        rf"(?:收到|受理|接收|接到|收办|办理)(?:的|了)?[^。;,\d]{{0,16}}{_APPLICATION}{_GAP}{{0,14}}?"
        rf"{count('件|份|条|次|人次|宗|起|例|个')}",
        3, "requests", unless=_NOT_APPLICATIONS,
    ),
    _phrase(
        "requests.total",
        rf"依申请公开(?:政府)?信息{_GAP}{{0,6}}?{count('件|份|条|次|人次')}",
        1, "requests", unless=_NOT_APPLICATIONS,
    ),
    _phrase(
        "replies.total",
        rf"答复(?:了)?(?:[^。;,、\d]{{0,6}}{_APPLICATION}(?:申请)?)? ?(?:共|共计)? ?"
        rf"{count('件|份|次')}",
        2, "requests", context="disclosure", unless=r"咨询|建议|提案|来信",
    ),
    _phrase(
        "replies.granted",
        rf"(?<!不)(?<!公开[及和、与])(?:予以公开|同意公开)(?:的|答复|数)? ?{count('件|份|条')}",
        2, "requests", context="disclosure",
    ),
    _phrase(
        "replies.partial_grant",
        rf"(?<!公开[及和、与])(?:同意|予以)?(?<!公开[及和、与])部分公开(?:的|答复|数)? ?"
        rf"{count('件|份|条')}",
        2, "requests", context="disclosure", unless=r"公开[及和、]",
    ),
    _phrase(
        "replies.denied",
        rf"(?<!公开[及和、与])(?:不予公开|不同意公开)(?:的|答复|数)? ?{count('件|份|条')}",
        2, "requests", context="disclosure",
    ),
    _phrase(
        "review.total",
        rf"(?<!未经)(?:行政)?复议(?:申请|案件|案)?[^。;,、\d%()诉和及与或]{{0,10}}?{count('件|起|宗|例|次')}",
        2, "review", context="disclosure", unless=r"未经|审结|维持|纠正",
    ),
    _phrase(
        "litigation.total",
        rf"(?<![复议][、和及与或]行政)(?<![复议][、和及与或])诉讼(?:案件|案)?{_GAP}{{0,10}}?"
        rf"{count('件|起|宗|例|次')}",
        2, "review", context="disclosure", unless=r"未经|复议后|审结|维持|纠正|复议[、和及与或]",
    ),
    _phrase(
        "complaints.total",
        rf"因[^。;,\d]{{0,8}}信息公开[^。;,、\d]{{0,10}}(?:举报|投诉){_GAP}{{0,6}}?{count('件|起|宗|次')}",
        2, "review", context="disclosure",
    ),
    _phrase(
        "fees.amount",
        rf"收取(?:了|的)?[^。;,\d]{{0,16}}费(?:用)?(?:共计|合计|共|计)?{_GAP}{{0,4}}?{count('万元|元')}",
        2, "fees", context="disclosure", unless=r"税费",
    ),
    _phrase(
        "fees.amount",
        rf"(?:信息公开|信息|处理)收?费(?:用)?(?:共计|合计|共|计)? ?{count('万元|元')}",
        2,
        "fees",
        context="disclosure",
        unless=r"税费",
    ),
    _phrase(
        "consultations.total",
        rf"(?:接受|受理|接待)(?:了)?[^。;,\d]{{0,8}}咨询(?:业务|服务)?{_GAP}{{0,4}}?{count()}",
        2, "consultations", context="disclosure", unless=r"网|电话|热线|当面",
    ),
    _phrase(
        "consultations.phone",
        rf"(?:咨询电话|电话咨询){_GAP}{{0,6}}?{count()}", 2, "consultations", context="disclosure",
    ),
    _phrase(
        "consultations.in_person",
        rf"(?:当面|现场|来访)咨询{_GAP}{{0,4}}?{count()}", 2, "consultations", context="disclosure",
    ),
    _phrase(
        "consultations.online",
        rf"(?:网上|网络|在线)咨询{_GAP}{{0,4}}?{count()}", 2, "consultations", context="disclosure",
    ),
    _phrase(
        "normative.issued",
        rf"(?:制定|制发|出台|印发)(?:了)?(?:行政)?规范性文件{_GAP}{{0,3}}?{count('件|个|份')}",
    ),
    _phrase(
        "normative.published",
        rf"(?:公开|发布)(?:了)?(?:行政)?规范性文件{_GAP}{{0,3}}?{count('件|个|份|条')}",
    ),
    _phrase(
        "interpretations.total",
        rf"(?:(?<!新闻)发布|公开|制作)(?:了|并)?{_GAP}{{0,10}}?解读{_GAP}{{0,8}}?{count('篇|条|件|期|次|个')}",
        2, "response",
    ),
    _phrase(
        "staff.part_time",
        rf"{PEOPLE}兼职(?=[^。;,]{{0,10}}(?:人员|专干))",
        2, "support",
    ),
    _phrase(
        "staff.full_time",
        rf"{PEOPLE}专职(?=[^。;,]{{0,10}}(?:人员|专干))",
        2, "support",
    ),
    *(
        _phrase(
            f"staff.{key}",
            rf"{word}(?:工作)?人员(?:共)? ?{PEOPLE}",
            1,
            "support",
            context="disclosure",
        )
        for key, word in (("part_time", "兼职"), ("full_time", "专职"))
    ),
    _phrase(
        "training.sessions",
        rf"(?:举办|组织|召开|开展)(?:了)?[^。;,\d]{{0,20}}培训[班会]?{_GAP}{{0,4}}?{count('次|期|场')}",
        2, "support", context="disclosure",
    ),
)  # fmt: skip

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
