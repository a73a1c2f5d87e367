"""Sentences that a text file or a page breaks over lines of one length, as paper does."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.parser.flow import Line

_SHORTEST = 20  # characters of a line that is full
_RAGGED = 8  # characters by which full lines may differ
_FEWEST = 3  # full lines without an end that make a text a wrapped one
_ENDED = re.compile(r"[。;:!?)》】\"]\s*$")
_OPENS = re.compile(
    r" *(?:第?[一二三四五六七八九十]{1,3} ?[、.章节]|\([一二三四五六七八九十\d]{1,3}\)"
    r"|\d{1,2} ?[、.](?!\d))"
)


def unwrapped(lines: Sequence[Line]) -> list[Line]:
    """The lines with those joined that go on in the next; every character keeps its place."""
    if not lines:
        return []
    longest = max((len(line.flat) for line in lines if _is_open(line)), default=0)
    full = [_is_open(line) and len(line.flat) >= longest - _RAGGED for line in lines]
    if longest > 5 * _SHORTEST or sum(full) < _FEWEST:
        return list(lines)
    joined = [lines[0]]
    for (before, line), goes_on in zip(pairwise(lines), full, strict=False):
        if goes_on and before.end + 1 == line.start and not _OPENS.match(line.flat):
            last = joined[-1]
            flat, text = f"{last.flat} {line.flat}", f"{last.text}\n{line.text}"
            joined[-1] = replace(last, text=text, flat=flat)
        else:
            joined.append(line)
    return joined


def _is_open(line: Line) -> bool:
    return len(line.flat) >= _SHORTEST and line.heading == 0 and not _ENDED.search(line.flat)
