"""Numbers told in sentences, each with the characters that tell it.

A report often says a number twice. The statement in its own section, and then the stronger wording,
is taken; a different number said elsewhere becomes an issue beside it, never a silent choice.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crawler.items import Issue
from pipelines.parser.cells import Value, quantity
from pipelines.parser.change import stated_changes
from pipelines.parser.model import Figure, Section, Span
from pipelines.parser.parts import CHANNELS, MANY_CHANNELS, MODES, PARTS, respective
from pipelines.parser.phrase import DISCLOSURE, Phrase, elsewhen
from pipelines.parser.phrases import PHRASES
from pipelines.parser.reading import Reading
from pipelines.parser.wrapped import unwrapped
from pipelines.parser.zeros import lone_zero, stated_zeros

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipelines.parser.flow import Laid, Line

_SENTENCE = re.compile(r"[^。;!?\n]+")
_STRAY = re.compile(r"(?<![A-Za-z0-9.,%]) +| +(?![A-Za-z0-9.,%])|(?<=\d) (?=,\d{3}(?!\d))")
_TELLING = re.compile(r"[\d零无未一二两三四五六七八九十百]|没有|不存在")
_PARTS = re.compile(
    r" *(?:其中|分别|按"
    r"|(?:通过|[以用]|采[用取])?(?:互联网|网[络上]|在线|信函|邮寄|当面|现场|传真|电子邮件)[^,\d]{0,6}申请)"
)
_OUR_SECTIONS = frozenset({"requests", "review"})
_LAWSUITS = re.compile(r" *(?:提起|被?提起的?)?行政诉讼")
_REVIEWS = re.compile(r"公开[^。;,]{0,16}复议[^。;]{0,40};$")
_LONGEST = 3000  # characters of a sentence; beyond it is no sentence, and scanning it costs


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence as it is matched: plain, and tight where spaces stray between its characters."""

    text: str
    line: Line
    places: Sequence[int]  # where in the line each character of `text` stands
    section: str
    heading: str
    about: bool  # it tells of disclosure

    def span(self, start: int, end: int) -> Span:
        """The characters of the document's text that `text[start:end]` are."""
        first, last = self.places[start], self.places[end - 1] + 1
        return Span(self.line.start + first, self.line.start + last)

    def raw(self, start: int, end: int) -> str:
        """The same, as printed."""
        return self.line.text[self.places[start] : self.places[end - 1] + 1].strip()


@dataclass(frozen=True, slots=True)
class _Said:
    weight: int
    figure: Figure


def read_prose(
    laid: Laid, sections: tuple[Section, ...], forms: frozenset[int], year: int | None
) -> Reading:
    """Figures `prose.…`, each key once, and an issue for every number that contradicts one.

    `year` is the one that the title names, if any: what a sentence tells of another is left out.
    Lines that start at `forms` have been read as a form and tell nothing more.
    """
    said: dict[str, list[_Said]] = {}
    lines = unwrapped([line for line in laid.prose if line.start not in forms])
    before: _Sentence | None = None
    stated: dict[str, int] = {}  # where the last number of a key ends in the sentence
    for sentence in _sentences(lines, sections):
        if not (before and before.line is sentence.line and _PARTS.match(sentence.text)):
            stated = {}
        for each in _read(sentence, stated, year):
            said.setdefault(each.figure.key, []).append(each)
        before = sentence
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


def _sentences(lines: Sequence[Line], sections: tuple[Section, ...]) -> Iterator[_Sentence]:
    for line in lines:
        for match in _SENTENCE.finditer(line.flat):
            if len(match[0]) <= _LONGEST and _TELLING.search(match[0]):
                places = _tight(match)
                section = _section_at(sections, line.start + places[0])
                kind, heading = (section.kind, section.heading) if section else ("", "")
                text = match[0] if len(places) == len(match[0]) else _text(line, places)
                about = DISCLOSURE.search(text) is not None or _goes_on(line.flat, match)
                yield _Sentence(text, line, places, kind, heading, about)


