"""`gongkai` commands without the seconds that imports take: a process that forks one for each.

The child is a process of its own in every way that matters to a test: killed by its id, with its
own environment, directory and files for what it prints.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
CHUNK = 65_536


@dataclass
class Child:
    """A running command."""

    pid: int
    out: Path
    err: Path
    zygote: Zygote = field(repr=False)

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Signal this command, and nothing else, if it still runs."""
        if self.poll() is None:  # until then its id cannot be another's
            os.kill(self.pid, number)

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        return self.zygote.code(self.pid)

    def wait(self, seconds: float = 120) -> int:
        """The exit code. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self} still runs; {self.said}")
            time.sleep(0.01)
        return code

    @property
    def said(self) -> str:
        """What it wrote to stderr."""
        return self.err.read_text()


class Zygote:
    """Commands in `directory`."""

    def __init__(self, directory: Path, **environment: str) -> None:
        self._directory = directory
        self._count = 0
        self._asked = 0
        clean = {k: v for k, v in os.environ.items() if not k.startswith("GONGKAI_")}
        path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=directory,
            env={**clean, "PYTHONPATH": path, **environment},
        )  # fmt: skip
        self._answer()

    def run(self, *args: str | Path, die_at: str = "", **environment: str) -> Child:
        """`gongkai args…`; with `die_at` ("module:Class.method:n") it is killed by the kernel when
        it calls that for the nth time."""
        self._count += 1
        files = [self._directory / f"{self._count}.{end}" for end in ("out", "err")]
        words = [str(word) for word in args]
        job = {"args": words, "files": list(map(str, files)), "die": die_at, "env": environment}
        pid = self._ask(job)
        assert isinstance(pid, int)
        assert pid > 1  # 0 and -1 would mean a signal to many
        return Child(pid, *files, zygote=self)

    def code(self, pid: int) -> int | None:
        """How a child ended."""
        return self._ask({"pid": pid})

    def close(self) -> None:
        """End, with whatever still runs."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def _ask(self, question: dict[str, Any]) -> Any:
        """The answer to this question, not to one whose answer nobody waited for."""
        assert self._process.stdin is not None
        self._asked += 1
        self._process.stdin.write(json.dumps({**question, "number": self._asked}).encode() + b"\n")
        self._process.stdin.flush()
        while True:
            number, answer = self._answer()
            if number == self._asked:
                return answer

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())


@contextmanager
def zygote(directory: Path, **environment: str) -> Iterator[Zygote]:
    started = Zygote(directory, **environment)
    try:
        yield started
    finally:
        started.close()


def _serve() -> None:
    """In the process itself: a job a line; answers with the child's pid, or with its exit code."""
    _import_what_commands_do()
    codes: dict[int, int | None] = {}
    _say(0, None)
    for line in sys.stdin:
        job = json.loads(line)
        if "pid" in job:
            if codes[job["pid"]] is None:
                pid, status = os.waitpid(job["pid"], os.WNOHANG)
                codes[job["pid"]] = os.waitstatus_to_exitcode(status) if pid else None
            _say(job["number"], codes[job["pid"]])
            continue
        if (pid := os.fork()) == 0:
            _become(job)
        codes[pid] = None
        _say(job["number"], pid)
    for pid, code in codes.items():
        if code is None:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _say(number: int, answer: int | None) -> None:
    print(json.dumps([number, answer]), flush=True)


def _import_what_commands_do() -> None:
    from contextlib import suppress

    from scrapy.utils.misc import load_object

    import crawler.nightly  # noqa: F401
    from crawler.order import project_settings

    settings = project_settings()
    for name in ("SPIDER_MIDDLEWARES", "DOWNLOADER_MIDDLEWARES", "ITEM_PIPELINES", "EXTENSIONS"):
        for component in settings.getwithbase(name):
            with suppress(ImportError):
                load_object(component)
    load_object(settings["DOWNLOAD_HANDLERS"]["http"])


def _become(job: dict[str, Any]) -> None:
    """Run the command and never return."""
    code = 1
    try:
        for at, path in enumerate([os.devnull, *job["files"]]):
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
            os.dup2(descriptor, at)
            os.close(descriptor)
        os.environ.update(job["env"])
        sys.modules.pop("crawler.settings", None)  # it reads the environment
        if job["die"]:
            _die_at(*job["die"].split(":"))
        from crawler.cli import main

        sys.argv = ["gongkai", *job["args"]]
        main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001 - told, and then the process is gone
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _die_at(module: str, name: str, count: str) -> None:
    from importlib import import_module

    owner = import_module(module)
    *outer, last = name.split(".")
    for part in outer:
        owner = getattr(owner, part)
    original, left = getattr(owner, last), int(count)

    def dying(*args: Any, **more: Any) -> Any:
        nonlocal left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*args, **more)

    setattr(owner, last, dying)


if __name__ == "__main__":
    _serve()
