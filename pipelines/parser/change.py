"""同比增加77%: how many more or fewer applications than the year before, as a signed percentage.

Only for applications, where the number can be checked against the year before. A sentence tells
many changes; this one is the applications' if its clause names them, or if it follows their number.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipelines.parser.cells import Value, approximation, number_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHANGE = re.compile(
    r"(?P<way>增加|增长|上升|下降|减少) ?了? ?(?P<pre>约|近|超过|超)?"
    r"(?P<num>\d{1,4}(?:\.\d{1,2})?) ?%"
)
_NAMED = re.compile(r"(?:依申请公开|公开申请|申请公开)(?:的)?(?:申请)?(?:总)?(?:数量|件数|数|量)")
# What may stand between the number and its change: an aside, last year's number, the difference.
_ASIDE = re.compile(
    r"\([^()]*\)"
    r"|[比较](?:20\d\d年|上一?年|去年)度?(?:同期)?(?:的|为)? ?(?:\d{1,9} ?[件份条宗])?"
    r"|(?:上年度?)?结转(?:上年度?)? ?\d{1,9} ?[件份条宗]"
    r"|(?:增加|增长|上升|下降|减少|多|少) ?了? ?\d{1,9} ?[件份条宗]"
)
_FEWER = {"下降", "减少"}


def stated_changes(text: str, total_ends: int | None) -> Iterator[tuple[Value, int, int]]:
    """(value in %, start, end) in a plain sentence; its number of applications ends there."""
    for match in _CHANGE.finditer(text):
        clause = text[max(text.rfind(mark, 0, match.start()) for mark in ",:") + 1 : match.start()]
        between = None if total_ends is None else _ASIDE.sub("", text[total_ends : match.start()])
        follows = between is not None and not re.search(r"\d", between)
        if follows or _NAMED.search(clause):
            number = number_of(match["num"]) * (-1 if match["way"] in _FEWER else 1)
            approx = approximation([match["pre"]])
            yield Value(number, "number", match[0], "%", approx), match.start(), match.end()
