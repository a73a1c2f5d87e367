"""An old ASP portal: a list in a frame, tables within tables, GB 2312, dates as somebody liked."""

from crawler.practice.cms import GUIDE, CmsSite
from crawler.practice.cms_entry import Asked, Entry, count, part
from crawler.practice.organs import Place
from crawler.practice.paper import Paper

PER_PAGE = 4


class AspSite(CmsSite):
    """Knows neither meta tags nor a charset in its header."""

    place = Place("practice_asp", "老坝县", "县", "www.laoba.test", "0317", "991300")
    sections = {"政府信息公开年报": "/xxgk/nb.asp", "政府信息公开指南": "/xxgk/list.asp?cid=4"}
    files = ("docx",)
    encoding = "gb18030"
    content_type = "text/html"
    gzips = False  # its server is of 2003
    dialect = "word"

    def address(self, paper: Paper, number: int) -> str:  # noqa: ARG002
        return f"http://{self.host}/xxgk/show.asp?id={number}"

    def file_address(self, entry_url: str, number: int, ending: str) -> str:  # noqa: ARG002
        return f"http://{self.host}/upfile/2019{number}.{ending}"

    def listing(self, asked: Asked) -> str | None:
        if asked.path == "/xxgk/nb.asp":
            frame = "<IFRAME SRC='list.asp?cid=3' WIDTH=760 HEIGHT=500 FRAMEBORDER=0></IFRAME>"
            return self.frame("政府信息公开年报", f"<CENTER>{frame}</CENTER>")
        cid, page = asked.fields.get("cid"), asked.number("page")
        if asked.path != "/xxgk/list.asp" or cid not in {"3", "4"}:
            return None
        found = self.column(GUIDE) if cid == "4" else self.column()
        pages = count(found, PER_PAGE)
        rows = "\n".join(_row(entry) for entry in part(found, page, PER_PAGE))
        rows += f"\n<TR><TD><A HREF='{self.mirrored(found[0])}'>{found[0].title}</A></TD></TR>"
        link = f"list.asp?cid={cid}&page="
        pager = (
            f"<TR><TD COLSPAN=2>共{len(found)}条　第{page}/{pages}页　<A HREF='{link}1'>首页</A> "
            f"<A HREF='{link}{min(page + 1, pages)}'>下一页</A> "
            f"<A HREF='{link}{pages}'>尾页</A></TD></TR>"
        )
        table = f"<TABLE><TR><TD>\n<TABLE WIDTH=740>\n{rows}\n{pager}\n</TABLE>\n</TD></TR></TABLE>"
        return self.frame("信息公开列表", table)

    def article(self, entry: Entry, text: str) -> str:
        body = (
            f"<TABLE WIDTH=760 ALIGN=center><TR><TD ALIGN=center><B>{entry.title}</B></TD></TR>\n"
            f"<TR><TD>发布机构：{entry.paper.name}　加入时间：{entry.day}　[<A HREF="
            "'javascript:window.close()'>关闭</A>]</TD></TR>\n"
            f"<TR><TD CLASS=zw>\n{text}\n</TD></TR></TABLE>"
        )
        return self.frame(entry.title, body)


def _row(entry: Entry) -> str:
    day = entry.paper.signed
    date = (
        f"[{day.year}-{day.month}-{day.day}]",
        f"({day.year}年{day.month}月{day.day}日)",
        f"{day.year}/{day.month:02}/{day.day:02}",
    )[entry.number // 3 % 3]
    link = entry.path.removeprefix("/xxgk/")
    return f"<TR><TD>·<A HREF='{link}' TARGET=_blank>{entry.title}</A></TD><TD>{date}</TD></TR>"
