"""As much of `spiders.portal.Portal` as the frontier needs; it may not import spiders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crawler.items import Issue, Link


class Portal(Protocol):
    """What a portal states, and the three questions that it answers."""

    name: str
    delay: float
    group: str
    hosts: tuple[str, ...]
    aliases: Mapping[str, str]
    cookies: bool
    windows: str
    budget: int | None
    egress: str

    def owns(self, host: str) -> bool: ...
    def at_home(self, url: str) -> bool: ...
    def lost(self, link: Link, code: str) -> Iterable[Link | Issue]: ...
