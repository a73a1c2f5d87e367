"""The archive: WARC files that keep what came over the wire, their index, and their reader."""

from archive.capture import Capture, Crawl, Rebuilt
from archive.dom import Dom
from archive.errors import ArchiveError, OriginalLost
from archive.exchange import Exchange, Message, Truncated
from archive.http import Dechunker, Head, entity_body, find_head, is_chunked
from archive.index import Index
from archive.member import Record
from archive.reader import Stored, iterate, read
from archive.record import target_uri, timestamp
from archive.recover import Recovered, recover
from archive.writer import WarcWriter

__all__ = [
    "ArchiveError",
    "Capture",
    "Crawl",
    "Dechunker",
    "Dom",
    "Exchange",
    "Head",
    "Index",
    "Message",
    "OriginalLost",
    "Rebuilt",
    "Record",
    "Recovered",
    "Stored",
    "Truncated",
    "WarcWriter",
    "entity_body",
    "find_head",
    "is_chunked",
    "iterate",
    "read",
    "recover",
    "target_uri",
    "timestamp",
]
