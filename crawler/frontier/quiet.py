"""Scrapy's log without the tracebacks of what the command tells in one line when it ends."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from scrapy.logformatter import LogFormatter, LogFormatterResult

from crawler.frontier.breaker import STOPS

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.http import Response
    from twisted.python.failure import Failure


class QuietLog(LogFormatter):
    """A pipeline that meets a full disk has no bug."""

    def item_error(
        self,
        item: Any,
        exception: BaseException,
        response: Response | Failure | None,
        spider: Spider,
    ) -> LogFormatterResult:
        said = super().item_error(item, exception, response, spider)
        if isinstance(exception, STOPS):
            said["level"] = logging.DEBUG
        return said
