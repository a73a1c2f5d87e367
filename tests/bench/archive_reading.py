"""Reading and verifying: ours beside warcio and FastWARC."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path

from fastwarc.stream_io import GzipReader
from fastwarc.warc import ArchiveIterator as FastIterator
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from archive import Index
from archive.scan import groups
from archive.verify import verify, verify_file
from tests.bench.timing import Took, rounds, seconds, show


def read_ours(path: Path) -> int:
    with path.open("rb") as file:
        return sum(len(group.records) for group in groups(file))


def verify_ours(path: Path) -> int:
    report = verify_file(path)
    assert report.clean, report.problems[:3]
    return report.records.total()


def read_warcio(path: Path) -> int:
    count = 0
    with path.open("rb") as file:
        for record in ArchiveIterator(file):
            record.content_stream().read()
            count += 1
    return count


def verify_warcio(path: Path) -> int:
    given = argparse.Namespace(inputs=[str(path)], verbose=False)
    assert not Checker(given).process_all()
    return 0


def verify_fastwarc(path: Path, *, digests: bool = True) -> int:
    count = 0
    for record in FastIterator(GzipReader(str(path)), parse_http=False):
        assert not digests or record.verify_block_digest() is not False
        record.reader.read()
        count += 1
    return count


def read_fastwarc(path: Path) -> int:
    return verify_fastwarc(path, digests=False)


def verify_store(store: Path) -> None:
    """Records, exchanges, index, sidecars: all there is to verify."""
    assert list(verify(store)) == []


def reading(files: dict[str, Path], store: Path, size: int, count: int, times: int) -> None:
    """Compare readers and verifiers."""
    own, theirs = files["ours"], files["warcio"]
    with Index(store) as index:
        index.rebuild()
    jobs = {
        "ours: exchanges of our file": partial(read_ours, own),
        "warcio: our file": partial(read_warcio, own),
        "warcio: its file": partial(read_warcio, theirs),
        "FastWARC: our file": partial(read_fastwarc, own),
    }
    taken = rounds(timed(jobs), times)
    show("reading, × warcio on our file", taken, "warcio: our file", count, size=size)
    jobs = {
        "ours: verify_file": partial(verify_ours, theirs),
        "warcio: check": partial(verify_warcio, theirs),
        "FastWARC: block digests only": partial(verify_fastwarc, theirs),
    }
    taken = rounds(timed(jobs), times)
    show("verifying warcio's file, × warcio", taken, "warcio: check", count, size=size)
    jobs = {
        "ours: verify_file": partial(verify_ours, own),
        "ours: the store, with index and sidecars": partial(verify_store, store),
        "warcio: check": partial(verify_warcio, own),
        "FastWARC: block digests only": partial(verify_fastwarc, own),
    }
    taken = rounds(timed(jobs), times)
    show("verifying our file, × warcio", taken, "warcio: check", count, size=size)


def timed(jobs: dict[str, Callable[[], object]]) -> dict[str, Callable[[], Took]]:
    return {name: partial(seconds, job) for name, job in jobs.items()}
