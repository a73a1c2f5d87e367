"""CDXJ: one line a capture, `key timestamp {json}`, for tools that replay WARC files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from archive.surt import surt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.capture import Capture

DIGITS = str.maketrans("", "", "-T:")
Row = dict[str, str]


def row(capture: Capture) -> Row:
    """A captured response in the words of other indexes, `urlkey` and `timestamp` first.

    `filename` is relative to the store. `date` keeps the microseconds the timestamp leaves out.
    """
    revisit = capture.record_type == "revisit"
    content = {
        "urlkey": surt(capture.url),
        "timestamp": stamp(capture),
        "url": capture.url,
        "mime": "warc/revisit" if revisit else capture.media_type or "unk",
        "status": str(capture.status),
        "digest": f"sha256:{capture.payload_sha256}",
        "length": str(capture.length),
        "offset": str(capture.offset),
        "filename": capture.file,
        "date": capture.at,
        "recordid": capture.record_id,
    }
    if capture.method != "GET":
        content["method"] = capture.method
        content["requestKey"] = f"{capture.method} sha256:{capture.body_sha256}"
        joint = "&" if "?" in content["urlkey"] else "?"
        content["urlkey"] += f"{joint}__wb_method={capture.method.lower()}"
    return content


def line(capture: Capture) -> bytes:
    """Write a capture as one line with its end; b"" when there is no response to replay."""
    if capture.record_type in {"metadata", "resource"}:
        return b""
    content = row(capture)
    key, moment = content.pop("urlkey"), content.pop("timestamp")
    return f"{key} {moment} {json.dumps(content)}\n".encode("ascii", "backslashreplace")


def stamp(capture: Capture) -> str:
    """The 14 digits of a capture's time."""
    return capture.at.translate(DIGITS)[:14]


def merge(lines: Sequence[bytes]) -> bytes:
    """Sort lines as other tools expect, by their bytes; the same line twice is written once."""
    return b"".join(sorted({one for one in lines if one.endswith(b"\n")}))
