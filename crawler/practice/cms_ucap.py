"""A UCAP portal: a channel a year, and one channel for all before that only its script can list."""

import json
from hashlib import md5

from crawler.practice.cms import GUIDE, CmsSite
from crawler.practice.cms_entry import Asked, Entry, count, facts, part
from crawler.practice.organs import Place
from crawler.practice.paper import Paper
from crawler.practice.site import Page

API = "/common/search/"
MOST = 3  # results a page, whatever is asked for
PER_PAGE = 2
RECENT = 2


class UcapSite(CmsSite):
    """The last two years have channels that list their articles, two a page."""

    place = Place("practice_ucap", "北泽市", "市", "www.beize.test", "0312", "990800")
    sections = {
        "政府信息公开年报": "/bzsrmzf/c105100/zfxxgknb.shtml",
        "政府信息公开指南": "/bzsrmzf/c105200/zfxxgkzn.shtml",
    }
    files = ("pdf",)
    dialect = "styled"

    def _code(self, paper: Paper) -> str:
        if paper.kind == GUIDE:
            return "c105200"
        return f"c1051{max(paper.year, self.years.stop - 1 - RECENT) % 100:02}"

    def address(self, paper: Paper, number: int) -> str:
        where = f"http://{self.host}/bzsrmzf/{self._code(paper)}/{paper.signed:%Y%m}"
        if paper.year % 2:
            return f"{where}/{md5(str(number).encode(), usedforsecurity=False).hexdigest()}.shtml"
        return f"{where}/c03_{number}.shtml"

    def file_address(self, entry_url: str, number: int, ending: str) -> str:
        return entry_url.removesuffix(".shtml") + f"/files/{number:032x}.{ending}"

    def listing(self, asked: Asked) -> str | Page | None:
        folder, _, file = asked.path.removeprefix("/bzsrmzf/").partition("/")
        if asked.path.startswith(API):
            return self._search(asked)
        if (folder, file) == ("c105100", "zfxxgknb.shtml"):
            return self._years()
        found = [entry for entry in self.entries if self._code(entry.paper) == folder]
        if not found:
            return None
        if folder == self._former:
            if file != "zfxxgknb.shtml":
                return None
            head = f'<meta name="channelId" content="{_channel(folder)}">'
            return self.frame(
                "历年年报", "<ul id='list'></ul><script src='/list.js'></script>", head
            )
        return self._static(found, file)

    @property
    def _former(self) -> str:
        return f"c1051{(self.years.stop - 1 - RECENT) % 100:02}"

    def _years(self) -> str:
        last = self.years.stop - 1
        codes = {f"{year}年": f"c1051{year % 100:02}" for year in range(last, last - RECENT, -1)}
        links = "".join(
            f"<li class='nd'><a href='../{code}/zfxxgknb.shtml'>{name}</a></li>"
            for name, code in {**codes, "历年": self._former}.items()
        )
        head = "<link href='/ucap-core/style.css' rel='stylesheet'>"
        return self.frame("政府信息公开年报", f"<ul>{links}</ul>", head)

    def _static(self, found: list[Entry], file: str) -> str | None:
        stem = "zfxxgkzn" if found[0].paper.kind == GUIDE else "zfxxgknb"
        pages = count(found, PER_PAGE)
        names = [f"{stem}.shtml", *(f"{stem}_{n}.shtml" for n in range(2, pages + 1))]
        if file not in names:
            return None
        at = names.index(file) + 1
        rows = "\n".join(
            f"<li><span>{e.day}</span><a href='{e.path}'>{e.title}</a></li>"
            for e in part(found, at, PER_PAGE)
        )
        call = f"createPageHTML('page_div',{pages}, {at},'{stem}','shtml',{len(found)});"
        return self.frame(
            "政府信息公开", f"<ul class='list'>\n{rows}\n</ul><script>{call}</script>"
        )

    def _search(self, asked: Asked) -> Page | None:
        if asked.path != API + _channel(self._former):
            return None
        found = [entry for entry in self.entries if self._code(entry.paper) == self._former]
        size, page = min(asked.number("_pageSize"), MOST), asked.number("page")
        results = [
            {
                "title": e.paper.title,
                "url": e.path,
                "publishedTimeStr": f"{e.day} 10:00:00",
                "subTitle": "",
                "domainMetaList": [{"resultList": [{"key": "pubdate", "value": e.day}]}],
            }
            for e in part(found, page, size)
        ]
        data = {"total": len(found), "page": page, "rows": len(results), "results": results}
        text = json.dumps({"code": 200, "data": data}, ensure_ascii=False)
        return self.made(text, content_type="application/json;charset=utf-8")

    def article(self, entry: Entry, text: str) -> str:
        body = (
            f"<h1><ucaptitle>{entry.title}</ucaptitle></h1>\n"
            f"<p>日期：<publishtime>{entry.day}</publishtime>　来源：{entry.paper.name}</p>\n"
            f"<div id='zoomcon'><ucapcontent>\n{text}\n</ucapcontent></div>"
            "<p>一审：甲　二审：乙　三审：丙</p>"
        )
        return self.frame(entry.title, body, facts(entry))


def _channel(code: str) -> str:
    return md5(code.encode(), usedforsecurity=False).hexdigest()
