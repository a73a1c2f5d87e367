"""HTML and plain text: pages, and files of that kind under whatever name."""

from __future__ import annotations

from email import message_from_bytes
from typing import TYPE_CHECKING

from crawler.download.charset import decode
from pipelines import html
from pipelines.attachments.reading import Content

if TYPE_CHECKING:
    from crawler.items import Block, Issue


def read_page(page: str, article: str, url: str) -> Content:
    """A web page, already decoded."""
    return Content("html", *html.read_page(page, article, url))


def read_html(body: bytes) -> Content:
    """HTML as a file: what office programs save under .doc and .xls."""
    return Content("html", *html.read_page(decode(body, None).text))


def read_mhtml(body: bytes) -> Content:
    """A page with all that belongs to it in one file: what office programs save as .doc, .xls.

    Each sheet of a workbook is a page of its own; what only frames them is left out.
    """
    blocks: list[Block] = []
    issues: list[Issue] = []
    for part in message_from_bytes(body).walk():
        if part.get_content_type() != "text/html":
            continue
        raw = part.get_payload(decode=True)
        text = decode(raw, part.get("Content-Type")).text if isinstance(raw, bytes) else ""
        if "<frameset" not in text:
            found, problems = html.read_page(text)
            blocks += found
            issues += problems
    return Content("mhtml", tuple(blocks), tuple(issues))


def read_text(body: bytes) -> Content:
    """Plain text, one block a line."""
    return Content("text", html.read_text(decode(body, None).text))
