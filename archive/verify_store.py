"""A store as a whole: its files, what lies beside them, and the index."""

from __future__ import annotations

import sqlite3
from collections import deque
from itertools import groupby
from typing import TYPE_CHECKING, BinaryIO

from archive.errors import ArchiveError
from archive.openfile import OPEN, WARC, opened
from archive.scan import opened_for_reading, warc_files
from archive.verify_ledger import Ledger, Link
from archive.verify_problem import Findings, Problem
from archive.verify_record import at
from archive.verify_sealed import FileCheck

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from archive.capture import Capture

ROOM = "make room where temporary files go (TMPDIR) and verify again"
ENDINGS = (".cdxj.open", ".cdxj", ".sha256", WARC + ".damaged")


class StoreCheck:
    """One verification of a store. See `archive.verify.verify`."""

    def __init__(self, store: Path, *, deep: bool) -> None:
        self.store = store
        self.deep = deep
        self.index = store / "index" / "captures.sqlite"
        self.indexed = False
        self.ledger: Ledger
        self._gone: set[str] = set()

    def problems(self, names: Sequence[str] | None) -> Iterator[Problem]:
        """Judge these files (names as in the index), or everything there is."""
        there = [name for _, name in warc_files(self.store)] if names is None else sorted(names)
        wrong = self._findings("index/captures.sqlite")
        rows = self._open_index(names, wrong)
        if there and not self.index.exists():
            wrong.note("index-unusable", "there is no index")
        yield from wrong.drain()
        try:
            yield from self._all(there, rows)
            yield from self._together()
        except sqlite3.Error as error:
            raise ArchiveError(self.index, str(error), ROOM) from error
        finally:
            self.ledger.close()
        if names is None:
            yield from self._strays()

    def _open_index(self, names: Sequence[str] | None, wrong: Findings) -> Iterator[Capture]:
        """Return the rows of the index; without a usable one, none."""
        if self.index.exists():
            try:
                self.ledger = Ledger(self.index)
                if not (says := self.ledger.check(deep=self.deep)):
                    rows = self.ledger.rows(names)
                    self.indexed = True
                    return rows
                self.ledger.close()
            except sqlite3.Error as error:
                says = str(error)
            wrong.note("index-unusable", says)
        self.ledger = Ledger()
        return iter(())

    def _all(self, there: list[str], rows: Iterator[Capture]) -> Iterator[Problem]:
        """Judge every file beside its rows; both come in the order of names."""
        left = deque(there)
        for file, mine in groupby(rows, key=lambda row: row.file):
            while left and left[0] < file:
                yield from self._file(left.popleft(), iter(()))
            if left and left[0] == file:
                yield from self._file(left.popleft(), mine)
            else:
                yield from self._unlisted(file, mine)
        for name in left:
            yield from self._file(name, iter(()))

    def _file(self, name: str, rows: Iterator[Capture]) -> Iterator[Problem]:
        """Judge one WARC file of ours."""
        final = self.store / name
        try:
            with opened_for_reading(final) as file:
                check = FileCheck(final, name, file, self.ledger, indexed=self.indexed)
                yield from check.problems(rows, deep=self.deep)
        except FileNotFoundError:
            yield from self._unlisted(name, rows)
        except OSError as error:
            yield from self._one(name, "unreadable", str(error))

    def _unlisted(self, name: str, rows: Iterator[Capture]) -> Iterator[Problem]:
        """Judge rows whose file was not there when the files were listed."""
        findings = self._findings(name)
        try:
            with opened_for_reading(self.store / name) as file:
                size = file.seek(0, 2)
                for row in rows:
                    ours = row.file.startswith("warc/")
                    if row.offset + row.length > size or (ours and not self._holds(file, row)):
                        says = "the index names a record that is not there"
                        findings.note("index-dangling", says, row.offset, row.record_id)
                    yield from findings.drain()
        except FileNotFoundError:
            if count := sum(1 for _ in rows):
                self._gone.add(name)
                findings.note("file-gone", f"it is not there; {count} captures were in it")
        except OSError as error:
            findings.note("unreadable", str(error))
        yield from findings.drain()

    def _holds(self, file: BinaryIO, row: Capture) -> bool:
        """Whether the record is at its place, unchanged."""
        findings = Findings("", ours=False)
        found = at(file, row.offset, findings)
        broken = any(problem.severity == "error" for problem in findings.drain())
        return found is not None and found.id == row.record_id and not broken

    def _together(self) -> Iterator[Problem]:
        """Judge what only shows across files."""
        for twice in self.ledger.twice():
            says = f"the same id as the record at {twice.first_file}:{twice.first_offset}"
            yield from self._one(twice.file, "duplicate-id", says, twice.offset, twice.id)
        for link in self.ledger.links():
            if link.kind != "beside" and (found := self._link(link)):
                yield from self._one(link.file, *found, link.offset, link.id)

    def _link(self, link: Link) -> tuple[str, str] | None:
        """Say what is wrong with where a revisit or a DOM points."""
        if link.type is None:
            place = self.ledger.place(link.target) if self.indexed else None
            return None if place and self._answers(place, link.target) else _lost(link)
        if link.type == "revisit":
            return "revisit-chain", f"it points at a revisit, {link.target}"
        if link.type != "response":
            return _lost(link)
        if not link.same:
            return "revisit-differs", f"payload, address or date is not that of {link.target}"
        return None

    def _answers(self, place: tuple[str, int], record_id: str) -> bool:
        """Whether a response that this run did not read is where the index says."""
        try:
            with opened_for_reading(self.store / place[0]) as file:
                found = at(file, place[1], Findings("", ours=False))
        except OSError:
            return False
        return found is not None and found.id == record_id and found.type == "response"

    def _strays(self) -> Iterator[Problem]:
        """Judge the files that are neither a WARC nor belong to one."""
        for path in sorted((self.store / "warc").rglob("*")):
            name = path.relative_to(self.store).as_posix()
            if path.is_dir() or name.endswith((WARC, WARC + OPEN)):
                continue
            stem, ending = _ending(name)
            final = self.store / (stem + WARC)
            if ending == WARC + ".damaged":
                yield from self._one(name, "damaged-kept", "a recovery put this tail aside")
            elif not ending:
                yield from self._one(name, "stray", "nothing of the archive is named so")
            elif final.exists() or opened(final).exists() or stem + WARC in self._gone:
                continue
            elif ending == ".cdxj.open":
                yield from self._one(name, "left-open", "the file that it belongs to is gone")
            else:
                self._gone.add(stem + WARC)
                yield from self._one(stem + WARC, "file-gone", f"its {ending} is there, it is not")

    def _findings(self, name: str) -> Findings:
        return Findings(str(self.store / name), ours=True)

    def _one(
        self, name: str, code: str, says: str, offset: int | None = None, record_id: str = ""
    ) -> list[Problem]:
        findings = self._findings(name)
        findings.note(code, says, offset, record_id)
        return findings.drain()


def _lost(link: Link) -> tuple[str, str]:
    if link.kind == "dom":
        return "concurrent-to", f"the response that it was made of is gone: {link.target}"
    return "revisit-lost", f"the response that it stands for is gone: {link.target or 'none named'}"


def _ending(name: str) -> tuple[str, str]:
    """Split off what makes a file one that belongs to a WARC; "" when nothing does."""
    found = next((one for one in ENDINGS if name.endswith(one)), "")
    return name.removesuffix(found), found
