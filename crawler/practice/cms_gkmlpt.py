"""A portal of Guangdong's directory platform: a tree in a script, and the rest as JSON."""

import json
from calendar import timegm

from crawler.practice.cms import GUIDE, CmsSite
from crawler.practice.cms_entry import Asked, Entry, count, facts, part
from crawler.practice.organs import Place
from crawler.practice.paper import Paper
from crawler.practice.site import Page

API = "/gkmlpt/api/all/"
SID = "755031"
REPORTS, GUIDES = "30901", "30902"
PER_PAGE = 4


class GkmlptSite(CmsSite):
    """Speaks http only and prints https; its guides all stand on page 1, and there is no other."""

    place = Place("practice_gkmlpt", "南榕市", "市", "www.nanrong.test", "0315", "991100")
    sections = {"政府信息公开年报": "/gkmlpt/annualreport", "政府信息公开指南": "/gkmlpt/guide"}
    files = ("pdf",)

    def address(self, paper: Paper, number: int) -> str:  # noqa: ARG002
        return f"http://{self.host}/gkmlpt/content/4/{number // 1000}/post_{number}.html"

    def file_address(self, entry_url: str, number: int, ending: str) -> str:  # noqa: ARG002
        return f"http://{self.host}/attachment/0/{number // 100}/{number}/12.{ending}"

    def listing(self, asked: Asked) -> str | Page | None:
        if asked.path in {"/gkmlpt/index", "/gkmlpt/annualreport", "/gkmlpt/guide"}:
            return self._page_of_scripts()
        category = asked.path.removeprefix(API)
        if asked.fields.get("sid") != SID or category not in {REPORTS, GUIDES}:
            return None
        found = self.column(GUIDE) if category == GUIDES else self.column()
        size = len(found) if category == GUIDES else PER_PAGE
        page = asked.number("page")
        if not 1 <= page <= count(found, size):
            return None
        said = {
            "classify": {"id": int(category), "post_count": len(found)},
            "articles": [_article(entry) for entry in part(found, page, size)],
        }
        return self.made(json.dumps(said, ensure_ascii=False), content_type="application/json")

    def _page_of_scripts(self) -> str:
        tree = [
            {"id": 30900, "name": "法定主动公开内容", "children": []},
            {"id": int(REPORTS), "name": "政府信息公开年报", "children": []},
            {"id": int(GUIDES), "name": "政府信息公开指南", "children": []},
        ]
        script = (
            f"<script>window._CONFIG = {{SID: '{SID}', CSRF: 'x', "
            f"TREE: {json.dumps(tree, ensure_ascii=False)}}};</script>"
        )
        return self.frame("政府信息公开目录", f"<div id='app'></div>\n{script}")

    def article(self, entry: Entry, text: str) -> str:
        detail = {"id": entry.number, "title": entry.paper.title, "publisher": entry.paper.name}
        script = f"window._CONFIG = {{DETAIL: {json.dumps(detail, ensure_ascii=False)}}};"
        body = (
            f"<h1 class='title document-number'>{entry.title}</h1>\n<p>发布机构：{entry.paper.name}"
            f"　发布日期：{entry.day}</p>\n<div class='article-content'>\n{text}\n</div>\n"
            f"<script>{script}</script>"
        )
        return self.frame(entry.title, body, facts(entry))


def _article(entry: Entry) -> dict[str, object]:
    return {
        "id": entry.number,
        "title": entry.paper.title,
        "url": entry.linked.replace("http://", "https://"),
        "post_url": "",
        "publisher": entry.paper.name,
        "created_at": f"{entry.day} 09:00:00",
        "create_time": timegm(entry.paper.signed.timetuple()),
        "display_publish_time": None if entry.number % 2 else f"{entry.day} 09:00:00",
    }
