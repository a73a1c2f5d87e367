"""Chapters of a narrative: headings on lines of their own, run in, or glued into one long line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.text import plain, squeeze
from pipelines.parser.model import Section

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pipelines.parser.flow import Laid, Line

# The first that a heading contains decides.
_KINDS = (
    ("review", re.compile(r"复议|诉讼")),
    ("fees", re.compile(r"收费|费用")),
    ("consultations", re.compile(r"咨询")),
    ("problems", re.compile(r"问题|不足|打算|改进")),
    ("requests", re.compile(r"依申请|申请.{0,4}(?:办理|处理|情况)|收到和处理")),
    ("response", re.compile(r"解读|回应|互动")),
    ("active", re.compile(r"主动公开")),
    ("secrecy", re.compile(r"保密")),
    ("support", re.compile(r"机构|人员|保障|组织领导|制度建设")),
    ("annex", re.compile(r"附表|统计表|附件")),
    ("overview", re.compile(r"概述|概况|总体情况|基本情况")),
    ("other", re.compile(r"其[他它]")),
)
STATUTORY = frozenset({"overview", "active", "requests", "fees", "review", "problems"})

_KEYWORDS = "概述|概况|情况|公开|复议|诉讼|收费|问题|措施|事项|附表"
_NUMERAL = r"[一二三四五六七八九十]{1,3} ?[、.]"
_CHAPTER = re.compile(rf" *(?P<head>{_NUMERAL} ?[^。\s]{{2,60}})")
_GLUED = re.compile(
    rf"(?<=[。;\s]) *(?P<head>{_NUMERAL} ?(?=[^。;\s]{{0,24}}(?:{_KEYWORDS}))[^。\s]{{2,40}})"
)
_RUN_IN = re.compile(
    r" *(?P<head>(?:\d{1,2} ?[、.]|\([一二三四五六七八九十]{1,3}\)) ?[^。;,:]{2,40})(?:[。:]|$)"
)
_INSIDE = re.compile(
    r"(?<=[。;:]) *(?P<head>(?:\d{1,2} ?[、.]|\([一二三四五六七八九十]{1,3}\))"
    r" ?[^。;,:\d]{2,20}?情况)"
    r"(?=[。:])"
)
_RUN_IN_KINDS = frozenset({"active", "requests", "fees", "review"})


def sections(laid: Laid) -> tuple[Section, ...]:
    """All sections in order; each reaches to the start of the next."""
    heads = sorted({start: head for line in laid.prose for start, head in _heads(line)}.items())
    heads = list(_kept(heads))
    ends = [*(start for start, _ in heads[1:]), len(laid.text)]
    return tuple(
        Section(_kind(head) or "text", head.strip(), start, end)
        for (start, head), end in zip(heads, ends, strict=False)
    )


def _kept(heads: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Chapters, items of kinds that matter, and the item after one that ends it."""
    before = ""  # how the item is numbered that the text stands in
    for start, head in heads:
        style = _style(head)
        matters = _kind(head) in _RUN_IN_KINDS
        if not style or matters or style == before:
            yield start, head
            before = style if matters else ""


def _style(head: str) -> str:
    """How an item is numbered: (一) or 1; "" for a chapter."""
    first = plain(head).strip()[:1]
    return "1" if first.isdigit() else first if first == "(" else ""


def _heads(line: Line) -> Iterator[tuple[int, str]]:
    flat = line.flat
    patterns = (_CHAPTER.match(flat), _RUN_IN.match(flat))
    for match in (*filter(None, patterns), *_INSIDE.finditer(flat), *_GLUED.finditer(flat)):
        start, end = match.span("head")
        yield line.start + start, line.text[start:end]


def _kind(heading: str) -> str | None:
    flat = squeeze(heading)
    return next((kind for kind, pattern in _KINDS if pattern.search(flat)), None)
