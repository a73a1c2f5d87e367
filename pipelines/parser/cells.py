"""The value grammar: what one table cell, or one printed quantity, says.

Blank is never 0, and what cannot be read is `unparsed`, never a guess.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from crawler.text import chinese_number, plain, squeeze
from pipelines.parser.model import Approx, Figure, Number, Span, Spot, Status

UNITS = "万元|亿元|元|人次|条次|件次|条|件|篇|次|期|份|册|个|项|人|名|起|宗|场|家|部|例"
SCALES = {"万": 10_000, "亿": 100_000_000}
YUAN = {"元": 1, "万元": 10_000, "亿元": 100_000_000}
# A lone 一 is a number only before units that do not also make words (一次性, 一个月).
NUMERAL = r"[二两三四五六七八九十百][一二三四五六七八九十百]{0,4}|一(?=[件份宗起名人])"
NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,15}(?:\.\d+)?"

_NOTHING = re.compile(r"[/\\]{1,3}|-{1,6}|无|未|×|空|无此项|无此情况|不适用|不涉及|N/A|n/a")
_UNCHANGED = re.compile(r"持平|无变化|不变|无增减|没有变化")
_PAGE_NUMBER = re.compile(
    r"^- ?\d{1,3} ?-(?: |$)|(?:^| )- ?\d{1,3} ?-$"
)  # of print, not of the form
_IMAGE = re.compile(r"\[?(?:图片|image|img)\]?", re.IGNORECASE)
_CELL = re.compile(
    rf"(?P<pre>约|近|超过|超|逾|达|共)? ?(?P<sign>[+-]|增加?|减少?|[↑↓])? ?"
    rf"(?P<num>\d{{1,3}}(?: \d{{3}})+|{NUMBER}) ?(?P<scale>[万亿](?!元))? ?(?P<suf>余|多)? ?"
    rf"(?P<unit>{UNITS})? ?(?P<post>以上|左右|以下)?"
)
_SEPARATED = re.compile(r"(?<=\d)(?: ,|, )(?=\d{3}(?!\d))")  # 1 ,234
_WORDS: tuple[tuple[Status, re.Pattern[str]], ...] = (
    ("not_applicable", _NOTHING),
    ("image", _IMAGE),
)
_CHINESE = re.compile(rf"(?P<num>[〇零一二三四五六七八九十百千两]{{1,9}})(?P<unit>{UNITS})?")


@dataclass(frozen=True, slots=True)
class Value:
    """A read quantity; `value` counts in `unit`, or is None with the `status` saying why."""

    value: Number | None
    status: Status
    raw: str
    unit: str = ""
    approx: Approx | None = None

    def figure(self, key: str, unit: str, where: Spot | Span) -> Figure:
        """The figure of this value; `unit` is the expected one, a printed one wins."""
        unit = self.unit or unit
        yuan = None
        if self.value is not None and unit in YUAN:
            yuan = self.value * YUAN[unit]
        return Figure(key, self.value, unit, self.status, self.approx, self.raw, where, yuan)


def read_cell(text: str) -> Value:
    """Read a whole cell: "1,234", "+1", "减14", "约679.7万元", "18万余件", "/", ""."""
    raw = text.strip()
    flat = " ".join(plain(raw).split())
    if "," in flat:
        flat = _SEPARATED.sub(",", flat)
    if flat.startswith("-") or flat.endswith("-"):
        flat = _PAGE_NUMBER.sub("", flat)
    if not flat:
        return Value(None, "blank", raw)
    match = _CELL.fullmatch(flat)
    if match:
        return quantity(match, raw)
    match = _CHINESE.fullmatch(flat)
    number = chinese_number(match["num"]) if match else None
    if match and number is not None:
        return Value(number, "number", raw, match["unit"] or "")
    status: Status = next((each for each, words in _WORDS if words.fullmatch(flat)), "unparsed")
    return Value(None, status, raw)


def read_change(text: str) -> Value:
    """Read a change of stock: as any cell, and 持平 says that there was none."""
    raw = text.strip()
    if _UNCHANGED.fullmatch(squeeze(raw)):
        return Value(0, "explicit_zero", raw)
    return read_cell(text)


def read_money(text: str) -> Value:
    """Read an amount of money, where 563.75万 means 万元."""
    value = read_cell(text)
    if value.unit == "" and squeeze(value.raw)[-1:] in SCALES:
        return replace(read_cell(f"{text}元"), raw=value.raw)
    return value


def quantity(match: re.Match[str], raw: str) -> Value:
    """The value of a match with groups num, and where given sign, scale, pre, suf, unit, post."""
    groups = match.groupdict()
    number = number_of(match["num"])
    if groups.get("scale"):
        number *= SCALES[match["scale"]]
        if isinstance(number, Decimal) and number == number.to_integral_value():
            number = int(number)
    if groups.get("sign") and match["sign"][0] in "-减↓":
        number = -number
    words = [groups.get(name) for name in ("pre", "suf", "post")]
    return Value(number, "number", raw, groups.get("unit") or "", approximation(words))


def number_of(digits: str) -> Number:
    """1,234 → 1234; 26463.43 → Decimal; 十二 → 12."""
    numeral = chinese_number(digits)
    if numeral is not None:
        return numeral
    digits = digits.replace(",", "").replace(" ", "")
    return Decimal(digits) if "." in digits else int(digits)


def approximation(words: list[str | None]) -> Approx | None:
    """What 约, 余, 近 … make of a number."""
    for word in words:
        if word in {"约", "左右"}:
            return "about"
        if word in {"余", "多", "以上", "超", "超过", "逾"}:
            return "at_least"
        if word in {"近", "以下", "不到"}:
            return "at_most"
    return None
