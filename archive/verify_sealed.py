"""One file of ours: its records, its rows in the index, its sidecars."""

from __future__ import annotations

import fcntl
import hashlib
import os
from itertools import zip_longest
from typing import TYPE_CHECKING, BinaryIO

from archive import cdxj
from archive.member import BLOCK
from archive.openfile import OPEN, beside
from archive.tables import NAMES
from archive.verify_exchange import Exchanges
from archive.verify_problem import Findings, Problem
from archive.verify_record import seen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedReader
    from pathlib import Path

    from archive.capture import Capture
    from archive.verify_ledger import Ledger

LINE = 1 << 16  # longest line of a sidecar read


class Witness:
    """A file that is digested while it is read from front to back, whatever is read besides."""

    def __init__(self, file: BufferedReader) -> None:
        self._file = file
        self._sha256 = hashlib.sha256()
        self._done = 0  # bytes digested
        self.seek, self.tell, self.fileno = file.seek, file.tell, file.fileno

    def read(self, size: int) -> bytes:
        here = self._file.tell()
        data = self._file.read(size)
        if here == self._done:
            self._sha256.update(data)
            self._done += len(data)
        return data

    def sha256(self) -> str:
        """The digest of the whole file, in hex; reads what nobody has read."""
        self._file.seek(self._done)
        while self.read(BLOCK):
            pass
        return self._sha256.hexdigest()


class FileCheck:
    """Judges one file, sealed or open, and remembers in `ledger` what concerns others."""

    def __init__(self, final: Path, name: str, file: BufferedReader, ledger: Ledger) -> None:
        self.final = final
        self.name = name
        self.file = Witness(file)
        self.ledger = ledger
        self.growing = file.name.endswith(OPEN)
        self.bytes = Findings(str(file.name), ours=True)
        self.other = Findings(str(file.name), ours=True)  # index and sidecars

    def problems(self, rows: Iterator[Capture], *, deep: bool) -> Iterator[Problem]:
        """Yield what is wrong. `rows` are those of this file, by offset."""
        sealing = beside(self.final, ".cdxj" + OPEN).exists()
        if (self.growing or sealing) and not _held(self.file):
            says = "its writer is gone" if self.growing else "its sealing was cut short"
            self.other.note("left-open", says)
        yield from self._deep(rows) if deep else self._shallow(rows)
        if not self.growing and not sealing:
            yield from self._sidecars(deep=deep)
        yield from self.other.drain()

    def _shallow(self, rows: Iterator[Capture]) -> Iterator[Problem]:
        """See that the rows lie within the file."""
        size = os.fstat(self.file.fileno()).st_size
        for row in rows:
            if row.offset + row.length > size:
                self._dangling(row)
            yield from self.other.drain()

    def _deep(self, rows: Iterator[Capture]) -> Iterator[Problem]:
        """Read every record, and hold each exchange against its row."""
        exchanges = Exchanges(self.bytes, self.name)
        row = next(rows, None)
        self.ledger.forget_lines()
        for one in seen(self.file, self.bytes, growing=self.growing):
            self.ledger.add(one)
            found = exchanges.add(one)
            if found:
                while row and row.offset < found.offset:
                    self._dangling(row)
                    row = next(rows, None)
                if row and row.offset == found.offset:
                    self._same(row, found)
                    row = next(rows, None)
                else:
                    self._unindexed(found)
                self.ledger.add_line(cdxj.line(found))
            yield from self.bytes.drain()
            yield from self.other.drain()
        if not self.growing:
            exchanges.end()
        yield from self.bytes.drain()
        while row:
            self._dangling(row)
            yield from self.other.drain()
            row = next(rows, None)

    def _same(self, row: Capture, found: Capture) -> None:
        """Hold a row against what the file says."""
        if row == found:
            return
        if differ := [name for name in NAMES if getattr(row, name) != getattr(found, name)]:
            says = f"the index differs from the file in {', '.join(differ)}"
            self.other.note("index-row", says, found.offset, found.record_id)

    def _dangling(self, row: Capture) -> None:
        says = "the index names an exchange that cannot be read there"
        self.other.note("index-dangling", says, row.offset, row.record_id)

    def _unindexed(self, found: Capture) -> None:
        """Tell of a capture without a row, unless it was added since or its writer is not done."""
        if not self.growing and self.ledger.unknown(found.record_id):
            says = "the index does not know this exchange"
            self.other.note("not-indexed", says, found.offset, found.record_id)

    def _sidecars(self, *, deep: bool) -> Iterator[Problem]:
        """Hold `.cdxj` and `.sha256` against the file."""
        if deep and not self.bytes.told:  # a damaged file must be mended first
            self._cdxj(beside(self.final, ".cdxj"))
        path = beside(self.final, ".sha256")
        try:
            stated = path.read_bytes()[:LINE]
        except FileNotFoundError:
            self.other.note("sha256-missing", f"{path.name} is not there")
            return
        if stated != f"{self.file.sha256()}  {self.final.name}\n".encode():
            self.other.note("sha256", f"{path.name} does not have the digest of this file")
        yield from self.other.drain()

    def _cdxj(self, path: Path) -> None:
        """Tell of the first line that is not as it must be."""
        try:
            with path.open("rb") as file:
                pairs = zip_longest(_lines(file), self.ledger.lines())
                for number, (line, wanted) in enumerate(pairs, 1):
                    if line != wanted:
                        says = f"line {number} of {path.name} is not what the file says"
                        self.other.note("cdxj", says)
                        return
        except FileNotFoundError:
            self.other.note("cdxj-missing", f"{path.name} is not there")


def _lines(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline(LINE):
        yield line


def _held(file: Witness) -> bool:
    """Whether a writer or a recovery holds the file."""
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(file.fileno(), fcntl.LOCK_UN)
    return False
