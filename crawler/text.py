"""Pure text: full-width digits, Chinese numerals, dates, years, document numbers, addresses.

Everything that matches works on `plain()` text, which has exactly one character for each of the
original, so that an offset found in one is an offset in the other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

_SPACES = "\t\r\x0b\x0c\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
_SPACES += "\u200a\u200b\u200c\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
_TWINS = {
    "-": "‐‑‒–—―−﹣",  # every dash
    ":": "∶︰ː",
    '"': "“”„‟",
    "'": "‘’‚‛",
    "〔": "﹝",
    "〕": "﹞",
    "%": "﹪",
}
_PLAIN = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_PLAIN.update(dict.fromkeys(map(ord, _SPACES), 0x20))
_PLAIN.update({ord(twin): ord(char) for char, twins in _TWINS.items() for twin in twins})

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")}
_DIGITS.update(dict.fromkeys("〇○Oo0", 0), 两=2)
_POWERS = {"十": 10, "百": 100, "千": 1000}
_ZEROES = "〇○零Oo0"

_DATE = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d\d) ?(?P<sep>[年./-]) ?(?P<m>\d{1,2})"
    r"(?: ?[月./-] ?(?P<d>\d{1,2})(?!\d) ?日?| ?月(?! ?\d))"
)
_CHINESE_DATE = re.compile(
    rf"(?P<y>[一二][{_ZEROES}一二三四五六七八九]{{3}}) ?年"
    r" ?(?P<m>[一二三四五六七八九十]{1,2}) ?月"
    r"(?: ?(?P<d>[一二三四五六七八九十]{1,3}) ?日)?"
)
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d) ?年")
_BARE_YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")
_DOC_NO = re.compile(
    r"[\u3400-\u9fff\U00020000-\U0003134f]{2,12} ?[〔\[(](?:19|20)\d\d[〕\])] ?(?:第 ?)?\d{1,4} ?号"
    r"|[\u3400-\u9fff\U00020000-\U0003134f]{2,8}令 ?(?:\((?:19|20)\d\d\) ?)?第 ?\d{1,4} ?号"
)


@dataclass(frozen=True, slots=True)
class Dated:
    """A date as found: offsets in the text, ISO value; `day` is None where none is printed."""

    start: int
    end: int
    year: int
    month: int
    day: int | None

    @property
    def iso(self) -> str:
        """`2014-03-03`, or `2013-12` where no day is printed."""
        tail = "" if self.day is None else f"-{self.day:02}"
        return f"{self.year:04}-{self.month:02}{tail}"


def joined(base: str, href: str) -> str:
    """The address that a link on the page `base` means; "" where it is none.

    Pages of portals hold such links: `http://[x`, a port that is no number.
    """
    try:
        address = urljoin(base, href.strip())
        _ = urlsplit(address).port
    except ValueError:
        return ""
    return address


def plain(text: str) -> str:
    """Half-width digits and punctuation, one kind of space and dash; the length stays the same."""
    return text.translate(_PLAIN)


def squeeze(text: str) -> str:
    """`plain` without any white space: what labels are compared by."""
    return "".join(plain(text).split())


def chinese_number(text: str) -> int | None:
    """十二 → 12, 一百零五 → 105, 二〇一四 → 2014; None for anything else."""
    if not text or any(char not in _DIGITS and char not in _POWERS for char in text):
        return None
    if not any(char in _POWERS for char in text):
        return int("".join(str(_DIGITS[char]) for char in text))
    total, digit = 0, None
    for char in text:
        if char in _DIGITS:
            digit = _DIGITS[char]
        else:
            total += (1 if digit is None else digit) * _POWERS[char]
            digit = None
    return total + (digit or 0)


def dates(text: str) -> Iterator[Dated]:
    """Every valid date in any spelling, in order of appearance."""
    flat = plain(text)
    found = [*map(_arabic, _DATE.finditer(flat)), *map(_chinese, _CHINESE_DATE.finditer(flat))]
    yield from sorted((each for each in found if each), key=lambda each: each.start)


def _arabic(match: re.Match[str]) -> Dated | None:
    day = match["d"]
    return _dated(match, int(match["y"]), int(match["m"]), int(day) if day else None)


def _chinese(match: re.Match[str]) -> Dated | None:
    year, month = chinese_number(match["y"]), chinese_number(match["m"])
    day = chinese_number(match["d"]) if match["d"] else None
    return _dated(match, year or 0, month or 0, day)


def _dated(match: re.Match[str], year: int, month: int, day: int | None) -> Dated | None:
    try:
        date(year, month, 1 if day is None else day)
    except ValueError:
        return None
    return Dated(match.start(), match.end(), year, month, day)


def only_date(line: str) -> Dated | None:
    """The date of a line that says nothing else, as a signature does."""
    flat = plain(line).strip(" ()。.")
    for found in dates(flat):
        if found.start == 0 and found.end == len(flat):
            return found
    return None


def years(text: str) -> Iterator[tuple[int, int]]:
    """(offset, year) of every `2014年`, not of bare digits or document numbers."""
    for match in _YEAR.finditer(plain(text)):
        yield match.start(), int(match[1])


def only_year(name: str, latest: int) -> int | None:
    """The one year that a file's name holds, from 2008 to `latest`; None for none, or for two."""
    found = [int(year) for year in _BARE_YEAR.findall(plain(name))]
    return found[0] if len(found) == 1 and 2008 <= found[0] <= latest else None


def document_numbers(text: str) -> Iterator[str]:
    """台政办发〔2013〕130号, 国务院令第711号 … as printed."""
    for match in _DOC_NO.finditer(plain(text)):
        yield text[match.start() : match.end()]
