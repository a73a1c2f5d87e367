"""What a file is, by its bytes. Extensions and Content-Type of portals lie."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipelines.attachments.reading import Kind

_STARTS: tuple[tuple[bytes, Kind], ...] = (
    (b"{\\rtf", "rtf"),
    (b"Rar!\x1a\x07", "rar"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x89PNG\r\n\x1a\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"BM", "image"),
    (b"II*\x00", "image"),
    (b"MM\x00*", "image"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STREAMS: tuple[tuple[str, Kind], ...] = (
    ("WordDocument", "doc"),
    ("Workbook", "xls"),
    ("Book", "xls"),
)
_PARTS: tuple[tuple[str, Kind], ...] = (
    ("xl/workbook.xml", "xlsx"),
    ("xl/workbook.bin", "xlsx"),
    ("OFD.xml", "ofd"),
)
WORD = re.compile(r"word/document\d*\.xml")  # the main part of DOCX, however its writer counts
_MIME = re.compile(
    rb"(?ims)\A(?=[\w-]+:)(?=.*?^mime-version:)(?=.*?^content-type:\s*multipart/related)"
)
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|table|meta|div|p)\b", re.IGNORECASE)
_MARK = re.compile(rb"^(?:\xef\xbb\xbf)?\s*<")


def sniff(body: bytes) -> Kind:
    """The kind of a file; `unknown` for what no reader here takes."""
    if not body.strip():
        return "empty"
    if b"%PDF-" in body[:1024]:  # some servers put a line before it
        return "pdf"
    if body.startswith(b"RIFF") and body[8:12] == b"WEBP":
        return "image"
    if body.startswith(_OLE):
        return _ole(body)
    if body.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zipped(body)
    known = next((kind for start, kind in _STARTS if body.startswith(start)), None)
    return known or _written(body)


def _ole(body: bytes) -> Kind:
    """Word, WPS, Excel and ET share a container; its directory names its own main stream first.

    Those of files that are embedded in it come after.
    """
    found = ((body.find(name.encode("utf-16-le") + b"\0\0"), kind) for name, kind in _STREAMS)
    return min((each for each in found if each[0] >= 0), default=(0, "unknown"))[1]


def _zipped(body: bytes) -> Kind:
    try:
        names = set(zipfile.ZipFile(BytesIO(body)).namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return "zip"  # whoever opens it says what is wrong
    if "mimetype" in names and b"opendocument.spreadsheet" in body[:200]:
        return "ods"
    if any(map(WORD.fullmatch, names)):
        return "docx"
    return next((kind for part, kind in _PARTS if part in names), "zip")


def _written(body: bytes) -> Kind:
    """Text of some kind: Excel saves HTML as .xls, Word as .doc."""
    start = body[:4096]
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "html" if b"<\0h\0t\0m\0l" in start.lower() or b"\0<\0h" in start else "text"
    if b"\0" in start:
        return "unknown"
    if not _MARK.match(start):
        return "mhtml" if _MIME.search(start.lstrip()) else "text"
    if b"w:wordDocument" in start or b"pkg:package" in start:
        return "doc"  # Word as one XML file
    if b"urn:schemas-microsoft-com:office:spreadsheet" in start and b"<html" not in start.lower():
        return "xml"  # Excel as one XML file
    return "html" if _HTML.search(start) else "text"
