"""The exceptions of the archive, and what it says made fit to print.

    ArchiveError(Exception)   bytes could not be kept, or kept bytes are not what the index says
    └── OriginalLost          a revisit stands for a response that the archive does not hold

Wrong use by a programmer (a naive time, a portal name with a slash) is a ValueError.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class ArchiveError(Exception):
    """Bytes could not be written, or could not be read back as they were written.

    `path` is the file in question; the message names it too and ends with what to do.
    """

    def __init__(self, path: Path | str, problem: str, advice: str) -> None:
        super().__init__(f"{path}: {problem}\n  {advice}")
        self.path = str(path)
        self.problem = problem
        self.advice = advice

    def __reduce__(self) -> tuple[type[ArchiveError], tuple[str, str, str]]:
        """Travel between processes whole."""
        return (type(self), (self.path, self.problem, self.advice))


class OriginalLost(ArchiveError):
    """Nothing is damaged: others took the response of a revisit for kept, and it was not here."""


def printable(text: str) -> str:
    """What others wrote, as it may be sent to a terminal: the rest as escapes."""
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)
