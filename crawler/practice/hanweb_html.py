"""The HTML of a Hanweb portal, as text; the site decides in which bytes it goes out."""

from collections.abc import Mapping
from datetime import date
from html import escape
from urllib.parse import quote

from crawler.practice import attachments
from crawler.practice.blocks import Dialect, html
from crawler.practice.dice import dice
from crawler.practice.organs import HANWEB_GB, Place
from crawler.practice.paper import Paper

WEB, UNIT = "3115", "6127353"


def home(place: Place, columns: Mapping[str, str]) -> str:
    links = "\n".join(
        f'<li><a href="/col/col{column}/index.html">{name}</a></li>'
        for column, name in columns.items()
    )
    body = f'<div class="xxgk"><h3>政府信息公开</h3>\n<ul>\n{links}\n</ul></div>'
    return _frame(place, f"{place.name}人民政府", "", body)


def news(place: Place) -> str:
    body = '<div class="news"><p>今日没有新的要闻。</p></div>'
    return _frame(place, f"新闻中心 - {place.name}人民政府", "", body)


def next_group(place: Place, proxy: str, column: str, page: int) -> str:
    """The hidden link from which the pager's script takes its parameters."""
    name = quote(f"{place.name}人民政府")
    return (
        f'<![CDATA[<a href="{proxy}?page={page}&appid=1&webid={WEB}&path=/&columnid={column}'
        f'&unitid={UNIT}&webname={name}&permissiontype=0"></a>]]>'
    )


def listing(place: Place, name: str, store: str, pager: str) -> str:
    meta = f'<meta name="ColumnName" content="{name}">\n<meta name="ColumnType" content="{name}">'
    body = (
        f'<div class="wz">当前位置：<a href="/">首页</a> &gt; 政务公开 &gt; {name}</div>\n'
        f'<div id="{UNIT}" class="list"><script type="text/xml">{store}</script></div>\n'
        f'<script src="/module/jslib/jpage.js"></script>\n<script>{pager}</script>'
    )
    return _frame(place, f"{name} - {place.name}人民政府", meta, body)


def article(
    place: Place,
    paper: Paper,
    *,
    column: str,
    index_no: str,
    listed: date,
    file: attachments.File = "",
) -> str:
    roll = dice(paper.seed, paper.organ.index, paper.year, "clock")
    clock = f"{roll.randint(8, 17):02d}:{roll.randint(0, 59):02d}"
    title = escape(paper.title)
    meta = "\n".join(
        f'<meta name="{name}" content="{value}">'
        for name, value in (
            ("SiteName", f"{place.name}人民政府"),
            ("ColumnName", column),
            ("ArticleTitle", title),
            ("PubDate", f"{listed.isoformat()} {clock}"),
            ("ContentSource", paper.name),
        )
    )
    old = place is HANWEB_GB
    dialect: Dialect = "word" if old else "styled"
    text = (
        attachments.article(paper, file, dialect) if file else html(paper.write().blocks, dialect)
    )
    day = listed.isoformat()
    facts = f"发布日期：{day} {clock}　信息来源：{paper.name}　浏览次数："
    body = f"""<div class="wz">当前位置：<a href="/">首页</a> &gt; 政务公开 &gt; {column}</div>
<table class="xxgk_head" width="100%">
<tr><td>索 引 号：</td><td>{index_no}</td><td>公开方式：</td><td>主动公开</td></tr>
<tr><td>发布机构：</td><td>{paper.name}</td>
<td>成文日期：</td><td>{paper.signed.isoformat()}</td></tr>
</table>
<h1 class="title">{title}</h1>
<div class="info">{facts}<span id="hits"></span></div>
<div id="zoom">{WORD if old else ""}
{text}
</div>
<div class="tools"><a href="javascript:window.print()">打印本页</a>
<a href="javascript:window.close()">关闭窗口</a></div>"""
    return _frame(place, f"{title} - {place.name}人民政府", meta, body)


WORD = """
<!--[if gte mso 9]><xml><w:WordDocument></w:WordDocument></xml><![endif]-->"""


def _frame(place: Place, title: str, meta: str, body: str) -> str:
    # 㙍 is not in GBK and 镕 and 〇 are not in GB2312, which the old county's pages claim to be.
    street = "㙍头路〇一二号，网站联系人：方镕" if place is HANWEB_GB else "公明路1号"
    return f"""<!DOCTYPE html>
<html><head>
<title>{title}</title>
{meta}
</head>
<body>
<div class="header"><a href="/index.html">首页</a> <a href="/xwzx/index.html">新闻中心</a></div>
{body}
<div class="footer">主办：{place.name}人民政府　地址：{place.name}{street}</div>
</body></html>
"""
