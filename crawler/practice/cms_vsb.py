"""A VSB portal: a host a department, pages that count down, and a cookie it must see again."""

from crawler.practice.answer import Answer
from crawler.practice.cms import GUIDE, CmsSite
from crawler.practice.cms_entry import Asked, Entry, count, facts, part
from crawler.practice.organs import Organ, Place
from crawler.practice.paper import Paper

REPORTS, GUIDES = "/zfxxgk/zfxxgknb.htm", "/zfxxgk/zfxxgkzn.htm"
DOWNLOAD = "/system/_content/download.jsp"
PER_PAGE = 2
COOKIE = "JSESSIONID=7B1C0DE5"


class VsbSite(CmsSite):
    """Reports stand on the sub-domain of their organ, guides all on the county's own host."""

    place = Place("practice_vsb", "石渡县", "县", "www.shidu.test", "0311", "990700")
    sections = {"政府信息公开年报": REPORTS, "政府信息公开指南": GUIDES}
    files = ("docx",)
    dialect = "word"

    def _host(self, organ: Organ) -> str:
        return self.host if organ.level == "government" else f"{organ.slug}.shidu.test"

    @property
    def hosts(self) -> tuple[str, ...]:
        return tuple(self._host(organ) for organ in self.organs)

    def address(self, paper: Paper, number: int) -> str:
        if paper.kind == GUIDE:
            return f"http://{self.host}/info/1031/{number}.htm"
        return f"http://{self._host(paper.organ)}/info/1032/{number}.htm"

    def file_address(self, entry_url: str, number: int, ending: str) -> str:  # noqa: ARG002
        host = entry_url.split("/")[2]
        query = f"urltype=news.DownloadAttachUrl&owner=1418&wbfileid={number}"
        return f"http://{host}{DOWNLOAD}?{query}"

    def refused(self, asked: Asked) -> Answer | None:
        """A redirect to the same page, until the cookie comes back."""
        if COOKIE in asked.headers.get("cookie", ""):
            return None
        where = f"http://{asked.host}{asked.path}"
        if asked.fields:
            where += "?" + "&".join(f"{name}={value}" for name, value in asked.fields.items())
        return Answer(302, (("Location", where), ("Set-Cookie", f"{COOKIE}; Path=/")), b"")

    def listing(self, asked: Asked) -> str | None:
        if asked.path == GUIDES and asked.host == self.host:
            return self._column(self.column(GUIDE), GUIDES, GUIDES)
        found = [e for e in self.column() if f"//{asked.host}/" in e.url]
        return self._column(found, REPORTS, asked.path, home=asked.host == self.host)

    def _column(
        self, found: list[Entry], first: str, path: str, *, home: bool = False
    ) -> str | None:
        pages = 1 if first == GUIDES else count(found, PER_PAGE)
        stem = first.removesuffix(".htm")
        names = [first, *(f"{stem}/{n}.htm" for n in range(pages - 1, 0, -1))]
        if path not in names:
            return None
        at = names.index(path) + 1
        size = len(found) if pages == 1 else PER_PAGE
        up = "../" * (path.count("/") - 1)
        rows = "\n".join(
            f'<li id="line_u9_{n}"><a href="{up}{e.path[1:]}">{e.title}</a>'
            f"<span>{e.day}</span></li>"
            for n, e in enumerate(part(found, at, size))
        )
        links = "\n".join(
            f'<a class="bm" href="http://{host}{REPORTS}">部门年报</a>'
            for host in self.hosts
            if home and host != self.host
        )
        pager = f"<span class='p_t'>共{len(found)}条</span>&nbsp;<span>{at}/{pages}</span>"
        script = '<script src="/system/resource/js/dynclicks.js"></script>'
        return self.frame("政府信息公开", f"<ul>\n{rows}\n</ul>\n{pager}\n{links}", script)

    def article(self, entry: Entry, text: str) -> str:
        body = (
            f"<h3>{entry.title}</h3><p>发布日期：{entry.day}　来源：{entry.paper.name}　点击："
            f"<script>_showDynClicks('wbnews', 1418, {entry.number})</script></p>\n"
            f"<div id='vsb_content_2'><div class='v_news_content'>\n{text}\n</div></div>"
        )
        return self.frame(entry.title, body, facts(entry))
