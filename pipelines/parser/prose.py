"""Numbers told in sentences, each with the characters that tell it.

A report often says a number twice. The statement in its own section, and then the stronger wording,
is taken; a different number said elsewhere becomes an issue beside it, never a silent choice.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.items import Issue
from pipelines.parser.cells import Value, quantity
from pipelines.parser.change import stated_changes
from pipelines.parser.model import Figure, Section, Span
from pipelines.parser.phrases import (
    CHANNELS,
    DISCLOSURE,
    MANY_CHANNELS,
    MODES,
    PARTS,
    PHRASES,
    Phrase,
)
from pipelines.parser.reading import Reading
from pipelines.parser.zeros import lone_zero, stated_zeros

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.parser.flow import Laid

_SENTENCE = re.compile(r"[^。;!?\n]+")
_TELLING = re.compile(r"[\d零无未一二两三四五六七八九十百]|没有|不存在")
_LONGEST = 3000  # characters of a sentence; beyond it is no sentence, and scanning it costs


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str  # plain
    printed: str  # the same characters as they are
    start: int
    section: str
    heading: str


@dataclass(frozen=True, slots=True)
class _Said:
    weight: int
    figure: Figure


def read_prose(laid: Laid, sections: tuple[Section, ...]) -> Reading:
    """Figures `prose.…`, each key once, and an issue for every number that contradicts one."""
    said: dict[str, list[_Said]] = {}
    for sentence in _sentences(laid, sections):
        for each in _read(sentence):
            said.setdefault(each.figure.key, []).append(each)
    figures: list[Figure] = []
    issues: list[Issue] = []
    for candidates in said.values():
        chosen = max(candidates, key=lambda each: each.weight).figure
        figures.append(chosen)
        others = {c.figure.raw for c in candidates if c.figure.value != chosen.value}
        if others:
            says = f"{chosen.key} is {chosen.raw}; elsewhere {', '.join(sorted(others))}"
            issues.append(Issue("conflicting_statements", says))
    figures.sort(key=lambda figure: (_start(figure), figure.key))
    return Reading(tuple(figures), (), tuple(issues))


def _start(figure: Figure) -> int:
    assert isinstance(figure.where, Span)
    return figure.where.start


def _sentences(laid: Laid, sections: tuple[Section, ...]) -> Iterator[_Sentence]:
    for line in laid.prose:
        for match in _SENTENCE.finditer(line.flat):
            if len(match[0]) <= _LONGEST and _TELLING.search(match[0]):
                start = line.start + match.start()
                indent = len(match[0]) - len(match[0].lstrip())
                section = _section_at(sections, start + indent)
                kind, heading = (section.kind, section.heading) if section else ("", "")
                printed = line.text[match.start() : match.end()]
                yield _Sentence(match[0], printed, start, kind, heading)


def _section_at(sections: tuple[Section, ...], offset: int) -> Section | None:
    index = bisect_right(sections, offset, key=lambda section: section.start) - 1
    return sections[index] if index >= 0 else None


def _read(sentence: _Sentence) -> Iterator[_Said]:
    taken: list[tuple[int, int]] = []
    stated: dict[str, int] = {}  # where the last number of a key ends
    for phrase in PHRASES:
        for match in phrase.pattern.finditer(sentence.text):
            key = _key(phrase, match, sentence)
            if key is None or any(a < match.end() and match.start("num") < b for a, b in taken):
                continue
            taken.append((match.start("num"), match.end()))
            stated[key] = match.end()
            weight = phrase.weight + 2 * (phrase.section == sentence.section)
            yield _Said(weight, _figure(key, match, sentence))
    for whole, parts in (("prose.requests.total", MODES), ("prose.active.total", PARTS)):
        for key, pattern in parts if whole in stated else ():
            for match in pattern.finditer(sentence.text):
                yield _Said(2, _figure(key, match, sentence))
    for value, start, end in stated_changes(sentence.text, stated.get("prose.requests.total")):
        span = Span(sentence.start + start, sentence.start + end)
        yield _Said(2, value.figure("prose.requests.change", "%", span))
    for zero in (
        *stated_zeros(sentence.text, sentence.section),
        *lone_zero(sentence.text, sentence.section, sentence.heading),
    ):
        raw = sentence.printed[zero.start : zero.end].strip()
        span = Span(sentence.start + zero.start, sentence.start + zero.end)
        figure = Value(0, "explicit_zero", raw).figure(zero.key, zero.unit, span)
        yield _Said(3, figure)


def _key(phrase: Phrase, match: re.Match[str], sentence: _Sentence) -> str | None:
    """The key this match is a number of, None when its surroundings make it something else."""
    text = sentence.text
    before = text[max(text.rfind(mark, 0, match.start()) for mark in ",:(") + 1 : match.start()]
    if phrase.unless and phrase.unless.search(before + match[0]):
        return None
    if phrase.context and sentence.section != phrase.section and not DISCLOSURE.search(text):
        return None
    if phrase.key in {"prose.active.total", "prose.active.website", "prose.published.total"}:
        return _channel(phrase.key, before + match[0][: match.start("num") - match.start()])
    return phrase.key


def _channel(key: str, words: str) -> str | None:
    """A number published on one channel is that channel's; on several, it is the total."""
    if MANY_CHANNELS.search(words):
        return "prose.active.total" if key == "prose.active.website" else key
    for name, pattern in CHANNELS:
        if pattern.search(words):
            return f"prose.active.{name}" if name else None
    return key


def _figure(key: str, match: re.Match[str], sentence: _Sentence) -> Figure:
    first = min(match.start(name) for name in ("pre", "num") if _has(match, name))
    raw = sentence.printed[first : match.end()].strip()
    span = Span(sentence.start + match.start(), sentence.start + match.end())
    return quantity(match, raw).figure(key, "", span)


def _has(match: re.Match[str], name: str) -> bool:
    return match.groupdict().get(name) is not None
