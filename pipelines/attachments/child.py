"""A reading process, jailed: `python -m pipelines.attachments.child LIMITS`, one task at a time.

It reads frames from its standard input and writes answers to what was its standard output; nothing
a library prints can get between them.
"""

from __future__ import annotations

import os
import sys
from typing import BinaryIO

import msgspec

from pipelines.attachments import jail, rar
from pipelines.attachments.jail import Limits
from pipelines.attachments.lazy import call
from pipelines.attachments.protocol import (
    GOES_ON,
    HEAD,
    LEAVES,
    Answer,
    Convert,
    Converted,
    Documents,
    Found,
    Lay,
    Parse,
    ReadFile,
    ReadPage,
    Refused,
    See,
    Seen,
    Task,
    head,
    unframe,
)
from pipelines.attachments.reading import UnreadableError


def main(said: str) -> None:
    """Serve until the input ends; `said` are the `Limits` as JSON."""
    source = os.fdopen(os.dup(0), "rb")
    sink = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    limits = msgspec.json.decode(said, type=Limits)
    rar.prepare()
    jail.enter(limits)
    while task := _next(source):
        jail.grant_cpu(limits.cpu)
        answer = _answer(task, limits)
        leaves = jail.resident() > limits.tired
        sink.write(head(len(answer), LEAVES if leaves else GOES_ON))
        sink.write(answer)
        sink.flush()
        if leaves:
            return


def _next(source: BinaryIO) -> Task | None:
    start = source.read(HEAD)
    if len(start) < HEAD:
        return None
    _, size = unframe(start)
    task: Task = msgspec.msgpack.decode(source.read(size), type=Task)
    return task


def _answer(task: Task, limits: Limits) -> bytes:
    """The answer to a task, encoded; whatever goes wrong is an answer too."""
    answer: Answer
    try:
        answer = _done(task)
        packed = msgspec.msgpack.encode(answer)
        if len(packed) > limits.answer:
            raise UnreadableError(
                "file_too_long", f"what it holds fills {len(packed)} bytes: not read"
            )
    except UnreadableError as problem:
        packed = msgspec.msgpack.encode(Refused(problem.code, _sound(problem.says)))
    except MemoryError:
        says = f"reading it takes more than {limits.memory >> 20} MB of memory: not read"
        packed = msgspec.msgpack.encode(Refused("file_takes_memory", says))
    except RecursionError:
        packed = msgspec.msgpack.encode(Refused("file_too_deep", "nested too deeply: not read"))
    except Exception as error:  # noqa: BLE001 - any reader may fail in any way on a broken file
        says = _sound(f"its reader failed: {error!r:.300}")
        packed = msgspec.msgpack.encode(Refused("reader_failed", says))
    return packed


def _sound(says: str) -> str:
    return says.encode("utf-8", "replace").decode()


def _done(task: Task) -> Answer:
    match task:
        case ReadPage():
            return Found(call("web", "read_page", task.html, task.article, task.url))
        case ReadFile():
            return Found(call("files", "read_file", task.body))
        case See():
            return Seen(call("ocr", "see", task.body, task.page))
        case Lay():
            return Found(call("files", "lay", task.sheets))
        case Convert():
            return Converted(call("office", "convert", task.body, task.suffix))
        case Parse():
            return Documents(call("parts", "documents", task))


if __name__ == "__main__":
    main(sys.argv[1])
