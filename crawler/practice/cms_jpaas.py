"""A JPaaS portal: pages list nothing, a gateway does, and it refuses what it does not know."""

import json
from hashlib import md5
from urllib.parse import quote

from crawler.practice.answer import Answer, plain
from crawler.practice.cms import GUIDE, CmsSite
from crawler.practice.cms_entry import Asked, Entry, facts, part
from crawler.practice.organs import Place
from crawler.practice.paper import Paper
from crawler.practice.site import Page

UNIT = "/api-gateway/jpaas-publish-server/front/page/build/unit"
DOWNLOAD = "/api-gateway/jpaas-web-server/front/document/file-download"
COLUMNS = {"/col/zfxxgknb/index.html": "1638", "/col/zfxxgkzn/index.html": "1639"}
MOST = 4  # entries a page, whatever is asked for
KNOWN = {"parseType", "webId", "tplSetId", "pageType", "tagId", "editType", "pageId", "paramJson"}


class JpaasSite(CmsSite):
    """Two lists a page, one of them the navigation; documents of a page's end are shown again."""

    place = Place("practice_jpaas", "海屿市", "市", "www.haiyu.test", "0313", "990900")
    sections = {"政府信息公开年报": "/col/zfxxgknb/index.html",
                "政府信息公开指南": "/col/zfxxgkzn/index.html"}  # fmt: skip
    files = ("docx",)
    dialect = "styled"

    def address(self, paper: Paper, number: int) -> str:
        column = "1639" if paper.kind == GUIDE else "1638"
        name = md5(str(number).encode(), usedforsecurity=False).hexdigest()
        return f"http://{self.host}/col/{column}/art/{paper.signed.year}/art_{name}.html"

    def file_address(self, entry_url: str, number: int, ending: str) -> str:  # noqa: ARG002
        file = quote(f"/doc/{number}", safe="")
        return f"http://{self.host}{DOWNLOAD}?fileUrl={file}&fileName={number}.{ending}"

    def refused(self, asked: Asked) -> Answer | None:
        """The gateway wants to know where whoever asks has been."""
        if asked.path.startswith("/api-gateway/") and "referer" not in asked.headers:
            return plain(404, "页面不存在")
        return (
            plain(400, "参数错误") if asked.path == UNIT and asked.fields.keys() - KNOWN else None
        )

    def listing(self, asked: Asked) -> str | Page | None:
        if asked.path == UNIT:
            return self._unit(asked)
        page = COLUMNS.get(asked.path)
        if page is None:
            return None
        units = "\n".join(
            f'<script src="/script/AuthorizedRead/unitbuild.js" url="{UNIT}" queryData="{{'
            f"'webId':'52','tplSetId':'MsPk','pageType':'column','tagId':'{tag}','editType':'null',"
            f"'pageId':'{page}'}}\"></script>"
            for tag in ("当前位置", "分页列表")
        )
        return self.frame("政府信息公开", f"<div class='page-content'>{units}</div>")

    def _unit(self, asked: Asked) -> Page | None:
        column = asked.fields.get("pageId", "")
        if column not in COLUMNS.values():
            return None
        if asked.fields.get("tagId") == "分页列表":
            found = self.column(GUIDE) if column == "1639" else self.column()
            said = json.loads(asked.fields.get("paramJson") or "{}")
            html = _list(found, said.get("pageNo", 1), min(said.get("pageSize", MOST), MOST))
        else:
            html = f"<li><a href='/'>首页</a></li><li><a href='/col/{column}/'>信息公开</a></li>"
        text = json.dumps({"success": True, "data": {"html": html}}, ensure_ascii=False)
        return self.made(text, content_type="application/json;charset=UTF-8")

    def article(self, entry: Entry, text: str) -> str:
        body = (
            f"<h1 class='title'>{entry.title}</h1><p>发布机构：{entry.paper.name}　发布日期："
            f"{entry.day}</p>\n<div class='article-content' id='zoom'>\n{text}\n</div>\n"
            f"<script src='/script/jpaas-web-server/front/statistics.js'></script>"
        )
        return self.frame(entry.title, body, facts(entry))


def _list(found: list[Entry], page: int, size: int) -> str:
    shown = [*part(found, page - 1, size)[-1:], *part(found, page, size)] if page > 1 else []
    rows = "".join(
        f'<li><a href="{e.path}" title="{e.title}">{e.title}</a><span>[{e.day}]</span></li>'
        for e in shown or part(found, page, size)
    )
    return f'<ul>{rows}</ul><div class="pagination" rows="{size}" count="{len(found)}"></div>'
