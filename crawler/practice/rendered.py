"""炫染市, a portal whose listing exists only after its scripts ran, and that tempts a browser.

Behind the listing stand reports as on any other portal, one a year.

The listing needs a cookie set by the server, one set by a script, a script behind a redirect, a
POST answered in JSON, a GET answered in GBK, and a worker. Around it stands everything by which a
browser would go to the network on its own account: those addresses begin with `/leak/`.
"""

import gzip
import json
from collections.abc import Iterator, Mapping
from html import escape
from urllib.parse import parse_qs

from crawler.practice.answer import Answer, Header, plain
from crawler.practice.blocks import html
from crawler.practice.organs import Organ, Place
from crawler.practice.paper import Paper
from crawler.practice.site import Placed

HOST = "www.xuanran.test"
API = "api.xuanran.test"  # belongs to the portal
HOSTS = {HOST, API}
ELSEWHERE = "tongji.elsewhere.test"  # does not
LISTING = "/xxgk/nb/"
TITLE = "炫染市政府信息公开年度报告"
DEPARTMENT = "炫染市人民政府办公室"
XUANRAN = Place("practice_xuanran", "炫染市", "市", HOST, "0303", "990400")
NAME = "炫染市人民政府"
ORGAN = Organ(9007, XUANRAN, "zfb", "government", NAME, NAME, "市政府")

PAGE = f"""<!DOCTYPE html>
<html><head><meta charset="gb2312"><title>{TITLE}</title>
<link rel="icon" href="/leak/favicon.ico">
<link rel="prefetch" href="/leak/prefetch.js">
<link rel="preconnect" href="http://leak.xuanran.test"><link rel="dns-prefetch" href="//d.test">
<script type="speculationrules">
{{"prefetch": [{{"source": "list", "urls": ["/leak/ahead.html"], "eagerness": "immediate"}}]}}
</script>
<style>@font-face {{font-family: f; src: url(/leak/f.woff2)}} h1 {{font-family: f}}</style>
<script src="http://{ELSEWHERE}/leak/tongji.js"></script>
<script src="/js/go?v=1"></script>
</head><body>
<h1>{TITLE}</h1><img src="/leak/banner.png" alt="横幅"><ul id="list"></ul>
<iframe src="/frame.html"></iframe>
<a id="file" download href="/leak/report.pdf">下载</a>
<a id="window" target="_blank" href="/leak/window.html">窗口</a>
<p id="department"></p><p id="count"></p>
<script src="/js/tempt.js"></script>
</body></html>"""

LIST = """
document.cookie = 'script=yes; path=/';
addEventListener('DOMContentLoaded', async () => {
  const asked = await fetch('/api/list?_=' + Date.now(), {
    method: 'POST', body: new URLSearchParams({栏目: '年报'}),
  });
  const list = document.getElementById('list');
  for (const {url, title, date} of await asked.json()) {
    const link = `<a href="${url}" title="${title}">${title}</a>`;
    list.insertAdjacentHTML('beforeend', `<li>${link}<span>${date}</span></li>`);
  }
  const gbk = new XMLHttpRequest();
  gbk.open('GET', '/api/department?r=' + Math.random());
  gbk.onload = () => { document.getElementById('department').textContent = gbk.responseText; };
  gbk.send();
  const worker = new Worker('/js/worker.js');
  worker.onmessage = e => { document.getElementById('count').textContent = e.data; };
});
"""
WORKER = "importScripts('/js/part.js'); ask().then(text => postMessage(text));"
PART = f"function ask() {{ return fetch('http://{API}/count').then(r => r.text()); }}"

TEMPT = """
const tried = what => { try { what(); } catch (e) { console.log(e); } };
tried(() => window.open('/leak/popup.html'));
tried(() => document.getElementById('file').click());
tried(() => document.getElementById('window').click());
tried(() => navigator.sendBeacon('/leak/beacon', 'x'));
tried(() => new WebSocket(`ws://${location.host}/leak/socket`));
tried(() => new EventSource('/leak/events'));
tried(() => navigator.serviceWorker.register('/leak/service.js'));
tried(() => fetch('//HERE/leak/direct').catch(() => 0));
tried(() => new WebSocket('ws://HERE/leak/direct'));
tried(() => { new Image().src = 'http://HERE/leak/direct.png'; });
tried(() => fetch('/robots/forbidden.json').catch(() => 0));
tried(() => fetch('/api/again.json')); tried(() => fetch('/api/again.json'));
"""


