"""A writer, an index, and the odd exchanges to write."""

from __future__ import annotations

import pytest
from odd_exchanges import exchange, odd

from archive import Index, WarcWriter


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
