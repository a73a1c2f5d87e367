"""`make bench-archive`: our writer and verifier beside warcio, FastWARC and wget, in one run.

Only the ratios of one run mean anything. Every tool gets the same generated pages, takes its turn
in every round, and is judged by its median.
"""

from __future__ import annotations

import argparse
import http.server
import io
import os
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from fastwarc.stream_io import GzipReader, GzipWriter
from fastwarc.warc import ArchiveIterator as FastIterator
from fastwarc.warc import WarcRecord, WarcRecordType
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive import Exchange, Index, WarcWriter
from archive.scan import groups
from archive.verify import verify, verify_file
from tests.bench.pages import Parts, pages

ASK = b"GET %s HTTP/1.1\r\nHost: www.yanshi.test\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n"
Took = dict[str, tuple[float, float]]  # seconds by the clock and of the processor


def write_ours(folder: Path, made: Parts) -> Path:
    with WarcWriter(folder, portal="bench", crawl="bench", worker="w") as writer:
        for path, head, body in made:
            url = f"http://www.yanshi.test{path}"
            request = ASK % path.encode()
            writer.write(Exchange(url, request, head + body, datetime.now(UTC), ip="127.0.0.1"))
    return next(folder.glob("warc/*/*/*/*.warc.gz"))


def write_warcio(folder: Path, made: Parts) -> Path:
    target = folder / "warcio.warc.gz"
    with target.open("wb") as file:
        writer = WARCWriter(file, gzip=True, warc_version="1.1")
        writer.write_record(writer.create_warcinfo_record("warcio.warc.gz", {"software": "x"}))
        for path, head, body in made:
            url = f"http://www.yanshi.test{path}"
            status, *lines = head.decode().strip().split("\r\n")
            fields = [tuple(line.split(": ", 1)) for line in lines]
            answer = StatusAndHeaders(status.partition(" ")[2], fields, protocol="HTTP/1.1")
            response = writer.create_warc_record(
                url, "response", payload=io.BytesIO(body), http_headers=answer
            )
            asked = StatusAndHeaders(
                f"GET {path} HTTP/1.1", [("Host", "www.yanshi.test")], is_http_request=True
            )
            request = writer.create_warc_record(url, "request", http_headers=asked)
            writer.write_request_response_pair(request, response)
    return target


def write_fastwarc(folder: Path, made: Parts) -> Path:
    target = folder / "fastwarc.warc.gz"
    stream = GzipWriter(str(target), compression_level=6)
    for path, head, body in made:
        for kind, block in (
            (WarcRecordType.response, head + body),
            (WarcRecordType.request, ASK % path.encode()),
        ):
            record = WarcRecord()
            record.init_headers(record_type=kind)
            record.headers["WARC-Target-URI"] = f"http://www.yanshi.test{path}"
            record.set_bytes_content(block)
            record.write(stream, checksum_data=True)
            stream.finish()  # a member a record
    stream.close()
    return target


def write_wget(folder: Path, made: Parts) -> Path | None:
    """What wget makes of the same pages; its time includes fetching them from this process."""
    if shutil.which("wget") is None:
        return None
    bodies = {path: body for path, _, body in made}
    heads = {path: head for path, head, _ in made}

    class Answer(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = bodies[self.path]
            self.wfile.write(heads[self.path] + body)  # at once, or Nagle makes wget wait

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_address[1]}"
        (folder / "urls").write_text("".join(f"{base}{path}\n" for path in bodies))
        command = ["wget", "-q", "--no-config", "--warc-file", folder / "wget", "-O", "/dev/null"]
        subprocess.run([*command, "-i", folder / "urls"], check=True)
        server.shutdown()
    return folder / "wget.warc.gz"


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


def seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Time by the clock, and of the processor: the machine may be busy with other things."""
    start, used = time.perf_counter(), sum(os.times()[:4])
    work()
    return time.perf_counter() - start, sum(os.times()[:4]) - used


def rounds(jobs: dict[str, Callable[[], object]], times: int) -> Took:
    """Let every job take its turn; returns the medians."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in jobs}
    for _ in range(times):
        for name, job in jobs.items():
            taken[name].append(seconds(job))
    return {
        name: (statistics.median(a for a, _ in each), statistics.median(b for _, b in each))
        for name, each in taken.items()
    }


def show(title: str, took: Took, against: str, size: int, count: int) -> None:
    print(f"\n{title:36}{'MB/s':>7}{'pairs/s':>9}{'CPU ms/pair':>13}{'× clock':>9}{'× CPU':>7}")
    clock, cpu = took[against]
    for name, (own, used) in took.items():
        row = f"{name:36}{size / own / 1e6:7.0f}{count / own:9.0f}{used / count * 1e3:13.3f}"
        print(f"{row}{clock / own:9.2f}{cpu / used:7.2f}")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--pages", type=int, default=400)
    asked.add_argument("--rounds", type=int, default=5)
    given = asked.parse_args()
    made = pages(given.pages)
    size = sum(len(head) + len(body) for _, head, body in made)
    print(f"{given.pages} pages of {size / given.pages / 1000:.1f} KB, {given.rounds} rounds")
    with tempfile.TemporaryDirectory(prefix="bench-archive-") as name:
        run(Path(name), made, size, given.rounds)


def run(folder: Path, made: Parts, size: int, times: int) -> None:
    files: dict[str, Path] = {}

    def writing(name: str, write: Callable[[Path, Parts], Path | None]) -> Callable[[], object]:
        def work() -> None:
            where = folder / name
            shutil.rmtree(where, ignore_errors=True)
            where.mkdir()
            if found := write(where, made):
                files[name] = found

        return work

    writers = {"ours": write_ours, "warcio": write_warcio, "FastWARC": write_fastwarc}
    took = rounds({name: writing(name, write) for name, write in writers.items()}, times)
    if shutil.which("wget"):
        took["wget, fetching too"] = seconds(writing("wget, fetching too", write_wget))
    show("writing, × warcio", took, "warcio", size, len(made))
    smallest = files["warcio"].stat().st_size
    for name, path in files.items():
        length = path.stat().st_size
        print(f"  {name:20} {size / length:.2f} times smaller, {smallest / length:.0%} of warcio's")
    own, theirs, store = files["ours"], files["warcio"], folder / "ours"
    with Index(store) as index:
        index.rebuild()
    reading = {
        "ours: read exchanges": lambda: read_ours(own),
        "warcio: read": lambda: read_warcio(theirs),
        "FastWARC: read": lambda: read_fastwarc(theirs),
    }
    took = rounds(reading, times)
    show("reading, each its own file, × warcio", took, "warcio: read", size, len(made))
    checking = {
        "ours: verify_file": lambda: verify_ours(theirs),
        "ours: verify_file, own file": lambda: verify_ours(own),
        "ours: verify the store, index too": lambda: list(verify(store)),
        "warcio: check": lambda: verify_warcio(theirs),
        "FastWARC: block digests only": lambda: verify_fastwarc(theirs),
    }
    took = rounds(checking, times)
    show("verifying warcio's file, × warcio", took, "warcio: check", size, len(made))


if __name__ == "__main__":
    main()
