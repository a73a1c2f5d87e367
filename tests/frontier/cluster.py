"""Three masters of a Redis Cluster on loopback, of the server that comes along."""

from __future__ import annotations

import random
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from redis import Redis
from redis.exceptions import ConnectionError as Unreachable

from crawler.frontier.launch import binary

SLOTS = ((0, 5460), (5461, 10922), (10923, 16383))


@contextmanager
def cluster(directory: Path) -> Iterator[list[int]]:
    """The ports of its nodes."""
    with ExitStack() as stack:
        ports = [stack.enter_context(node(directory / str(n))) for n in range(len(SLOTS))]
        masters = [stack.enter_context(Redis(port=port)) for port in ports]
        for master, (first, last) in zip(masters, SLOTS, strict=True):
            master.execute_command("CLUSTER", "ADDSLOTS", *range(first, last + 1))
        for master in masters[1:]:
            master.execute_command("CLUSTER", "MEET", "127.0.0.1", ports[0])
        _until(lambda: all(_whole(master) for master in masters))
        yield ports


@contextmanager
def node(directory: Path) -> Iterator[int]:
    """One that nothing was told yet; its port."""
    directory.mkdir()
    log = directory / "redis.log"
    for _ in range(5):
        port = _free_port()
        settings = {
            "port": port, "bind": "127.0.0.1", "cluster-enabled": "yes", "dir": directory,
            "logfile": log, "save": "", "appendonly": "no", "list-compress-depth": 1,
        }  # fmt: skip
        command = [binary(), *(str(p) for name, of in settings.items() for p in (f"--{name}", of))]
        with subprocess.Popen(command) as process:
            try:
                _until(lambda port=port, process=process: process.poll() or _answers(port))
                if process.poll() is None:
                    yield port
                    return
            finally:
                process.kill()
    raise AssertionError(f"no node came up:\n{log.read_text()}")


def _free_port() -> int:
    """A port that is free, as is the one 10,000 above it, where nodes talk among themselves; both
    below those that the system gives to connections, which could take them first."""
    while True:
        port = random.randrange(10_000, 22_000)
        with socket.socket() as one, socket.socket() as other, suppress(OSError):
            one.bind(("127.0.0.1", port))
            other.bind(("127.0.0.1", port + 10_000))
            return port


def _answers(port: int) -> bool:
    with Redis(port=port) as asked, suppress(Unreachable):
        return bool(asked.ping())
    return False


def _whole(master: Redis) -> bool:
    info = master.execute_command("CLUSTER INFO")
    return info["cluster_state"] == "ok" and info["cluster_known_nodes"] == str(len(SLOTS))


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "no cluster came about"
        time.sleep(0.05)
