"""A store as a whole: its files, what lies beside them, and the index."""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from archive.errors import ArchiveError
from archive.openfile import OPEN, WARC, opened
from archive.scan import opened_for_reading, warc_files
from archive.verify_files import Judge, shared, worth
from archive.verify_import import imports
from archive.verify_ledger import Ledger, Link
from archive.verify_problem import Findings, Problem
from archive.verify_record import at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOM = "make room where temporary files go (TMPDIR) and verify again"
ENDINGS = (".cdxj.open", ".cdxj", ".sha256", WARC + ".damaged")


class StoreCheck:
    """One verification of a store. See `archive.verify.verify`."""

    def __init__(self, store: Path, *, deep: bool, workers: int | None) -> None:
        self.store = store
        self.deep = deep
        self.index = store / "index" / "captures.sqlite"
        self.ledger: Ledger
        self._workers = workers
        self._gone: set[str] = set()

    def problems(self, names: Sequence[str] | None) -> Iterator[Problem]:
        """Judge these files (names as in the index), or everything there is."""
        there = [name for _, name in warc_files(self.store)] if names is None else sorted(names)
        workers = self._workers or (worth(self.store, there) if self.deep else 1)
        with ExitStack() as stack:
            folder = None
            try:
                if workers > 1:
                    made = stack.enter_context(TemporaryDirectory(prefix="gongkai-verify-"))
                    folder = Path(made)
                yield from self._open_ledger(names, folder, wanted=bool(there))
                stack.callback(self.ledger.close)
                yield from self._files(there, folder, workers)
                yield from self._together()
            except (sqlite3.Error, OSError) as error:
                raise ArchiveError(self.index, str(error), ROOM) from error
        if names is None:
            yield from self._strays()
            yield from imports(self.store, deep=self.deep)

    def _open_ledger(
        self, names: Sequence[str] | None, folder: Path | None, *, wanted: bool
    ) -> list[Problem]:
        """Copy what the index says; without a usable one, nothing."""
        says = ""
        if self.index.exists():
            try:
                self.ledger = Ledger(self.index, folder)
                says = self.ledger.check(deep=self.deep)
                if not says:
                    self.ledger.copy_rows(names)
                    return []
                self.ledger.close()
            except sqlite3.Error as error:
                says = str(error)
        self.ledger = Ledger(None, folder)
        self.ledger.copy_rows(None)
        says = says or ("there is no index" if wanted else "")
        return self._one("index/captures.sqlite", "index-unusable", says) if says else []

    def _files(self, there: list[str], folder: Path | None, workers: int) -> Iterator[Problem]:
        """Judge the files that are there, then those that the index names besides."""
        judge = Judge(self.store, self.ledger, self.deep)
        if folder:
            found = shared(judge, there, folder, workers)
        else:
            numbered = enumerate(there, 1)
            found = chain.from_iterable(judge.file(number, name) for number, name in numbered)
        besides = sorted(set(self.ledger.files()) - set(there))
        for problem in chain(found, *map(judge.unlisted, besides)):
            if problem.code == "file-gone":
                self._gone.add(Path(problem.path).relative_to(self.store).as_posix())
            yield problem

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
            place = self.ledger.place(link.target)
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

    def _one(
        self, name: str, code: str, says: str, offset: int | None = None, record_id: str = ""
    ) -> list[Problem]:
        findings = Findings(str(self.store / name), ours=True)
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
