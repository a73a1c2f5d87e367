"""Spiders and parser cannot tell the archive from the web, nor files of others from our own."""

from __future__ import annotations

import asyncio
import gzip
import io
import shutil
import subprocess
import zlib
from collections.abc import Iterable, Iterator
from http.client import HTTPConnection, IncompleteRead
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import scrapy
from command_line import Ran, run_gongkai
from hostile_server import HostileServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scrapy.http import HtmlResponse, TextResponse
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.importer import import_file
from crawler.cli.as_crawled import as_crawled
from crawler.download.vault import Vault
from crawler.download.wire import Wire
from crawler.download.worlds import Archive, Live, World
from crawler.errors import FetchFailed
from crawler.items import Kind, Link, Page
from crawler.practice.city import City
from crawler.practice.server import serving
from crawler.scoring import score
from pipelines.html import read_page
from pipelines.parser import parse
from spiders.practice.shandong import Shandong
from spiders.practice.xuanran import Xuanran

# warcio leaves its temporary files to the garbage collector
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

# What came live comes from the archive.

CHARSETS = ("utf-8", "gb18030", "gbk", "big5", "utf-16-le", "utf-8-sig")
DECLARED = (*CHARSETS, "gb2312", "iso-8859-1", "nonsense")
CODINGS = {
    "": bytes,
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "x-gzip": lambda body: gzip.compress(body)[:-6],  # cut
    "identity": bytes,
    "gzip, gzip": lambda body: gzip.compress(gzip.compress(body)),
}
WORDS = st.text("演示市人民政府信息公开年度报告受理申请二十三件０９一、（）\n<>&é", max_size=60)


@st.composite
def pages(draw: st.DrawFn) -> bytes:
    """A report in HTML, in some charset, declared as some other."""
    charset = draw(st.sampled_from(CHARSETS))
    year, count = draw(st.integers(2008, 2030)), draw(st.integers(0, 99999))
    meta = draw(st.sampled_from(["", *(f"<meta charset={name}>" for name in DECLARED)]))
    cells = "".join(f"<td>{draw(st.integers(0, 99))}</td>" for _ in range(3))
    html = (
        f"{meta}<title>演示市{year}年政府信息公开工作年度报告</title><div class=content>"
        f"<p>主动公开政府信息{count}条。{draw(WORDS)}</p><table><tr>{cells}</table></div>"
    )
    return html.encode(charset, "xmlcharrefreplace") + draw(st.binary(max_size=5))


