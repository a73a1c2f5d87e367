"""TRS WCM 拓尔思: ministries, Beijing, Hubei, Hunan, Chongqing, Guangxi, Fujian, Shanxi, Shaanxi.

Recognise: articles `tYYYYMMDD_ID.html` in folders `/YYYYMM/`, `createPageHTML(3, 0, "index",
"html")` where the pager stands, `TRS_UEDITOR`.

A column is `index.html`; its second page is `index_1.html`, the third `index_2.html`. How many
there are is said by the pager: `createPageHTML`, `countPage = 3`, or a script that hides the
pager's HTML in Base64 (`window.atob`). Links are relative (`./202603/t20260320_534737.html`), and
files lie beside their article (`./P020260320….pdf`).

Facts a portal gives: `sections` as paths of columns, each ending in `/`; `columns` where a section
is split into years or organs.
"""

from __future__ import annotations

import re
from base64 import b64decode
from typing import TYPE_CHECKING
from urllib.parse import unquote

from crawler.items import Kind, Link
from spiders.portal import Portal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.http import TextResponse

PAGER = re.compile(
    r"createPageHTML\(\s*(?P<count>\d+)\s*,\s*\d+\s*,\s*[\"'](?P<stem>[\w-]+)[\"']"
    r"\s*,\s*[\"'](?P<end>s?html?)[\"']"
)
COUNT = re.compile(r"\b(?:countPage|pageCount|totalPage)\s*=\s*(\d+)")
HIDDEN = re.compile(r"atob\(\s*[\"']([A-Za-z0-9+/=\s]+)[\"']")
LINKED = re.compile(r"[\"'/](index)_(\d+)\.(s?html?)")
FURTHER = re.compile(r"_\d+\.s?html?$")


class TrsPortal(Portal):
    """A portal on TRS WCM; see the module for what to state."""

    cms = "TRS WCM"
    signs = (
        re.compile(r"/t20\d{6}_\d+\.s?html?"),
        re.compile(r"createPageHTML\(\s*\d+\s*,"),
        re.compile(r"TRS_UEDITOR|trs_editor_view|trs_paper_default"),
    )
    rows = "a[href]"
    addresses = re.compile(r"(?:^|/)t20\d{6}_\d+\.s?html?$|/content_\d+\.html?$")
    article = ".TRS_Editor, .TRS_UEDITOR, .trs_editor_view, .Custom_UnionStyle, #zoom"

    def next_page(self, response: TextResponse) -> Iterator[Link]:
        """All further pages, from the first."""
        if FURTHER.search(response.url):
            return
        text = response.text
        for hidden in HIDDEN.findall(text):
            text += unquote(b64decode(hidden).decode("latin-1"))
        count, stem, end = 1, "index", "html"
        if pager := PAGER.search(text):
            count, stem, end = int(pager["count"]), pager["stem"], pager["end"]
        elif said := COUNT.search(text):
            count = int(said[1])
        elif linked := LINKED.findall(text):
            count = 1 + max(int(number) for _, number, _ in linked)
            stem, _, end = linked[0]
        for number in range(1, count):
            yield Link(response.urljoin(f"{stem}_{number}.{end}"), Kind.LISTING)
