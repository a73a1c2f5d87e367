"""The server that comes along: started once, shared, left clean, and fit to be killed."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from redis import Redis

from crawler.errors import Unavailable, WrongUse
from crawler.frontier import launch
from crawler.frontier.client import Frontier, Record
from crawler.frontier.server import connect, embedded, revive
from tests.frontier.cluster import node

if TYPE_CHECKING:
    from collections.abc import Iterator

USER = """
import sys
from pathlib import Path
from crawler.frontier.server import embedded

with embedded(Path(sys.argv[1])) as url:
    print(url, flush=True)
    sys.stdin.read()
"""


@contextmanager
def user(directory: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that uses the server until its stdin is closed."""
    with subprocess.Popen(
        [sys.executable, "-c", USER, str(directory)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        yield process


def info(url: str) -> dict[str, Any]:
    with Redis.from_url(url) as redis:
        return dict(redis.info())


def pid(url: str) -> int:
    return int(info(url)["process_id"])


def running(directory: Path) -> bool:
    with (directory / "server.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def test_it_listens_on_a_private_unix_socket_only_and_keeps_everything(tmp_path: Path) -> None:
    with embedded(tmp_path / "redis") as url:
        facts = info(url)
        assert facts["tcp_port"] == 0
        assert facts["aof_enabled"] == 1
        assert facts["maxmemory_policy"] == "noeviction"
        address = Path(url.removeprefix("unix://"))
        assert address.stat().st_mode & 0o777 == 0o700
        assert os.getsid(facts["process_id"]) != os.getsid(0)  # Ctrl-C does not reach it
    assert not address.exists()
    assert not running(tmp_path / "redis")


def test_a_restart_keeps_the_data(tmp_path: Path) -> None:
    for turn in range(3):
        with embedded(tmp_path) as url, Redis.from_url(url) as redis:
            assert int(redis.incr("turns")) == turn + 1


def test_processes_that_start_at_once_share_one_server_and_the_last_one_stops_it(
    tmp_path: Path,
) -> None:
    with user(tmp_path) as one, user(tmp_path) as two, user(tmp_path) as three:
        users = [one, two, three]
        pids = {pid(process.stdout.readline().strip()) for process in users if process.stdout}
        assert len(pids) == 1
        for process in (one, two):
            process.communicate()
            assert running(tmp_path)
        three.communicate()
        assert not running(tmp_path)


def test_uses_within_one_process_nest(tmp_path: Path) -> None:
    with embedded(tmp_path) as outer:
        with embedded(tmp_path) as inner:
            assert inner == outer
        assert pid(outer)


def test_a_killed_server_comes_back_with_its_data(tmp_path: Path) -> None:
    with embedded(tmp_path) as url:
        with Redis.from_url(url) as redis:
            redis.set("kept", "yes")
        os.kill(pid(url), signal.SIGKILL)
        deadline = time.monotonic() + 10
        while running(tmp_path) and time.monotonic() < deadline:
            time.sleep(0.01)
        with embedded(tmp_path) as again, Redis.from_url(again) as redis:
            assert redis.get("kept") == b"yes"
    assert not running(tmp_path)


def test_a_server_that_a_killed_process_left_is_used_again(tmp_path: Path) -> None:
    with user(tmp_path) as process:
        assert process.stdout is not None
        left = pid(process.stdout.readline().strip())
        process.kill()
    assert running(tmp_path)
    with embedded(tmp_path) as url:
        assert pid(url) == left
    assert not running(tmp_path)


def test_a_server_that_died_is_revived_at_its_place_by_whoever_notices_first(
    tmp_path: Path,
) -> None:
    with embedded(tmp_path) as url:
        with Redis.from_url(url) as redis:
            redis.set("kept", "yes")
        revive(tmp_path)  # it is well: nothing happens
        before = pid(url)
        os.kill(before, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while running(tmp_path) and time.monotonic() < deadline:
            time.sleep(0.01)
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(revive, [tmp_path] * 4))
        assert pid(url) != before
        with Redis.from_url(url) as redis:
            assert redis.get("kept") == b"yes"
    assert not running(tmp_path)


def test_a_server_killed_before_it_was_asked_anything_is_revived(tmp_path: Path) -> None:
    async def ask(url: str) -> bool:
        async with await connect(url, tmp_path) as redis:
            return bool(await redis.ping())

    with embedded(tmp_path) as url:
        os.kill(pid(url), signal.SIGKILL)
        assert asyncio.run(ask(url))
    assert not running(tmp_path)


def test_who_used_files_that_were_wiped_leaves_the_next_server_alone(tmp_path: Path) -> None:
    with user(tmp_path / "redis") as early:
        assert early.stdout is not None
        wiped = pid(early.stdout.readline().strip())
        os.kill(wiped, signal.SIGKILL)
        shutil.rmtree(tmp_path / "redis")
        with embedded(tmp_path / "redis") as url:
            early.communicate()
            assert pid(url) != wiped
    assert not running(tmp_path / "redis")


def test_any_path_will_do(tmp_path: Path) -> None:
    with embedded(tmp_path / "档案 %41?#&'") as url, Redis.from_url(url) as redis:
        assert redis.ping()


def test_a_long_path_gets_a_short_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    store = tmp_path / ("长" * 30) / "redis"
    with embedded(store) as url:
        assert (store / "socket").read_text(encoding="utf-8") == url.removeprefix("unix://")
        assert not url.startswith(f"unix://{store}")
        with embedded(store) as again:
            assert again == url


def test_a_socket_directory_of_somebody_else_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    store = tmp_path / ("x" * 120)
    with embedded(store) as url:
        folder = Path(url.removeprefix("unix://")).parent
    folder.chmod(0o777)
    with pytest.raises(Unavailable, match="private"), embedded(store):
        pass


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    with embedded(tmp_path):
        pass
    (log,) = [*tmp_path.glob("appendonlydir/*.manifest"), *tmp_path.glob("appendonly.aof")]
    log.write_text("nonsense\n")  # Redis 6.2 keeps one file, newer ones a folder
    with pytest.raises(Unavailable, match=r"did not start.*redis\.log"), embedded(tmp_path):
        pass
    assert not running(tmp_path)


def test_a_server_on_the_path_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "redis-server").symlink_to(launch.binary())
    monkeypatch.setattr(launch, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert launch.binary() == str(tmp_path / "redis-server")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(Unavailable, match="apt-get install redis-server"):
        launch.binary()


def test_a_client_that_reaches_nothing_says_so_without_the_password(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Unavailable, match="leave out --redis") as error:
        asyncio.run(connect(f"redis://me:secret@127.0.0.1:{port}/0"))
    assert "secret" not in str(error.value)
    with pytest.raises(Unavailable, match="no Redis answers"):
        asyncio.run(connect(f"unix://{tmp_path}/none.sock"))
    with pytest.raises(WrongUse, match="no Redis URL"):
        asyncio.run(connect("http://127.0.0.1/"))


def test_one_node_of_a_cluster_leads_to_all_of_it(nodes: list[int]) -> None:
    async def scenario() -> None:
        async with await connect(f"redis://127.0.0.1:{nodes[0]}") as redis:
            frontier = Frontier(redis, "cluster-night")
            records = [Record("p", "document", f"http://www.city{n}.gov.cn/") for n in range(9)]
            await frontier.enqueue(records)
            leases = await frontier.lease("w", 9)
            assert len(leases) == 9
            assert len({lease.shard for lease in leases}) > 1
            assert await redis.exists("f:shards")
            assert (await redis.info("server"))["uptime_in_seconds"] >= 0
            await frontier.close("w")
            await frontier.purge()

    asyncio.run(scenario())


def test_a_cluster_that_lacks_slots_is_refused(tmp_path: Path) -> None:
    with node(tmp_path / "lone") as port, pytest.raises(Unavailable, match="not whole"):
        asyncio.run(connect(f"redis://127.0.0.1:{port}"))


def test_a_redis_that_evicts_is_refused(tmp_path: Path) -> None:
    with embedded(tmp_path) as url:
        with Redis.from_url(url) as redis:
            redis.config_set("maxmemory", "100mb")
            redis.config_set("maxmemory-policy", "allkeys-lru")
        with pytest.raises(Unavailable, match="noeviction"):
            asyncio.run(connect(url))
