"""What a fetched page says about itself, and where its bytes are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scrapy.utils.response import get_base_url

from crawler.items import Capture
from crawler.text import joined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parsel import Selector, SelectorList
    from scrapy.http import Response, TextResponse

FILE = re.compile(r"\.(?:pdf|docx?|wps|rtf|xlsx?|et|ofd|zip|rar|7z)(?:$|[?&])", re.IGNORECASE)
PICTURE = re.compile(r"(?!data:).*\.(?:jpe?g|png|bmp|tiff?)(?:$|[?&])", re.IGNORECASE)


def captured(response: Response) -> Capture:
    """Where the bytes of `response` are archived."""
    capture = response.meta["receipt"].capture
    assert isinstance(capture, Capture)
    return capture


def base_of(response: TextResponse) -> str:
    """What the links of a page are relative to."""
    try:
        return get_base_url(response)
    except ValueError:  # its <base> is no address
        return response.url


def absolute(response: TextResponse, href: str) -> str:
    """The address that a link on a page means; "" where it is none."""
    return joined(base_of(response), href)


def link_words(response: TextResponse) -> dict[str, str]:
    """The words of every link by its absolute URL; of several to one file, the longest."""
    words: dict[str, str] = {}
    for anchor in response.css("a[href]"):
        url = absolute(response, anchor.attrib["href"]).partition("#")[0]
        text = " ".join("".join(anchor.css("::text").getall()).split())
        words[url] = max(words.get(url, ""), anchor.attrib.get("title", "").strip(), text, key=len)
    return words


def page_facts(response: TextResponse) -> dict[str, str]:
    """<meta name=… content=…> and the <title>; the first of each name that is not empty."""
    facts = {"title": "".join(response.css("title ::text").getall()).strip()}
    for tag in response.css("meta[name][content]"):
        name, content = tag.attrib["name"].strip(), tag.attrib["content"].strip()
        if content:
            facts.setdefault(name, content)
    return facts


def pictures(region: SelectorList[Selector]) -> Iterator[str]:
    """What an article shows instead of saying it: pictures without a table, a file, or a text."""
    addresses = region.css("a::attr(href)").getall()
    text = "".join("".join(region.css("::text").getall()).split())
    if region.css("td") or len(text) > 200 or any(map(FILE.search, addresses)):
        return
    shown = (*region.css("img::attr(src)").getall(), *addresses)
    yield from filter(PICTURE.match, map(str.strip, shown))
