"""Two Hanweb portals of other habits: one lists by POST, one has a page an organ and year."""

from html import escape

from crawler.practice.answer import Answer, plain
from crawler.practice.cms import GUIDE, CmsSite
from crawler.practice.cms_entry import Asked, Entry, count, facts, part
from crawler.practice.organs import Organ, Place
from crawler.practice.paper import Paper
from crawler.practice.site import Page

PROXY = "/module/web/jpage/dataproxy.jsp"
TREE, REPORT = "/module/xxgk/tree.jsp", "/module/xxgk/xxgkAnnualReport.jsp"
PER_PAGE = 4


class HanwebColumns(CmsSite):
    """Columns and articles as on every Hanweb portal."""

    reports, guides = "", ""
    dialect = "styled"

    def address(self, paper: Paper, number: int) -> str:
        column, day = self.guides if paper.kind == GUIDE else self.reports, paper.signed
        path = f"/art/{day.year}/{day.month}/{day.day}/art_{column}_{number}.html"
        return f"http://{self.host}{path}"

    def file_address(self, entry_url: str, number: int, ending: str) -> str:  # noqa: ARG002
        where = "/module/download/downfile.jsp"
        return f"http://{self.host}{where}?classid=0&filename={number:08x}.{ending}"

    def listing(self, asked: Asked) -> str | Page | None:
        for column, found in ((self.reports, self.column()), (self.guides, self.column(GUIDE))):
            if asked.path == f"/col/col{column}/index.html":
                return self.shown(column, found)
            if asked.path == PROXY and asked.fields.get("columnid") == column:
                lines = found if asked.method == "POST" else []
                text = store(lines, asked.number("page"))
                return self.made(text, content_type="text/xml;charset=utf-8")
        return None

    def shown(self, column: str, found: list[Entry]) -> str:
        """A column with its first page inside."""
        unit = (
            f"<script>$('#53').jpage({{totalRecord:{len(found)},proxyUrl:'{PROXY}',perPage:{PER_PAGE},"
            f"ajaxParam:{{col:1,appid:1,webid:149,path:'/',columnid:{column},sourceContentType:1,"
            f"unitid:53,webname:'{self.place.name}',permissiontype:0}}}})</script>"
        )
        body = f"<div id='53'><script type='text/xml'>{store(found, 1)}</script></div>\n{unit}"
        return self.frame("信息公开", body)

    def article(self, entry: Entry, text: str) -> str:
        body = (
            f"<h1>{entry.title}</h1><p>发布机构：{entry.paper.name}　发布日期：{entry.day}</p>\n"
            f"<div id='zoom'>\n{text}\n</div><script src='/module/jslib/jquery.js'></script>"
        )
        return self.frame(entry.title, body, facts(entry))


class PostedSite(HanwebColumns):
    """Ignores which records are asked for and minds the page; wants a Referer; repeats itself."""

    place = Place("practice_hanweb_post", "新埠市", "市", "www.xinbu.test", "0319", "991500")
    reports, guides = "1229063379", "1229063380"
    sections = {"政府信息公开年报": f"/col/col{reports}/index.html",
                "政府信息公开指南": f"/col/col{guides}/index.html"}  # fmt: skip
    files = ("pdf",)

    def refused(self, asked: Asked) -> Answer | None:
        """The proxy shows nothing to whoever comes from nowhere."""
        if asked.path == PROXY and not asked.headers.get("referer", "").startswith(
            f"http://{self.host}/col/"
        ):
            return plain(404, "页面不存在")
        return None


class AreaSite(HanwebColumns):
    """The disclosure tree leads to a page an organ: the report of the year that is asked for."""

    place = Place("practice_hanweb_area", "柳埭市", "市", "www.liudai.test", "0320", "991600")
    reports, guides = "1229070001", "1229070002"
    sections = {
        "政府信息公开年报": f"{TREE}?area=1133",
        "政府信息公开指南": f"/col/col{guides}/index.html",
    }
    kinds = ()

    def _area(self, organ: Organ) -> str:
        return f"11332500002645{organ.index}"

    def address(self, paper: Paper, number: int) -> str:
        if paper.kind != "annual_report":
            return super().address(paper, number)
        query = f"area={self._area(paper.organ)}&fbtime={paper.year}"
        return f"http://{self.host}{REPORT}?{query}"

    def listing(self, asked: Asked) -> str | Page | None:
        if asked.path == TREE:
            rows = "".join(
                f"<li><a href='{REPORT}?area={self._area(organ)}'>{organ.new_name}</a></li>"
                for organ in self.organs
            )
            return self.frame("信息公开目录", f"<ul>{rows}</ul>")
        for organ in self.organs:
            if asked.path == REPORT and asked.fields.get("area") == self._area(organ):
                newest = self.column("annual_report", organ=organ)[0]
                if "fbtime" in asked.fields:  # a year without a report
                    return self.frame("信息公开年报", "<div id='zoom'><p>暂无信息</p></div>")
                return self.article(newest, self._text(newest))
        return super().listing(asked)


def store(found: list[Entry], page: int) -> str:
    """A page of a list as XML; from the second on, the last line of the page before comes first."""
    lines = [*part(found, page, PER_PAGE)]
    if page > 1:
        lines = [*part(found, page - 1, PER_PAGE)[-1:], *lines]
    records = "".join(f"<record><![CDATA[{_line(entry)}]]></record>" for entry in lines)
    return (
        f"<datastore><totalrecord>{len(found)}</totalrecord><totalpage>{count(found, PER_PAGE)}"
        f"</totalpage><recordset>{records}</recordset></datastore>"
    )


def _line(entry: Entry) -> str:
    year, rest = entry.day.split("-", 1)
    return (
        f'<li><a href="{escape(entry.linked)}" title="{entry.title}">{entry.title}</a>\n'
        f"<span>{year}-\n{rest}</span></li>"
    )
