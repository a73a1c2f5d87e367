"""A TRS WCM portal: relative links, pages counted from zero, one pager hidden in Base64."""

from base64 import b64encode
from urllib.parse import quote, urljoin

from crawler.practice.cms import GUIDE, CmsSite
from crawler.practice.cms_entry import Asked, Entry, count, facts, part
from crawler.practice.organs import Place
from crawler.practice.paper import Paper

REPORTS, GUIDES = "/xxgk/zfxxgknb/", "/xxgk/zfxxgkzn/"
FORMER = f"{REPORTS}lnnb/"  # the years before
RECENT = 2
PER_PAGE = 3


class TrsSite(CmsSite):
    """Recent reports in one column, those of former years in a column of its own."""

    place = Place("practice_trs", "云汀市", "市", "www.yunting.test", "0310", "990600")
    sections = {"政府信息公开年报": REPORTS, "政府信息公开指南": GUIDES}
    kinds = ("redirect", "http_404", "http_503_once")
    files = ("pdf", "docx")
    dialect = "styled"

    def address(self, paper: Paper, number: int) -> str:
        folder = GUIDES if paper.kind == GUIDE else REPORTS if self._recent(paper) else FORMER
        day = paper.signed
        return f"http://{self.host}{folder}{day:%Y%m}/t{day:%Y%m%d}_{number}.html"

    def file_address(self, entry_url: str, number: int, ending: str) -> str:
        return urljoin(entry_url, f"./P0{number:017}.{ending}")

    def _recent(self, paper: Paper) -> bool:
        return paper.year > self.years.stop - 1 - RECENT

    def listing(self, asked: Asked) -> str | None:
        for folder, name in ((FORMER, "历年年报"), (REPORTS, "年报"), (GUIDES, "指南")):
            if asked.path.startswith(folder):
                return self._column(folder, name, asked.path.removeprefix(folder))
        return None

    def _column(self, folder: str, name: str, file: str) -> str | None:
        found = self._inside(folder)
        if not found:
            return None
        pages = count(found, PER_PAGE)
        names = ["index.html", *(f"index_{n}.html" for n in range(1, pages))]
        if (file or "index.html") not in names:
            return None
        at = names.index(file or "index.html")
        shown = part(found, at + 1, PER_PAGE)
        rows = "\n".join(_row(entry, folder) for entry in shown)
        rows += f"\n<li><a href='{self.mirrored(shown[0])}'>{shown[0].title}</a></li>"
        former = f'<div class="ln"><a href="./{FORMER.removeprefix(REPORTS)}">历年年报</a></div>'
        body = (
            f"<ul class='gl_list'>\n{rows}\n</ul>\n{_pager(folder, pages, at)}\n"
            f"{former if folder == REPORTS and self._inside(FORMER) else ''}"
        )
        return self.frame(
            f"政府信息公开{name}", body, '<meta name="ColumnType" content="信息公开">'
        )

    def _inside(self, folder: str) -> list[Entry]:
        """The articles of a column, without those of the columns below it."""
        found = [e for e in self.entries if e.path.startswith(folder)]
        return [e for e in found if "/" not in e.path.removeprefix(folder)[7:]]

    def article(self, entry: Entry, text: str) -> str:
        body = (
            f"<h1>{entry.title}</h1><p>发布机构：{entry.paper.name}　日期：{entry.day}</p>\n"
            f"<div class='view TRS_UEDITOR trs_paper_default'>\n{text}\n</div>"
        )
        return self.frame(entry.title, body, facts(entry))


def _row(entry: Entry, folder: str) -> str:
    short = entry.title if len(entry.title) < 24 else entry.title[:22] + "..."
    return (
        f'<li><a href="./{entry.path.removeprefix(folder)}" title="{entry.title}">{short}</a>'
        f"<b>{entry.day.replace('-', '.')}</b></li>"
    )


def _pager(folder: str, pages: int, at: int) -> str:
    if folder == GUIDES:
        return f"<script>var currentPage = {at}; var countPage = {pages};</script>"
    call = f'createPageHTML({pages}, {at}, "index", "html");'
    if folder == REPORTS:
        return f"<script>{call}</script>"
    hidden = b64encode(quote(f"<script>{call}</script>").encode()).decode()
    return f'<script>document.write(decodeURIComponent(window.atob("{hidden}")))</script>'
