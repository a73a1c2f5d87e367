"""Writing: our writer beside warcio, FastWARC and wget, on the same pages.

All but wget write the same three records of a page: response, request, and what was noted of it.
"""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from fastwarc.stream_io import GzipWriter
from fastwarc.warc import WarcRecord, WarcRecordType
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive import Exchange, WarcWriter
from tests.bench.pages import Parts
from tests.bench.serving import served
from tests.bench.timing import Took, rounds, seconds, show

ASK = b"GET %s HTTP/1.1\r\nHost: www.yanshi.test\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n"

NOTES = b"exchange-method: GET\r\ncrawl: bench\r\nportal: bench\r\n"
NOTED = "application/warc-fields"


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
            response = writer.create_warc_record(
                url, "response", payload=io.BytesIO(body), http_headers=_message(head)
            )
            ask = _message(ASK % path.encode(), asks=True)
            request = writer.create_warc_record(url, "request", http_headers=ask)
            writer.write_request_response_pair(request, response)
            beside = {"WARC-Concurrent-To": response.rec_headers.get_header("WARC-Record-ID")}
            notes = writer.create_warc_record(
                url, "metadata", payload=io.BytesIO(NOTES), warc_content_type=NOTED,
                warc_headers_dict=beside,
            )  # fmt: skip
            writer.write_record(notes)
    return target


def _message(head: bytes, *, asks: bool = False) -> StatusAndHeaders:
    start, *lines = head.decode().strip().split("\r\n")
    fields = [tuple(line.split(": ", 1)) for line in lines]
    if asks:
        return StatusAndHeaders(start, fields, is_http_request=True)
    return StatusAndHeaders(start.partition(" ")[2], fields, protocol="HTTP/1.1")


def write_fastwarc(folder: Path, made: Parts) -> Path:
    target = folder / "fastwarc.warc.gz"
    stream = GzipWriter(str(target), compression_level=6)
    for path, head, body in made:
        for kind, block in (
            (WarcRecordType.response, head + body),
            (WarcRecordType.request, ASK % path.encode()),
            (WarcRecordType.metadata, NOTES),
        ):
            record = WarcRecord()
            record.init_headers(record_type=kind)
            record.headers["WARC-Target-URI"] = f"http://www.yanshi.test{path}"
            record.set_bytes_content(block)
            record.write(stream, checksum_data=True)
            stream.finish()  # a member a record
    stream.close()
    return target


def write_wget(urls: list[str], folder: Path, _made: Parts) -> Path:
    """What wget makes of the same pages; its time includes fetching them."""
    (folder / "urls").write_text("\n".join(urls))
    command = ["wget", "-q", "--no-config", "--warc-file", folder / "wget", "-O", "/dev/null"]
    subprocess.run([*command, "-i", folder / "urls"], check=True)
    return folder / "wget.warc.gz"


def writing(folder: Path, made: Parts, size: int, times: int) -> dict[str, Path]:
    """Compare writers; returns the file that each made."""
    files: dict[str, Path] = {}

    def job(name: str, write: Callable[[Path, Parts], Path]) -> Callable[[], Took]:
        def work() -> None:
            where = folder / name
            shutil.rmtree(where, ignore_errors=True)
            where.mkdir()
            files[name] = write(where, made)

        return lambda: seconds(work)

    writers = {"ours": write_ours, "warcio": write_warcio, "FastWARC": write_fastwarc}
    jobs = {name: job(name, write) for name, write in writers.items()}
    with ExitStack() as stack:
        if shutil.which("wget"):
            urls = stack.enter_context(served(len(made)))
            jobs["wget, fetching too"] = job("wget, fetching too", partial(write_wget, urls))
        else:
            print("wget is not installed and left out")
        taken = rounds(jobs, times)
    show("writing, × warcio", taken, "warcio", len(made), size=size)
    smallest = files["warcio"].stat().st_size
    for name, path in files.items():
        length = path.stat().st_size
        print(f"  {name:20} {size / length:.2f} times smaller, {smallest / length:.0%} of warcio's")
    return files
