"""One temporary folder for all reading processes of a pool, gone with it."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
import weakref
from contextlib import suppress
from pathlib import Path

_PREFIX = "gongkai-read-"
_YOUNG = 60.0  # seconds in which a folder may not be locked yet


class Workspace:
    """Made when first asked for. A lock on it says that its owner lives; the kernel lets it go."""

    def __init__(self) -> None:
        self._root = ""
        self._end: weakref.finalize[..., Workspace] | None = None

    def room(self) -> str:
        """A new folder for one process."""
        if not self._root:
            _sweep()
            self._root = tempfile.mkdtemp(prefix=_PREFIX)
            lock = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(lock, fcntl.LOCK_SH)
            self._end = weakref.finalize(self, _remove, self._root, lock)
        return tempfile.mkdtemp(dir=self._root)

    def close(self) -> None:
        """Remove it all. Asked again, it begins anew."""
        if self._end:
            self._end()
        self._root = ""


def _remove(root: str, lock: int) -> None:
    shutil.rmtree(root, ignore_errors=True)
    os.close(lock)


def _sweep() -> None:
    """Remove what processes left behind that were killed before they could."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):  # of another user, or just being removed
            if time.time() - folder.stat().st_mtime < _YOUNG:
                continue
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)
