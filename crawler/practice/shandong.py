"""The Shandong platform: each department's channel page holds all its documents in full.

Entries stand inline one after another, between a font-size switch and a QR-code line. A few are
links to a page of their own, and some are empty.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from html import escape

from crawler.practice.blocks import Block, html
from crawler.practice.dice import dice
from crawler.practice.organs import SHANDONG, Organ
from crawler.practice.paper import Paper
from crawler.practice.site import Page, Placed, deal_troubles
from crawler.practice.truth import Kind, Trouble

CATALOGUE = "/channel_ys_zfxxgk001"
ROBOTS = b"User-agent: *\nDisallow: /admin/\nCrawl-delay: 0.3\n"
BEFORE = "<div>字号:\n<a>大</a> <a>中</a> <a>小</a></div>"
AFTER = "<div>扫码使用手机浏览本页内容</div>"


class DepartmentSite:
    """One department on its own sub-domain."""

    chunked, gzips = True, True

    def __init__(self, seed: int, organ: Organ, papers: Sequence[Paper]) -> None:
        self.organ, self._seed, self._papers = organ, seed, papers
        self.host = f"{organ.slug}.{SHANDONG.host.removeprefix('www.')}"
        roll = dice(seed, organ.index, "channel")
        clock = f"{roll.randint(8, 17):02d}{roll.randint(0, 59):02d}{roll.randint(0, 59):02d}"
        stamp = f"20191122{clock}{roll.randint(1, 9_999_999_999):010d}"
        self.channel = f"/channel_ys_{organ.slug}channel{stamp}"
        self.dealt: dict[str, Kind] = {}  # path of a page → its trouble; filled by `build`

    @cached_property
    def linked(self) -> dict[str, Paper]:
        """The reports that have a page of their own: path → report."""
        reports = [paper for paper in self._papers if paper.kind == "annual_report"]
        roll = dice(self._seed, self.organ.index, "linked")
        count = min(roll.choice((1, 2)), len(reports) // 3)
        return {self._doc_path(p, "page"): p for p in roll.sample(reports, count)}

    def _doc_path(self, paper: Paper, purpose: str) -> str:
        """The platform's ids start with the second they were made in, as eight hex digits."""
        day = paper.signed
        second = int(datetime(day.year, day.month, day.day, 1, tzinfo=UTC).timestamp())
        tail = dice(self._seed, self.organ.index, paper.year, purpose).getrandbits(64)
        return f"/doc_{second:08x}{tail:016x}.html"

    def _listed_path(self, path: str) -> str:
        if self.dealt.get(path) == "redirect":
            return self._doc_path(self.linked[path], "former page")
        return path

    def page(self, path: str, fields: Mapping[str, str]) -> Page | None:  # noqa: ARG002
        newest = max(paper.signed for paper in self._papers)
        if path in {"/", "/index.html"}:
            link = f"<a href='{self.channel}'>政府信息公开</a>"
            body = f"<div class='zwgk'><h3>政务公开</h3>{link}</div>"
            return Page(frame(self.organ.new_name, body), newest)
        if path == self.channel:
            return Page(self._channel_page, newest, trouble=self.dealt.get(path))
        for proper, paper in self.linked.items():
            trouble = self.dealt.get(proper)
            if path == proper and trouble != "http_404":
                return Page(_document(paper), paper.signed, trouble=trouble)
            if path == self._listed_path(proper) != proper:
                return Page(b"", paper.signed, location=proper)
        return None

    @cached_property
    def _channel_page(self) -> bytes:
        """Kept once made: it is the largest page of the city."""
        entries = "\n".join(f"{BEFORE}\n<div>{text}</div>\n{AFTER}" for text in self._entries())
        name = self.organ.new_name
        body = f"<div class='channel-content'>\n{entries}\n</div>\n<div>网站主办单位：{name}</div>"
        return frame(f"政府信息公开-{name}", body)

    def _entries(self) -> Iterator[str]:
        """Guide, then the years downwards; an attachment nobody uploaded; nothing at the end."""
        paths = {paper: path for path, paper in self.linked.items()}
        for position, paper in enumerate(self._papers):
            if paper in paths:
                path, title = self._listed_path(paths[paper]), escape(paper.title)
                yield f'\n<p><a href="{path}" title="{title}">{title}</a></p>\n'
                continue
            written = paper.write().blocks
            if dice(self._seed, self.organ.index, paper.year, paper.kind, "headed").random() < 0.4:
                written = (Block("title", paper.title), *written)
            yield f"\n{html(written, 'plain')}\n"
            if position == len(self._papers) // 2:
                yield ""
        yield ""

    def placed(self) -> Iterator[Placed]:
        paths = {paper: path for path, paper in self.linked.items()}
        for paper in self._papers:
            if paper not in paths:
                channel = self._url(self.channel)
                kind = self.dealt.get(self.channel)
                yield Placed(paper, channel, paper.signed, kind, inline=True)
                continue
            path = paths[paper]
            listed = self._listed_path(path)
            aliases = (self._url(listed),) if listed != path else ()
            yield Placed(paper, self._url(path), paper.signed, self.dealt.get(path), aliases)

    def troubles(self) -> Iterator[Trouble]:
        for path, kind in self.dealt.items():
            url = path if path == self.channel else self._listed_path(path)
            yield Trouble(self.host, self._url(url), kind)

    def _url(self, path: str) -> str:
        return f"http://{self.host}{path}"


