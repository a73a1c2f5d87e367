"""pywb on our files: full replay, in a process and an environment of its own (it is under the GPL).

It reads the merged CDXJ and the WARC files, knows nothing of ours, and listens on loopback only.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from crawler.errors import Unavailable

WANTED = ("pywb==2.10.0", "setuptools<81")  # it imports pkg_resources
COLLECTION = "all"
START_SECONDS = 60
INSTALL_SECONDS = 280


def serve(store: Path, port: int) -> None:
    """Merge the index, and run pywb on it until interrupted.

    Raises Unavailable without pywb, when the port is taken, and when pywb ends by itself.
    """
    from archive import Index
    from archive.rebuild import merge

    port = _free(port)
    command = wayback()
    with Index(store) as index:
        merged = merge(index)
    with tempfile.TemporaryDirectory(prefix="gongkai-pywb-") as home:
        paths = {"index_paths": str(merged.resolve()), "archive_paths": f"{store.resolve()}/"}
        config = json.dumps({"collections": {COLLECTION: paths}})  # JSON is YAML
        (Path(home) / "config.yaml").write_text(config)
        words = [str(command), "-b", "127.0.0.1", "-p", str(port), "-d", home]
        log = Path(home) / "log"
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # nor does pywb outlive us then
        with log.open("wb") as out:
            running = subprocess.Popen(words, stdout=out, stderr=out, cwd=home)  # noqa: S603 - ours
            try:
                _answering(running, port, log)
                print(f"http://127.0.0.1:{port}/{COLLECTION}/", flush=True)
                running.wait()
                raise Unavailable(f"pywb has ended; it said: {_last_words(log)}")
            finally:
                running.terminate()
                running.wait()


def wayback() -> Path:
    """pywb's server: the one that `GONGKAI_PYWB` names, or one in an environment of our making."""
    if named := os.environ.get("GONGKAI_PYWB"):
        if not os.access(named, os.X_OK):
            raise Unavailable(f"GONGKAI_PYWB={named} is no program: name pywb's `wayback`")
        return Path(named)
    home = Path(sys.prefix) / "pywb"
    if not (home / "ready").exists():
        print("installing pywb into an environment of its own …", file=sys.stderr)
        _install(home)
        (home / "ready").touch()
    return home / "bin" / "wayback"


def _install(home: Path) -> None:
    shutil.rmtree(home, ignore_errors=True)
    own = Path(__file__).parents[2] / ".uv" / "bin" / "uv"
    uv = str(own) if own.exists() else shutil.which("uv")
    python = str(home / "bin" / "python")
    if uv:
        make = [uv, "venv", "-q", "--python", sys.executable, str(home)]
        install = [uv, "pip", "install", "-q", "--python", python, *WANTED]
    else:
        make = [sys.executable, "-m", "venv", str(home)]
        install = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *WANTED]
    for step in (make, install):
        try:
            subprocess.run(  # noqa: S603 - the words stand above
                step, capture_output=True, check=True, timeout=INSTALL_SECONDS
            )
        except (OSError, subprocess.SubprocessError) as error:
            why = (getattr(error, "stderr", b"") or str(error).encode()).decode("utf-8", "replace")
            raise Unavailable(
                f"pywb cannot be installed ({(why.strip().splitlines() or ['?'])[-1]}): install "
                f"it elsewhere (pip install {' '.join(map(repr, WANTED))}) and set GONGKAI_PYWB "
                "to its `wayback`"
            ) from error


def _free(port: int) -> int:
    """The port, or for 0 any. Raises Unavailable when another program answers there."""
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # pywb does too
        try:
            one.bind(("127.0.0.1", port))
        except OSError as error:
            raise Unavailable(f"port {port}: {error.strerror}; try another --port") from error
        return int(one.getsockname()[1])


def _answering(running: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Wait until pywb listens. Raises Unavailable when it ends or takes too long."""
    until = time.monotonic() + START_SECONDS
    while running.poll() is None and time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise Unavailable(f"pywb does not start on port {port}; it said: {_last_words(log)}")


def _last_words(log: Path) -> str:
    return (log.read_text("utf-8", "replace").strip().splitlines() or ["nothing"])[-1]
