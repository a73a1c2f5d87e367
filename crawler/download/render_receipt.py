"""The receipt of a page that needed more than one exchange."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crawler.items import Capture, Receipt


@dataclass(slots=True)
class PageReceipt:
    """A `crawler.items.Receipt` for a page and all it asked for, settled together.

    `capture` is where the navigation lies. Once there is a DOM its digest stands in the place of
    the payload's: two pages are the same if what was read is, not if their empty shells are.
    """

    navigation: Receipt
    parts: list[Receipt] = field(default_factory=list)
    dom_sha256: str = ""

    @property
    def capture(self) -> Capture | None:
        found = self.navigation.capture
        if found is None or not self.dom_sha256:
            return found
        return replace(found, payload_sha256=self.dom_sha256)

    @property
    def ended(self) -> float:
        return max(part.ended for part in (self.navigation, *self.parts))

    async def durable(self) -> None:
        await self.navigation.durable()
        for part in self.parts:
            await part.durable()

    def publish(self) -> None:
        for part in (self.navigation, *self.parts):
            part.publish()
