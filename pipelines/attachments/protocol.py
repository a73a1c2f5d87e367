"""What goes over the pipe to a reading process and back: MessagePack, never pickle.

A frame is a status byte, eight bytes of length (big endian), and as many bytes.
"""

from __future__ import annotations

import msgspec

from crawler.items import Part  # noqa: TC001 - msgspec reads the annotations
from pipelines.attachments.reading import Content  # noqa: TC001
from pipelines.attachments.sheet import Sheet  # noqa: TC001

HEAD = 9
GOES_ON, LEAVES = 0, 1  # statuses: the process takes more, or ends with this answer


class ReadPage(msgspec.Struct, frozen=True, tag="page"):
    """HTML → `Content`, from the article region if there is one."""

    html: str
    article: str
    url: str


class ReadFile(msgspec.Struct, frozen=True, tag="file"):
    """The bytes of a file → `Content`."""

    body: bytes


class See(msgspec.Struct, frozen=True, tag="see"):
    """One page of a PDF or of a picture, counted from 0 → `Seen`, by OCR."""

    body: bytes
    page: int


class Lay(msgspec.Struct, frozen=True, tag="lay"):
    """Pages that were seen one by one → `Found`."""

    sheets: tuple[Sheet, ...]


class Convert(msgspec.Struct, frozen=True, tag="convert"):
    """A file that only an office program reads → `Converted`."""

    body: bytes
    suffix: str


class Parse(msgspec.Struct, frozen=True, tag="parse"):
    """The parts of one page → `Documents`."""

    parts: tuple[Part, ...]
    url: str
    section: str
    title: str
    date: str
    meta: dict[str, str]
    attachments: tuple[str, ...]
    portal: str
    is_file: bool
    file: str = ""  # the name of a local file
    this_year: int = 0  # the latest that such a name can tell


class Seen(msgspec.Struct, frozen=True, tag="seen"):
    sheet: Sheet


class Converted(msgspec.Struct, frozen=True, tag="converted"):
    body: bytes


class Documents(msgspec.Struct, frozen=True, tag="documents"):
    """The contract's documents, without `id`, as JSON: Python's own keeps every number as it is."""

    json: bytes


class Found(msgspec.Struct, frozen=True, tag="found"):
    content: Content


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """An UnreadableError, on its way."""

    code: str
    says: str


Task = ReadPage | ReadFile | See | Lay | Convert | Parse
Answer = Found | Seen | Converted | Documents | Refused


def head(size: int, status: int = GOES_ON) -> bytes:
    """What goes before a payload of so many bytes."""
    return status.to_bytes(1, "big") + size.to_bytes(8, "big")


def unframe(head: bytes) -> tuple[int, int]:
    """Status and length."""
    return head[0], int.from_bytes(head[1:], "big")
