"""The way to a page: as it comes, or as its scripts make it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

    from crawler.download.render_page import Renderer
    from crawler.download.worlds import World


async def fetch_or_render(world: World, request: Request) -> Response:
    """The response to `request`: rendered if `meta["rendered"]` holds the page's `Manners`.

    What a world has kept of a rendering is what the spider read then, so no browser makes it again.
    """
    manners = request.meta.get("rendered")
    if manners is None:
        return await world.fetch(request)
    if (kept := await world.shown(request)) is not None:
        return kept
    # Playwright takes half a second to import: only those wait for it who need a browser.
    from crawler.download.render_asked import Manners  # noqa: PLC0415
    from crawler.download.render_page import Renderer  # noqa: PLC0415

    if world not in _renderers:
        _renderers[world] = Renderer(world)
    return await _renderers[world].render(request, Manners(**manners))


async def close(world: World) -> None:
    """Close a world, and its browser before it. May be called twice."""
    try:
        if (renderer := _renderers.pop(world, None)) is not None:
            await renderer.close()
    finally:  # a browser that cannot even be closed must not keep files from being sealed
        await world.close()


_renderers: dict[World, Renderer] = {}  # both schemes share a world, and so its browser