@st.composite
def answers(draw: st.DrawFn) -> bytes:
    """A page as an odd server sends it."""
    coding = draw(st.sampled_from(list(CODINGS)))
    body = CODINGS[coding](draw(pages()))
    charset = draw(st.sampled_from(["", *(f"; charset={name}" for name in DECLARED)]))
    kind = draw(st.sampled_from(["text/html", "TEXT/HTML", "text/plain", "application/pdf"]))
    end = draw(st.sampled_from(["\r\n", "\n"]))
    lines = [
        f"HTTP/1.1 {draw(st.sampled_from([200, 200, 200, 404, 302, 599]))} \xc8\xb7\xb6\xa8",
        f"Content-Type: {kind}{charset}",
        "Set-Cookie: a=1",
        "set-cookie: b=\xb9\xab",
        "no colon in this line",
        *([f"Content-Encoding: {coding}"] if coding else []),
    ]
    if chunked := draw(st.booleans()):
        lines.append("Transfer-Encoding: Chunked")
        body = framed_in_chunks(draw, body)
    elif draw(st.booleans()):
        lines.append(f"Content-Length: {len(body)}")
    interim = draw(st.sampled_from([b"", b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"]))
    cut = draw(st.integers(0, 3)) if not chunked else 0
    head = end.join([*lines, "", ""]).encode("latin-1")
    return interim + head + body[: len(body) - cut]


def framed_in_chunks(draw: st.DrawFn, body: bytes) -> bytes:
    framed = b""
    while body:
        size = draw(st.integers(1, len(body)))
        extension = draw(st.sampled_from([b"", b" ", b';x="y"']))
        framed += b"%x" % size + extension + b"\r\n" + body[:size] + b"\r\n"
        body = body[size:]
    return framed + b"0\r\n" + draw(st.sampled_from([b"", b"X-Trailer: 1\r\n"])) + b"\r\n"


class Way:
    """A server, the live world, and the archive that it fills."""

    def __init__(self, store: Path, runner: asyncio.Runner) -> None:
        self._store, self._runner, self._count = store, runner, 0
        self.server = HostileServer(answer=lambda _: [self.answer, None])
        runner.run(self.server.__aenter__())
        self._vault = Vault(store, "night")
        self._live = Live(self._vault, Wire(connect_to=self.server.address, seconds=5), "night")
        self.answer = b""

    def both(self, answer: bytes) -> list[dict[str, Any]]:
        """What a spider can see of an answer, live and from the archive."""
        self.answer = answer
        self._count += 1
        url = f"http://www.xuanran.test/{self._count}"
        archive = Archive(self._store, "")
        try:
            return [self._runner.run(self._seen(world, url)) for world in (self._live, archive)]
        finally:
            self._runner.run(archive.close())

    async def _seen(self, world: World, url: str) -> dict[str, Any]:
        link = Link(url, Kind.DOCUMENT, "annual_report")
        request = scrapy.Request(url, meta={"portal": "practice_xuanran", "link": link})
        try:
            raw = await world.fetch(request)
        except FetchFailed as error:
            return {"failed": (error.code, str(error))}
        finally:
            await request.meta["receipt"].durable()
            request.meta["receipt"].publish()
            self._vault.settle(url)
        response = as_crawled(request, raw)
        response.meta.setdefault("issues", ())
        seen = {
            "receipt": request.meta["receipt"].capture,
            "issues": response.meta["issues"],
            "parsed": read(response, link) if isinstance(response, HtmlResponse) else None,
        }
        for name, one in (("raw", raw), ("decoded", response)):
            text = one.text if isinstance(one, TextResponse) else None
            headers = list(one.headers.items())
            seen[name] = (type(one), one.url, one.status, headers, one.body, text, one.flags)
        return seen

    def close(self) -> None:
        self._runner.run(self._live.close())
        self._runner.run(self.server.__aexit__())


@pytest.fixture(scope="module")
def way(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Way]:
    with asyncio.Runner() as runner:
        made = Way(tmp_path_factory.mktemp("way"), runner)
        yield made
        made.close()


def read(response: HtmlResponse, link: Link) -> list[dict[str, Any]]:
    """What spider and parser make of a page."""
    found = Xuanran().document(response, link)
    blocks, issues = read_page(found.html, found.article, found.url)
    page = Page(
        blocks, found.url, found.section, found.title, found.date, found.meta, found.attachments,
        found.portal, found.capture, issues,
    )  # fmt: skip
    return [document.as_json() for document in parse(page)]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(answer=answers())
def test_what_is_parsed_from_the_archive_is_what_was_parsed_live(way: Way, answer: bytes) -> None:
    live, replayed = way.both(answer)
    assert replayed == live


def test_the_property_looks_at_something(way: Way) -> None:
    html = "<title>演示市2019年政府信息公开工作年度报告</title><div class=content><p>主动公开5条。"
    live, replayed = way.both(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=gbk\r\nContent-Encoding: gzip\r\n\r\n"
        + gzip.compress(html.encode("gb18030"))
    )
    assert live == replayed
    assert live["parsed"][0]["year"] == 2019
    assert html in live["decoded"][5]


# What others captured is replayed like our own.

CITY = City(organs=3, years=(2017, 2020), seed=4)
PORTAL = "practice_hanweb"
SITE = "http://www.yanshi.test"
LISTINGS = [f"{SITE}/col/col122910000{n}/index.html" for n in (1, 2)]


def addresses(city: City) -> list[str]:
    """The listings and all that is on the portal, twice: one server is busy the first time."""
    truths = [truth for truth in city.truth() if truth.portal == PORTAL]
    listed = [url for truth in truths for url in (*truth.aliases, truth.url)]
    return [*LISTINGS, *listed] * 2


def by_warcio(path: Path, city: City, date: str = "2021-03-04T05:06:07Z") -> None:
    """Capture with warcio, at a time of our choosing."""
    with serving(city) as address, path.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for number, url in enumerate(addresses(city)):
            connection = HTTPConnection(address, timeout=20)
            target = urlsplit(url).path
            connection.request("GET", target, headers={"Host": urlsplit(url).netloc})
            answer = connection.getresponse()
            try:
                body = answer.read()
            except IncompleteRead:  # one page is cut on purpose
                continue
            finally:
                connection.close()
            status = f"{answer.status} {answer.reason}"
            head = StatusAndHeaders(status, answer.getheaders(), protocol="HTTP/1.1")
            headers = {"WARC-Date": f"{date[:17]}{number % 60:02}Z"}
            record = writer.create_warc_record(
                url, "response", io.BytesIO(body), http_headers=head, warc_headers_dict=headers
            )
            writer.write_record(record)


def by_wget(path: Path, city: City) -> None:
    """Capture with wget, which is led to the city as to a proxy."""
    listed = path.with_name("addresses")
    listed.write_text("\n".join(addresses(city)))
    stem = path.with_name(path.name.removesuffix(".warc.gz"))
    with serving(city) as address:
        subprocess.run(
            [
                "wget", "-q", "--no-config", "-e", "use_proxy=yes", "-e", f"http_proxy={address}",
                "--tries", "1", "--max-redirect", "3", "--warc-file", stem, "-O", "/dev/null",
                "-i", listed,
            ],
            check=False, timeout=120, env={"PATH": "/usr/bin:/bin"},
        )  # fmt: skip


def replayed(tmp_path: Path, files: Iterable[Path]) -> Ran:
    for path in files:
        taken = run_gongkai(
            tmp_path, "archive", "import", path, "--source", path.name, "--store", "store", "--json"
        )
        assert all(report["indexed"] for report in taken.json), taken.err
    return run_gongkai(tmp_path, "replay", "--store", "store", "--json")


def found_in(tmp_path: Path) -> list[Any]:
    return run_gongkai(tmp_path, "export", "--store", "store").lines


@pytest.mark.parametrize("tool", ["warcio", "wget"])
def test_spiders_and_parser_run_over_what_other_tools_captured(tmp_path: Path, tool: str) -> None:
    if tool == "wget" and shutil.which("wget") is None:
        pytest.skip("wget is not installed")
    path = tmp_path / "theirs.warc.gz"
    {"warcio": by_warcio, "wget": by_wget}[tool](path, CITY)
    ran = replayed(tmp_path, [path])
    assert ran.code == 0, ran.err
    truths = [truth for truth in CITY.truth() if truth.portal == PORTAL]
    found = score(truths, found_in(tmp_path))
    assert found.documents > 2
    assert (found.lost, found.wrong, found.invented) == ([], [], [])
    assert found.recall > 0.9
    words = ("crawl", PORTAL, "--world", "archive", "--as-of", "2030-01-01", "--store", "store")
    (tmp_path / "store" / "catalogue.sqlite").unlink()
    run_gongkai(tmp_path, *words)
    assert score(truths, found_in(tmp_path)).lost == []


def test_a_revisit_of_what_nobody_brought_is_a_page_missing(tmp_path: Path) -> None:
    """Crawls of others refer to their earlier ones; the rest of theirs is replayed all the same."""
    path = tmp_path / "theirs.warc.gz"
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        head = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
        record = writer.create_revisit_record(
            f"{SITE}/", "sha1:A", "http://first.test/", "2012-03-04T05:06:07Z", http_headers=head
        )
        writer.write_record(record)
    assert import_file(tmp_path, path, source="theirs").indexed == 1
    world = Archive(tmp_path, "")
    request = scrapy.Request(f"{SITE}/", meta={"portal": PORTAL, "link": Link(SITE, Kind.LISTING)})
    with asyncio.Runner() as runner:
        with pytest.raises(FetchFailed, match=r"http://first.test/ of 2012-03-04") as missed:
            runner.run(world.fetch(request))
        runner.run(world.close())
    assert missed.value.code == "missing"


def test_captures_of_many_years_are_run_through_day_by_day(tmp_path: Path) -> None:
    """A later listing, as after a redesign, no longer links what an earlier one did."""
    cities = {"2012-05-06T07:08:09Z": (2009, 2011), "2016-05-06T07:08:09Z": (2012, 2015)}
    path = tmp_path / "years.warc.gz"
    parts = []
    for date, years in cities.items():
        part = tmp_path / f"{date[:4]}.warc.gz"
        by_warcio(part, City(organs=3, years=years, seed=4), date)
        parts.append(part.read_bytes())
    path.write_bytes(b"".join(parts))
    ran = replayed(tmp_path, [path])
    assert ran.json["crawls"] == len(cities)
    years = {one["year"] for one in found_in(tmp_path) if one["class"] == "annual_report"}
    assert {2010, 2014} <= years
    (tmp_path / "store" / "catalogue.sqlite").unlink()
    early = run_gongkai(tmp_path, "replay", "--as-of", "2013-01-01", "--store", "store", "--json")
    assert early.json["crawls"] == 1
    years = {one["year"] for one in found_in(tmp_path) if one["class"] == "annual_report"}
    assert 2010 in years
    assert max(year for year in years if year) < 2012


def test_an_import_belongs_to_the_portal_that_owns_its_host(tmp_path: Path) -> None:
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True)
    hosts = ("www.yanshan.test", "mzj.yanshan.test", "www.nobody.test")
    for host in hosts:
        head = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
        page = io.BytesIO(b"<html>")
        url = f"http://{host}/"
        writer.write_record(writer.create_warc_record(url, "response", page, http_headers=head))
    path = tmp_path / "a.warc.gz"
    path.write_bytes(out.getvalue())
    run_gongkai(tmp_path, "archive", "import", path, "--store", "store")
    listed = run_gongkai(tmp_path, "archive", "list", "--store", "store", "--json").json
    portals = {urlsplit(one["url"]).netloc: one["portal"] for one in listed}
    assert portals == {hosts[0]: Shandong.name, hosts[1]: Shandong.name, hosts[2]: ""}
