"""The frontier's atomic steps, one Lua file each, and how they are called.

Every script is `shared.lua` plus its own file. A batch goes to all its shards in one pipeline; a
server that forgot the scripts (restart, failover) is told them again.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import sha1
from importlib.resources import files
from itertools import chain
from typing import TYPE_CHECKING, Any

import msgspec
from redis.exceptions import NoScriptError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from redis.asyncio import Redis

PACKER = msgspec.msgpack.Encoder()
Arg = str | bytes | int
Call = tuple[str, "Sequence[Arg]"]  # the one key, the arguments


@dataclass(frozen=True, slots=True)
class Look:
    """One shard at one instant, as `look.lua` saw it."""

    ready: int
    wait_ms: int
    counts: dict[str, int]

    @property
    def left(self) -> int:
        return sum(self.counts.get(state, 0) for state in ("queued", "delayed", "leased"))


def read_look(answer: list[Any]) -> Look:
    ready, wait, paused, delayed, leased, due, workers, *rest = answer
    counts = {name.decode(): int(value) for name, value in zip(rest[::2], rest[1::2], strict=True)}
    counts |= {"paused": paused, "delayed": delayed, "leased": leased}
    return Look(ready, wait, counts | {"due": due, "workers": workers})


def pack(rows: Iterable[Iterable[str | int]]) -> bytes:
    """Rows as one flat argument: redis-py takes longer over an argument than Redis over a row."""
    return PACKER.encode(list(chain.from_iterable(rows)))


def flag(value: bool) -> str:
    return "1" if value else ""


@cache
def source(name: str) -> tuple[str, str]:
    """A script's text and the SHA-1 Redis knows it by."""
    folder = files(__name__)
    text = "\n".join(
        folder.joinpath(f"{part}.lua").read_text(encoding="utf-8") for part in ("shared", name)
    )
    return text, sha1(text.encode(), usedforsecurity=False).hexdigest()


async def run(redis: Redis, name: str, calls: Sequence[Call]) -> list[Any]:
    """The answers of one script on several shards, in one round trip."""
    answers = await _send(redis, name, calls)
    missing = [at for at, answer in enumerate(answers) if isinstance(answer, NoScriptError)]
    if missing:  # such a call did nothing, so it may be repeated
        await redis.script_load(source(name)[0])
        for at, answer in zip(
            missing, await _send(redis, name, [calls[at] for at in missing]), strict=True
        ):
            answers[at] = answer
    for answer in answers:
        if isinstance(answer, Exception):
            raise answer
    return answers


async def _send(redis: Redis, name: str, calls: Sequence[Call]) -> list[Any]:
    _, sha = source(name)
    async with redis.pipeline(transaction=False) as pipe:
        for key, args in calls:
            pipe.evalsha(sha, 1, key, *args)
        return await pipe.execute(raise_on_error=False)
