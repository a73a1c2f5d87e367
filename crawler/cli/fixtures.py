"""A portal's fixture: a small WARC, cut from our own archive, on which its spider is tested."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from archive import Capture, Index, read
from crawler.errors import Unavailable

LARGEST = 150_000  # bytes of a fixture
EACH = 2  # listings of each section, and documents


def home_of(name: str) -> Path:
    """Where a portal's fixture lies, from the folder of the project."""
    return Path("tests") / "portals" / name / "pages.warc"


def cut(store: Path, name: str, lines: list[dict[str, Any]] | None = None) -> tuple[int, int]:
    """Write a portal's fixture; pages and bytes in it. Raises Unavailable without an archive."""
    lines = lines if lines is not None else _last(store, name)
    with Index(store) as index:
        chosen = [c for line in _chosen(lines) if (c := index.get(line["record_id"]))]
    if not chosen:
        raise Unavailable(f"{store} holds nothing of {name}: run `gongkai crawl {name}` first")
    target, size = home_of(name), 0
    target.parent.mkdir(parents=True, exist_ok=True)
    kept = 0
    with target.open("wb") as file:
        for capture in chosen:
            block = b"".join(_records(store, capture))
            if size + len(block) <= LARGEST:
                file.write(block)
                size, kept = size + len(block), kept + 1
    return kept, size


def _last(store: Path, name: str) -> list[dict[str, Any]]:
    """The journal of the last crawl that reached a portal."""
    journals = sorted(store.glob("crawls/*/crawl.jsonl"), key=lambda path: path.stat().st_mtime)
    for journal in reversed(journals):
        lines = [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()]
        if own := [line for line in lines if line["portal"] == name]:
            return own
    return []


def _chosen(lines: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Of each section its first listings, and of the documents that they name the smallest."""
    good = [line for line in lines if line["verdict"] == "done" and line["status"] == 200]
    for section in dict.fromkeys(line["section"] for line in good):
        own = [line for line in good if line["section"] == section]
        listings = [line for line in own if line["kind"] == "listing"][:EACH]
        named = {line["url"] for line in listings}
        documents = [n for n in own if n["kind"] == "document" and n["parent"] in named]
        yield from listings
        yield from sorted(documents, key=_size)[:EACH]


def _size(line: dict[str, Any]) -> int:
    size: int = line["bytes"]
    return size


def _records(store: Path, capture: Capture) -> Iterator[bytes]:
    """The request and the response as they went over the wire, as two plain WARC records."""
    stored = read(store, capture)
    other = capture.record_id[:-1] + ("0" if capture.record_id[-1] != "0" else "1")
    for kind, own, peer, block in (
        ("response", capture.record_id, other, bytes(stored.response)),
        ("request", other, capture.record_id, stored.request or b""),
    ):
        head = {
            "WARC-Type": kind,
            "WARC-Record-ID": f"<{own}>",
            "WARC-Concurrent-To": f"<{peer}>",
            "WARC-Target-URI": capture.url,
            "WARC-Date": capture.at,
            "Content-Type": f"application/http;msgtype={kind}",
            "Content-Length": str(len(block)),
        }
        lines = "".join(f"{field}: {value}\r\n" for field, value in head.items())
        yield f"WARC/1.1\r\n{lines}\r\n".encode() + block + b"\r\n\r\n"
