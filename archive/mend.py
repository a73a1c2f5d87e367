"""Writing anew what stands beside a sealed file, when the file itself is beyond doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.errors import ArchiveError
from archive.openfile import WARC, reopen
from archive.recover import Recovered, recover
from archive.verify import name_in, verify

if TYPE_CHECKING:
    from pathlib import Path

    from archive.index import Index

BESIDE = {"cdxj", "cdxj-missing", "sha256", "sha256-missing", "not-indexed", "index-unusable"}
COPY = "bring it back from a copy; its sidecars stay as they are"
SEALED = "name a sealed file of the store, ….warc.gz"


def mend(index: Index, path: Path) -> Recovered | None:
    """Write `.cdxj` and `.sha256` of a sealed file anew; None when they are right.

    What it holds is put into the index. Raises ArchiveError when the file's own digests or
    the index say that it is the file which changed, ValueError when it is none of the store's.
    """
    name = name_in(index.store, path)
    if not (path.name.endswith(WARC) and path.exists()):
        raise ArchiveError(path, "is no sealed WARC file", SEALED)
    found = [one for one in verify(index.store, files=[path]) if one.severity == "error"]
    for problem in found:
        if problem.code not in BESIDE:
            raise ArchiveError(path, f"{problem.code}: {problem.says}", COPY)
    if not any(problem.code.startswith(("cdxj", "sha256")) for problem in found):
        return None
    reopen(path)
    return next(one for one in recover(index) if one.file == name)
