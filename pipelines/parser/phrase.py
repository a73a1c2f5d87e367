"""How one way to say a number is written down: its words, its quantity, and what must hold around.

Matched in `plain()` sentences. No gap crosses a comma, an enumeration mark or another digit, so a
number belongs to the words right before it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipelines.parser.cells import NUMBER, NUMERAL

_PIECES = "条|件|篇|次|份|人次|件次|条次|宗|起|例|个|期|场"
GAP = r"[^。;,、\d%()]"


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
    context: str = ""  # "disclosure": the sentence or `section` must be about disclosure;
    # "section": only `section` will do
    unless: re.Pattern[str] | None = None  # in the match or the clause before it
    nowhere: re.Pattern[str] | None = None  # in the whole sentence


def phrase(
    key: str,
    pattern: str,
    weight: int = 2,
    section: str = "",
    *,
    context: str = "",
    unless: str = "",
    nowhere: str = "",
) -> Phrase:
    words, whole = (re.compile(each) if each else None for each in (unless, nowhere))
    return Phrase(f"prose.{key}", re.compile(pattern), weight, section, context, words, whole)


DISCLOSURE = re.compile(r"信息公开|政务公开|依申请公开|公开政府信息|依申请提供|信息处理费")

# Numbers of another year, of all years together, or of what is only meant to be.
ELSEWHEN = re.compile(
    r"上一?年(?!度?结转)|去年|[较比][上去]|同期|历年|(?<!今年)(?<!本年)以来|力争|不少于|不低于|目标"
    r"|(?<!规划)计划(?=20\d\d年|明年|来年|全年|主动公开|公开|发布)|预计|争取|明年|来年"
    r"|(?<!转)下一?年(?!度?继续)"
)
_SINCE = re.compile(r"(?<!今年)(?<!本年)(?<!年初)以来,$")
_ANNUAL_PART = re.compile(
    r" ?[,(] ?(?:其中,? ?(?:20\d\d年|本年|当年|今年)|(?:20\d\d年|本年|当年|今年|全年)度?新增)"
)
_NEW_OF_ALL = re.compile(r"(?:本年|当年|今年|全年|20\d\d年)度?新增(?:主动)?公开")
_OF_YEAR = re.compile(r"(?:^|[,:;])(?:其中,?|在|于|截[至止])?(?P<year>20\d\d)年")


def elsewhen(text: str, start: int, clause: int, end: int, year: int | None) -> bool:
    """Whether a number is of other years than the report's: by words in its clause or around it.

    `text[start:end]` tells it, its clause begins at `clause`; a year that an earlier clause begins
    with holds until another does.
    """
    if ELSEWHEN.search(text, clause, end) or _ANNUAL_PART.match(text, end):
        return True
    if "累计" in text[clause:end] and _NEW_OF_ALL.search(text, end):
        return True
    since = _SINCE.search(text[:clause])
    if since and not text[: since.start()].endswith(f"{year}年"):
        return True
    years = [int(match["year"]) for match in _OF_YEAR.finditer(text, 0, start)]
    return year is not None and bool(years) and years[-1] != year
