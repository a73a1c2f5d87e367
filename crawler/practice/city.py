"""The practice city: three governments, their portals, and the truth about all of it.

Everything follows from the number of organs, the years and the seed; no clock, no state. Pages
are written when they are asked for.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import parse_qsl, unquote

from crawler.practice import rendered, shandong
from crawler.practice.answer import Answer, dress, plain
from crawler.practice.guide import GUIDE_YEAR
from crawler.practice.hanweb import HanwebSite
from crawler.practice.organs import HANWEB, HANWEB_GB, SHANDONG, Organ, Place, organs
from crawler.practice.paper import Paper
from crawler.practice.site import Placed, Site
from crawler.practice.truth import Trouble, Truth

LOST = {"http_404", "truncated"}


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
        return [
            _truth(site.host, placed) for site in self._sites.values() for placed in site.placed()
        ]

    def answer(
        self, host: str, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        """What a host answers; `headers` by lower-case name, `target` as on the request line."""
        if host in rendered.HOSTS:
            return rendered.RenderedHost().answer(host, method, target, headers, body)
        site = self._sites.get(host.lower().partition(":")[0])
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


def _truth(host: str, placed: Placed) -> Truth:
    paper, written = placed.paper, placed.paper.write()
    quirks = (*written.quirks, *(("inline",) if placed.inline else ()))
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
        figures=written.figures,
        failing_checks=written.failing,
        findable=placed.trouble not in LOST,
        aliases=placed.aliases,
        guide=dict(written.guide),
        quirks=quirks,
    )
