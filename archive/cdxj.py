"""CDXJ: one line a capture, `key timestamp {json}`, for tools that replay WARC files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from archive.surt import surt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.capture import Capture

DIGITS = str.maketrans("", "", "-T:")


def line(capture: Capture) -> bytes:
    """Write a capture as one line with its end; b"" when there is no response to replay.

    `filename` is relative to the store. `date` keeps the microseconds the key leaves out.
    """
    if capture.record_type in {"metadata", "resource"}:
        return b""
    revisit = capture.record_type == "revisit"
    content = {
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
    key = surt(capture.url)
    if capture.method != "GET":
        content["method"] = capture.method
        content["requestKey"] = f"{capture.method} sha256:{capture.body_sha256}"
        key += f"{'&' if '?' in key else '?'}__wb_method={capture.method.lower()}"
    moment = capture.at.translate(DIGITS)[:14]
    return f"{key} {moment} {json.dumps(content)}\n".encode("ascii", "backslashreplace")


def merge(lines: Sequence[bytes]) -> bytes:
    """Sort lines as other tools expect, by their bytes; the same line twice is written once."""
    return b"".join(sorted({one for one in lines if one.endswith(b"\n")}))
