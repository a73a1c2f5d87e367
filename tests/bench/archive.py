"""`make bench-archive`: our archive beside warcio, FastWARC, wget and packages for Scrapy.

Only the ratios of one run mean anything. Every tool gets the same pages and takes its turn in every
round; a figure is that of the median round.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.bench.archive_crawling import crawling
from tests.bench.archive_fidelity import fidelity
from tests.bench.archive_reading import reading
from tests.bench.archive_writing import writing
from tests.bench.pages import pages

PARTS = ("files", "crawl", "bytes")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("parts", nargs="*", default=PARTS, help=f"any of {', '.join(PARTS)}")
    asked.add_argument("--pages", type=int, default=1000)
    asked.add_argument("--rounds", type=int, default=5)
    given = asked.parse_args()
    made = pages(given.pages)
    size = sum(len(head) + len(body) for _, head, body in made)
    print(f"{given.pages} pages of {size / given.pages / 1000:.1f} KB, {given.rounds} rounds")
    with tempfile.TemporaryDirectory(prefix="bench-archive-") as name:
        folder = Path(name)
        if "files" in given.parts:
            files = writing(folder, made, size, given.rounds)
            reading(files, folder / "ours", size, len(made), given.rounds)
        if "crawl" in given.parts:
            crawling(folder, given.pages, given.rounds)
        if "bytes" in given.parts:
            fidelity(folder)


if __name__ == "__main__":
    main()
