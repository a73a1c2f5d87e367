"""Third: the shared parser turns a clean page into the documents it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crawler.items import Page
from pipelines.parser import parse

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Read:
    """A page and the documents found on it, in the JSON form of the contract (without `id`)."""

    page: Page
    documents: tuple[Mapping[str, Any], ...]


class ParsePipeline:
    """Page → Read."""

    def process_item(self, item: object) -> object:
        if isinstance(item, Page):
            return Read(item, tuple(parsed.as_json() for parsed in parse(item)))
        return item
