"""Office hours: as printed, and by season where the text tells seasons apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crawler.text import chinese_number, plain
from pipelines.parser.guide_contact import Text, every, unique

if TYPE_CHECKING:
    from collections.abc import Iterator

_LINE = r"(?:[夏冬春秋]|每年|\d{1,2} ?月|[上下]午|周|星期|工作日|每周|法定)"  # goes on with hours
_HOURS = re.compile(
    r"(?:办公|工作|受理|接待|服务|对外)时间(?:为)? ?[:为|]? ?(?P<value>"
    rf"[^。\n|]{{4,160}}(?:\n{_LINE}[^。\n]{{4,100}}){{0,3}}|(?:\n{_LINE}[^。\n]{{4,100}}){{1,4}})"
)
_BEFORE = re.compile(  # the hours first, and then that they are: 上午8:30-11:30为办公时间
    r"(?:^|[。;\n:])(?P<value>[^。;\n|]{6,120}?) ?(?:为|是|系)(?:[^。;,\n\d]{0,8})"
    r"(?:办公|工作|受理|接待|服务|对外)时间(?! ?[:为])"
)
_NEXT = re.compile(
    r"(?:邮编|邮政编码|(?:联系|咨询)?电话|传真|电子邮[箱件]|(?:办公|通[信讯]|联系)?地址|网址)[^:。\n]{0,6}:"
)
_NUMERAL = re.compile(r"[一二三四五六七八九十]{1,3}(?= ?[时点分])")
_HALF = re.compile(r"(?<=\d[时点])半")
_TIME = r"(\d{1,2}) ?(?::|点|时) ?(\d{2})?分?"
_TIMES = re.compile(rf"{_TIME} ?(?:-|至|到|~) ?(?:下午|晚上)? ?{_TIME}")
_DAY = r"(\d{1,2}) ?月(?: ?(\d{1,2}) ?日)?"
_MONTHS = re.compile(rf"{_DAY} ?(?:-|至|到|~)+ ?(?:次年|翌年|第二年)? ?{_DAY}")
_SEASON = re.compile("[夏冬春秋](?=[季令时天])|[夏冬]")
_SEASONS = {"夏": "summer", "冬": "winter", "春": "spring", "秋": "autumn"}
_NOON = 12


@dataclass(slots=True)
class _Group:
    """Times of day between two marks, and the marks: a season's name, its months, or both."""

    seasons: list[str]
    months: list[tuple[str, str]]
    times: list[str]


def office_hours(text: Text) -> list[str]:
    """Raw statements of office hours; only those that name a time of day."""
    found = [*every(_HOURS, text), *every(_BEFORE, text)]
    values = (value[: _end(value)] for value in found)
    stated = (value for value in values if _TIMES.search(_clock(value)))
    return unique(" ".join(value.split("\n")).strip(" ,，;；\u3000") for value in stated)


def _end(value: str) -> int:
    """Where the next label begins on the same line."""
    after = _NEXT.search(plain(value))
    return after.start() if after else len(value)


def seasonal_hours(stated: list[str]) -> list[dict[str, Any]]:
    """{season, from, to, times}: months as 05 or 05-01, times as 08:30-11:30.

    A statement that names neither a season nor months is none of a season, and times of which it
    does not tell whose they are belong to none.
    """
    found: list[dict[str, Any]] = []
    for statement in stated:
        for group in _groups(_clock(statement)):
            begin, end = group.months[0] if group.months else (None, None)
            season = group.seasons[0] if group.seasons else None
            entry = {"season": season, "from": begin, "to": end, "times": group.times}
            found += [] if entry in found else [entry]
    return found


def _clock(statement: str) -> str:
    """Plain text with 八时三十分 as 8时30分."""
    flat = _NUMERAL.sub(lambda match: str(chinese_number(match[0])), plain(statement))
    return _HALF.sub("30分", flat)


def _groups(flat: str) -> Iterator[_Group]:
    """A season before its times or after them, the same way all through; else piece by piece."""
    whole = _in_order(flat)
    if whole:
        yield from whole
        return
    for piece in re.split(r"[;()]", flat):
        yield from _in_order(piece)


def _in_order(flat: str) -> list[_Group]:
    """The groups of a text, [] where the order leaves open which times a season has."""
    marks = sorted(
        [(m.start(), m) for p in (_SEASON, _MONTHS, _TIMES) for m in p.finditer(flat)],
        key=lambda found: found[0],
    )
    runs: list[tuple[bool, list[re.Match[str]]]] = []  # marks and times by turns
    for _, match in marks:
        timed = match.re is _TIMES
        if not runs or runs[-1][0] != timed:
            runs.append((timed, []))
        runs[-1][1].append(match)
    if len(runs) == 3 and not runs[0][0]:  # the season before its times, its months after them
        group = _group(runs[0][1] + runs[2][1], runs[1][1])
        return [group] if _clear(group) else []
    if len(runs) % 2:
        return []
    pairs = [sorted(runs[i : i + 2], key=lambda run: run[0]) for i in range(0, len(runs), 2)]
    groups = [_group(named[1], timed[1]) for named, timed in pairs]
    return groups if all(map(_clear, groups)) else []


def _clear(group: _Group) -> bool:
    """One season, and no office opens at night: 3:00-6:00 lacks its 下午."""
    early = any(time < "06" for time in group.times)
    return len(group.seasons) <= 1 and len(group.months) <= 1 and not early


def _group(marks: list[re.Match[str]], times: list[re.Match[str]]) -> _Group:
    seasons = dict.fromkeys(_SEASONS[match[0]] for match in marks if match.re is _SEASON)
    months = [_months(match) for match in marks if match.re is _MONTHS]
    first = times[0].string.rfind(";", 0, times[0].start()) + 1
    start = max([first, *(m.end() for m in marks if m.end() <= times[0].start())])
    return _Group(list(seasons), months, [_times(match, start) for match in times])


def _times(match: re.Match[str], start: int) -> str:
    """08:30-11:30, on the clock of twenty-four hours: 下午2点 is 14:00."""
    before = match.string[start : match.start()]
    after_noon = before.rfind("下午") > before.rfind("上午") or "下午" in match[0]
    begin, end = int(match[1]), int(match[3])
    begin += _NOON if after_noon and begin < _NOON and "下午" not in match[0] else 0
    end += _NOON if after_noon and end < _NOON else 0
    return f"{begin:02}:{match[2] or '00'}-{end:02}:{match[4] or '00'}"


def _months(match: re.Match[str]) -> tuple[str, str]:
    days = ((match[1], match[2]), (match[3], match[4]))
    first, last = (f"{int(m):02}" + (f"-{int(d):02}" if d else "") for m, d in days)
    return first, last
