"""What an answer says: the portal reads pages, we read redirects and robots.txt ourselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from crawler.errors import CrawlError, FetchFailed, HomePage
from crawler.frontier import robots
from crawler.items import Issue, Kind, Link
from crawler.text import joined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.http import Response

    from crawler.frontier.queue import Queue
    from crawler.frontier.record import Record
    from crawler.frontier.work import Work

MOST_HOPS = 5  # redirects in a row


class Reader:
    """Reads one answer into its `Work`."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def read(self, response: Response, work: Work) -> Iterator[Any]:
        """What the portal finds on the page; its links go into `work`."""
        work.issues += response.meta.get("issues", ())
        portal = self._queue.portal(work.lease.record.portal)
        try:
            for output in getattr(portal, f"crawl_{work.link.kind}")(response, work.link):
                if isinstance(output, Link):
                    work.links.append(output)
                elif isinstance(output, Issue):
                    work.issues.append(output)
                else:
                    yield output
        except CrawlError as error:
            work.fail(error)

    async def learn_rules(self, response: Response, work: Work) -> robots.Rules:
        """Keep what a robots.txt says, or what its absence says."""
        kind = (response.headers.get("Content-Type") or b"").decode("latin-1")
        text = robots.text_of(response.status, kind, response.body)
        rules = await self._queue.learn_rules(work.lease.record, text)
        work.crawl_delay_ms = 0 if self._queue.archive else rules.crawl_delay_ms
        return rules

    async def redirect(self, response: Response, work: Work) -> None:
        """Queue the target: a request of its own, with its own turn at the server."""
        location = (response.headers.get("Location") or b"").decode("utf-8", "replace")
        target = joined(response.url, location).partition("#")[0]
        record, host = work.lease.record, urlsplit(target).hostname or ""
        portal = self._queue.portal(record.portal)
        if len(record.hops) - len(record.hops.rstrip("R")) >= MOST_HOPS:
            work.fail(FetchFailed("redirect_loop", f"{MOST_HOPS} redirects in a row"))
        elif not portal.owns(host):
            says = f"redirects to {target or 'nowhere'}, which is not part of the portal"
            work.fail(FetchFailed("redirect_offsite", says), "skipped")
        elif portal.at_home(target) and not portal.at_home(record.url):
            says = f"redirects to the home page; look: gongkai archive show {record.url}"
            work.fail(HomePage(says))
        else:
            alias = self._queue.alias(record.portal, target)
            await self._queue.push([_onward(record, target, alias, response.status)])
            return
        if record.kind == Kind.ROBOTS:
            await self._queue.learn_rules(record, "")  # RFC 9309 §2.3.1.2: as if there were none


def _onward(record: Record, target: str, alias: str, status: int) -> Record:
    if record.kind == Kind.ROBOTS:  # its rules are those of the host that was asked first
        asked = record.parent or record.url
        return msgspec.structs.replace(
            record, url=target, parent=asked, hops=record.hops + "R", attempt=0
        )
    onward = record.redirected(target, alias=alias, keep_body=status in {307, 308})
    # The second redirect in a row is followed even to a URL seen before: a loop must come to light.
    again = onward.force or record.hops.endswith("R")
    return msgspec.structs.replace(onward, force=again)
