"""Office hours: as printed, and by season where the text tells seasons apart."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from crawler.text import plain
from pipelines.parser.guide_contact import Text, every, unique

if TYPE_CHECKING:
    from collections.abc import Iterator

_LINE = r"(?:[夏冬春秋]|每年|\d{1,2} ?月|[上下]午|周|星期|工作日|每周|法定)"  # goes on with hours
_HOURS = re.compile(
    r"(?:办公|工作|受理|接待|服务|对外)时间(?:为)? ?[:为|]? ?(?P<value>"
    rf"[^。\n|]{{4,160}}(?:\n{_LINE}[^。\n]{{4,100}}){{0,3}}|(?:\n{_LINE}[^。\n]{{4,100}}){{1,4}})"
)
_TIME = r"(\d{1,2}) ?(?::|点|时) ?(\d{2})?分?"
_TIMES = re.compile(rf"{_TIME} ?(?:-|至|到|~) ?(?:下午|晚上)? ?{_TIME}")
_DAY = r"(\d{1,2}) ?月(?: ?(\d{1,2}) ?日)?"
_MONTHS = re.compile(rf"{_DAY} ?(?:-|至|到|~)+ ?(?:次年|翌年|第二年)? ?{_DAY}")
_SEASONS = (("summer", "夏"), ("winter", "冬"), ("spring", "春"), ("autumn", "秋"))
_NOON = 12


def office_hours(text: Text) -> list[str]:
    """Raw statements of office hours; only those that name a time of day."""
    stated = (value for value in every(_HOURS, text) if _TIMES.search(plain(value)))
    return unique(" ".join(value.split("\n")).strip() for value in stated)


def seasonal_hours(stated: list[str]) -> list[dict[str, Any]]:
    """{season, from, to, times}: months as 05 or 05-01, times as 08:30-11:30.

    A statement that names neither a season nor months is none of a season.
    """
    found: list[dict[str, Any]] = []
    for statement in stated:
        for part in _parts(plain(statement)):
            season = next((name for name, word in _SEASONS if word in part), None)
            months = _MONTHS.search(part)
            times = [_times(match) for match in _TIMES.finditer(part)]
            if times and (season or months):
                begin, end = _months(months) if months else (None, None)
                entry = {"season": season, "from": begin, "to": end, "times": times}
                found += [] if entry in found else [entry]
    return found


def _parts(statement: str) -> Iterator[str]:
    """Pieces of a statement that tell of one season each."""
    for part in re.split(r"[;\n]", statement):
        yield from re.split(r"(?=[夏冬])", part) if "夏" in part and "冬" in part else [part]


def _times(match: re.Match[str]) -> str:
    """08:30-11:30, on the clock of twenty-four hours: 下午2点 is 14:00."""
    before = match.string[: match.start()]
    after_noon = before.rfind("下午") > before.rfind("上午") or "下午" in match[0]
    begin, end = int(match[1]), int(match[3])
    begin += _NOON if after_noon and begin < _NOON and "下午" not in match[0] else 0
    end += _NOON if after_noon and end < _NOON else 0
    return f"{begin:02}:{match[2] or '00'}-{end:02}:{match[4] or '00'}"


def _months(match: re.Match[str]) -> tuple[str, str]:
    days = ((match[1], match[2]), (match[3], match[4]))
    first, last = (f"{int(m):02}" + (f"-{int(d):02}" if d else "") for m, d in days)
    return first, last
