"""LibreOffice, for formats that nothing else reads. Runs in a jail of its own."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from pipelines.attachments.reading import UnreadableError

INSTALL = "install LibreOffice (Debian: apt-get install libreoffice-writer-nogui)"
SECONDS = 100


def available() -> bool:
    """Whether a conversion could be asked for."""
    return shutil.which("soffice") is not None


def convert(body: bytes, suffix: str) -> bytes:
    """A text document as DOCX. Raises UnreadableError when the office refuses."""
    program = shutil.which("soffice")
    if program is None:
        raise UnreadableError("needs_libreoffice", INSTALL)
    with TemporaryDirectory() as folder:
        source, profile = Path(folder, f"a.{suffix}"), Path(folder, "profile")
        source.write_bytes(body)
        subprocess.run(  # noqa: S603 - the program is the system's, its argument a file of ours
            [
                program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore",
                "--convert-to", "docx", "--outdir", folder, str(source),
            ],
            check=False, timeout=SECONDS, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        made = source.with_suffix(".docx")
        if not made.exists():
            raise UnreadableError("file_damaged", "LibreOffice makes nothing of it")
        return made.read_bytes()
