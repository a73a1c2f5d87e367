"""A disk that fills up in the middle of a crawl: one line, nothing lost, and it goes on."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import GONGKAI, clean_environment, run_gongkai

from crawler.practice.city import City
from crawler.practice.server import serving
from crawler.scoring import score
from pipelines.catalogue import Catalogue

CITY = City(organs=3, years=(2019, 2021), seed=7)
PORTALS = ("practice_hanweb", "practice_hanweb_gb", "practice_shandong")
DISKS = [
    pytest.param("store", id="everything"),
    pytest.param("store/warc", id="WARC files"),
    pytest.param("store/index", id="index", marks=pytest.mark.soak),
    pytest.param("store/redis", id="Redis", marks=pytest.mark.soak),
    pytest.param("store/crawls", id="logs of the crawl", marks=pytest.mark.soak),
    pytest.param("elsewhere", id="catalogue", marks=pytest.mark.soak),
]


@pytest.fixture
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A file system of 24 MB in memory, mounted where the parameter says."""
    path = tmp_path / request.param
    path.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "none", str(path)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk needs root")
    yield path
    subprocess.run(["umount", "--lazy", str(path)], check=True)


def fill(disk: Path) -> Path:
    """Leave not a byte on the disk; returns the file to delete to make room."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (2**16, 4096, 1):
            try:
                while file.write(b"x" * size):
                    pass
            except OSError:
                continue
    return ballast


@pytest.mark.parametrize("disk", DISKS, indirect=True)
def test_a_full_disk_stops_the_crawl_and_the_rest_follows_once_there_is_room(
    disk: Path, tmp_path: Path
) -> None:
    log, store = tmp_path / "access.jsonl", tmp_path / "store"
    catalogue = f"sqlite:///{tmp_path / 'elsewhere' / 'catalogue.sqlite'}"
    (tmp_path / "elsewhere").mkdir(exist_ok=True)
    if disk == store:
        catalogue = f"sqlite:///{store / 'catalogue.sqlite'}"
    with serving(CITY, log) as address:
        command = [
            "crawl", *PORTALS, "--store", "store", "--world", "practice", "--crawl", "night",
            "--connect-to", address, "--delay", "0.02", "--catalogue", catalogue,
        ]  # fmt: skip
        running = subprocess.Popen(
            [str(GONGKAI), *command], cwd=tmp_path, env=clean_environment(), stderr=subprocess.PIPE
        )
        while _visits(log) < 16:
            time.sleep(0.01)
        ballast = fill(disk)
        before = _visits(log)
        _, said = running.communicate(timeout=60)
        assert running.returncode == 3, said.decode()
        assert said.count(b"\n") == 1, said.decode()
        assert said.startswith(b"gongkai: ")
        assert _visits(log) - before < 12  # and nobody is bothered for answers that cannot be kept
        ballast.unlink()
        again = run_gongkai(tmp_path, *command)
        assert again.code in {0, 1}, again.err
    with Catalogue.open(store, catalogue) as kept:
        truths = [truth for truth in CITY.truth() if truth.portal in PORTALS]
        found = score(truths, kept.documents())
    assert found.documents == 10
    assert (found.lost, found.wrong, found.invented) == ([], [], [])
    assert not list(store.rglob("*.open"))


def _visits(log: Path) -> int:
    return len(log.read_bytes().splitlines()) if log.exists() else 0
