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
        ports = [stack.enter_context(_node(directory / str(n))) for n in range(len(SLOTS))]
        nodes = [stack.enter_context(Redis(port=port)) for port in ports]
        for node, (first, last) in zip(nodes, SLOTS, strict=True):
            node.execute_command("CLUSTER", "ADDSLOTSRANGE", first, last)
        bus = nodes[0].config_get("cluster-port")["cluster-port"]
        for node in nodes[1:]:
            node.execute_command("CLUSTER", "MEET", "127.0.0.1", ports[0], bus)
        _until(lambda: all(_whole(node) for node in nodes))
        yield ports


@contextmanager
def _node(directory: Path) -> Iterator[int]:
    directory.mkdir()
    log = directory / "redis.log"
    for _ in range(5):
        port, bus = _free_ports()
        settings = {
            "port": port, "cluster-port": bus, "bind": "127.0.0.1", "cluster-enabled": "yes",
            "dir": directory, "logfile": log, "save": "", "appendonly": "no",
            "list-compress-depth": 1,
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


def _free_ports() -> tuple[int, int]:
    """Two ports below those that the system gives to connections, which could take them first."""
    free: list[int] = []
    while len(free) < 2:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as tried, suppress(OSError):
            tried.bind(("127.0.0.1", port))
            free.append(port)
    return free[0], free[1]


def _answers(port: int) -> bool:
    with Redis(port=port) as node, suppress(Unreachable):
        return bool(node.ping())
    return False


def _whole(node: Redis) -> bool:
    info = node.execute_command("CLUSTER INFO")
    return info["cluster_state"] == "ok" and info["cluster_known_nodes"] == str(len(SLOTS))


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "no cluster came about"
        time.sleep(0.05)
