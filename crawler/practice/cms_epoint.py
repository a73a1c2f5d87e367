"""An Epoint portal: pages list nothing, and what does wants JSON by POST."""

import json
from typing import Any
from uuid import UUID

from crawler.practice.cms import GUIDE, CmsSite
from crawler.practice.cms_entry import Asked, Entry, facts, part
from crawler.practice.dice import dice
from crawler.practice.organs import Place
from crawler.practice.paper import Paper
from crawler.practice.site import Page

COLUMN = "/dynamic/zwgk/govInfoPub.html"
API = "/EWB-FRONT/rest/lightfrontaction/getgovinfolist"
SITE = "7eb5f7f1-9041-43ad-8e13-8fcb82ea831a"
REPORTS, GUIDES = "003005", "003001"
MOST = 4  # entries a page, whatever is asked for


class EpointSite(CmsSite):
    """What it sends for guides is JSON inside a text, as some servers do."""

    place = Place("practice_epoint", "徐汀市", "市", "www.xuting.test", "0316", "991200")
    sections = {"政府信息公开年报": f"{COLUMN}?deptcode=&categorynum={REPORTS}",
                "政府信息公开指南": f"{COLUMN}?deptcode=&categorynum={GUIDES}"}  # fmt: skip
    files = ("pdf",)
    dialect = "word"

    def address(self, paper: Paper, number: int) -> str:
        name = UUID(int=dice(self.seed, "epoint", number).getrandbits(128), version=4)
        column = GUIDES if paper.kind == GUIDE else REPORTS
        return f"http://{self.host}/zwgk/{column}/{paper.signed:%Y%m%d}/{name}.html"

    def file_address(self, entry_url: str, number: int, ending: str) -> str:  # noqa: ARG002
        return f"http://{self.host}/EpointWebBuilder/attach/{number}/nb.{ending}"

    def listing(self, asked: Asked) -> str | Page | None:
        if asked.path == COLUMN:
            scripts = (
                "<script src='/js/webBuilderCommon.js'></script><script src='/js/zwgk.js'></script>"
            )
            return self.frame(
                "政府信息公开", "<ul id='infolist'></ul><div id='pager'></div>", scripts
            )
        return self._list(asked) if asked.path == API and asked.method == "POST" else None

    def _list(self, asked: Asked) -> Page | None:
        if asked.headers.get("content-type") != "application/json":
            return None
        said: dict[str, Any] = json.loads(asked.body).get("params", {})
        if said.get("siteGuid") != SITE or said.get("categorynum") not in {REPORTS, GUIDES}:
            return None
        guides = said["categorynum"] == GUIDES
        found = self.column(GUIDE) if guides else self.column()
        shown = part(found, int(said["pageIndex"]) + 1, min(int(said["pageSize"]), MOST))
        custom: object = {"total": len(found), "data": [_line(entry) for entry in shown]}
        if guides:
            custom = json.dumps(custom, ensure_ascii=False)
        text = json.dumps({"custom": custom, "status": {"code": 1}}, ensure_ascii=False)
        return self.made(text, content_type="application/json;charset=UTF-8")

    def article(self, entry: Entry, text: str) -> str:
        body = (
            f"<h2>{entry.title}</h2><p>发布时间：{entry.day}　信息来源：{entry.paper.name}</p>\n"
            f"<div class='ewb-article-content'>\n{text}\n</div>"
        )
        scripts = "<script src='/EWB-FRONT/js/lib.js'></script>"
        return self.frame(entry.title, body, facts(entry) + scripts)


def _line(entry: Entry) -> dict[str, object]:
    short = entry.paper.title[:18]
    return {
        "infourl": entry.path,
        "title": short if short == entry.paper.title else f"{short}...",
        "realtitle": entry.paper.title,
        "infodate": entry.day,
    }
