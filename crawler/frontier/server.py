"""The Redis that comes along: one server a store, started by whoever needs it first.

Four files beside its data keep order. `gate.lock` is held while starting or stopping. `users.lock`
is shared by everyone who uses the server; whoever can have it alone is the last and shuts it down.
`server.lock` is held by the server process itself, through an inherited descriptor, so it is free
exactly when no server works on these data. `socket` says where it listens: a unix socket only.
The kernel frees the locks of killed processes; a server they leave behind is found and used again.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import re
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.parse import quote

from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisClusterException, RedisError

from archive.disk import is_at
from crawler.errors import Unavailable, WrongUse
from crawler.frontier import launch

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 60.0  # seconds: reading a long append-only file takes its time


@contextmanager
def embedded(directory: Path) -> Iterator[str]:
    """The URL of this directory's own Redis, running for as long as anybody is in here."""
    directory = directory.resolve()
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (directory / "users.lock").open("a") as users:
        with _gate(directory):
            fcntl.flock(users, fcntl.LOCK_SH)
            address = _running(directory) or _start(directory)
        try:
            yield f"unix://{quote(address)}"
        finally:
            with _gate(directory):
                fcntl.flock(users, fcntl.LOCK_UN)
                # Where the files were wiped meanwhile, the server there is that of others.
                if _try_lock(users) and is_at(users.fileno(), directory / "users.lock"):
                    _stop(directory)


def revive(directory: Path) -> None:
    """Start this directory's Redis again if it died. For those who are inside `embedded`.

    Whoever notices first does it; the others find it running. Raises Unavailable when it will not
    start.
    """
    directory = directory.resolve()
    with _gate(directory):
        if not _alive(directory):
            _start(directory)


async def connect(url: str, home: Path | None = None) -> Redis | RedisCluster:
    """A client whose server answers and is fit for a frontier; `await client.aclose()` it.

    One node of a Redis Cluster is enough to reach all of it. `home`: the directory of an embedded
    Redis, which is started again when it has just died.
    """
    # A command repeated behind our back could lease twice, or call a settled lease stale.
    retry = Retry(NoBackoff(), 0)
    try:
        redis = Redis.from_url(url, retry=retry, socket_connect_timeout=5, socket_timeout=60)
    except ValueError as error:
        raise WrongUse(f"{_shown(url)} is no Redis URL: {error}") from error
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            info = await redis.info()
            break
        except (RedisError, OSError) as error:
            if home is not None and time.monotonic() < deadline:
                await asyncio.to_thread(revive, home)
                await asyncio.sleep(0.05)
                continue
            await redis.aclose()
            advice = "start it, or leave out --redis to use the embedded one"
            if home is not None:
                advice = f"see {home / 'redis.log'}"
            raise Unavailable(f"no Redis answers at {_shown(url)} ({error}): {advice}") from error
    if complaint := _complaint(info):
        await redis.aclose()
        raise Unavailable(f"the Redis at {_shown(url)} {complaint}")
    if info.get("cluster_enabled"):
        await redis.aclose()
        cluster = RedisCluster.from_url(
            url, retry=retry, socket_connect_timeout=5, socket_timeout=60
        )
        try:
            return await cluster.initialize()
        except (RedisClusterException, RedisError, OSError) as error:
            await cluster.aclose()
            raise Unavailable(
                f"the Redis Cluster at {_shown(url)} is not whole ({error}): mend it first, see "
                "`redis-cli --cluster check`"
            ) from error
    return redis


def _complaint(info: dict[str, object]) -> str:
    if launch.version(f"v={info['redis_version']}") < launch.OLDEST:
        return f"is version {info['redis_version']}: the frontier needs 6.2 or newer"
    policy = info.get("maxmemory_policy", "noeviction")
    if info.get("maxmemory") and policy != "noeviction":
        return f"may throw URLs away: set maxmemory-policy noeviction instead of {policy}"
    return ""


def _shown(url: str) -> str:
    return re.sub(r"//[^/@]*@", "//…@", url)


@contextmanager
def _gate(directory: Path) -> Iterator[None]:
    with (directory / "gate.lock").open("a") as gate:
        deadline = time.monotonic() + PATIENCE
        while not _try_lock(gate):
            if time.monotonic() > deadline:
                raise Unavailable(
                    f"another process has been starting or stopping the Redis in {directory} for "
                    f"{PATIENCE:.0f} s: see who holds {gate.name} (`fuser`)"
                )
            time.sleep(0.02)
        yield


def _try_lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _alive(directory: Path) -> bool:
    with (directory / "server.lock").open("a") as lock:
        return not _try_lock(lock)


def _running(directory: Path) -> str | None:
    """Where this directory's server listens, if there is one."""
    address = _noted(directory)
    return address if _answers(directory, address, PATIENCE) else None


def _answers(directory: Path, address: str, patience: float) -> bool:
    """Whether the server is ready; waits while it loads. False when there is none."""
    deadline = time.monotonic() + patience
    while _alive(directory):
        if address and _say(address, b"PING").startswith(b"+PONG"):
            return True
        if time.monotonic() > deadline:
            raise Unavailable(
                f"the Redis in {directory} runs but does not answer at {address or 'any socket'}: "
                "end the process that holds server.lock there (`fuser`)"
            )
        time.sleep(0.01)
    return False


def _say(address: str, command: bytes) -> bytes:
    """The first bytes of the answer; b"" when nobody listens or it hangs up."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(5)
        try:
            line.connect(address)
            line.sendall(command + b"\r\n")
            return line.recv(64)
        except OSError:
            return b""


def _start(directory: Path) -> str:
    address = launch.socket_path(directory, _noted(directory))
    Path(address).unlink(missing_ok=True)
    (directory / "socket").write_text(address, encoding="utf-8")
    with (directory / "server.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        said = subprocess.run(  # noqa: S603 - our own binary and arguments
            [launch.binary(), *launch.arguments(directory, address)],
            pass_fds=[lock.fileno()],
            start_new_session=True,  # Ctrl-C is for the foreground, not for the queue
            env={**os.environ, "LC_ALL": "C"},  # it refuses to start under an unknown locale
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=PATIENCE,
            check=False,
        )
    if said.returncode or not _answers(directory, address, PATIENCE):
        log = directory / "redis.log"
        written = said.stdout.strip() or (log.read_bytes() if log.exists() else b"")
        last = (written.splitlines() or [b"?"])[-1].decode(errors="replace")
        raise Unavailable(f"Redis did not start in {directory}: {last} (more in {log})")
    return address


def _noted(directory: Path) -> str:
    """Where the server listens, or did when it ran last; "" if it never has."""
    note = directory / "socket"
    return note.read_text(encoding="utf-8") if note.exists() else ""


def _stop(directory: Path) -> None:
    """Shut the server down; its append-only file is on disk when this returns."""
    deadline = time.monotonic() + PATIENCE
    if _alive(directory):
        _say(_noted(directory), b"SHUTDOWN")
    while _alive(directory) and time.monotonic() < deadline:
        time.sleep(0.01)
