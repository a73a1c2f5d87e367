"""What is lost when a worker is killed, when one goes home, when a URL is to be fetched again."""

from __future__ import annotations

import asyncio
import http.server
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from redis import Redis

from crawler.frontier.client import Frontier, Record
from crawler.frontier.server import connect
from tests.bench.frontier_ours import configure, drain
from tests.bench.frontier_peer import ROOT, Peer, command
from tests.bench.frontier_redis import empty
from tests.bench.frontier_table import Row

URLS = 300
AT_ONCE = 16
IDENTICAL = 1001
PATIENCE = 60.0  # seconds
Worker = subprocess.Popen[bytes]
Start = Callable[[str, str, Path, str], Worker]  # Redis, server, file of what came, role


class Gate(http.server.ThreadingHTTPServer):
    """Answers the first `free` requests, and holds the others back until it is raised."""

    daemon_threads = True
    request_queue_size = 128  # of connections not yet accepted; with 5, some would try again in 1 s

    def __init__(self, free: int) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.free, self.asked, self.waiting = free, 0, 0
        self.changed = threading.Condition()

    def hold(self) -> None:
        with self.changed:
            number, self.asked = self.asked, self.asked + 1
            self.waiting += 1
            self.changed.wait_for(lambda: number < self.free, PATIENCE)
            self.waiting -= 1

    def let(self, more: int) -> None:
        with self.changed:
            self.free += more
            self.changed.notify_all()

    def handle_error(self, *_: object) -> None:
        """A killed client hangs up: that is the point."""


class Answer(http.server.BaseHTTPRequestHandler):
    server: Gate

    def do_GET(self) -> None:
        self.server.hold()
        body = b"<html><body>page</body></html>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(free: int) -> Iterator[tuple[Gate, str]]:
    with Gate(free) as gate:
        threading.Thread(target=gate.serve_forever, args=(0.05,), daemon=True).start()
        yield gate, f"http://127.0.0.1:{gate.server_address[1]}"
        gate.shutdown()


def until(reached: Callable[[], bool], worker: Worker) -> None:
    deadline = time.monotonic() + PATIENCE
    while not reached():
        if worker.poll() is not None or time.monotonic() > deadline:
            worker.kill()
            sys.exit(f"bench: {worker.args} ended or hangs before it could be stopped")
        time.sleep(0.002)


def paths(out: Path) -> list[str]:
    return out.read_text(encoding="utf-8").split() if out.exists() else []


def theirs(url: str, base: str, out: Path, role: str) -> Worker:
    return piped(command("crawl", url, base, out, URLS, role))


def ours(url: str, base: str, out: Path, role: str) -> Worker:
    program = [sys.executable, "-m", "tests.bench.frontier_worker"]
    return piped([*program, url, base, str(out), str(URLS), role])


def piped(arguments: list[str]) -> Worker:
    pipe = subprocess.PIPE
    return subprocess.Popen(arguments, cwd=ROOT, stdin=pipe, stdout=pipe)


def go(worker: Worker) -> None:
    """Let a worker begin, once it has imported what it needs."""
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdout.readline()
    worker.stdin.write(b"go\n")
    worker.stdin.flush()


def ended(worker: Worker, seconds: float) -> bool:
    with suppress(subprocess.TimeoutExpired):
        worker.wait(seconds)
    return worker.returncode is not None


def finish(worker: Worker) -> None:
    if not ended(worker, PATIENCE):
        worker.kill()
        sys.exit(f"bench: {worker.args} does not come to an end")


def lost_by_kill(start: Start, url: str) -> int:
    """SIGKILL with 16 requests under way; a second worker does the rest. URLs nobody ever got."""
    with serving(URLS // 6) as (gate, base), tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "got"
        with start(url, base, out, "first") as first:
            go(first)
            until(lambda: len(paths(out)) == gate.free and gate.waiting == AT_ONCE, first)
            first.kill()
        gate.let(URLS * 2)
        with start(url, base, out, "second") as second:
            go(second)
            finish(second)
        return URLS - len(set(paths(out)))


def finished_beside(start: Start, url: str) -> int:
    """Two workers, and one goes home (SIGTERM): how many URLs the two have got."""
    with serving(URLS // 6) as (gate, base), tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "got"
        with start(url, base, out, "first") as first, start(url, base, out, "second") as second:
            go(first)
            until(lambda: gate.waiting == AT_ONCE, first)
            go(second)
            until(lambda: gate.waiting == 2 * AT_ONCE, second)
            first.send_signal(signal.SIGTERM)
            while not ended(first, 1.0):
                gate.let(AT_ONCE)  # those under way for longest: its own, which it waits for
            gate.let(URLS * 2)
            finish(second)
        return len(set(paths(out)))


async def identical(url: str) -> int:
    """How many of equal records, all to be fetched, are leased."""
    async with await connect(url) as redis:
        frontier = Frontier(redis, "loss")
        await configure(frontier, 1, places=64)
        again = Record("bench", "document", "http://www.city000.gov.cn/", force=True)
        await frontier.enqueue([again] * IDENTICAL)
        return await drain(frontier)


def loss(url: str, peer: Peer) -> list[Row]:
    """Whole numbers: what each side keeps."""
    kills, rest = [], []
    with Redis.from_url(url) as redis:
        for start in (theirs, ours):
            empty(redis)
            kills.append(lost_by_kill(start, url))
            empty(redis)
            rest.append(finished_beside(start, url))
        empty(redis)
        equal = [peer.ask("identical", count=IDENTICAL)["done"], asyncio.run(identical(url))]
        empty(redis)
    return [
        Row(f"lost of {URLS} URLs, SIGKILL at {AT_ONCE} requests", *kills, 0, "at most"),
        Row(f"fetched of {URLS}, one of two workers goes home", *rest, URLS, "at least"),
        Row(f"fetched of {IDENTICAL} equal forced requests", *equal, IDENTICAL, "at least"),
    ]
