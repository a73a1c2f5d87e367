"""Second: what was fetched becomes clean blocks, in a process that a hostile file can only end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from scrapy import signals

from crawler.items import Attachment, Document, Issue, Page
from pipelines.attachments.pool import Pool
from pipelines.attachments.protocol import Found, ReadPage
from pipelines.attachments.reader import Reader
from pipelines.attachments.reading import UnreadableError

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

_open: WeakKeyDictionary[Crawler, Pool] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Unread:
    """What nothing could be made of: its issues are kept, and what was read of it before."""

    portal: str
    issues: tuple[Issue, ...]


def pool_of(crawler: Crawler) -> Pool:
    """The reading processes of a run; they end with it."""
    if crawler not in _open:
        _open[crawler] = pool = Pool()
        crawler.signals.connect(pool.close, signals.engine_stopped, weak=False)
    return _open[crawler]


class ExtractPipeline:
    """Document → Page, Attachment → Page with parts; Unread where that fails."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ExtractPipeline:
        return cls(pool_of(crawler))

    async def process_item(self, item: object) -> object:
        if isinstance(item, Document):
            return await read_document(self._pool, item)
        if isinstance(item, Attachment):
            return await read_attachment(self._pool, item)
        return item


async def read_document(pool: Pool, item: Document) -> Page | Unread:
    """The blocks of a page."""
    try:
        answer = await pool.ask(ReadPage(item.html, item.article, item.url))
    except UnreadableError as problem:
        return Unread(item.portal, (Issue(problem.code, problem.says, item.url),))
    assert isinstance(answer, Found)
    return Page(
        answer.content.blocks, item.url, item.section, item.title, item.date, item.meta,
        item.attachments, item.portal, item.capture, answer.content.issues, charset=item.charset,
    )  # fmt: skip


async def read_attachment(pool: Pool, item: Attachment) -> Page | Unread:
    """The files of an attachment. One that says nothing is kept by the words of its link."""
    if item.body is None:
        says = (
            "more than a crawl holds in memory: archived, not read; `gongkai archive show URL"
            " --part body > FILE` and `gongkai parse FILE` read it"
        )
        return Unread(item.portal, (Issue("file_too_large", says, item.url),))
    reader = Reader(pool, item.url)
    await reader.read(item.body)
    if not reader.parts:
        return Unread(item.portal, tuple(reader.issues))
    return Page(
        (), item.url, item.section, item.title, item.date, {}, (), item.portal, item.capture,
        tuple(reader.issues), item.parent, tuple(reader.parts),
    )  # fmt: skip
