"""Three masters of a Redis Cluster on loopback, of the server that comes along."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
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
            _until(lambda node=node: _answers(node))
            node.execute_command("CLUSTER", "ADDSLOTSRANGE", first, last)
        bus = nodes[0].config_get("cluster-port")["cluster-port"]
        for node in nodes[1:]:
            node.execute_command("CLUSTER", "MEET", "127.0.0.1", ports[0], bus)
        _until(lambda: all(_whole(node) for node in nodes))
        yield ports


@contextmanager
def _node(directory: Path) -> Iterator[int]:
    directory.mkdir()
    port, bus = _free_ports()
    settings = {
        "port": port, "cluster-port": bus, "bind": "127.0.0.1", "cluster-enabled": "yes",
        "dir": directory, "logfile": directory / "redis.log", "save": "", "appendonly": "no",
        "list-compress-depth": 1,
    }  # fmt: skip
    command = [binary(), *(str(part) for pair in settings.items() for part in _flag(*pair))]
    with subprocess.Popen(command) as process:
        try:
            yield port
        finally:
            process.kill()


def _flag(name: str, value: object) -> tuple[str, object]:
    return f"--{name}", value


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as two:
        for free in (one, two):
            free.bind(("127.0.0.1", 0))
        return one.getsockname()[1], two.getsockname()[1]


def _answers(node: Redis) -> bool:
    try:
        return bool(node.ping())
    except Unreachable:
        return False


def _whole(node: Redis) -> bool:
    info = node.execute_command("CLUSTER INFO")
    return info["cluster_state"] == "ok" and info["cluster_known_nodes"] == str(len(SLOTS))


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "no cluster came about"
        time.sleep(0.05)
