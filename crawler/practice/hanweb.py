"""A Hanweb JCMS portal: columns with an embedded first page, a data proxy for the rest.

The GB variant sends GB18030 bytes under a header that says UTF-8 and a meta tag that says GB2312.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from html import escape
from urllib.parse import urlencode

from crawler.practice import attachments
from crawler.practice import hanweb_html as skin
from crawler.practice.dice import dice
from crawler.practice.organs import HANWEB_GB, Place
from crawler.practice.paper import Paper
from crawler.practice.site import Page, Placed, deal_troubles
from crawler.practice.truth import Kind, Trouble

REPORTS, GUIDES = "1229100001", "1229100002"
COLUMNS = {REPORTS: "政府信息公开年报", GUIDES: "政府信息公开指南"}
PROXY = "/module/web/jpage/dataproxy.jsp"
PER_PAGE = 15
MIGRATED = date(2020, 6, 23)  # the old county's early reports all carry the day of the move


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a listing."""

    paper: Paper
    number: int
    column: str
    listed: date
    trouble: Kind | None
    file: attachments.File = ""

    @property
    def path(self) -> str:
        return self._path(self.column)

    @property
    def linked(self) -> str:
        """What the listing prints: for moved articles the address under the former column."""
        return self._path("3115") if self.trouble == "redirect" else self.path

    def _path(self, column: str) -> str:
        day = self.listed
        return f"/art/{day.year}/{day.month}/{day.day}/art_{column}_{self.number}.html"


