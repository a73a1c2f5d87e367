"""What reading a file gives, as reading a page does: blocks in order, and issues."""

from __future__ import annotations

from typing import Literal

import msgspec

from crawler.items import Block, Issue  # noqa: TC001 - msgspec reads the annotations

Kind = Literal[
    "pdf", "docx", "doc", "rtf", "xlsx", "xls", "ods", "ofd", "zip", "rar", "7z", "image", "html",
    "mhtml", "xml", "text", "empty", "unknown",
]  # fmt: skip
Wants = Literal["", "office", "ocr", "members"]


class UnreadableError(Exception):
    """A file, or a part of one, that is not read. `code` names the issue, `says` tells people."""

    def __init__(self, code: str, says: str) -> None:
        super().__init__(says)
        self.code = code
        self.says = says


class Member(msgspec.Struct, frozen=True):
    """A file inside an archive, unpacked."""

    name: str
    body: bytes


class Content(msgspec.Struct, frozen=True):
    """What one reader makes of one file.

    `wants` is what it cannot do in its own process: `office` a conversion first, `ocr` eyes for
    `pages` (counted from 0), `members` readers for what an archive held.
    """

    kind: Kind
    blocks: tuple[Block, ...] = ()
    issues: tuple[Issue, ...] = ()
    wants: Wants = ""
    pages: tuple[int, ...] = ()
    members: tuple[Member, ...] = ()
