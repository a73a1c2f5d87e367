"""The WARC files of a store one by one, in one process or shared among several."""

from __future__ import annotations

import os
import signal
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TYPE_CHECKING

from archive.errors import ArchiveError
from archive.openfile import opened
from archive.scan import opened_for_reading
from archive.verify_ledger import Ledger
from archive.verify_problem import Findings, Problem
from archive.verify_record import at
from archive.verify_sealed import FileCheck

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from io import BufferedReader
    from pathlib import Path

    from archive.capture import Capture

SHARE = 1 << 26  # bytes of WARC files that are worth a process


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges files of a store, and remembers in `ledger` what concerns others."""

    store: Path
    ledger: Ledger
    deep: bool

    def file(self, number: int, name: str) -> Iterator[Problem]:
        """Yield what is wrong with one WARC file of ours."""
        final = self.store / name
        self.ledger.turn_to(number, name)
        try:
            with opened_for_reading(final) as file:
                check = FileCheck(final, name, file, self.ledger)
                yield from check.problems(self.ledger.rows(name), deep=self.deep)
        except FileNotFoundError:
            yield from self.unlisted(name)
        except OSError as error:
            yield from self._unreadable(name, error)

    def unlisted(self, name: str) -> Iterator[Problem]:
        """Yield what is wrong with rows whose file was not there when the files were listed."""
        findings = Findings(str(self.store / name), ours=True)
        rows = self.ledger.rows(name)
        try:
            with opened_for_reading(self.store / name) as file:
                size = file.seek(0, 2)
                for row in rows:
                    ours = name.startswith("warc/")
                    if row.offset + row.length > size or (ours and not _holds(file, row)):
                        says = "the index names a record that is not there"
                        findings.note("index-dangling", says, row.offset, row.record_id)
                    yield from findings.drain()
        except FileNotFoundError:
            if count := sum(1 for _ in rows):
                findings.note("file-gone", f"it is not there; {count} captures were in it")
        except OSError as error:
            yield from self._unreadable(name, error)
        yield from findings.drain()

    def _unreadable(self, name: str, error: OSError) -> list[Problem]:
        findings = Findings(str(self.store / name), ours=True)
        findings.note("unreadable", str(error))
        return findings.drain()


def _holds(file: BufferedReader, row: Capture) -> bool:
    """Whether the record is at its place, unchanged."""
    findings = Findings("", ours=False)
    found = at(file, row.offset, findings)
    broken = any(problem.severity == "error" for problem in findings.drain())
    return found is not None and found.id == row.record_id and not broken


def worth(store: Path, names: Sequence[str]) -> int:
    """Return how many processes it is worth to share these files among."""
    sizes = (path.stat().st_size for path in _there(store, names))
    return min(len(os.sched_getaffinity(0)), len(names), 1 + sum(sizes) // SHARE)


def _there(store: Path, names: Sequence[str]) -> Iterator[Path]:
    for name in names:
        for path in (store / name, opened(store / name)):
            if path.is_file():
                yield path
                break


def shared(judge: Judge, names: Sequence[str], folder: Path, workers: int) -> Iterator[Problem]:
    """Do what `judge` does with each file, in `workers` processes; their parts lie in `folder`."""
    index = judge.store / "index" / "captures.sqlite" if judge.ledger.indexed else None
    given = (judge.store, index, folder, judge.deep)
    pool = ProcessPoolExecutor(workers, get_context("spawn"), _begin, given)
    try:
        for problems in pool.map(_one, range(1, len(names) + 1), names):
            yield from problems
    except BrokenExecutor as error:
        says = "a process that verified its files was killed"
        raise ArchiveError(
            judge.store, says, "see whether memory runs out, and do it again"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)
    for part in sorted(folder.glob("part-*")):
        judge.ledger.take_in(part)


_mine: list[Judge] = []  # in a process of its own: its judge


def _begin(store: Path, index: Path | None, folder: Path, deep: bool) -> None:
    """Begin such a process. Ctrl-C ends it without a word; who waits for it says enough."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _mine.append(Judge(store, Ledger(index, folder, f"part-{os.getpid()}"), deep))


def _one(number: int, name: str) -> list[Problem]:
    judge = _mine[0]
    problems = list(judge.file(number, name))
    judge.ledger.flush()
    return problems
