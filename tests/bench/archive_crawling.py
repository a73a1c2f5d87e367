"""What archiving costs a crawl: pages a second and processor time, with and without it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from tests.bench.peers import ROOT, python_of
from tests.bench.serving import served
from tests.bench.timing import Took, rounds, show

PROGRAM = Path(__file__).with_name("crawling.py")
STOCK = "Scrapy 2.19, our settings, its own handler"


def crawl(python: Path, folder: Path, job: dict[str, Any], **environment: str) -> dict[str, Any]:
    """Run one crawl in an empty folder; returns what `crawling` says of it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    done = subprocess.run(
        [python, "-P", PROGRAM],  # -P: its neighbours here bear names of packages
        input=json.dumps(job), capture_output=True, text=True, cwd=folder, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"{job['recorder']}: {done.stderr[-2000:]}")
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def timed(python: Path, folder: Path, job: dict[str, Any]) -> Took:
    said = crawl(python, folder, job)
    assert said["pages"] == len(job["requests"]), said
    return Took(said["seconds"], said["cpu"])


def crawling(folder: Path, count: int, times: int) -> None:
    """Compare crawls of a list of pages."""
    own = Path(sys.executable)
    contestants = {
        "Scrapy 2.19, as it comes": (own, "", False),
        STOCK: (own, "", True),
        "ours, nothing kept": (own, "ours, not kept", True),
        "ours, archived, on disk and indexed": (own, "ours", True),
    }
    for name in ("scrapy-webarchive", "scrapy-warcio"):
        if python := python_of(name):
            contestants[name] = (python, name, True)
    with served(count) as urls:
        requests = [[url, "GET", ""] for url in urls]
        jobs: dict[str, Callable[[], Took]] = {}
        for name, (python, recorder, lean) in contestants.items():
            job = {"requests": requests, "recorder": recorder, "lean": lean}
            jobs[name] = partial(timed, python, folder / "crawl", job)
        taken = rounds(jobs, times)
    show("crawling a list of pages, × Scrapy", taken, STOCK, count, unit="page")