class RenderedHost:
    """Answers as `City.answer` does. `here` is the server's own address, to be tempted by."""

    host = HOST

    def __init__(self, seed: int, years: tuple[int, int], here: str = "127.0.0.1:9") -> None:
        span = range(years[1], years[0] - 1, -1)
        papers = [Paper(seed, "annual_report", ORGAN, year) for year in span]
        self._papers = {f"/xxgk/doc_{paper.year}.html": paper for paper in papers}
        self.here = here

    def placed(self) -> Iterator[Placed]:
        """Every report."""
        for path, paper in self._papers.items():
            yield Placed(paper, f"http://{HOST}{path}", paper.signed)

    def answer(
        self, host: str, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        """What a host answers; `headers` by lower-case name."""
        path = target.partition("?")[0]
        if host == API and path == "/count":
            count = f"共 {len(self._papers)} 条"
            return said(count, "text/plain; charset=utf-8", ("Access-Control-Allow-Origin", "*"))
        if host != HOST:
            return plain(421, f"no such host: {host}")
        if path == "/api/list":
            return self._list(method, headers, body)
        if path == "/js/tempt.js":
            return said(TEMPT.replace("HERE", self.here), "text/javascript")
        if path in self._papers:
            return said(_document(self._papers[path]), HTML)
        return PLACES.get(path) or plain(404, "页面不存在")

    def _list(self, method: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """The rows, for whoever carries both cookies and asks in the right words."""
        cookies = set(headers.get("cookie", "").split("; "))
        form = parse_qs(body.decode())
        if method != "POST" or not cookies >= {"session=1", "second=2", "hop=1", "script=yes"}:
            return said("[]", "application/json")
        assert form == {"栏目": ["年报"]}
        rows = [
            {"url": path, "title": paper.title, "date": paper.signed.isoformat()}
            for path, paper in self._papers.items()
        ]
        packed = gzip.compress(json.dumps(rows, ensure_ascii=False).encode(), mtime=0)
        kind = ("Content-Type", "application/json; charset=utf-8")
        return Answer(200, (kind, ("Content-Encoding", "gzip")), packed, chunked=True)


def _document(paper: Paper) -> str:
    title = escape(paper.title)
    return (
        f"<!DOCTYPE html>\n<html><head><title>{title}</title></head><body><h1>{title}</h1>"
        f"<div class='content'>\n{html(paper.write().blocks, 'plain')}\n</div></body></html>\n"
    )


HTML = "text/html; charset=utf-8"


def said(text: str, kind: str, *more: Header, encoding: str = "utf-8") -> Answer:
    return Answer(200, (("Content-Type", kind), *more), text.encode(encoding))


SESSION = (("Set-Cookie", "session=1; Path=/; HttpOnly"), ("Set-Cookie", "second=2; Path=/"))
PLACES = {
    LISTING: said(PAGE, "text/html", *SESSION, encoding="gb18030"),
    "/js/go": Answer(302, (("Location", "/js/list.js"), ("Set-Cookie", "hop=1; Path=/")), b""),
    "/js/list.js": said(LIST, "text/javascript; charset=utf-8"),
    "/js/worker.js": said(WORKER, "text/javascript"),
    "/js/part.js": said(PART, "text/javascript"),
    "/frame.html": said("<!DOCTYPE html><script src=/js/frame.js></script>", HTML),
    "/js/frame.js": said("document.title = 'frame'", "text/javascript"),
    "/api/department": said(DEPARTMENT, "text/plain; charset=gbk", encoding="gb18030"),
    "/api/again.json": said("{}", "application/json"),
    "/robots/forbidden.json": said("{}", "application/json"),
    "/robots.txt": said("User-agent: *\nDisallow: /robots/\n", "text/plain"),
    "/leak/report.pdf": said("%PDF-1.4", "application/pdf"),
    "/xxgk/old/": Answer(302, (("Location", LISTING),), b""),
    "/xxgk/moved/": said(f"<title>旧</title><script>location = '{LISTING}'</script>", HTML),
    "/xxgk/circle/": said("<title>圈</title><script>location.reload()</script>", HTML),
    "/xxgk/away/": said(
        f"<title>在</title><p>在这里</p><script>location = 'http://{ELSEWHERE}/'</script>", HTML
    ),
    "/xxgk/stuck/": said("<title>停</title><script>while (true);</script>", HTML),
    "/xxgk/many/": said(
        "<title>多</title><script>let n = 0;"
        "setInterval(() => fetch('/api/again.json?' + n++).catch(() => 0), 20)</script>",
        HTML,
    ),
    "/xxgk/file/": said("%PDF-1.4", "application/pdf"),
}
