"""A site as a county's clerk wrote it in 2009: nothing is marked, and the guide is a page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

from command_line import Ran

from crawler.cli.probing import spiders_of
from crawler.order import Order, check
from crawler.practice.answer import Answer
from crawler.practice.server import serving
from crawler.run import crawl
from pipelines.catalogue import Catalogue

HOST, SITE = "www.lvliang.test", "http://www.lvliang.test"
PAGE = '<html><head><meta charset="gb2312"><title>{}</title></head><body>{}</body></html>'
NAV = '<a href="/">首页</a> <a href="/xxgk/index.htm">依申请公开</a> <a href="/">主动公开</a>'
REPORT = (
    "<table><tr><td><p>吕梁县人民政府办公室根据《中华人民共和国政府信息公开条例》编制本报告。</p>"
    "<p>一、主动公开情况。{year}年主动公开政府信息120条。</p><p>二、依申请公开情况。全年收到政府信息"
    "公开申请3件。</p><p>三、存在的问题。公开的内容有待丰富。</p></td></tr></table>"
)
GUIDE = (
    "<table><tr><td><p>为了方便公民、法人和其他组织获取政府信息，吕梁县人民政府办公室编制本指南。</p>"
    "<p>一、主动公开。本机关通过政府网站、政府公报和公共查阅点主动公开政府信息，范围见目录。</p>"
    "<p>二、依申请公开。申请人填写《政府信息公开申请表》，可以当面递交，也可以邮寄；受理机构在二十个"
    "工作日内答复。需要延长的，经负责人同意并告知申请人，延长期限不超过二十个工作日。</p>"
    "<p>受理机构：吕梁县人民政府办公室</p><p>办公地址：吕梁县解放路1号</p>"
    "<p>联系电话：0358-3022222</p></td></tr></table>"
)
YEARS = range(2009, 2012)
PAGES = {
    "/": PAGE.format("吕梁县人民政府", '<a href="xxgk/index.htm">信息公开</a>'),
    "/xxgk/index.htm": PAGE.format(
        "信息公开", '<a href="nb.htm">信息公开年报</a> <a href="zn.htm">信息公开指南</a>'
    ),
    "/xxgk/nb.htm": PAGE.format(
        "年报",
        "<table>"
        + "".join(
            f'<tr><td>·<a href="{y}nb.htm">吕梁县{y}年政府信息公开年度报告</a></td>'
            f"<td>[{y + 1}-1-20]</td></tr>"
            for y in YEARS
        )
        + "</table>",
    ),
    "/xxgk/zn.htm": PAGE.format("信息公开指南", NAV + GUIDE),
    **{f"/xxgk/{y}nb.htm": PAGE.format("年报", REPORT.format(year=y)) for y in YEARS},
}


class HandMade:
    """Answers for the one host."""

    def answer(
        self, host: str, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        page = PAGES.get(target) if host == HOST else None
        header = (("Content-Type", "text/html"),)
        return Answer(200 if page else 404, header, (page or "no such page").encode("gb18030"))


def test_its_rows_are_found_by_their_cells_and_its_guide_is_the_page_itself(
    command: Callable[..., Ran], tmp_path: Path
) -> None:
    (tmp_path / "spiders").mkdir()
    with serving(HandMade()) as address:
        asked = ("--family", "static", "--connect-to", address, "--delay", "0")
        shown = command("sniff", SITE, *asked)
        assert "/xxgk/nb.htm (3 rows)" in shown.out.decode()
        assert "guide /xxgk/zn.htm (the document itself)" in shown.out.decode()
        made = command("new", "shanxi_lvliang", SITE, "--code", "141199", *asked)
        assert made.code == 0, made.err
        text = (tmp_path / "spiders/shanxi/lvliang.py").read_text(encoding="utf-8")
        assert '    rows = "td a"\n' in text
        assert '"guide": "/xxgk/zn.htm"' in text
        assert "columns" not in text
        order = Order(("shanxi_lvliang",), tmp_path / "s", "live", address, crawl="c", delay=0.001)
        with spiders_of("shanxi_lvliang", text):
            check(order)
            asyncio.run(crawl(order))
    with Catalogue.open(tmp_path / "s") as catalogue:
        found = {(one["class"], one["url"]) for one in catalogue.documents("shanxi_lvliang")}
    assert ("disclosure_guide", f"{SITE}/xxgk/zn.htm") in found
    assert sum(kind == "annual_report" for kind, _ in found) == len(YEARS)
    assert len(found) == 1 + len(YEARS)
