"""What every portal of the city has in common: pages, placed documents, dealt troubles."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from crawler.practice.dice import dice
from crawler.practice.paper import Paper
from crawler.practice.truth import Kind, Trouble, Truth

HTML = "text/html; charset=utf-8"
LOST = {"http_404", "truncated"}


@dataclass(frozen=True, slots=True)
class Page:
    """What a site says, before HTTP dresses it."""

    body: bytes
    modified: date
    content_type: str = HTML
    location: str = ""  # a redirect when not empty
    trouble: Kind | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """A document and where it stands."""

    paper: Paper
    url: str
    listed: date  # the date the portal shows, which a migration may have rewritten
    trouble: Kind | None = None
    aliases: tuple[str, ...] = ()
    inline: bool = False
    file: bool = False  # `url` is a file that a page links to
    workbook: bool = False  # the file holds the tables and none of the text


class Site(Protocol):
    """One host."""

    @property
    def host(self) -> str: ...
    @property
    def chunked(self) -> bool: ...
    @property
    def gzips(self) -> bool: ...
    def page(self, path: str, fields: Mapping[str, str]) -> Page | None:
        """The page at a path, given the query and form fields; None where nothing is."""

    def placed(self) -> Iterator[Placed]:
        """Every document that the host lists, gone ones too."""

    def troubles(self) -> Iterator[Trouble]:
        """Every misbehaviour of the host."""


def deal_troubles(seed: int, name: str, places: Sequence[object]) -> dict[int, Kind]:
    """Positions of the documents that are in trouble: one of each kind for every sixty."""
    kinds: tuple[Kind, ...] = ("http_503_once", "redirect", "http_404", "truncated")
    each = max(1, len(places) // 60)
    count = min(len(places), each * len(kinds))
    drawn = dice(seed, name, "troubles").sample(range(len(places)), count)
    return {position: kinds[turn % len(kinds)] for turn, position in enumerate(drawn)}


def truth_of(host: str, placed: Placed) -> Truth:
    """All that is true of a placed document."""
    paper, written = placed.paper, placed.paper.write()
    quirks = (*written.quirks, *(("inline",) if placed.inline else ()))
    quirks += ("file",) if placed.file else ()
    figures = written.figures
    if placed.workbook:
        figures = {key: value for key, value in figures.items() if not key.startswith("prose.")}
    return Truth(
        portal=paper.organ.place.portal,
        host=host,
        url=placed.url,
        document_class=paper.kind,
        year=None if paper.kind == "disclosure_guide" else paper.year,
        organ=paper.name,
        title=paper.title,
        published=placed.listed.isoformat(),
        form=written.form,
        figures=figures,
        failing_checks=written.failing,
        findable=placed.trouble not in LOST,
        aliases=placed.aliases,
        guide=dict(written.guide),
        quirks=quirks,
    )
