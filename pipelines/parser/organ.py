"""The organ a document belongs to, as printed, and the short names documents define for it."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Literal

from crawler.text import plain, squeeze
from pipelines.parser.titles import ORGAN, PLACE, first_organ, is_title

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.parser.flow import Laid
    from pipelines.parser.metadata import Signature

_END = (
    "人民政府|办公厅|办公室|委员会|管委会|办事处|局|厅|中心|管理办|分局|支队|总队|法院|检察院|银行"
    "|公司|院|委|办|站"
)
# The verbs and prepositions that may stand before an organ's name in one run of characters.
# No bare 本, 原, 将, 向: 本溪, 原平, 将乐, 向阳 begin with them.
_LEAD = re.compile(
    r"^(?:由|现将|现就|结合|根据|按照|为了?|进一步|强化|加强|规范|推进|做好|提高|保障|保证|促进"
    r"|深化|我[市县区省]?|请与|与)"
)
_ALIAS = re.compile(
    r"\((?:以下|下)?(?:统一)?简称:?[\"']?(?P<alias>[\u3400-\u9fff\U00020000-\U0003134f]{2,12})[\"']?\)"
)
_BEFORE_ALIAS = re.compile(rf"[\u3400-\u9fff\U00020000-\U0003134f]{{2,40}}(?:{_END})$")
_NAME = rf"(?P<organ>[\u3400-\u9fff\U00020000-\U0003134f]{{2,30}}?(?:{_END}))"
_VERBS = (
    "坚持|认真|深入|严格|按照|根据|高度|紧紧|围绕|全面|积极|贯彻|以|在|完善|持续|切实|不断|进一步|共"
    "|未|牢固|始终"
)
# Ways a text names its organ, from the most to the least telling.
_SENTENCES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"由{_NAME}(?:\([^()]{{0,20}}\))?(?:负责)?编[制写]",
        rf"结合(?:20\d\d年度?)?{_NAME}(?:的)?(?:政府信息|政务|信息)公开",
        rf"公开工作机构(?:为|是)?:? ?{_NAME}",
        rf"(?:^|[,。;])20\d\d年(?:度|以来)?,?{_NAME}(?=(?:{_VERBS}))",
        rf"请?与{_NAME}[\u3400-\u9fff\U00020000-\U0003134f]{{0,16}}联系",
        rf"(?:^|[,。;])我{_NAME}(?=(?:{_VERBS}))",
    )
)
_OPENING = 12  # lines among which the title stands
_COLUMN = re.compile(r"公开|首页|网站")  # names of columns and sites
_NOBODY = re.compile(
    r"^(?:我|该|各|其|在|通过|有关|相关|上级|同级|单位|机关|中心$|政府$|全[市县区省国体]"
    r"|本(?:局|机关|单位|部门|中心|办|级|市|县|区|委|行政|院|站|所|街道|镇|乡))"
)


def aliases(laid: Laid) -> dict[str, str]:
    """Short name → organ, from `某某局(以下简称某局)`."""
    found: dict[str, str] = {}
    for line in laid.prose:
        for match in _ALIAS.finditer(line.flat):
            before = _BEFORE_ALIAS.search(line.flat[max(0, match.start() - 42) : match.start()])
            name = _bare(before[0]) if before else None
            if name is not None:
                found.setdefault(match["alias"], name)
    return found


def organ(
    laid: Laid, titles: tuple[str, ...], facts: dict[str, str], signed: Signature
) -> str | None:
    """The organ as printed: in the title, the signature, the text itself, a label; else None."""
    named = first_organ(titles)
    if named:
        return _fuller(named, signed.organ)
    labelled = (plain(facts.get(field, "")).strip() for field in ("organ", "publisher"))
    printed = (name for name in labelled if ORGAN.fullmatch(name))
    beside = _beside_title(laid)
    site = [name for name in beside if name.endswith("人民政府")]  # it may head every page
    ranked = (name for name in beside if name not in site)
    return signed.organ or next(chain(ranked, _told(laid), site, printed), None)


def _beside_title(laid: Laid) -> list[str]:
    """The lines above and below the title, where they are an organ's name."""
    head = laid.prose[:_OPENING]
    at = next((n for n, line in enumerate(head) if is_title(line.text)), None)
    if at is None:
        return []
    around = [
        squeeze(line.text).strip("()")
        for line in (*head[max(0, at - 1) : at], *head[at + 1 : at + 2])
    ]
    return [
        name
        for name in around
        if 4 <= len(name) <= 30 and ORGAN.fullmatch(name) and not _COLUMN.search(name)
    ]


def _fuller(named: str, signed: str | None) -> str:
    """The signature's name where it is the title's with its place in front, or 人民政府 after."""
    if signed and (signed.endswith(named) or signed == f"{named}人民政府"):
        return signed
    return named


def _told(laid: Laid) -> Iterator[str]:
    yield from aliases(laid).values()
    for pattern in _SENTENCES:
        for line in laid.prose:
            for match in pattern.finditer(line.flat):
                name = _bare(match["organ"])
                if name is not None:
                    yield name


def _bare(name: str) -> str | None:
    """The name without the words before it; None when nothing of an organ's name is left."""
    name = name[name.rfind("由") + 1 :]
    while match := _LEAD.match(name):
        name = name[match.end() :]
    return name if len(name) >= 4 and not _NOBODY.search(name) else None


def scope(name: str | None) -> Literal["government", "department"] | None:
    """A people's government reports for its whole territory, everyone else for itself."""
    if name is None:
        return None
    whole = name.endswith("人民政府") or PLACE.fullmatch(name) is not None
    return "government" if whole else "department"
