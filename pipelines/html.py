"""Reading a page: from HTML or plain text to clean blocks in reading order.

A family's article region is walked as it is. Without one, trafilatura says where the running text
begins and ends; words and tables still come from the page's own DOM, so no data table is lost and
no cell is reshaped.
"""

from __future__ import annotations

import logging
import re
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import TYPE_CHECKING

import trafilatura
from lxml import etree, html

from crawler.items import Block, Issue
from pipelines import grid
from pipelines.grid import BLOCKS, squeeze
from pipelines.pipes import pipe_blocks

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_HTML = 20_000_000  # characters
Reading = tuple[tuple[Block, ...], tuple[Issue, ...]]
UNWIELDY = etree.XPath("count(//*) > 20000 or //*[count(ancestor::*) > 200]")
HEADINGS = {f"h{level}": level for level in range(1, 7)}

_FURNITURE = re.compile(
    r"(?i)(?<![a-z])(?:nav(bar)?|menu|head(er)?|foot(er)?|(bread)?crumbs?|sidebar|links)(?![a-z])"
)
_IMPRINT = re.compile(
    "版权所有|ICP备|ICP证|主办单位|承办单位|^主办[:：]|网站标识码|公[安网][备安]|网站地图|友情链接"
    "|^(?:您?(?:现在)?的?(?:所在)?|当前|所在)位置[:：]"
)

logging.getLogger("trafilatura").setLevel(logging.ERROR)  # to find nothing is an answer


def read_html(html: str, article: str = "") -> tuple[Block, ...]:
    """Paragraphs, headings and whole tables of `article`, or of the main part of `html`."""
    return read_page(html, article)[0]


def read_page(page: str, article: str = "", url: str = "") -> Reading:
    """As `read_html`, with an Issue for every table or page too large to read."""
    source = article if article.strip() else page
    if len(source) > MAX_HTML:
        return (), (Issue("table_too_large", f"{len(source)} characters: not read", url),)
    root = _parse(source)
    walk = _Walk(whole=source is article)
    walk.run(root)
    parts = walk.parts if walk.whole else _main(root, walk.parts)
    issues = tuple(Issue("table_too_large", says, url) for says in walk.problems)
    return tuple(part.block for part in parts), issues


def page_meta(page: str) -> dict[str, str]:
    """<meta name|property content> by name, first wins, plus "title". For local files."""
    root = _parse(page[:MAX_HTML])
    meta: dict[str, str] = {}
    for element in root.iter("meta"):
        name = element.get("name") or element.get("property")
        if name and (content := squeeze(element.get("content") or "")):
            meta.setdefault(name.strip(), content)
    title = root.find(".//title")
    return meta if title is None else {**meta, "title": grid.cell_text(title)}


def read_text(text: str) -> tuple[Block, ...]:
    """One block a line; runs of lines with pipes become tables, short rows padded."""
    blocks: list[Block] = []
    for piped, run in groupby(text.splitlines(), lambda line: "|" in line or "｜" in line):
        if piped:
            blocks += pipe_blocks(list(run))
        else:
            blocks += [Block(words) for line in run if (words := squeeze(line))]
    return tuple(blocks)


def as_text(blocks: Iterable[Block]) -> str:
    """One line a paragraph or table row; cells parted by tabs, merged cells once."""
    lines: list[str] = []
    for block in blocks:
        rows = block.table.rows if block.table else ()
        lines += ["\t".join(cell.text for cell in row if cell.origin) for row in rows]
        lines += [] if rows else [block.text]
    return "".join(f"{line}\n" for line in lines)


def as_markdown(blocks: Iterable[Block]) -> str:
    """Headings with #, tables as pipe tables whose first row is the header."""
    paragraphs = []
    for block in blocks:
        rows = block.table.rows if block.table else ()
        lines = [f"| {' | '.join(cell.text.replace('|', '/') for cell in row)} |" for row in rows]
        rule = [f"|{' --- |' * len(rows[0])}"] if rows else []
        text = f"{'#' * block.heading} {block.text}".strip()
        paragraphs.append("\n".join([*lines[:1], *rule, *lines[1:]] if rows else [text]) + "\n")
    return "\n".join(paragraphs)


def _parse(source: str) -> html.HtmlElement:
    """The tree of any string, empty ones included."""
    # As bytes, since lxml refuses a str that starts with an XML encoding declaration.
    raw = f"<html>{source.replace(chr(0), '')}".encode("utf-8", "replace")
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True)  # else it stops 256 levels down
    return html.document_fromstring(raw, parser=parser, ensure_head_body=True)


