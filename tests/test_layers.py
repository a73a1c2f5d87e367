"""Who may import whom, as data, and what the tree promises about itself."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OURS = ("archive", "crawler", "pipelines", "spiders", "tests")
WORDS = ("crawler.items", "crawler.text", "crawler.errors")
EVERYTHING = ("archive", "crawler", "pipelines", "spiders")

# package → what of ours it may import, besides itself. The longest prefix decides.
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "archive": (),
    "crawler.items": WORDS,
    "crawler.text": WORDS,
    "crawler.errors": WORDS,
    "crawler.settings": (),
    "crawler.egress": WORDS,
    "spiders": WORDS,
    "pipelines.parser": WORDS,
    "pipelines": (*WORDS, "archive", "crawler.download.charset"),
    "crawler.frontier": (*WORDS, "crawler.egress", "archive"),
    "crawler.download": (*WORDS, "crawler.egress", "archive"),
    "crawler.summary": (*WORDS, "crawler.reach", "archive"),
    "crawler.outlook": ("crawler.frontier",),
    "crawler.progress": (*WORDS, "crawler.frontier", "crawler.outlook"),
    "crawler.metrics": (*WORDS, "crawler.outlook", "crawler.progress"),
    "crawler.practice": ("crawler.text",),
    "crawler.order": EVERYTHING,
    "crawler.run": EVERYTHING,
    "crawler.reckoning": EVERYTHING,
    "crawler.replay": EVERYTHING,
    "crawler.nightly": EVERYTHING,
    "crawler.scoring": EVERYTHING,
    "crawler.cli": EVERYTHING,
    "crawler": (),
}
# third-party packages that would make a pure room impure
NEVER = {
    "pipelines.parser": ("scrapy", "sqlalchemy", "redis", "requests", "urllib.request", "socket"),
    "archive": ("scrapy", "redis", "sqlalchemy"),
    "spiders": ("requests", "httpx", "redis", "sqlalchemy", "time"),
    "crawler.practice": ("scrapy", "warcio", "trafilatura", "lxml"),
}
LONGEST_FILE = 250


def sources() -> Iterator[Path]:
    for package in EVERYTHING:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "store" not in path.relative_to(ROOT).parts:
                yield path


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path) -> Iterator[str]:
    """Modules that a file imports, wherever in it; `from a import b` counts as a.b."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{name.name}" for name in node.names)


def inside(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def room_of(module: str) -> str:
    return max((p for p in MAY_IMPORT if inside(module, p)), key=len)


@pytest.mark.parametrize("path", list(sources()), ids=module_of)
def test_a_file_imports_only_what_its_room_may(path: Path) -> None:
    room = room_of(module_of(path))
    allowed = (room, *MAY_IMPORT[room])
    if room == "pipelines":
        allowed = (*allowed, "pipelines.parser")
    for name in imported(path):
        if name.split(".")[0] in OURS:
            assert any(inside(name, p) for p in allowed), f"{path} may not import {name}"
        for package, banned in NEVER.items():
            if inside(module_of(path), package):
                assert not any(inside(name, b) for b in banned), f"{path} may not import {name}"


@pytest.mark.parametrize("path", list(sources()), ids=module_of)
def test_a_file_stays_one_room(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST_FILE, f"{path} has {lines} lines: two rooms?"


def test_nobody_commits_data_or_absolute_paths() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if not path.is_file() or name == "uv.lock":
            continue
        assert path.stat().st_size <= 200_000, f"{name} is data, not source"
        text = path.read_bytes().decode("utf-8", "ignore")
        assert str(ROOT) + "/" not in text, f"{name} names a path of this machine"
