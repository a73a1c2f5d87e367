"""HTML and plain text: pages, and files of that kind under whatever name."""

from __future__ import annotations

from crawler.download.charset import decode
from pipelines import html
from pipelines.attachments.reading import Content


def read_page(page: str, article: str, url: str) -> Content:
    """A web page, already decoded."""
    return Content("html", *html.read_page(page, article, url))


def read_html(body: bytes) -> Content:
    """HTML as a file: what office programs save under .doc and .xls."""
    return Content("html", *html.read_page(decode(body, None).text))


def read_text(body: bytes) -> Content:
    """Plain text, one block a line."""
    return Content("text", html.read_text(decode(body, None).text))