@dataclass(slots=True)
class _Part:
    block: Block
    linked: int = 0  # characters inside <a>

    @property
    def is_aside(self) -> bool:
        """A link, a list of links, the site's imprint, or the way to the page."""
        text = self.block.text
        return self.linked * 2 >= max(len(text), 1) or bool(_IMPRINT.search(text))

    def is_running(self, found: str) -> bool:
        """Running text: a long paragraph, or a line that trafilatura found."""
        text = "".join(self.block.text.split())
        return not self.is_aside and (len(text) >= 40 or (len(text) >= 8 and text in found))


@dataclass(slots=True)
class _Walk:
    """One pass over a tree: the paragraphs and tables met so far, and the one being read."""

    whole: bool  # an article: nothing in it is furniture
    parts: list[_Part] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    linked: int = 0
    links: int = 0  # depth of <a>
    heading: int = 0

    def run(self, root: html.HtmlElement) -> None:
        walk = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
        for event, node in walk:
            if event == "start":
                if not self.enter(node):
                    walk.skip_subtree()
                continue
            if event == "end":
                self.leave(node)
            self.say(node.tail if node is not root else "")
        self.end_paragraph()

    def say(self, text: str | None) -> None:
        self.words.append(grid.unwrap(text or ""))
        self.linked += len((text or "").strip()) if self.links else 0

    def end_paragraph(self) -> None:
        if text := squeeze("".join(self.words)):
            self.parts.append(_Part(Block(text, heading=self.heading), self.linked))
        self.words, self.linked = [], 0

    def enter(self, element: html.HtmlElement) -> bool:
        """Open an element; False when nothing inside it is left to read."""
        tag = element.tag
        if tag in BLOCKS:
            self.end_paragraph()
        self.links += tag == "a"
        self.heading = HEADINGS.get(tag, self.heading)
        if grid.is_hidden(element) or (not self.whole and _is_furniture(element)):
            return False
        if tag == "table" and self.add_table(element):
            return False
        if tag == "tr" and (line := grid.short_row(element)):
            self.words = [line]
            return False
        self.say(element.text)
        return True

    def leave(self, element: html.HtmlElement) -> None:
        if element.tag in BLOCKS:
            self.end_paragraph()
        if element.tag in HEADINGS:
            self.heading = 0
        self.links -= element.tag == "a"

    def add_table(self, element: html.HtmlElement) -> bool:
        """True for a data table, with its caption before it."""
        table = grid.read_table(element)
        if table is None:
            return False
        self.say("".join(map(grid.cell_text, element.findall("caption"))))
        self.end_paragraph()
        if isinstance(table, grid.TooLarge):
            self.problems.append(f"a table of {table.rows} rows, {table.columns} columns: not read")
        else:
            self.parts.append(_Part(Block(table=table)))
        return True


def _is_furniture(element: html.HtmlElement) -> bool:
    """Navigation and the like: named so, mostly links, no table, not long."""
    names = f"{element.get('class', '')} {element.get('id', '')}"
    if element.tag not in ("nav", "footer", "header") and not _FURNITURE.search(names):
        return False
    inside = [child.tag for child in islice(element.iter(), 600)]
    if element.tag in ("html", "body") or "table" in inside or len(inside) == 600:
        return False
    text = squeeze(element.text_content())
    linked = sum(len(squeeze(link.text_content())) for link in element.iter("a"))
    return len(text) < 2000 and (linked * 2 >= len(text) or bool(_IMPRINT.search(text)))


def _main(root: html.HtmlElement, parts: list[_Part]) -> list[_Part]:
    """The parts from the first to the last of running text, and every table before and after."""
    text: str | None = ""
    if not UNWIELDY(root):  # else trafilatura takes minutes
        copy = deepcopy(root)
        text = trafilatura.extract(
            copy, fast=True, favor_recall=True, include_comments=False, include_tables=False
        )
    words = "".join((text or "").split())
    inside = [index for index, part in enumerate(parts) if part.is_running(words)]
    if not inside:
        return parts
    first, last = _stretch(parts, inside[0], -1), _stretch(parts, inside[-1], 1)
    return [part for index, part in enumerate(parts) if part.block.table or first <= index <= last]


def _stretch(parts: list[_Part], index: int, step: int) -> int:
    """Title and dates above, signature and date below: a few short lines that are no links."""
    for _ in range(12):
        beyond = index + step
        if not 0 <= beyond < len(parts) or parts[beyond].is_aside:
            break
        index = beyond
    return index
