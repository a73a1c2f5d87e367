"""A catalogue whose disk is full or failing: no bug, and nothing that a page can help."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from crawler.errors import Unavailable

if TYPE_CHECKING:
    from sqlalchemy.engine import ExceptionContext

DISK = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}


def refused_by_disk(context: ExceptionContext) -> None:
    """For SQLAlchemy's `handle_error`: raises Unavailable in place of what SQLite says."""
    error = context.original_exception
    if isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode & 0xFF in DISK:
        where = context.engine.url.database if context.engine else ""
        raise Unavailable(
            f"the catalogue {where} cannot be written ({error}): "
            "make room on that disk, then go on with the same --crawl"
        ) from error
