"""Two Hanweb portals of other habits: one lists by POST, one from the disclosure module."""

from html import escape

from crawler.practice.answer import Answer, plain
from crawler.practice.cms import GUIDE, CmsSite
from crawler.practice.cms_entry import Asked, Entry, count, facts, part
from crawler.practice.organs import Organ, Place
from crawler.practice.paper import Paper
from crawler.practice.site import Page

PROXY = "/module/web/jpage/dataproxy.jsp"
MORE = "/module/web/jpage/morecolumndataproxy.jsp"  # for lists of several columns
TREE, REPORT = "/module/xxgk/tree.jsp", "/module/xxgk/xxgkAnnualReport.jsp"
SEARCH = "/module/xxgk/search.jsp"
PER_PAGE = 4
FEW = 2  # a page of a search, or of a list of several columns


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
        reports, guides = self.column(), self.column(GUIDE)
        several = f"{self.guides},{self.guides}9"
        for column, found, proxy, ids, size in (
            (self.reports, reports, PROXY, self.reports, PER_PAGE),
            (self.guides, guides, MORE, several, FEW),
        ):
            if asked.path == f"/col/col{column}/index.html":
                return self._shown(found, proxy, ids, size)
            if asked.path == proxy and asked.fields.get("columnid") == ids:
                lines = found if asked.method == "POST" else []
                text = store(lines, asked.number("page"), size)
                return self.made(text, content_type="text/xml;charset=utf-8")
        return None

    def _shown(self, found: list[Entry], proxy: str, ids: str, size: int) -> str:
        """A column with its first page inside."""
        unit = (
            f"<script>$('#53').jpage({{totalRecord:{len(found)},proxyUrl:'{proxy}',perPage:{size},"
            f"ajaxParam:{{col:1,appid:1,webid:149,path:'/',columnid:'{ids}',sourceContentType:1,"
            f"unitid:53,webname:'{self.place.name}',permissiontype:0}}}})</script>"
        )
        xml = store(found, 1, size)
        body = f"<div id='53'><script type='text/xml'>{xml}</script></div>\n{unit}"
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
        if asked.path in {PROXY, MORE} and not asked.headers.get("referer", "").startswith(
            f"http://{self.host}/col/"
        ):
            return plain(404, "页面不存在")
        return None


class AreaSite(HanwebColumns):
    """The disclosure tree leads to a page an organ: the report of the year that is asked for.

    Guides are found by the search beside it, whose further pages want query and form alike.
    """

    place = Place("practice_hanweb_area", "柳埭市", "市", "www.liudai.test", "0320", "991600")
    reports, guides = "1229070001", "1229070002"
    sections = {
        "政府信息公开年报": f"{TREE}?area=1133",
        "政府信息公开指南": f"{SEARCH}?infotypeId=B001&jdid=3&area=1133&divid=div{guides}",
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
        if asked.path == SEARCH and asked.fields.get("infotypeId") == "B001":
            return self._searched(asked)
        for organ in self.organs:
            if asked.path == REPORT and asked.fields.get("area") == self._area(organ):
                newest = self.column("annual_report", organ=organ)[0]
                if "fbtime" in asked.fields:  # a year without a report
                    return self.frame("信息公开年报", "<div id='zoom'><p>暂无信息</p></div>")
                return self.article(newest, self._text(newest))
        return super().listing(asked)

    def _searched(self, asked: Asked) -> str | None:
        found, page = self.column(GUIDE), asked.number("currpage")
        if page > 1 and f"currpage={page}".encode() not in asked.body:
            return None
        shown = enumerate(part(found, page, FEW), 1)
        rows = "\n".join(
            f'<tr class="tr_main_value_{("even", "odd")[at % 2]}"><td>{at}</td>'
            f'<td><a class="bt_link" href="{escape(entry.linked)}" title="{entry.title}">'
            f"{entry.title[:16]}...</a></td><td>{entry.day}</td></tr>"
            for at, entry in shown
        )
        pages = f"共&nbsp;{count(found, FEW)}&nbsp;页 第{page}页"
        return self.frame("信息公开指南", f"<table>\n{rows}\n</table>\n<div>{pages}</div>")


def store(found: list[Entry], page: int, size: int) -> str:
    """A page of a list as XML; from the second on, the last line of the page before comes first."""
    lines = [*part(found, page, size)]
    if page > 1:
        lines = [*part(found, page - 1, size)[-1:], *lines]
    records = "".join(f"<record><![CDATA[{_line(entry)}]]></record>" for entry in lines)
    return (
        f"<datastore><totalrecord>{len(found)}</totalrecord><totalpage>{count(found, size)}"
        f"</totalpage><recordset>{records}</recordset></datastore>"
    )


def _line(entry: Entry) -> str:
    year, rest = entry.day.split("-", 1)
    return (
        f'<li><a href="{escape(entry.linked)}" title="{entry.title}">{entry.title}</a>\n'
        f"<span>{year}-\n{rest}</span></li>"
    )
