"""Portals that never end. Each would drown a crawler that follows every link it has not seen.

All print honest reports, once each; around them stands machinery of a kind that real portals have.
Every trap is a pure function of the address asked for, so it repeats.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from html import escape
from urllib.parse import urlencode

from crawler.practice.blocks import html
from crawler.practice.dice import dice
from crawler.practice.organs import Organ, Place
from crawler.practice.paper import Paper
from crawler.practice.site import Page, Placed, truth_of
from crawler.practice.truth import Trouble, Truth

YEARS = range(2014, 2020)
SHELF = "/xxgk/nb/"
LISTING = "/xxgk/nb/list.jsp"
PER_PAGE = 2
LAST = len(YEARS) // PER_PAGE

Spelling = Callable[[str, int], str]  # how the nth link of a page spells a path


def as_it_is(path: str, n: int) -> str:  # noqa: ARG001
    """A link as anyone would write it."""
    return path


class Trap(ABC):
    """One portal: six reports on `SHELF`, listed two a page by whatever the trap is."""

    chunked, gzips = False, False
    name, label = "", ""  # the host between `www.` and `.test`; what the place is called
    index = 0  # of its organ, far from those of the city
    hosts: tuple[str, ...] = ()  # all the names it answers to; none: the one

    def __init__(self) -> None:
        self.host = f"www.{self.name}.test"
        place = Place(f"practice_{self.name}", self.label, "市", self.host, "0300", "990500")
        office = f"{self.label}人民政府"
        organ = Organ(self.index, place, "zfb", "government", office, office, "市政府")
        self.papers = [Paper(1, "annual_report", organ, year) for year in reversed(YEARS)]

    def page(self, path: str, fields: Mapping[str, str]) -> Page | None:
        path = path.partition(";")[0]
        for paper in self.papers:
            if path == self._path(paper):
                return Page(_article(paper), paper.signed)
        return self.listing(path, fields)

    @abstractmethod
    def listing(self, path: str, fields: Mapping[str, str]) -> Page | None:
        """A page of links, or None where even a trap has nothing."""

    def placed(self) -> Iterator[Placed]:
        for paper in self.papers:
            yield Placed(paper, f"http://{self.host}{self._path(paper)}", paper.signed)

    def troubles(self) -> Iterator[Trouble]:
        return iter(())

    def truth(self) -> list[Truth]:
        return [truth_of(self.host, placed) for placed in self.placed()]

    def _path(self, paper: Paper) -> str:
        return f"{SHELF}art_{self.index}_{paper.year}17.html"

    def _listed(
        self, papers: Sequence[Paper], further: Mapping[str, str], link: Spelling = as_it_is
    ) -> Page:
        """A listing: papers, each linked as `link` spells it; `a.more` by name and address."""
        rows = "\n".join(
            f"<li><a href='{link(self._path(paper), n)}'>{escape(paper.title)}</a>"
            f"<span>{paper.signed.isoformat()}</span></li>"
            for n, paper in enumerate(papers)
        )
        more = " ".join(f"<a class='more' href='{url}'>{name}</a>" for name, url in further.items())
        body = f"<ul class='list'>\n{rows}\n</ul>\n<div class='pages'>{more}</div>"
        return Page(_frame(f"政府信息公开年报-{self.label}人民政府", body), date(2020, 4, 1))

    def _slice(self, number: int) -> Sequence[Paper]:
        """The papers of a page; after the last page, those of the last."""
        start = (min(max(number, 1), LAST) - 1) * PER_PAGE
        return self.papers[start : start + PER_PAGE]


class Calendar(Trap):
    """A month a page, with the month before and the month after, for ever."""

    name, label, index = "rili", "日历市", 9001

    def listing(self, path: str, fields: Mapping[str, str]) -> Page | None:
        asked = re.fullmatch(r"(\d+)-(\d\d)", fields.get("date", "2020-03"))
        if path != "/xxgk/rl.jsp" or not asked:
            return None
        year, month = int(asked[1]), int(asked[2])
        found = [p for p in self.papers if (p.signed.year, p.signed.month) == (year, month)]
        # Every month recommends the newest report, so that none is empty.
        months = {"上月": year * 12 + month - 2, "下月": year * 12 + month}
        further = {
            name: f"/xxgk/rl.jsp?date={n // 12:04}-{n % 12 + 1:02}" for name, n in months.items()
        }
        return self._listed([*found, self.papers[0]], further)


class Sessions(Trap):
    """Whoever asks gets a new session, in every link; whoever brings one gets another."""

    name, label, index = "huihua", "会话市", 9002

    def listing(self, path: str, fields: Mapping[str, str]) -> Page | None:
        if path != LISTING:
            return None

        def link(path: str, n: int) -> str:
            token = dice(self.name, urlencode(fields), path, n).getrandbits(128)
            return f"{path};jsessionid={token:032X}.node2?sid={token:032x}"

        further = {str(n): f"{link(LISTING, n)}&page={n}" for n in range(1, LAST + 1)}
        return self._listed(self._slice(_number(fields)), further, link)


class Pages(Trap):
    """There is always a next page, and after the last it is the last again."""

    name, label, index = "fanye", "翻页市", 9003

    def listing(self, path: str, fields: Mapping[str, str]) -> Page | None:
        if path != LISTING:
            return None
        number = _number(fields)
        return self._listed(self._slice(number), {"下一页": f"{LISTING}?page={number + 1}"})


class Parameters(Trap):
    """Every link to a page has its parameters in another order, and a number against caches."""

    name, label, index = "canshu", "参数市", 9004

    def listing(self, path: str, fields: Mapping[str, str]) -> Page | None:
        if path != LISTING:
            return None
        further = {}
        for n in range(1, LAST + 1):
            roll = dice(self.name, urlencode(fields), n)
            pairs = [("page", n), ("dept", 7), ("type", "nb"), ("rnd", roll.random())]
            roll.shuffle(pairs)
            further[str(n)] = f"{LISTING}?{urlencode(pairs)}"
        return self._listed(self._slice(_number(fields)), further)


class Twins(Trap):
    """One server: http and https, with www. and without, and the name it had before."""

    name, label, index = "fenshen", "分身市", 9005
    hosts = ("www.fenshen.test", "fenshen.test", "www.fenshen-old.test")

    def listing(self, path: str, fields: Mapping[str, str]) -> Page | None:
        if path != LISTING:
            return None

        def link(path: str, n: int) -> str:
            return f"{('http', 'https')[n % 2]}://{self.hosts[n % 3]}{path}"

        further = {
            f"{n}-{twin}": f"{link(LISTING, twin)}?page={n}"
            for n in range(1, LAST + 1)
            for twin in range(6)
        }
        return self._listed(self._slice(_number(fields)), further, link)


class Deeper(Trap):
    """A link that forgot its first slash leads a storey down, where another such page stands."""

    name, label, index = "lujing", "路径市", 9006

    def listing(self, path: str, fields: Mapping[str, str]) -> Page | None:  # noqa: ARG002
        storeys = path.count(SHELF.strip("/"))
        if path != SHELF.rstrip("/") * storeys + "/":
            return None
        return self._listed(self._slice(storeys), {"年报": SHELF.lstrip("/")})


TRAPS = (Calendar(), Sessions(), Pages(), Parameters(), Twins(), Deeper())
SITES: dict[str, Trap] = {host: trap for trap in TRAPS for host in trap.hosts or (trap.host,)}


def _number(fields: Mapping[str, str]) -> int:
    number = fields.get("page", "1")
    return int(number) if number.isdecimal() else 1


def _article(paper: Paper) -> bytes:
    title = escape(paper.title)
    body = f"<h1>{title}</h1><div class='content'>\n{html(paper.write().blocks, 'plain')}\n</div>"
    return _frame(title, body)


def _frame(title: str, body: str) -> bytes:
    head = f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>{title}</title></head>'
    return f"{head}\n<body>\n{body}\n</body></html>\n".encode()
