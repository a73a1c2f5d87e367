"""What the portals of the CMS families share: columns of documents, and an address for each.

A family says where an article stands, what its listings look like and how they go on; here is
the rest: which reports are moved, gone or files, and the way from a request to an answer.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from html import escape
from urllib.parse import parse_qsl, unquote

from crawler.practice import attachments
from crawler.practice.answer import Answer, dress, plain
from crawler.practice.blocks import Block, Dialect, html
from crawler.practice.cms_entry import Asked, Entry
from crawler.practice.dice import dice
from crawler.practice.organs import Organ, Place
from crawler.practice.paper import Paper
from crawler.practice.site import HTML, Page, Placed, truth_of
from crawler.practice.truth import Kind, Trouble, Truth

GUIDE = "disclosure_guide"


class CmsSite(ABC):
    """One portal of a family, on one host or several."""

    place: Place
    sections: Mapping[str, str]  # what the home page links to
    kinds: tuple[Kind, ...] = ("redirect", "http_404")  # what befalls a report each
    files: tuple[attachments.File, ...] = ()  # what a report each is published as
    scheme = "http"
    encoding = "utf-8"
    content_type = HTML
    dialect: Dialect = "plain"
    chunked, gzips = False, True

    def __init__(self, seed: int, papers: Sequence[Paper]) -> None:
        self.seed, self._papers = seed, papers

    @property
    def host(self) -> str:
        return self.place.host

    # What a family says.

    @abstractmethod
    def address(self, paper: Paper, number: int) -> str:
        """The URL of an article."""

    @abstractmethod
    def file_address(self, entry_url: str, number: int, ending: str) -> str:
        """The URL of a file that an article links to."""

    @abstractmethod
    def listing(self, asked: Asked) -> str | Page | None:
        """What stands at an address that is no document's."""

    @abstractmethod
    def article(self, entry: Entry, text: str) -> str:
        """The page of a document."""

    def refused(self, asked: Asked) -> Answer | None:  # noqa: ARG002
        """What whoever asks in this way is told instead."""
        return None

    # Documents.

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Every document, newest first."""
        reports = [n for n, p in enumerate(self._papers) if p.kind == "annual_report"]
        fates = min(len(reports), len(self.kinds) + len(self.files))
        drawn = dice(self.seed, self.place.portal, "fates").sample(reports, fates)
        kinds = dict(zip(drawn, self.kinds, strict=False))
        files = dict(zip(drawn[len(kinds) :], self.files, strict=False))
        made = [
            self._entry(paper, 40_001 + at * 3, kinds.get(at), files.get(at, ""))
            for at, paper in enumerate(self._papers)
        ]
        return tuple(sorted(made, key=lambda e: (e.paper.signed, e.number), reverse=True))

    def _entry(
        self, paper: Paper, number: int, trouble: Kind | None, file: attachments.File
    ) -> Entry:
        url = self.address(paper, number)
        linked = self.address(paper, number + 1) if trouble == "redirect" else url
        where = self.file_address(url, number, file) if file else ""
        return Entry(paper, number, url, linked, trouble, file, where)

    def column(
        self, *kinds: str, organ: Organ | None = None, years: range | None = None
    ) -> list[Entry]:
        """The documents of these kinds; none named: all but guides."""
        return [
            entry
            for entry in self.entries
            if (entry.paper.kind in kinds if kinds else entry.paper.kind != GUIDE)
            and (organ is None or entry.paper.organ == organ)
            and (years is None or entry.paper.year in years)
        ]

    @cached_property
    def organs(self) -> tuple[Organ, ...]:
        return tuple(dict.fromkeys(paper.organ for paper in self._papers))

    @cached_property
    def years(self) -> range:
        """The years that are reported on."""
        years = [paper.year for paper in self._papers if paper.kind == "annual_report"]
        return range(min(years), max(years) + 1)

    @property
    def hosts(self) -> tuple[str, ...]:
        """All names it answers to."""
        return (self.host,)

    def placed(self) -> Iterator[Placed]:
        """Every document that the portal lists, gone ones too."""
        for entry in self.entries:
            paper, file = entry.paper, bool(entry.file)
            url = entry.file_url if file else entry.url
            aliases = tuple({entry.url, entry.linked} - {url})
            yield Placed(paper, url, paper.signed, entry.trouble, aliases, file=file)

    def truth(self) -> list[Truth]:
        """All that is true of its documents."""
        return [truth_of(self.host, placed) for placed in self.placed()]

    def troubles(self) -> Iterator[Trouble]:
        """What befell its documents."""
        for entry in self.entries:
            if entry.trouble:
                yield Trouble(self.host, entry.linked, entry.trouble)

    # From a request to an answer.

    @cached_property
    def _places(self) -> dict[str, Entry]:
        places = {}
        for entry in self.entries:
            if entry.trouble != "http_404":
                for url in filter(None, (entry.linked, entry.url, entry.file_url)):
                    places[unquote(url)] = entry
        return places

    def answer(
        self, host: str, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        """As `City.answer`."""
        path, _, query = target.partition("?")
        pairs = parse_qsl(query, keep_blank_values=True)
        if method == "POST" and not body.startswith(b"{"):
            pairs += parse_qsl(body.decode("latin-1"), keep_blank_values=True)
        name = host.lower().partition(":")[0]
        asked = Asked(name, unquote(path), dict(pairs), headers, method, body)
        if path != "/robots.txt" and (refused := self.refused(asked)):
            return refused
        page = self._page(asked, unquote(target))
        if page is None:
            return plain(404, "页面不存在")
        return dress(page, headers, gzips=self.gzips, chunked=self.chunked)

    def _page(self, asked: Asked, target: str) -> Page | None:
        url = f"{self.scheme}://{asked.host}{target}"
        if entry := self._places.get(url):
            return self._document(entry, url)
        if asked.path in {"/", "/index.html"} and asked.host == self.host:
            links = "\n".join(
                f'<li><a href="{escape(path)}">{name}</a></li>'
                for name, path in self.sections.items()
            )
            return self.made(self.frame(f"{self.place.name}人民政府", f"<ul>\n{links}\n</ul>"))
        found = self.listing(asked)
        return self.made(found) if isinstance(found, str) else found

    def _document(self, entry: Entry, url: str) -> Page:
        if url == unquote(entry.file_url):
            body = attachments.body(entry.paper, entry.file)
            return Page(body, entry.paper.signed, "application/octet-stream")
        if url != unquote(entry.url):
            return Page(b"", entry.paper.signed, location=entry.url)
        return self.made(self.article(entry, self._text(entry)), entry)

    def _text(self, entry: Entry) -> str:
        written = entry.paper.write().blocks
        if not entry.file:
            return html(written, self.dialect)
        says = f"现将{entry.paper.year}年政府信息公开工作年度报告予以公布，全文见附件。"
        told = html((Block("paragraph", says), *written[-2:]), self.dialect)
        anchor = f'<a href="{escape(entry.file_url)}">{entry.title}.{entry.file}</a>'
        return f"{told}\n<p>附件：{anchor}</p>"

    def made(self, text: str, entry: Entry | None = None, content_type: str = "") -> Page:
        """A page in the portal's own charset."""
        newest = (entry or self.entries[0]).paper.signed
        trouble = entry.trouble if entry else None
        return Page(text.encode(self.encoding), newest, content_type or self.content_type,
                    trouble=trouble)  # fmt: skip

    def frame(self, title: str, body: str, head: str = "") -> str:
        """A page around a body; `head` is what the CMS puts there."""
        return f"""<!DOCTYPE html>
<html><head>
<meta http-equiv="Content-Type" content="text/html; charset={CHARSETS[self.encoding]}">
<title>{title}-{self.place.name}人民政府</title>
{head}
</head><body>
<div class="top"><a href="/">网站首页</a> | <a href="/wza/">无障碍阅读</a></div>
{body}
<div class="foot">主办：{self.place.name}人民政府　<a href="http://{self.clone}/">友情链接</a></div>
</body></html>
"""

    @property
    def clone(self) -> str:
        """A host that mirrors this one, word for word, and is not it."""
        return self.host.replace(".test", "-fuzhi.test")

    def mirrored(self, entry: Entry) -> str:
        """Where the clone has a document; some listings lead there, too."""
        return f"http://{self.clone}{entry.path}"


CHARSETS = {"utf-8": "utf-8", "gb18030": "gb2312"}
