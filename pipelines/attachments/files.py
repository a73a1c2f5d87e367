"""Any file to its content. What kind it is, its bytes say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.items import Issue
from pipelines.attachments.lazy import call
from pipelines.attachments.magic import sniff
from pipelines.attachments.reading import Content, UnreadableError
from pipelines.attachments.sheet_flow import blocks_of
from pipelines.attachments.zips import unpack

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipelines.attachments.reading import Kind, Member
    from pipelines.attachments.sheet import Sheet

# kind → module and function that take the bytes
_READERS: dict[Kind, tuple[str, str]] = {
    "pdf": ("pdf", "read_pdf"),
    "docx": ("word", "read_docx"),
    "doc": ("legacy", "read_doc"),
    "ofd": ("ofd", "read_ofd"),
    "xml": ("excel", "read_xml_workbook"),
    "image": ("picture", "read_image"),
    "html": ("web", "read_html"),
    "mhtml": ("web", "read_mhtml"),
    "text": ("web", "read_text"),
}


def lay(sheets: Iterable[Sheet]) -> Content:
    """Pages that OCR saw, as blocks."""
    return Content("image", *blocks_of(sheets))


def read_file(body: bytes) -> Content:
    """Raises UnreadableError, whose code becomes the issue's."""
    kind = sniff(body)
    content: Content
    if kind in _READERS:
        content = call(*_READERS[kind], body)
        return content
    match kind:
        case "xls" | "xlsx" | "ods":
            content = call("excel", "read_workbook", body, kind)
        case "zip":
            content = _archive(kind, *unpack(body))
        case "rar" | "7z":
            content = _archive(kind, *call("rar", "unpack_with_libarchive", body))
        case "rtf":
            content = Content(kind, wants="office")
        case _:
            raise _unknown(body)
    return content


def _unknown(body: bytes) -> UnreadableError:
    if not body.strip():
        return UnreadableError("file_empty", "the file has no bytes")
    return UnreadableError("file_unknown", f"no reader for a file that starts with {body[:8]!r}")


def _archive(
    kind: Kind, members: tuple[Member, ...], problems: tuple[UnreadableError, ...]
) -> Content:
    issues = tuple(Issue(problem.code, problem.says) for problem in problems)
    return Content(kind, issues=issues, wants="members", members=members)
