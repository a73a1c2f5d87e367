"""Reading processes, a few at a time: a crawl goes on, a hostile file kills only its reader."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from pipelines.attachments.protocol import (
    HEAD,
    LEAVES,
    Answer,
    Convert,
    Refused,
    See,
    Task,
    head,
    unframe,
)
from pipelines.attachments.reading import UnreadableError
from pipelines.attachments.roles import LIMITS
from pipelines.attachments.workspace import Workspace

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Mapping

    from pipelines.attachments.jail import Limits
    from pipelines.attachments.roles import Role

ROOT = Path(__file__).parents[2]
MOST = 4
_PIECE = 1 << 20


class Pool:
    """Answers tasks in processes of their own, at most `size` at once; the others wait in line.

    To be used and closed on one event loop.
    """

    def __init__(self, size: int = 0, limits: Mapping[Role, Limits] = LIMITS) -> None:
        self._limits = limits
        self._turns = asyncio.Semaphore(size or min(os.cpu_count() or 1, MOST))
        self._idle: dict[Role, list[_Worker]] = {"read": [], "see": [], "convert": []}
        self._workspace = Workspace()

    async def ask(self, task: Task) -> Answer:
        """The answer to a task. Raises UnreadableError when the reader refuses, dies or hangs."""
        role: Role = (
            "see" if isinstance(task, See) else "convert" if isinstance(task, Convert) else "read"
        )
        async with self._turns:
            idle = self._idle[role]
            worker = idle.pop() if idle else await self._hired(role)
            try:
                answer = await worker.ask(task)
            except BaseException:
                await worker.kill()
                raise
            if worker.leaves:
                await worker.kill()
            else:
                idle.append(worker)
        if isinstance(answer, Refused):
            raise UnreadableError(answer.code, answer.says)
        return answer

    async def close(self) -> None:
        """End every process, and remove what they wrote."""
        for idle in self._idle.values():
            while idle:
                await idle.pop().kill()
        self._workspace.close()

    async def _hired(self, role: Role) -> _Worker:
        return await _Worker.start(self._limits[role], self._workspace.room())


class _Worker:
    """One process, its pipes, and a folder that goes with it."""

    def __init__(self, process: Process, limits: Limits, folder: str) -> None:
        self.leaves = False
        self._process = process
        self._limits = limits
        self._folder = folder

    @classmethod
    async def start(cls, limits: Limits, folder: str) -> _Worker:
        environment = {
            name: os.environ[name]
            for name in ("PATH", "LANG", "LC_ALL", "SYSTEMROOT")
            if name in os.environ
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "pipelines.attachments.child",
            msgspec.json.encode(limits).decode(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=folder,
            env={**environment, "PYTHONPATH": str(ROOT), "TMPDIR": folder, "HOME": folder},
            start_new_session=True,  # Ctrl-C is for us; what it starts dies with it
        )
        return cls(process, limits, folder)

    async def ask(self, task: Task) -> Answer:
        payload = msgspec.msgpack.encode(task)
        try:
            async with asyncio.timeout(self._limits.clock):
                packed = await self._exchange(payload)
        except TimeoutError as error:
            says = f"reading it takes more than {self._limits.clock} s: not read"
            raise UnreadableError("file_takes_time", says) from error
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise self._death(await self._process.wait()) from error
        try:
            answer: Answer = msgspec.msgpack.decode(packed, type=Answer)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise UnreadableError("file_breaks_reader", f"its reader answers {error}") from error
        return answer

    async def _exchange(self, payload: bytes) -> bytes:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(head(len(payload)))
        for start in range(0, len(payload), _PIECE):  # else the pipe's buffer holds it once more
            self._process.stdin.write(payload[start : start + _PIECE])
            await self._process.stdin.drain()
        status, size = unframe(await self._process.stdout.readexactly(HEAD))
        if size > self._limits.answer:
            raise UnreadableError("file_too_long", f"what it holds fills {size} bytes: not read")
        self.leaves = status == LEAVES
        return await self._process.stdout.readexactly(size)

    def _death(self, code: int) -> UnreadableError:
        if code in {-signal.SIGXCPU, -signal.SIGKILL}:
            says = f"reading it takes more than {self._limits.cpu} s of computing: not read"
            return UnreadableError("file_takes_time", says)
        return UnreadableError("file_breaks_reader", f"its reader ended with {code}: not read")

    async def kill(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        assert self._process.stdin is not None
        self._process.stdin.close()
        with suppress(ConnectionError):
            await self._process.stdin.wait_closed()
        await self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)