class HanwebSite:
    """One portal on one host, built when first asked."""

    def __init__(self, seed: int, place: Place, papers: Sequence[Paper]) -> None:
        self.place, self.host = place, place.host
        self.gb = place is HANWEB_GB
        self.chunked, self.gzips = self.gb, not self.gb
        self._seed, self._papers = seed, papers

    @cached_property
    def entries(self) -> dict[str, list[Entry]]:
        """The lines of each column, newest first."""
        reports = [n for n, p in enumerate(self._papers) if p.kind == "annual_report"]
        drawn = deal_troubles(self._seed, self.place.portal, reports)
        troubles = {reports[position]: kind for position, kind in drawn.items()}
        whole = {n: self._papers[n] for n in reports if n not in troubles}
        files = attachments.deal_files(self._seed, self.place.portal, whole)
        columns: dict[str, list[Entry]] = {column: [] for column in COLUMNS}
        for position, paper in enumerate(self._papers):
            column = GUIDES if paper.kind == "disclosure_guide" else REPORTS
            moved = self.gb and paper.kind == "annual_report" and paper.year <= 2011
            listed = MIGRATED if moved else paper.signed
            number = 40_001 + position * 3
            trouble, file = troubles.get(position), files.get(position, "")
            columns[column].append(Entry(paper, number, column, listed, trouble, file))
        for lines in columns.values():
            lines.sort(key=lambda entry: (entry.listed, entry.number), reverse=True)
        return columns

    @cached_property
    def _articles(self) -> dict[str, Entry]:
        found = {}
        for entry in (e for lines in self.entries.values() for e in lines):
            if entry.trouble != "http_404":
                found[entry.path] = entry
                found[entry.linked] = entry
        return found

    @cached_property
    def _files(self) -> dict[str, Entry]:
        entries = (entry for lines in self.entries.values() for entry in lines)
        return {attachments.link(e.paper, e.file): e for e in entries if e.file}

    def page(self, path: str, fields: Mapping[str, str]) -> Page | None:
        if path == PROXY:
            return self._proxy(fields)
        if path == attachments.DOWNLOAD:
            return self._file(fields)
        if path in {"/", "/index.html"}:
            return self._made(skin.home(self.place, COLUMNS), self._newest(REPORTS))
        if path == "/xwzx/index.html":
            return self._made(skin.news(self.place), self._newest(REPORTS))
        for column in COLUMNS:
            if path in {f"/col/col{column}/index.html", f"/col/col{column}/"}:
                return self._made(self._listing(column), self._newest(column))
        entry = self._articles.get(path)
        return self._article(entry, path) if entry else None

    def _article(self, entry: Entry, path: str) -> Page:
        if path != entry.path:
            return Page(b"", entry.listed, location=f"http://{self.host}{entry.path}")
        body = skin.article(
            self.place,
            entry.paper,
            column=COLUMNS[entry.column],
            index_no=self._index_no(entry),
            listed=entry.listed,
            file=entry.file,
        )
        return self._made(body, entry.listed, entry.trouble)

    def _file(self, fields: Mapping[str, str]) -> Page | None:
        entry = self._files.get(f"{attachments.DOWNLOAD}?{urlencode(fields)}")
        if entry is None:
            return None
        body = attachments.body(entry.paper, entry.file)
        return Page(body, entry.listed, "application/octet-stream")

    def _made(self, text: str, modified: date, trouble: Kind | None = None) -> Page:
        # Both portals claim UTF-8 in the header; only one of them means it.
        meta = (
            '<meta http-equiv="Content-Type" content="text/html; charset=gb2312">'
            if self.gb
            else '<meta charset="utf-8">'
        )
        text = text.replace("<head>", f"<head>\n{meta}", 1)
        return Page(self._encoded(text), modified, trouble=trouble)

    def _encoded(self, text: str) -> bytes:
        return text.encode("gb18030" if self.gb else "utf-8")

    def _newest(self, column: str) -> date:
        return self.entries[column][0].listed

    def _index_no(self, entry: Entry) -> str:
        serial = dice(self._seed, entry.number, "index").randint(10_000, 99_999)
        return f"{900_000_000 + entry.paper.organ.index * 37:09d}/{entry.listed.year}-{serial}"

    def _records(self, column: str, page: int) -> str:
        lines = self.entries[column][(page - 1) * PER_PAGE : page * PER_PAGE]
        return "".join(f"<record><![CDATA[{_line(entry)}]]></record>" for entry in lines)

    def _group(self, column: str, page: int) -> str:
        return skin.next_group(self.place, PROXY, column, page)

    def _listing(self, column: str) -> str:
        store = (
            f"<datastore><nextgroup>{self._group(column, 1)}</nextgroup>"
            f"<recordset>{self._records(column, 1)}</recordset></datastore>"
        )
        pager = (
            f"jpage({{totalRecord:{len(self.entries[column])},perPage:{PER_PAGE},"
            f'proxyUrl:"{PROXY}",unitId:"{skin.UNIT}"}})'
        )
        return skin.listing(self.place, COLUMNS[column], store, pager)

    def _proxy(self, fields: Mapping[str, str]) -> Page | None:
        """Obeys `page` alone and ignores record ranges, as some servers of this family do."""
        column, number = fields.get("columnid", ""), fields.get("page", "1")
        if column not in COLUMNS or not number.isdecimal() or int(number) < 1:
            text, modified = "<datastore><recordset></recordset></datastore>", MIGRATED
        else:
            total, modified = len(self.entries[column]), self._newest(column)
            text = (
                f"<datastore><totalrecord>{total}</totalrecord>"
                f"<totalpage>{-(-total // PER_PAGE)}</totalpage>"
                f"<nextgroup>{self._group(column, int(number))}</nextgroup>"
                f"<recordset>{self._records(column, int(number))}</recordset></datastore>"
            )
        return Page(self._encoded(text), modified, "text/xml; charset=utf-8")

    def placed(self) -> Iterator[Placed]:
        for entry in (e for lines in self.entries.values() for e in lines):
            moved = (self._url(entry.linked),) if entry.trouble == "redirect" else ()
            url = self._url(entry.path)
            only = entry.file not in {"", "repeated"}
            if only:
                moved, url = (url,), self._url(attachments.link(entry.paper, entry.file))
            yield Placed(
                entry.paper, url, entry.listed, entry.trouble, moved,
                file=only, workbook=entry.file == "xlsx",
            )  # fmt: skip

    def troubles(self) -> Iterator[Trouble]:
        if self.gb:
            yield Trouble(self.host, self._url("/"), "wrong_charset")
        for entry in self.entries[REPORTS]:
            if entry.trouble:
                yield Trouble(self.host, self._url(entry.linked), entry.trouble)

    def _url(self, path: str) -> str:
        return f"http://{self.host}{path}"


def _line(entry: Entry) -> str:
    title = escape(entry.paper.title)
    short = title if len(title) <= 30 else title[:29] + "…"
    return (
        f'<li><a href="{entry.linked}" target="_blank" title="{title}">{short}</a>'
        f"<span>[{entry.listed.isoformat()}]</span></li>"
    )
