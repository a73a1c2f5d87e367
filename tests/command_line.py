"""`gongkai` as a user runs it: a process of its own, in an empty directory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

GONGKAI = Path(sys.executable).with_name("gongkai")


class Ran:
    """A finished `gongkai`: exit code, what it printed, and that as JSON."""

    def __init__(self, done: subprocess.CompletedProcess[bytes]) -> None:
        self.code = done.returncode
        self.out = done.stdout
        self.err = done.stderr.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


def clean_environment() -> dict[str, str]:
    """The environment without the developer's own store, Redis or contact."""
    return {k: v for k, v in os.environ.items() if not k.startswith("GONGKAI_")}


def run_gongkai(directory: Path, *args: str | Path, **environment: str) -> Ran:
    """Run the command as a user does; a traceback is never right."""
    done = subprocess.run(
        [str(GONGKAI), *map(str, args)],
        capture_output=True,
        cwd=directory,
        timeout=240,
        check=False,
        env={**clean_environment(), **environment},
    )
    ran = Ran(done)
    assert "Traceback" not in ran.err, ran.err
    return ran
