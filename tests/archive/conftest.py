"""A writer, an index, and the odd exchanges to write."""

from __future__ import annotations

import pytest
from foreign_files import read
from odd_exchanges import exchange, odd
from typer.testing import CliRunner

from archive import Index, WarcWriter
from archive.importer import import_file


@pytest.fixture
def writer(tmp_path):
    with WarcWriter(tmp_path, portal="yanshi", crawl="nightly", worker="w1") as made:
        yield made


@pytest.fixture
def index(tmp_path):
    with Index(tmp_path) as made:
        yield made


@pytest.fixture
def make():
    return exchange


@pytest.fixture
def oddities():
    return odd()


@pytest.fixture
def quick(monkeypatch):
    """Skip fsync where a test does not ask about it."""
    monkeypatch.setattr("os.fsync", lambda descriptor: None)


@pytest.fixture
def store(tmp_path):
    return tmp_path / "store"


@pytest.fixture
def command():
    """`gongkai archive …`"""
    from crawler.cli import archive, archive_more, archive_verify

    for more in (archive_more, archive_verify):
        if not any(one.name == "verify" for one in archive.app.registered_commands):
            more.register(archive.app)
    return lambda *words: CliRunner().invoke(archive.app, [str(word) for word in words])


@pytest.fixture
def take(tmp_path, store, quick):
    """Import bytes under a name; returns the report, and (capture, stored) of each capture."""

    def take(data, name="a.warc.gz", **changes):
        path = tmp_path / name
        path.write_bytes(data)
        report = import_file(store, path, source=changes.pop("source", "others"), **changes)
        if report.file:
            assert (store / report.file).read_bytes() == data
        with Index(store) as index:
            found = list(index.captures(crawl=report.crawl))
        return report, [(one, read(store, one)) for one in found]

    return take
