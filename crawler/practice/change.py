"""What befalls a portal between two nights: a redesign, or pages that answer with something else.

Both stand before a city and change its answers; `Changing` lets one server switch from the city as
it was to the city as it is.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, Protocol
from urllib.parse import quote

from crawler.practice.answer import Answer, plain
from crawler.practice.site import HTML

Fate = Literal["gone", "home", "to_home", "empty", "fewer", "restyled", "challenge"]
CHALLENGE = b"<html><head><script>$_ts=window['$_ts'];$_ts.cd='qqZk';</script></head></html>"
RECORD = re.compile(rb"<record>.*?</record>|<li[ >].*?</li>", re.DOTALL)
KEPT = 4  # entries of a listing that has become shorter


class Played(Protocol):
    """What answers: a city, or a city seen through one of these."""

    def answer(
        self, host: str, method: str, target: str, headers: Mapping[str, str], body: bytes, /
    ) -> Answer: ...


@dataclass
class Changing:
    """Answers as `now` does, which may be exchanged while it is served."""

    now: Played

    def answer(
        self, host: str, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        return self.now.answer(host, method, target, headers, body)


@dataclass(frozen=True)
class Redesigned:
    """Pieces of addresses have other names, on every page; under the old ones is `former`."""

    city: Played
    renamed: Mapping[str, str]  # old → new, ASCII
    former: Fate = "gone"

    def answer(
        self, host: str, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        if any(old in target for old in self.renamed):
            return _fated(self.city, self.former, host, target)
        asked, sent = target, body
        for old, new in self.renamed.items():
            asked, sent = asked.replace(new, old), sent.replace(new.encode(), old.encode())
        found = self.city.answer(host, method, asked, _plainly(headers), sent)
        text = found.body
        for old, new in self.renamed.items():
            text = text.replace(old.encode(), new.encode())
        named = tuple((name, self._renamed(value)) for name, value in found.headers)
        return _rewritten(replace(found, headers=named), text)

    def _renamed(self, value: str) -> str:
        for old, new in self.renamed.items():
            value = value.replace(old, new)
        return value


@dataclass(frozen=True)
class Broken:
    """Some pages, by host and the beginning of their path, answer with something else."""

    city: Played
    fates: Mapping[tuple[str, str], Fate]

    def answer(
        self, host: str, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        for (where, start), fate in self.fates.items():
            if host == where and target.startswith(start):
                found = _fated(self.city, fate, host, target)
                if found.status != 200 or fate in {"home", "challenge"}:
                    return found
                return _cut(self.city.answer(host, method, target, _plainly(headers), body), fate)
        return self.city.answer(host, method, target, headers, body)


def _fated(city: Played, fate: Fate, host: str, target: str) -> Answer:
    """The answer in the place of a page; for a page that is only altered, an empty one."""
    if fate == "gone":
        return plain(404, f"页面不存在 {quote(target)}")
    if fate == "to_home":
        return Answer(302, (("Location", f"http://{host}/"), ("Content-Type", HTML)), b"")
    if fate == "home":
        return _rewritten(home := city.answer(host, "GET", "/", {}, b""), home.body)
    return Answer(200, (("Content-Type", HTML),), CHALLENGE)


def _cut(found: Answer, fate: Fate) -> Answer:
    if fate == "restyled":
        text = found.body.replace(b"record>", b"item>").replace(b"<li", b"<em")
        return _rewritten(found, text)
    rows = RECORD.findall(found.body)[KEPT if fate == "fewer" else 0 :]
    text = found.body
    for row in rows:
        text = text.replace(row, b"", 1)
    return _rewritten(found, text)


def _plainly(headers: Mapping[str, str]) -> dict[str, str]:
    """A request that is answered in full and uncompressed."""
    conditions = {"accept-encoding", "if-none-match", "if-modified-since"}
    return {name: value for name, value in headers.items() if name not in conditions}


def _rewritten(found: Answer, body: bytes) -> Answer:
    """Other bytes, and no validators that speak of the old ones."""
    said = tuple(h for h in found.headers if h[0] not in {"ETag", "Last-Modified"})
    sent = None if found.sent is None else len(body) * 2 // 3
    return replace(found, headers=said, body=body, sent=sent)
