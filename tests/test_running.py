"""What a running crawl shows to a terminal and to Prometheus, and how it is stopped."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

from command_line import GONGKAI, Ran, clean_environment, run_gongkai
from prometheus_client.parser import text_string_to_metric_families

from crawler.practice.city import City
from crawler.practice.server import serving
from crawler.scoring import score
from pipelines.catalogue import Catalogue

CITY = City(organs=3, years=(2012, 2019))
CONTROL = b"\x1b["  # how every terminal sequence begins
CLEAR = b"\x1b[2K"
PATIENCE = 60.0


def crawl(address: str, *more: str) -> list[str]:
    return [
        "crawl", "practice_hanweb", "--world", "practice", "--connect-to", address,
        "--delay", "0.4", "--store", "store", "--crawl", "night", *more,
    ]  # fmt: skip


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return str(door.getsockname()[1])


class Terminal:
    """A crawl whose stderr is a terminal, and all that was written to it."""

    def __init__(self, directory: Path, arguments: list[str]) -> None:
        self._ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [str(GONGKAI), *arguments],
            cwd=directory,
            env={**clean_environment(), "COLUMNS": "120", "TERM": "xterm"},
            stdout=subprocess.DEVNULL,
            stderr=theirs,
        )
        os.close(theirs)
        self.shown = b""
        self._reading = threading.Thread(target=self._read)
        self._reading.start()

    def _read(self) -> None:
        while True:
            try:
                piece = os.read(self._ours, 4096)
            except OSError:  # the other end is closed
                return
            self.shown += piece

    def until(self, pattern: bytes) -> None:
        """Wait until something was shown."""
        deadline = time.monotonic() + PATIENCE
        while not re.search(pattern, self.shown):
            assert time.monotonic() < deadline, self.shown[-2000:]
            assert self.process.poll() is None, self.shown[-2000:]
            time.sleep(0.02)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reading.join()
        os.close(self._ours)


@contextmanager
def terminal(directory: Path, arguments: list[str]) -> Iterator[Terminal]:
    shown = Terminal(directory, arguments)
    try:
        yield shown
    finally:
        shown.close()


def figures(port: str) -> dict[str, float]:
    """The page as Prometheus reads it: name and labels → value."""
    connection = HTTPConnection("127.0.0.1", int(port), timeout=PATIENCE)
    connection.request("GET", "/metrics")
    answer = connection.getresponse()
    assert answer.status == 200
    page = answer.read().decode()
    connection.close()
    return {
        ",".join([sample.name, *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def journal(directory: Path) -> int:
    path = directory / "store" / "crawls" / "night" / "crawl.jsonl"
    return path.read_bytes().count(b"\n") if path.exists() else 0


def test_a_crawl_shows_itself_stops_at_once_and_goes_on(tmp_path: Path) -> None:
    with serving(CITY, tmp_path / "access.jsonl") as address:
        port = free_port()
        with terminal(tmp_path, crawl(address, "--metrics", port)) as running:
            running.until(rb"[1-9]\d* done .* waiting  at least ")
            assert CLEAR in running.shown  # one line, rewritten
            counted = figures(port)
            assert 0 < counted["gongkai_leases_total,practice_hanweb,done"] <= journal(tmp_path)
            assert counted["gongkai_exchange_seconds_count,practice_hanweb"] > 0
            assert counted["gongkai_received_bytes_total,practice_hanweb"] > 0
            assert counted["gongkai_records_waiting"] > 0
            assert sum(v for name, v in counted.items() if name.startswith("gongkai_groups")) == 1

            running.process.send_signal(signal.SIGINT)
            running.until(b"once more to stop at once")
            running.process.send_signal(signal.SIGINT)
            assert running.process.wait(PATIENCE) == 130
        assert b"to go on: gongkai crawl practice_hanweb --crawl night" in running.shown
        assert b"Traceback" not in running.shown
        again = run_gongkai(tmp_path, *crawl(address, "--delay", "0"))
    assert CONTROL not in again.err.encode()  # no terminal, no display
    found_everything(tmp_path, again)


def found_everything(directory: Path, ran: Ran) -> None:
    truths = [t for t in CITY.truth() if t.portal == "practice_hanweb" and t.findable]
    home = directory / "store" / "crawls" / "night"
    lines = map(json.loads, (home / "crawl.jsonl").read_text().splitlines())
    assert {t.url for t in truths} <= {line["url"] for line in lines if line["verdict"] == "done"}
    pages = [truth for truth in truths if truth.url.endswith(".html")]  # files: not our business
    with Catalogue.open(directory / "store") as catalogue:
        assert score(pages, catalogue.documents()).lost == []
    assert ran.code in {0, 1}  # 1: the city's own troubles are issues
    assert not list((directory / "store").rglob("*.open"))


def test_a_quiet_crawl_shows_nothing_but_its_end(tmp_path: Path) -> None:
    quiet = ["--limit", "1", "--quiet"]
    with serving(CITY) as address, terminal(tmp_path, crawl(address, *quiet)) as ran:
        assert ran.process.wait(PATIENCE) in {0, 1}
    assert CONTROL not in ran.shown
    assert b"practice_hanweb" in ran.shown


def test_a_port_that_is_taken_is_one_line_and_code_3(tmp_path: Path) -> None:
    with serving(CITY) as address, socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ran = run_gongkai(tmp_path, *crawl(address, "--metrics", port))
    assert (ran.code, ran.out) == (3, b"")
    assert f"--metrics {port}" in ran.err
    assert len(ran.err.splitlines()) == 1
