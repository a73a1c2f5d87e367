"""What every test may use: a store of its own, the command line, and no network but loopback."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command_line import Ran, call_gongkai, run_gongkai


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


@pytest.fixture
def gongkai(tmp_path: Path) -> Callable[..., Ran]:
    """`gongkai(*args)` in an empty directory."""

    def run(*args: str | Path, **environment: str) -> Ran:
        return run_gongkai(tmp_path, *args, **environment)

    return run


@pytest.fixture
def command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Callable[..., Ran]:
    """`command(*args)` is `gongkai(*args)` inside this process."""

    def call(*args: str | Path, **environment: str) -> Ran:
        return call_gongkai(tmp_path, monkeypatch, capfdbinary, *args, **environment)

    return call