class HomeSite:
    """The district's own host: nothing but the way to the departments, and a robots.txt."""

    host, chunked, gzips = SHANDONG.host, False, False

    def __init__(self, departments: Sequence[DepartmentSite]) -> None:
        self._departments = departments

    def page(self, path: str, fields: Mapping[str, str]) -> Page | None:  # noqa: ARG002
        made = date(2025, 1, 2)
        if path == "/robots.txt":
            return Page(ROBOTS, made, "text/plain")
        if path == "/admin/login":
            return Page(frame("后台登录", "<p>仅限管理员使用。</p>"), made)
        if path in {"/", "/index.html"}:
            body = (
                f"<div class='zwgk'><h3>政务公开</h3><a href='{CATALOGUE}'>政府信息公开</a></div>\n"
                "<div class='tools'><a href='/admin/login'>后台管理</a></div>"
            )
            return Page(frame(f"{SHANDONG.name}人民政府", body), made)
        if path != CATALOGUE:
            return None
        links = "\n".join(
            f"<li><a href='http://{d.host}{d.channel}'>{d.organ.new_name}</a></li>"
            for d in self._departments
        )
        body = f"<h3>各部门政府信息公开</h3>\n<ul class='bm'>\n{links}\n</ul>"
        return Page(frame(f"政府信息公开-{SHANDONG.name}人民政府", body), made)

    def placed(self) -> Iterator[Placed]:
        return iter(())

    def troubles(self) -> Iterator[Trouble]:
        return iter(())


def build(seed: int, papers: Mapping[Organ, Sequence[Paper]]) -> list[DepartmentSite | HomeSite]:
    """The home host and a host for each organ; the troubles are dealt over all of them."""
    departments = [DepartmentSite(seed, organ, own) for organ, own in papers.items()]
    pages = [(d, path) for d in departments for path in d.linked]
    for position, kind in deal_troubles(seed, SHANDONG.portal, pages).items():
        department, path = pages[position]
        department.dealt[path] = kind
    busy = dice(seed, SHANDONG.portal, "busy").choice(departments)
    busy.dealt[busy.channel] = "http_503_once"
    return [HomeSite(departments), *departments]


def _document(paper: Paper) -> bytes:
    title = escape(paper.title)
    meta = (
        f'<meta name="ArticleTitle" content="{title}">'
        f'<meta name="PubDate" content="{paper.signed.isoformat()} 09:00">'
    )
    body = (
        f"<h1 class='title'>{title}</h1>\n<div class='info'>发布日期：{paper.signed.isoformat()}"
        f"　发布机构：{paper.name}</div>\n{BEFORE}\n<div class='article-content'>\n"
        f"{html(paper.write().blocks, 'plain')}\n</div>\n{AFTER}"
    )
    return frame(title, body, meta)


def frame(title: str, body: str, meta: str = "") -> bytes:
    return f"""<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>{title}</title>{meta}</head>
<body>
<div class="header"><a href="/">首页</a></div>
{body}
<div class="footer">网站地图 | 联系我们</div>
</body></html>
""".encode()
