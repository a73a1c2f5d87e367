"""A page as its scripts made it: fresh from the browser, or as the archive kept it then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.http import HtmlResponse
from scrapy.responsetypes import responsetypes

from crawler.download.render_asked import Refusal
from crawler.items import Issue

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scrapy import Request
    from scrapy.http import Response

# Refused as a matter of course; anything else may be what the page was opened for.
EXPECTED = {"beacon", "download", "eventsource", "not_needed", "popup", "prefetch", "websocket"}


def renders(response: Response) -> bool:
    """Whether there is anything to render; what is not HTML, or not found, is taken as it came."""
    if response.status not in range(200, 300) or not response.body:
        return False
    if "Content-Encoding" not in response.headers:
        return isinstance(response, HtmlResponse)
    headers = response.headers.copy()  # Scrapy takes nothing compressed for a page
    headers.pop("Content-Encoding")
    return issubclass(responsetypes.from_args(headers, response.url), HtmlResponse)


def page(
    request: Request, navigation: Response, html: bytes, url: str, refusals: Sequence[Refusal]
) -> HtmlResponse:
    """What the spider reads: `html` (UTF-8) under the head of `navigation`, shown at `url`."""
    request.meta["issues"] = tuple(_issues(refusals, request.url))
    request.meta["refused"] = tuple(refusals)
    headers = navigation.headers.copy()
    headers.pop("Content-Encoding", None)
    headers["Content-Type"] = b"text/html; charset=utf-8"
    return HtmlResponse(
        url=url,
        status=navigation.status,
        headers=headers,
        body=html,
        encoding="utf-8",
        request=request,
        flags=["rendered"],
    )


def facts(url: str, refusals: Sequence[Refusal]) -> dict[str, str]:
    """What is written beside a DOM, so that the archive can say the same again."""
    return {"shown": url, "refused": "\n".join(map(str, refusals))}


def page_kept(
    request: Request, navigation: Response, html: bytes, kept: Mapping[str, str]
) -> HtmlResponse:
    """The page of a DOM and the facts beside it."""
    refusals = [Refusal.read(line) for line in kept.get("refused", "").splitlines()]
    return page(request, navigation, html, kept.get("shown", navigation.url), refusals)


def _issues(refusals: Sequence[Refusal], url: str) -> list[Issue]:
    """What someone should look at, once a kind; scripts from elsewhere stand in the facts only."""
    found: dict[str, Issue] = {}
    for refusal in refusals:
        counts_visitors = refusal.why == "offsite" and refusal.type != "XHR"
        if refusal.why not in EXPECTED and not counts_visitors:
            says = f"the page was rendered without {refusal.url} ({refusal.why})"
            found.setdefault(refusal.why, Issue(f"render_{refusal.why}", says, url))
    return list(found.values())
