"""Every CMS family on its practice portal: all of its documents are found, and none is invented."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from command_line import Ran, run_gongkai

from archive import Index, read
from crawler.download.charset import decode
from crawler.order import Order, portals
from crawler.practice.answer import Answer
from crawler.practice.city import City
from crawler.practice.cms import CmsSite
from crawler.practice.server import serving
from crawler.practice.traps import TRAPS
from crawler.replay import Replayed, Scope, replay
from crawler.run import crawl
from crawler.scoring import score
from pipelines.catalogue import Catalogue
from spiders.families import FAMILIES, HanwebPortal, StaticPortal
from spiders.families.sniff import sniff
from spiders.portal import Portal

CITY = City(organs=3, years=(2019, 2021), seed=11)
SITES = {site.place.portal: site for site in CITY.families}
PRACTICE = {n: p for n, p in portals().items() if n.startswith("practice_")}
# What some of them want to see.
COME_BACK = {"cookie": "JSESSIONID=7B1C0DE5", "referer": "http://www.haiyu.test/"}


class Crawled:
    """What the server saw, and what became of it."""

    def __init__(self, directory: Path, ran: Ran) -> None:
        self.store = directory / "store"
        self.ran = ran
        log = (directory / "access.jsonl").read_text().splitlines()
        self.visits = [json.loads(line) for line in log]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    directory = tmp_path_factory.mktemp("families")
    with serving(CITY, directory / "access.jsonl") as address:
        yield Crawled(
            directory,
            run_gongkai(
                directory, "crawl", *SITES, "--world", "practice", "--connect-to", address,
                "--delay", "0", "--store", "store", "--json",
            ),
        )  # fmt: skip


@pytest.mark.parametrize("name", SITES)
def test_every_document_is_found_and_none_is_invented(crawled: Crawled, name: str) -> None:
    with Catalogue.open(crawled.store) as catalogue:
        documents = list(catalogue.documents(name))
    found = score(SITES[name].truth(), documents)
    assert (found.lost, found.wrong, found.invented) == ([], [], [])
    lost = sum(kind in {"http_404", "truncated"} for kind in SITES[name].kinds)
    assert found.found == found.documents == 3 * 3 + 3 - lost


def test_what_is_broken_is_told_and_nothing_else(crawled: Crawled) -> None:
    [home] = (crawled.store / "crawls").iterdir()
    issues = [json.loads(line) for line in (home / "issues.jsonl").read_text().splitlines()]
    planted = {
        (trouble.kind, trouble.url)
        for site in SITES.values()
        for trouble in site.troubles()
        if trouble.kind in {"http_404", "truncated"}
    }
    assert {(i["code"], i["url"]) for i in issues} == planted
    assert len(planted) > len(SITES)


def test_no_clone_is_asked_and_nothing_twice_without_need(crawled: Crawled) -> None:
    hosts = {visit["host"] for visit in crawled.visits}
    assert hosts == {host for site in SITES.values() for host in site.hosts}
    asked = Counter(
        (visit["host"], visit["target"])
        for visit in crawled.visits
        if visit["status"] == 200 and visit["method"] == "GET"
    )
    troubled = {urlsplit(t.url).path for site in SITES.values() for t in site.troubles()}
    assert [page for page, times in asked.items() if times > 1 and page[1] not in troubled] == []


def test_a_host_of_the_oldest_tls_is_crawled_and_the_archive_says_what_was_forgiven(
    crawled: Crawled,
) -> None:
    spoken = {(visit["host"], visit["tls"]) for visit in crawled.visits}
    hosts = {host for site in SITES.values() for host in site.hosts}
    old = "www.jiubu.test"
    assert spoken == {(host, "TLSv1" if host == old else "") for host in hosts}
    with Index(crawled.store) as index:
        page = index.find(f"https://{old}{PRACTICE['practice_aspx'].sections['guide']}")
        assert page is not None
        assert read(crawled.store, page).facts["tls"].startswith("legacy: ")


def test_pages_that_were_posted_for_are_found_again_in_the_archive(crawled: Crawled) -> None:
    said: list[Replayed] = []
    scope = Scope(portals=("practice_aspx",))
    asyncio.run(replay(Order((), crawled.store, "archive"), scope, said.append))
    assert said[0].missing == 0
    assert not said[0].difference.gained + said[0].difference.lost


class Forgetful:
    """The city, but a list by postback always answers with its first page."""

    def answer(
        self, host: str, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        posted = host == "www.jiubu.test" and method == "POST"
        return CITY.answer(host, "GET" if posted else method, target, headers, body)


def test_a_list_that_loses_its_place_is_an_issue_and_its_first_page_is_kept(tmp_path: Path) -> None:
    with serving(Forgetful()) as address:
        order = Order(("practice_aspx",), tmp_path, "practice", address, crawl="one", delay=0.0)
        asyncio.run(crawl(order))
    [home] = (tmp_path / "crawls").iterdir()
    issues = [json.loads(line) for line in (home / "issues.jsonl").read_text().splitlines()]
    [lost] = [issue for issue in issues if issue["code"] == "state_lost"]
    assert "page 2 was asked for by postback, and another came" in lost["says"]
    with Catalogue.open(tmp_path) as catalogue:
        held = Counter(document["class"] for document in catalogue.documents("practice_aspx"))
    assert held["disclosure_guide"] == 3
    assert held["annual_report"] > 0


def test_sections_that_differ_only_in_the_category_are_both_crawled(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    name = "practice_gkmlpt"
    both = {"annual_report": "/gkmlpt/index#30901", "guide": "/gkmlpt/index#30902"}
    monkeypatch.setattr(PRACTICE[name], "sections", both)
    with serving(CITY) as address:
        order = Order((name,), tmp_path, "practice", address, crawl="one", delay=0.0)
        asyncio.run(crawl(order))
    with Catalogue.open(tmp_path) as catalogue:
        found = score(SITES[name].truth(), catalogue.documents(name))
    assert (found.lost, found.invented) == ([], [])


def pages(name: str) -> Iterator[tuple[str, str]]:
    """The sections and the articles of a practice portal, as a browser would get them."""
    portal = PRACTICE[name]
    addresses = [portal.site + path.partition("#")[0] for path in portal.sections.values()]
    truths = SITES[name].truth() if name in SITES else CITY.truth()
    truths += [truth for trap in TRAPS for truth in trap.truth()]
    addresses += [(*t.aliases, t.url)[0] for t in truths if t.portal == name and t.findable]
    for url in dict.fromkeys(addresses):
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        answer = CITY.answer(parts.netloc, "GET", target, COME_BACK, b"")
        if answer.status == 200 and b"<html" in answer.body:
            yield url, answer.body.decode(decode(answer.body, None).encoding)


@pytest.mark.parametrize("name", PRACTICE)
def test_a_family_shows_on_its_own_pages_and_on_no_other(name: str) -> None:
    family = PRACTICE[name].__mro__[1]
    if name.startswith("practice_qu"):
        pytest.skip("played by the metropolis")
    seen = list(pages(name))
    assert len(seen) > 2
    for url, html in seen:
        shown = {sign.family for sign in sniff(url, html)}
        assert shown == ({family} if family is not StaticPortal else set()), url


def test_evidence_says_what_was_seen_and_where() -> None:
    article = "http://a.gov.cn/xxgk/202603/t20260320_534737.html"
    [sign, other] = sniff(article, 'createPageHTML( 3,\n 0, "index", "html")')
    assert sign.evidence == "/t20260320_534737.html in the address"
    assert other.evidence == "createPageHTML( 3, on the page"
    assert sniff("http://a.gov.cn/xxgk/index.html", "<p>政府信息公开</p>") == []


def test_links_to_other_portals_say_nothing_of_this_one() -> None:
    links = (
        "<a href='http://{0}/col/col123/index.html'>甲</a><a href='http://b.cn/a.asp?id=1'>乙</a>"
    )
    assert sniff("http://www.a.gov.cn/", links.format("www.b.gov.cn")) == []
    [sign] = sniff("http://www.a.gov.cn/", links.format("jyj.a.gov.cn"))
    assert sign.family is HanwebPortal


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_a_family_is_a_page_and_its_manual(family: type[Portal]) -> None:
    path = Path(inspect.getfile(family))
    manual = inspect.getmodule(family).__doc__ or ""
    assert len(path.read_text().splitlines()) <= 100
    assert family.cms
    assert bool(family.signs) == (family is not StaticPortal) == ("Recognise: " in manual)
    assert "portal gives: `sections`" in " ".join(manual.split()) or family is StaticPortal


@pytest.mark.parametrize("site", SITES.values(), ids=SITES)
def test_a_practice_portal_answers_the_same_twice_and_knows_what_it_has_not(site: CmsSite) -> None:
    for truth in site.truth():
        parts = urlsplit(truth.url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        asked = (parts.netloc, "GET", target, COME_BACK, b"")
        answer = CITY.answer(*asked)
        assert answer == CITY.answer(*asked)
        gone = any(t.kind == "http_404" and t.url == truth.url for t in site.troubles())
        assert answer.status == (404 if gone else 200)
    assert CITY.answer(site.host, "GET", "/nowhere.html", COME_BACK, b"").status == 404
    assert CITY.answer(site.clone, "GET", "/", {}, b"").status == 421
    home = CITY.answer(site.host, "GET", "/", COME_BACK, b"").body.decode(site.encoding)
    assert f"http://{site.clone}/" in home
