"""How many exchanges with a hostile server are archived byte for byte, by us and by others."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import zipfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from archive import Index, Message, iterate, read
from tests.bench.archive_crawling import crawl
from tests.bench.peers import PINNED, python_of
from tests.certificates import Authority
from tests.hostile_server import CASES, Case, HostileServer, Script, Seen

SETTINGS = {
    "CONCURRENT_REQUESTS": 1,
    "DOWNLOAD_TIMEOUT": 1,
    "DOWNLOAD_MAXSIZE": 1_500_000,
    "HTTPERROR_ALLOW_ALL": True,
}

VERSIONS = {
    "ours": "ours",
    **{name: PINNED[name][0].replace("==", " ") for name in ("scrapy-webarchive", "scrapy-warcio")},
}


@dataclass
class Kept:
    """What an archive holds: request and response bytes, by the number of the case."""

    requests: dict[int, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    responses: dict[int, list[bytes]] = field(default_factory=lambda: defaultdict(list))


@dataclass
class Count:
    """How many of how many."""

    right: int = 0
    all: int = 0

    def add(self, right: bool) -> None:
        self.right, self.all = self.right + right, self.all + 1

    def __str__(self) -> str:
        return f"{self.right}/{self.all}"


def ours(folder: Path) -> Kept:
    kept = Kept()
    with Index(folder) as index:
        index.rebuild()
        for capture in index.captures():
            stored, number = read(folder, capture), number_of(capture.url)
            kept.requests[number].append(bytes(stored.request or b""))
            answer = b"".join(stored.interim) + bytes(stored.response)
            kept.responses[number].append(answer)
    return kept


def theirs(folder: Path) -> Kept:
    kept = Kept()
    for path in folder.rglob("*.wacz"):
        with zipfile.ZipFile(path) as wacz:
            wacz.extractall(folder / "unpacked")
    for path in folder.rglob("*.warc.gz"):
        for record in iterate(path):
            if record.type in {"request", "response"}:
                where = kept.requests if record.type == "request" else kept.responses
                where[number_of(record.get("WARC-Target-URI") or "")].append(bytes(record.block))
    return kept


def number_of(url: str) -> int:
    return int(url.rpartition("/")[2])


def number(seen: Seen) -> int:
    return number_of(seen.request.split()[1].decode())


def taken_over(case: Case, sent: bytes, kept: bytes) -> bool:
    """Whether `kept` is what the server sent, as far as a careful client reads."""
    if case.prefix:
        return bool(kept) and (sent.startswith(kept) or kept.startswith(sent))
    return kept == sent[: len(sent) - case.surplus]


def body_of(message: bytes) -> bytes:
    """The entity body of a final response: without head and framing, coding untouched."""
    return bytes(Message(message).entity)


async def exchanged(recorder: str, python: Path, folder: Path, authority: Authority | None) -> str:
    """Let a recorder ask for every case once; returns how many of the bytes it has kept."""
    cases = list(CASES.values())

    def answer(request: bytes) -> Script:
        return cases[number_of(request.split()[1].decode())].script

    tls = authority.server("localhost") if authority else None
    trusted = {"SSL_CERT_FILE": str(authority.file)} if authority else {}
    async with HostileServer(answer=answer, tls=tls) as server:
        base = f"{'https' if authority else 'http'}://localhost:{server.port}"
        requests = [[f"{base}/{n}", one.method, one.form.decode()] for n, one in enumerate(cases)]
        job = {"requests": requests, "recorder": recorder, "lean": True, "settings": SETTINGS}
        said = await asyncio.to_thread(crawl, python, folder, job, **trusted)
    kept = ours(folder) if recorder == "ours" else theirs(folder)
    asked = sum(one.request in kept.requests[number(one)] for one in server.seen)
    whole, bodies = Count(), Count()
    for seen in server.seen:
        case, found = cases[number(seen)], kept.responses[number(seen)]
        if sent := bytes(seen.sent):
            whole.add(any(taken_over(case, sent, one) for one in found))
        if body := body_of(sent):
            bodies.add(any(taken_over(case, body, body_of(one)) for one in found))
    return f"{said['scrapy']:>8}{asked:>8}/{len(server.seen)}{whole!s:>12}{bodies!s:>12}"


def fidelity(folder: Path) -> None:
    """Print the table."""
    print(f"\n{len(CASES)} odd exchanges; kept byte for byte, of those in the server's own log")
    print(f"{'':34}{'Scrapy':>8}{'requests':>11}{'responses':>12}{'bodies':>12}")
    with tempfile.TemporaryDirectory(dir=folder) as keys:
        for authority in (None, Authority(Path(keys))):
            for recorder, version in VERSIONS.items():
                python = Path(sys.executable) if recorder == "ours" else python_of(recorder)
                if python:
                    row = asyncio.run(exchanged(recorder, python, folder / "kept", authority))
                    name = f"{version}, {'https' if authority else 'http'}"
                    print(f"{name:34}{row}")
