"""DOC, and WPS of the same format, by a converter in Python; LibreOffice has what it refuses."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from doc2docx import convert
from doc2docx.cfb import CompoundFileLimits
from doc2docx.errors import Doc2DocxError, EncryptedDocumentError

from crawler.items import Issue
from pipelines.attachments.reading import Content, UnreadableError
from pipelines.attachments.word import read_docx

LIMITS = CompoundFileLimits(2**26, 2**26, 20_000)


def read_doc(body: bytes) -> Content:
    """Raises UnreadableError for an encrypted file."""
    with TemporaryDirectory() as folder:
        source, made = Path(folder, "a.doc"), Path(folder, "a.docx")
        source.write_bytes(body)
        try:
            convert(source, made, limits=LIMITS)
            content = read_docx(made.read_bytes())
        except EncryptedDocumentError as error:
            raise UnreadableError("file_encrypted", "the Word file needs a password") from error
        except (Doc2DocxError, UnreadableError, ValueError, LookupError, ArithmeticError) as error:
            says = f"no Word file that is read without LibreOffice ({error!r:.160})"
            return Content("doc", (), (Issue("file_damaged", says),), wants="office")
    return Content("doc", content.blocks, content.issues)
