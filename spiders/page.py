"""What a fetched page says about itself, and where its bytes are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.items import Capture

if TYPE_CHECKING:
    from scrapy.http import Response, TextResponse


def captured(response: Response) -> Capture:
    """Where the bytes of `response` are archived."""
    capture = response.meta["receipt"].capture
    assert isinstance(capture, Capture)
    return capture


def link_words(response: TextResponse) -> dict[str, str]:
    """The words of every link by its absolute URL; of several to one file, the longest."""
    words: dict[str, str] = {}
    for anchor in response.css("a[href]"):
        url = response.urljoin(anchor.attrib["href"].strip()).partition("#")[0]
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
