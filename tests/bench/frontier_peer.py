"""scrapy-redis as the benchmark uses it: installed apart, run as a child process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
HOME = ROOT / ".uv" / "scrapy-redis"  # git-ignored, like uv itself
PINNED = ("scrapy-redis==0.9.1", "scrapy==2.19.0", "redis==8.1.0")
PROGRAM = Path(__file__).with_name("frontier_scrapy_redis.py")


def install() -> None:
    """Its environment, unless these very versions are there."""
    mark = HOME / "pinned"
    if mark.exists() and mark.read_text(encoding="utf-8") == "\n".join(PINNED):
        return
    uv, python = ROOT / ".uv" / "bin" / "uv", HOME / "bin" / "python"
    steps: list[list[str | Path]] = [
        [uv, "venv", "--quiet", "--clear", "--python", sys.executable, HOME],
        [uv, "pip", "install", "--quiet", "--python", python, *PINNED],
    ]
    try:
        for step in steps:
            subprocess.run(step, check=True, env={**os.environ, "UV_PYTHON_DOWNLOADS": "never"})
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"bench: cannot install {PINNED[0]} ({error}): run `make setup` with a network")
    mark.write_text("\n".join(PINNED), encoding="utf-8")


def command(*args: object) -> list[str]:
    return [str(HOME / "bin" / "python"), str(PROGRAM), *map(str, args)]


class Peer:
    """A process that does one job after the other; use it as a context manager."""

    def __init__(self, redis: str) -> None:
        self._process = subprocess.Popen(
            command("jobs", redis), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, do: str, **job: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do, **job}) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            sys.exit(f"bench: the scrapy-redis process ended while it did {do!r}; see above")
        return json.loads(answer)  # type: ignore[no-any-return]

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()