def _goes_on(flat: str, match: re.Match[str]) -> bool:
    """Lawsuits told after reviews: 信息公开的行政复议2件；行政诉讼1件."""
    before = flat[max(0, match.start() - 80) : match.start()]
    return _LAWSUITS.match(match[0]) is not None and _REVIEWS.search(before) is not None


def _tight(match: re.Match[str]) -> Sequence[int]:
    """The places of a sentence's characters without the spaces that part no numbers or words."""
    if " " not in match[0]:
        return range(match.start(), match.end())
    stray = {n for space in _STRAY.finditer(match[0]) for n in range(*space.span())}
    return [match.start() + n for n in range(len(match[0])) if n not in stray]


def _text(line: Line, places: Sequence[int]) -> str:
    return "".join(line.flat[place] for place in places)


def _section_at(sections: tuple[Section, ...], offset: int) -> Section | None:
    index = bisect_right(sections, offset, key=lambda section: section.start) - 1
    return sections[index] if index >= 0 else None


def _read(sentence: _Sentence, stated: dict[str, int], year: int | None) -> Iterator[_Said]:
    """What a sentence says; `stated` are the keys of the one before, if this tells their parts."""
    inherited = frozenset(stated)
    taken: list[tuple[int, int]] = []
    for phrase in PHRASES:
        for match in phrase.pattern.finditer(sentence.text):
            key = _key(phrase, match, sentence, year)
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
    if sentence.section in _OUR_SECTIONS or sentence.about:
        for key, match in respective(sentence.text, applied="prose.requests.total" in stated):
            clause = _clause(sentence.text, match.start())
            if not elsewhen(sentence.text, match.start(), clause, match.end(), year):
                yield _Said(2, _figure(key, match, sentence))
    total = None if "prose.requests.total" in inherited else stated.get("prose.requests.total")
    for value, start, end in stated_changes(sentence.text, total):
        printed = replace(value, raw=sentence.raw(start, end))
        yield _Said(2, printed.figure("prose.requests.change", "%", sentence.span(start, end)))
    for zero in (
        *stated_zeros(sentence.text, sentence.section, about=sentence.about),
        *lone_zero(sentence.text, sentence.section, sentence.heading),
    ):
        if elsewhen(sentence.text, zero.start, zero.start, zero.end, year):
            continue
        value = Value(0, "explicit_zero", sentence.raw(zero.start, zero.end))
        where = sentence.span(zero.start, zero.end)
        yield _Said(3, value.figure(zero.key, zero.unit, where))


def _key(phrase: Phrase, match: re.Match[str], sentence: _Sentence, year: int | None) -> str | None:
    """The key this match is a number of, None when its surroundings make it something else."""
    text = sentence.text
    clause = _clause(text, match.start())
    before = text[clause : match.start()]
    # After 分别 it is the first number of several, and not this key's for that.
    shared = "分别" in text[match.start() : match.start("num")]
    if shared or elsewhen(text, match.start(), clause, match.end(), year):
        return None
    if phrase.unless and phrase.unless.search(before + match[0]):
        return None
    if phrase.nowhere and phrase.nowhere.search(text):
        return None
    elsewhere = phrase.context and sentence.section != phrase.section
    if elsewhere and (phrase.context == "section" or not sentence.about):
        return None
    if phrase.key in {"prose.active.total", "prose.active.website", "prose.published.total"}:
        return _channel(phrase.key, before + match[0][: match.start("num") - match.start()])
    return phrase.key


def _clause(text: str, at: int) -> int:
    """Where the clause begins that goes on at `at`."""
    return max(text.rfind(mark, 0, at) for mark in ",:(") + 1


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
    value = quantity(match, sentence.raw(first, match.end()))
    return value.figure(key, "", sentence.span(*match.span()))


def _has(match: re.Match[str], name: str) -> bool:
    return match.groupdict().get(name) is not None
