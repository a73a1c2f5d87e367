"""`application/warc-fields` blocks: lines of `name: value`, UTF-8, values escaped without loss."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from archive.large import Content

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
ESCAPED = re.compile(r"\\(\\|n|r|u[0-9a-f]{4})")
PLAIN = {"\\": "\\", "n": "\n", "r": "\r"}


def dump(fields: Iterable[tuple[str, str]]) -> bytes:
    r"""Write fields, one a line; `\`, CR, LF become `\\`, `\r`, `\n`, a lone surrogate `\uXXXX`.

    Raises ValueError for a name that is not letters, digits, `_`, `.`, `-`.
    """
    lines = []
    for name, value in fields:
        if not NAME.fullmatch(name):
            raise ValueError(f"{name!r} cannot name a field; use letters, digits, _ . -")
        safe = value.replace("\\", "\\\\").replace("\r", "\\r").replace("\n", "\\n")
        lines.append(f"{name}: {safe}\r\n")
    return "".join(lines).encode("utf-8", "backslashreplace")


def load(block: Content) -> list[tuple[str, str]]:
    """Read fields back, in order. Lines without a colon are passed over."""
    fields = []
    for line in bytes(block).decode("utf-8", "replace").split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            fields.append((name, ESCAPED.sub(_unescape, value.removeprefix(" "))))
    return fields


def _unescape(found: re.Match[str]) -> str:
    """Turn one escape back into its character."""
    mark = found[1]
    return chr(int(mark[1:], 16)) if mark[0] == "u" else PLAIN[mark]
