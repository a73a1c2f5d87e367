"""A hand-made portal: a folder a year, addresses with letters, links with and without a dot."""

from urllib.parse import urljoin

from crawler.practice.cms import GUIDE, CmsSite
from crawler.practice.cms_entry import Asked, Entry, count, part
from crawler.practice.organs import Place
from crawler.practice.paper import Paper

START, GUIDES = "/gk/nb.html", "/gk/zn.html"
PER_PAGE = 2


class StaticSite(CmsSite):
    """Every year has a folder; its list goes on behind a picture that says so."""

    place = Place("practice_static", "白苇区", "区", "www.baiwei.test", "0318", "991400")
    sections = {"年报": START, "指南": GUIDES}
    kinds = ("redirect", "http_404", "truncated", "http_503_once")
    files = ("pdf",)

    def address(self, paper: Paper, number: int) -> str:
        if paper.kind == GUIDE:
            return f"http://{self.host}/gk/zn/{paper.organ.slug}{number % 3}.html"
        return f"http://{self.host}/gk/gknb{paper.year}/{paper.organ.slug}_{number}.html"

    def file_address(self, entry_url: str, number: int, ending: str) -> str:
        return urljoin(entry_url, f"fj{number}.{ending}")

    def listing(self, asked: Asked) -> str | None:
        if asked.path == START:
            links = "".join(
                f"<a href='./gknb{year}/index.html'>{year}年</a> " for year in reversed(self.years)
            )
            return self.frame("年报", f"<div class='nian'>{links}</div>")
        if asked.path == GUIDES:
            return self._shelf(self.column(GUIDE), GUIDES, GUIDES)
        for year in self.years:
            first = f"/gk/gknb{year}/index.html"
            if asked.path.startswith(first.removesuffix("index.html")):
                return self._shelf(self.column(years=range(year, year + 1)), first, asked.path)
        return None

    def _shelf(self, found: list[Entry], first: str, path: str) -> str | None:
        size = len(found) if first == GUIDES else PER_PAGE
        pages = count(found, size)
        stem = first.removesuffix("index.html")
        names = [first, *(f"{stem}di{n}ye.html" for n in range(2, pages + 1))]
        if path not in names:
            return None
        at = names.index(path) + 1
        folder = first.rpartition("/")[0] + "/"
        rows = "\n".join(_row(entry, folder) for entry in part(found, at, size))
        rows += f"\n<li><a href='{self.mirrored(found[0])}'>{found[0].title}</a></li>"
        more = ""
        if at < pages:
            name = names[at].rpartition("/")[2]
            more = f"<a class='xia' href='{name}'><img src='/i/xia.gif' alt='下一页'></a>"
        return self.frame("公开", f"<ul class='list'>\n{rows}\n</ul>\n{more}")

    def article(self, entry: Entry, text: str) -> str:
        body = f"<h1>{entry.title}</h1>\n<div class='content'>\n{text}\n</div>"
        return self.frame(entry.title, body)


def _row(entry: Entry, folder: str) -> str:
    day, link = entry.paper.signed, entry.path.removeprefix(folder)
    dot = "./" if entry.number % 2 else ""
    return (
        f"<li><a href='{dot}{link}'>{entry.title}</a><i>{day.year}.{day.month}.{day.day}</i></li>"
    )
