"""A LonSun portal: a directory an organ, entered by kind; the rest of a list comes as fragments."""

from collections.abc import Sequence

from crawler.practice.cms import GUIDE, CmsSite
from crawler.practice.cms_entry import Asked, Entry, count, facts, part
from crawler.practice.organs import Organ, Place
from crawler.practice.paper import Paper
from crawler.practice.site import Page

COLUMN, LABEL = "/zwgk/public/column/", "/site/label/8888"
FILE = "/zwgk/publicInfoList_newest2020"
PER_PAGE = 2
FIRST = 6616760  # the number of the government's directory


class LonsunSite(CmsSite):
    """The government's directory lists those of the departments beside its own documents."""

    place = Place("practice_lonsun", "徽岭市", "市", "www.huiling.test", "0314", "991000")
    sections = {"政府信息公开年报": f"{COLUMN}{FIRST}?type=3&action=list",
                "政府信息公开指南": f"{COLUMN}{FIRST}?type=2"}  # fmt: skip
    kinds = ("redirect", "http_404", "truncated")
    files = ("docx",)

    def _number(self, organ: Organ) -> int:
        return FIRST + self.organs.index(organ)

    def address(self, paper: Paper, number: int) -> str:
        return f"http://{self.host}/zwgk/public/{self._number(paper.organ)}/82{number}.html"

    def file_address(self, entry_url: str, number: int, ending: str) -> str:  # noqa: ARG002
        return f"http://{self.host}/group6/M00/0A/1F/wKg{number}AxVd.{ending}"

    def listing(self, asked: Asked) -> str | Page | None:
        number, kind = asked.fields.get("organId", ""), asked.fields.get("type", "")
        if asked.path.startswith(COLUMN):
            number = asked.path.removeprefix(COLUMN)
        organ = next((o for o in self.organs if str(self._number(o)) == number), None)
        if organ is None or kind not in {"2", "3"}:
            return None
        found = self.column(*([GUIDE] if kind == "2" else []), organ=organ)
        if asked.path == LABEL and asked.fields.get("file") == FILE:
            return self.made(_rows(part(found, asked.number("pageIndex"), PER_PAGE)))
        return self._column(organ, kind, found) if asked.path.startswith(COLUMN) else None

    def _column(self, organ: Organ, kind: str, found: list[Entry]) -> str:
        organs = "\n".join(
            f"<li><a href='{COLUMN}{self._number(o)}?type={kind}&action=list'>{o.new_name}</a></li>"
            for o in self.organs
        )
        asked = {
            "labelName": "publicInfoList",
            "siteId": 6795621,
            "organId": self._number(organ),
            "type": kind,
            "catId": "",
            "pageSize": PER_PAGE,
            "action": "list",
            "isDate": "true",
            "dateFormat": "yyyy-MM-dd",
            "file": FILE,
        }
        data = ",".join(f"{name}:'{value}'" for name, value in asked.items())
        script = (
            f"<script>Ls.pagination({{pageCount:{count(found, PER_PAGE)},pageIndex:1,"
            f"dataUrl:'{LABEL}',data:{{{data}}}}});</script>"
        )
        rows = _rows(part(found, 1, PER_PAGE))
        body = f"<ul class='organs'>\n{organs}\n</ul>\n<div id='list'>{rows}</div>{script}"
        return self.frame(f"{organ.new_name}信息公开", body)

    def article(self, entry: Entry, text: str) -> str:
        body = (
            f"<table class='tab'><tr><td>索 引 号：</td><td>1137/{entry.number}</td>"
            f"<td>发布机构：</td><td>{entry.paper.name}</td>"
            f"<td>发文日期：</td><td>{entry.day}</td></tr></table>\n"
            f"<h1>{entry.title}</h1>\n<div class='j-fontContent wzcon'>\n{text}\n</div>"
        )
        return self.frame(entry.title, body, facts(entry))


def _rows(entries: Sequence[Entry]) -> str:
    rows = "".join(
        f"<li><a class='title' href='{e.linked}' title='{e.title}'>{e.title}</a>"
        f"<span class='date'>{e.day}</span></li>"
        for e in entries
    )
    return f"<ul class='xxgk_list'>{rows}</ul>"
