"""What every portal of the city has in common: pages, placed documents, dealt troubles."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from crawler.practice.dice import dice
from crawler.practice.paper import Paper
from crawler.practice.truth import Kind, Trouble

HTML = "text/html; charset=utf-8"


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
