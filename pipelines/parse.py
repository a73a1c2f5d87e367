"""Third: the shared parser turns a clean page into the documents it holds."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from crawler.items import Issue, Page, Part
from pipelines.attachments.protocol import Documents, Parse
from pipelines.attachments.reading import UnreadableError
from pipelines.extract import Unread, pool_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scrapy.crawler import Crawler

    from pipelines.attachments.pool import Pool


@dataclass(frozen=True, slots=True)
class Read:
    """A page and the documents found on it, in the JSON form of the contract (without `id`)."""

    page: Page
    documents: tuple[Mapping[str, Any], ...]


class ParsePipeline:
    """Page → Read."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ParsePipeline:
        return cls(pool_of(crawler))

    async def process_item(self, item: object) -> object:
        return await read(self._pool, item) if isinstance(item, Page) else item


async def read(pool: Pool, page: Page) -> Read | Unread:
    """The documents of a page; regular expressions on strangers' text run elsewhere, too."""
    task = Parse(
        page.parts or (Part("html", page.blocks),), page.url, page.section, page.title, page.date,
        dict(page.meta), page.attachments, page.portal, is_file=bool(page.parts),
        file=page.file, this_year=datetime.now(UTC).year,
    )  # fmt: skip
    try:
        answer = await pool.ask(task)
    except UnreadableError as problem:
        issue = Issue(problem.code, problem.says, page.url)
        return Unread(page.portal, (*page.issues, issue))
    assert isinstance(answer, Documents)
    charset = dict(page.charset) if page.charset else None
    return Read(page, tuple({**each, "charset": charset} for each in json.loads(answer.json)))
