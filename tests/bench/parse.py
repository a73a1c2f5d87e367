"""`make bench-parse`: the parser beside trafilatura's extraction, on the same pages, in one run.

The pages are the practice city's, and those of any folders named on the command line. Only the
ratios of one run mean anything: every page takes its turn in every round, and medians are told.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import trafilatura

from crawler.download.charset import decode
from crawler.items import Page
from crawler.practice.city import City
from pipelines.html import page_meta, read_page
from pipelines.parser import parse

CITY = City(organs=6, years=(2008, 2025), seed=1)


def city_pages() -> Iterator[tuple[str, str]]:
    """(address, HTML) of every page that holds a document of the city, once."""
    seen: set[str] = set()
    for truth in CITY.truth():
        if truth.findable and truth.url not in seen:
            seen.add(truth.url)
            target = truth.url.partition(truth.host)[2]
            answer = CITY.answer(truth.host, "GET", target, {}, b"")
            if answer.status == 200 and answer.sent is None:
                yield truth.url, decode(answer.body, None).text


def file_pages(folder: Path) -> Iterator[tuple[str, str]]:
    for file in sorted(folder.rglob("*.*htm*")):
        yield str(file), decode(file.read_bytes(), None).text


def milliseconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return 1000 * (time.process_time() - start)


def measure(name: str, found: list[tuple[str, str]], rounds: int) -> None:
    """One line: milliseconds of processor a page, by step, and documents a second and core."""
    read = [read_page(html, url=url)[0] for url, html in found]
    pages = [
        Page(blocks, url=url, meta=page_meta(html))
        for (url, html), blocks in zip(found, read, strict=True)
    ]
    documents = sum(len(parse(page)) for page in pages)
    steps = ("trafilatura", "extract", "parse")
    times: dict[str, list[float]] = {step: [] for step in steps}
    for _ in range(rounds):
        for each in times.values():
            each.append(0.0)
        for (url, html), page in zip(found, pages, strict=True):
            for step, work in (
                ("trafilatura", lambda html=html: trafilatura.extract(html, include_tables=True)),
                ("extract", lambda html=html, url=url: read_page(html, url=url)),
                ("parse", lambda page=page: parse(page)),
            ):
                times[step][-1] += milliseconds(work)
    took = {step: statistics.median(each) for step, each in times.items()}
    both = took["extract"] + took["parse"]
    print(
        f"{name:22} {len(found):5} {documents:9} "
        + " ".join(f"{took[step] / len(found):11.1f}" for step in steps)
        + f" {1000 * documents / took['parse']:11.0f} {1000 * documents / both:11.0f}"
        f" {took['parse'] / took['trafilatura']:11.2f}"
    )


def main() -> None:
    ask = argparse.ArgumentParser(description="The parser beside trafilatura, on the same pages.")
    ask.add_argument("folders", nargs="*", type=Path, help="Folders of HTML pages to read as well.")
    ask.add_argument("--rounds", type=int, default=5)
    asked = ask.parse_args()
    print("ms of processor a page; documents a second and core; parse ÷ trafilatura")
    print(
        f"{'pages':22} {'pages':>5} {'documents':>9} {'trafilatura':>11} {'extract':>11} "
        f"{'parse':>11} {'parse d/s':>11} {'both d/s':>11} {'ratio':>11}"
    )
    measure("practice city", list(city_pages()), asked.rounds)
    for folder in asked.folders:
        measure(folder.name, list(file_pages(folder)), asked.rounds)


if __name__ == "__main__":
    main()
