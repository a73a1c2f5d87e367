"""Zeros said in words: 没有收到…申请, 无…行政复议、行政诉讼, a lone 无 under a heading.

A zero is read only when nothing qualifies it: 未发生因超时引发的行政复议 says nothing about reviews
for other reasons. One negation governs a list, never a second clause.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_NOT = r"(?:没有|未曾|从未|不存在|未|无)(?!经|论|法|偿|需|须|关|锡|障|纸|线|条件|正当|理由)"
_APPLICATIONS = (
    r"(?:依申请公开|信息公开的?申请|政府信息的?申请|公开(?:政府)?信息的?申请|公开申请"
    r"|申请(?:公开(?:政府)?信息|(?:政府)?信息公开))"
)


@dataclass(frozen=True, slots=True)
class Zero:
    """A stated zero: figure key, unit, and offsets of the statement in the sentence."""

    key: str
    unit: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Denial:
    """How the absence of something is said, and the words that make it mean something else."""

    key: str
    unit: str
    pattern: re.Pattern[str]
    section: str
    spoils_gap: re.Pattern[str]
    spoils_tail: re.Pattern[str]


def _denial(key: str, unit: str, words: str, section: str, *, gap: str, tail: str) -> _Denial:
    pattern = re.compile(rf"{_NOT}(?P<gap>[^。;,]{{0,48}}?){words}(?P<tail>[^。;,]{{0,40}})")
    return _Denial(f"prose.{key}", unit, pattern, section, re.compile(gap), re.compile(tail))


_QUALIFIED = r"超|逾|败诉|纠错|纠正|撤销|重大|恶意|群体|集体|未|不予|违规|审结|办结|结案|完成|处理"
_ELSE = "其[他它](?!组织)"  # of other kinds; 其他组织 are applicants
_COUNTED = r"\d ?(?:件|起|宗|例)"
_DENIALS = (
    _denial(
        "requests.total", "件", _APPLICATIONS, "requests",
        gap=rf"{_QUALIFIED}|因|由|引|拒|重复|投诉|举报|复议|诉讼|收费|费用|不|\d",
        tail=rf"复议|诉讼|咨询|费|拒|被|投诉|举报|引|产生|提起|超|逾|人|问题|积压|{_COUNTED}",
    ),
    _denial(
        "review.total", "件", "复议", "review",
        gap=_QUALIFIED, tail=rf"超|逾|败诉|纠错|被?撤销|决定|{_COUNTED}",
    ),
    _denial(
        "litigation.total", "件", "(?:诉讼|起诉)", "review",
        gap=_QUALIFIED, tail=rf"败诉|纠错|被?撤销|判决|裁定|{_COUNTED}",
    ),
    _denial(
        "complaints.total", "件", "(?:举报|投诉)", "review",
        gap=rf"{_QUALIFIED}|渠道|电话", tail=_COUNTED,
    ),
    _denial(
        "fees.amount", "元",
        rf"(?:收费|费用|处理费|收取(?!.{{0,6}}{_ELSE})[^。;,]{{0,16}}费)", "fees",
        gap=rf"违规|乱|擅自|额外|不合理|超|减免|^因|{_ELSE}|\d",
        tail=r"投诉|举报|争议|引起|问题|标准|依据|\d",
    ),
)  # fmt: skip
_NO_RULES = re.compile(
    rf"{_NOT}(?:新)?(?:制发|制定|出台|印发)(?:任何)?(?:行政)?规范性文件(?=的?(?:情况)?(?:[。;,]|$))"
)
_NO_REFUSALS = re.compile(
    rf"{_NOT}(?:发生|出现|存在|收到)?(?:依法)?不予公开(?:的)?(?:政府)?信息(?:的)?(?:情况|情形)?(?=[。;,]|$)"
)
# Under a heading on applications, an application is one for information.
_NO_ONE_APPLIED = re.compile(
    rf"{_NOT}(?:(?:收到|接到|受理)(?:任何|过)?(?:的)?(?:书面)?|[^。;,:]{{0,30}}?(?:提出|提交|递交)(?:的)?)"
    r"(?:公开)?申请(?=的?(?:情况|事项)?(?:[。;,]|$))"
)
_THENCE = re.compile(r"[因由]此(?:而)?(?:产生|引发|引起|导致)?")
_RECEIVED = re.compile("(?:收到|接收|受理)(?:[和及、与]|以及)(?:处理|办理)")  # 三's heading
_CAUSE = re.compile(r"因|由于|引发|引起|导致")
_CLAUSE = re.compile(r"[^,:]+")
_NEGATION = re.compile(r"[无未]|没有|不存在")
_NIL = re.compile(
    r"(?P<what>依申请公开|信息公开申请|复议|诉讼|举报|投诉|收费)"
    r"(?=(?P<nil>[^。;,\d]{0,16}?(?:(?:为|是)零|[均都](?:为|是) ?0 ?[件起宗次例]?)"
    r"|(?:情况|申请|案件|数量?)? ?: ?(?:无|没有|零)(?=$|[,、])"
    r"|(?:政府信息|申请|案件|总|件|数|量|金额|情况|的){0,6}(?:为|是) ?0(?= ?(?:[,;。]|$)))"
    r"(?![\d.万]))"
)
_NIL_KEYS = {
    "依申请公开": ("requests.total", "件"),
    "信息公开申请": ("requests.total", "件"),
    "复议": ("review.total", "件"),
    "诉讼": ("litigation.total", "件"),
    "举报": ("complaints.total", "件"),
    "投诉": ("complaints.total", "件"),
    "收费": ("fees.amount", "元"),
}
_ALONE = re.compile(
    r"\s*(?:(?:均|都)?(?:无|没有|未发生|没有发生|未出现|不存在)|无此(?:类|项)(?:情况)?|无相关情况|没有(?:此类|相关)情况|暂无)\s*"
)
_HEADED = (
    ("requests", re.compile(r"申请"), "requests.total", "件"),
    ("fees", re.compile(r"收费|费用"), "fees.amount", "元"),
    ("review", re.compile(r"复议"), "review.total", "件"),
    ("review", re.compile(r"诉讼"), "litigation.total", "件"),
    ("review", re.compile(r"举报|投诉"), "complaints.total", "件"),
)


def stated_zeros(sentence: str, section: str, *, about: bool) -> Iterator[Zero]:
    """The zeros a plain sentence states; it is `about` disclosure, or in a kind of section."""
    for match in _NO_RULES.finditer(sentence):
        yield Zero("prose.normative.issued", "件", match.start(), match.end())
    for match in _NO_REFUSALS.finditer(sentence):
        if about or section == "requests" or "政府信息" in match[0]:
            yield Zero("prose.replies.denied", "件", match.start(), match.end())
    for match in _NO_ONE_APPLIED.finditer(sentence):
        if section == "requests" and not _CAUSE.search(match[0]):
            yield Zero("prose.requests.total", "件", match.start(), match.end())
    for clause in _CLAUSE.finditer(sentence):
        if not _NEGATION.search(clause[0]):
            continue
        for denial in _DENIALS:
            if about or section == denial.section:
                yield from _denied(denial, clause)
    if about or section in {"requests", "review", "fees"}:
        for match in _NIL.finditer(sentence):
            key, unit = _NIL_KEYS[match["what"]]
            yield Zero(f"prose.{key}", unit, match.start(), match.end("nil"))


def _denied(denial: _Denial, clause: re.Match[str]) -> Iterator[Zero]:
    match = denial.pattern.search(clause[0])
    gap = _RECEIVED.sub("", match["gap"]) if match else ""
    if match is None or denial.spoils_gap.search(gap):
        return
    gap = _THENCE.sub("", gap)
    conditional = _CAUSE.search(gap) is not None and "公开" not in gap
    if not conditional and not denial.spoils_tail.search(match["tail"]):
        start = clause.start() + match.start()
        yield Zero(denial.key, denial.unit, start, clause.start() + match.end())


def lone_zero(sentence: str, section: str, heading: str) -> Iterator[Zero]:
    """What a sentence that is only 无 says under `heading`: a zero of all the heading names."""
    if not _ALONE.fullmatch(sentence):
        return
    start = len(sentence) - len(sentence.lstrip())
    for kind, words, key, unit in _HEADED:
        if kind == section and words.search(heading):
            yield Zero(f"prose.{key}", unit, start, len(sentence.rstrip()))
