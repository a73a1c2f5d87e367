"""`gongkai` as a user runs it: a process of its own, in an empty directory.

Where a test is about what is said and not about a process, `call_gongkai` runs the same `main`
inside this one, which saves the seconds that the imports take.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from crawler.cli import main

GONGKAI = Path(sys.executable).with_name("gongkai")


class Ran:
    """A finished `gongkai`: exit code, what it printed, and that as JSON."""

    def __init__(self, code: int, out: bytes, err: bytes) -> None:
        self.code = code
        self.out = out
        self.err = err.decode()

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
    ran = Ran(done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in ran.err, ran.err
    return ran


def call_gongkai(
    directory: Path,
    patch: pytest.MonkeyPatch,
    said: pytest.CaptureFixture[bytes],
    *args: str | Path,
    **environment: str,
) -> Ran:
    """The same without a process; an error that `main` does not know of is the test's."""
    said.readouterr()
    with patch.context() as here:
        here.chdir(directory)
        here.setattr(sys, "argv", ["gongkai", *map(str, args)])
        for name in [name for name in os.environ if name.startswith("GONGKAI_")]:
            here.delenv(name)
        for name, value in environment.items():
            here.setenv(name, value)
        try:
            main()
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else int(left.code is not None)
        else:
            code = 0
    return Ran(code, *said.readouterr())
