"""The practice city: three governments, their portals, and the truth about all of it.

Everything follows from the number of organs, the years and the seed; no clock, no state. Pages
are written when they are asked for.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import parse_qsl, unquote

from crawler.practice import families, rendered, shandong, traps
from crawler.practice.answer import Answer, dress, plain
from crawler.practice.cms import CmsSite
from crawler.practice.guide import GUIDE_YEAR
from crawler.practice.hanweb import HanwebSite
from crawler.practice.organs import HANWEB, HANWEB_GB, SHANDONG, Organ, Place, organs, staff
from crawler.practice.paper import Paper
from crawler.practice.site import Site, truth_of
from crawler.practice.truth import Trouble, Truth


@dataclass(frozen=True)
class City:
    """`organs` report on every year from `years[0]` to `years[1]`."""

    organs: int = 12
    years: tuple[int, int] = (2008, 2025)
    seed: int = 1

    def __post_init__(self) -> None:
        if not 3 <= self.organs <= 3000:
            raise ValueError(f"a city has 3 to 3000 organs, not {self.organs}")
        if not 2008 <= self.years[0] <= self.years[1] <= 2100:
            raise ValueError(f"years run upwards from 2008 at the earliest, not {self.years}")

    @cached_property
    def _sites(self) -> dict[str, Site]:
        members = organs(self.seed, self.organs)
        district = {
            organ: tuple(self._department(organ)) for organ in members if organ.place is SHANDONG
        }
        built: list[Site] = [
            HanwebSite(self.seed, place, tuple(self._portal(place, members)))
            for place in (HANWEB, HANWEB_GB)
        ]
        built += shandong.build(self.seed, district)
        return {site.host: site for site in built}

    @cached_property
    def _rendered(self) -> rendered.RenderedHost:
        return rendered.RenderedHost(self.seed, self.years)

    @cached_property
    def families(self) -> tuple[CmsSite, ...]:
        """The portals of the other CMS families: always there, each with a truth of its own.

        Each has a third as many organs as the city, which does not count them.
        """
        built = []
        for at, kind in enumerate(families.SITES):
            first = families.FIRST + at * families.APART
            members = staff(self.seed, kind.place, max(3, self.organs // 3), first)
            built.append(kind(self.seed, tuple(self._portal(kind.place, members))))
        return tuple(built)

    @cached_property
    def _cms(self) -> dict[str, CmsSite]:
        return {host: site for site in self.families for host in site.hosts}

    def _years(self) -> range:
        return range(self.years[1], self.years[0] - 1, -1)

    def _portal(self, place: Place, members: tuple[Organ, ...]) -> Iterator[Paper]:
        """All organs of a place in one portal, with the government's notices in between."""
        for organ in (o for o in members if o.place is place):
            yield Paper(self.seed, "disclosure_guide", organ, GUIDE_YEAR)
            for year in self._years():
                yield Paper(self.seed, "annual_report", organ, year)
                if organ.level == "government" and year % 4 == 1:
                    yield Paper(self.seed, "notice", organ, year)
                if organ.level == "government" and year % 4 == 3:
                    yield Paper(self.seed, "work_plan", organ, year)

    def _department(self, organ: Organ) -> Iterator[Paper]:
        yield Paper(self.seed, "disclosure_guide", organ, GUIDE_YEAR)
        for year in self._years():
            yield Paper(self.seed, "annual_report", organ, year)
            if (year + organ.index) % 6 == 0:
                yield Paper(self.seed, "work_plan", organ, year)
            if (year + organ.index) % 9 == 4:
                yield Paper(self.seed, "work_plan", organ, year, variant="tasks")

    def sites(self) -> dict[str, Site]:
        """Host name → site."""
        return dict(self._sites)

    def troubles(self) -> list[Trouble]:
        """Every misbehaviour; those of one address repeat on every visit, but for the 503."""
        return [trouble for site in self._sites.values() for trouble in site.troubles()]

    def truth(self) -> list[Truth]:
        """Every document of the city. Writes each of them, so a large city takes seconds."""
        sites: list[Site | rendered.RenderedHost] = [*self._sites.values(), self._rendered]
        return [truth_of(site.host, placed) for site in sites for placed in site.placed()]

    def answer(
        self, host: str, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        """What a host answers; `headers` by lower-case name, `target` as on the request line."""
        if host in rendered.HOSTS:
            return self._rendered.answer(host, method, target, headers, body)
        name = host.lower().partition(":")[0]
        site = self._sites.get(name) or traps.SITES.get(name)
        if site is None and (cms := self._cms.get(name)):
            return cms.answer(host, method, target, headers, body)
        if site is None:
            return plain(421, f"no such host in the practice city: {host}")
        if method not in {"GET", "HEAD", "POST"}:
            return plain(405, "GET, HEAD or POST", ("Allow", "GET, HEAD, POST"))
        path, _, query = target.partition("?")
        pairs = parse_qsl(query, keep_blank_values=True)
        if method == "POST":
            pairs += parse_qsl(body.decode("latin-1"), keep_blank_values=True)
        page = site.page(unquote(path), dict(pairs))
        if page is None:
            return plain(404, "页面不存在")
        return dress(page, headers, gzips=site.gzips, chunked=site.chunked)
