"""What every test may use: a store of its own, the command line, and no network but loopback."""

from __future__ import annotations

import ipaddress
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

GONGKAI = Path(sys.executable).with_name("gongkai")


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that would leave this machine fails, and says where it wanted to go."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            host = address[0]
            if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
                raise AssertionError(f"a test wanted to connect to {address}")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


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


@pytest.fixture
def gongkai(tmp_path: Path) -> Callable[..., Ran]:
    """`gongkai(*args)` in an empty directory."""

    def run(*args: str | Path, **environment: str) -> Ran:
        return run_gongkai(tmp_path, *args, **environment)

    return run
