"""Many small portals that are quick to play: for runs that break machines, not parsers.

A district is one portal with a site of its own and some hosts, each its own domain and so its own
politeness group. A host lists its documents, a page of the listing after the other; a document is a
short report of an organ of its own. The names of districts and hosts do not depend on how many
there are, so one set of spiders fits every size. An answer takes a while, as those of portals do.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from crawler.practice.answer import Answer, plain
from crawler.practice.site import HTML

HOST = re.compile(r"www\.qu(\d\d)(?:-ju(\d\d))?\.test")
PER_PAGE = 30
YEAR = 2023


@dataclass(frozen=True)
class Metropolis:
    """`districts` × `hosts` × `documents`; `wait` is seconds before an answer."""

    districts: int = 6
    hosts: int = 20
    documents: int = 170
    wait: float = 0.05

    def answer(
        self, host: str, method: str, target: str, _headers: Mapping[str, str], _body: bytes
    ) -> Answer:
        """As `City.answer`."""
        name = host.lower().partition(":")[0]
        found = HOST.fullmatch(name)
        district, number = (int(found[1]), int(found[2] or 0)) if found else (self.districts, 0)
        if district >= self.districts or number >= self.hosts:
            return plain(421, f"no such host in the metropolis: {name}")
        if method not in {"GET", "HEAD"}:
            return plain(405, "GET or HEAD", ("Allow", "GET, HEAD"))
        if target == "/robots.txt":
            return self._said("User-agent: *\nDisallow: /admin/\n", "text/plain")
        if name == site(district):
            return self._said(self._site(district)) if target == "/nb/" else _gone()
        return self._page(name, target)

    def urls(self) -> Iterator[str]:
        """Every address that a complete crawl has asked for."""
        for district in range(self.districts):
            yield f"http://{site(district)}/robots.txt"
            yield f"http://{site(district)}/nb/"
            for number in range(self.hosts):
                host = host_name(district, number)
                yield f"http://{host}/robots.txt"
                yield from (f"http://{host}{path}" for path in self._listings())
        yield from self.reports()

    def reports(self) -> Iterator[str]:
        """The address of every document: each is one annual report."""
        for district in range(self.districts):
            for number in range(self.hosts):
                for document in range(self.documents):
                    yield f"http://{host_name(district, number)}/doc/{document}.html"

    def _listings(self) -> list[str]:
        count = -(-self.documents // PER_PAGE)
        return ["/nb/", *(f"/nb/index_{page}.html" for page in range(1, count))]

    def _page(self, host: str, target: str) -> Answer:
        listings = self._listings()
        if target in listings:
            first = listings.index(target) * PER_PAGE
            numbers = range(first, min(first + PER_PAGE, self.documents))
            rows = "".join(
                f'<li><a href="/doc/{n}.html">{_title(host, n)}</a><span>2024-01-{1 + n % 28:02}'
                "</span></li>"
                for n in numbers
            )
            return self._said(_listing(rows, listings))
        number = target.removeprefix("/doc/").removesuffix(".html")
        if target == f"/doc/{number}.html" and number.isdecimal() and int(number) < self.documents:
            return self._said(_report(host, int(number)))
        return _gone()

    def _site(self, district: int) -> str:
        hosts = [f"http://{host_name(district, n)}/nb/" for n in range(self.hosts)]
        rows = f'<li><a href="http://{host_name(district, 0)}/doc/0.html">年度报告</a></li>'
        return _listing(rows, hosts)

    def _said(self, text: str, kind: str = HTML) -> Answer:
        return Answer(200, (("Content-Type", kind),), text.encode(), wait=self.wait)


def site(district: int) -> str:
    """Where a district's portal begins."""
    return f"www.qu{district:02}.test"


def host_name(district: int, number: int) -> str:
    """One of its further hosts."""
    return f"www.qu{district:02}-ju{number:02}.test"


def _title(host: str, number: int) -> str:
    organ = f"{host.removeprefix('www.').removesuffix('.test')}第{number}局"
    return f"{organ}{YEAR}年政府信息公开工作年度报告"


def _listing(rows: str, pages: list[str]) -> str:
    links = "".join(f'<a href="{url}">{at}</a>' for at, url in enumerate(pages))
    return (
        "<!DOCTYPE html><html><head><title>年度报告</title></head><body>"
        f'<ul class="list">{rows}</ul><div class="pages">{links}</div></body></html>'
    )


def _report(host: str, number: int) -> str:
    title = _title(host, number)
    return (
        f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1>"
        f'<div class="content"><p>一、总体情况</p><p>{YEAR}年，我局主动公开政府信息{number + 1}条，'
        f"收到政府信息公开申请{number % 7}件。</p><p>2024年1月{1 + number % 28}日</p></div>"
        "</body></html>"
    )


def _gone() -> Answer:
    return plain(404, "页面不存在")
