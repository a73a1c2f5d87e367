"""The frontier's atomic steps, one Lua file each, and how they are called.

A script is its own file after the parts it needs. A server that does not know a script (a restart,
a failover) is sent its text. A batch for several shards goes out at once, in one pipeline or, on a
Redis Cluster, to all nodes.

Scripts make up most key names from their first key, which a Redis and a Redis Cluster allow. Where
every key must be declared (some proxies, Dragonfly), a script that lacks some names them and
changes nothing; it is called again with those, until it is content.
"""

from __future__ import annotations

import asyncio
from functools import cache
from hashlib import sha1
from importlib.resources import files
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from redis.asyncio.cluster import RedisCluster
from redis.exceptions import NoScriptError

from crawler.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from redis.asyncio import Redis

PACKER = msgspec.msgpack.Encoder()
Arg = str | bytes | int
PARTS = ("shared", "politeness", "moves")
MORE_PARTS = {"enqueue": ("seen",), "forget": ("seen",), "purge": ("seen",)}
GROUP_KEYS = ("g", "live")
CRAWL_KEYS = (
    "due", "dly", "lease", "held", "ws", "ctl", "cnt", "log", "failed", "traps",
)  # fmt: skip
MOST_TRIES = 20  # each names what the one before lacked; more than three are rare


class Call(NamedTuple):
    """One script on one shard."""

    script: str
    tag: str  # "{f:3}:"
    crawl: str
    args: Sequence[Arg]
    declared: bool = False


def pack(rows: Iterable[Iterable[str | int]]) -> bytes:
    """Rows as one flat argument: redis-py takes longer over an argument than Redis over a row."""
    return PACKER.encode(list(chain.from_iterable(rows)))


def flag(value: bool) -> str:
    return "1" if value else ""


@cache
def source(name: str) -> tuple[str, str]:
    """A script's text and the SHA-1 Redis knows it by."""
    folder = files(__name__)
    parts = (*PARTS, *MORE_PARTS.get(name, ()), name)
    text = "\n".join(folder.joinpath(f"{part}.lua").read_text(encoding="utf-8") for part in parts)
    return text, sha1(text.encode(), usedforsecurity=False).hexdigest()


async def run(redis: Redis | RedisCluster, calls: Sequence[Call]) -> list[Any]:
    """The answers, in order. Calls for several shards go out together."""
    commands = [_command(call) for call in calls]
    answers = await _send(redis, commands)
    for at, answer in enumerate(answers):
        if isinstance(answer, NoScriptError):  # such a call did nothing, so it may be repeated
            text, _ = source(calls[at].script)
            answers[at] = await redis.execute_command("EVAL", text, *commands[at][2:])
        elif isinstance(answer, Exception):
            raise answer
        if calls[at].declared:
            answers[at] = await _declare(redis, calls[at], answers[at])
    return answers


def _command(call: Call, *keys: str) -> list[Arg]:
    _, sha = source(call.script)
    if call.declared:
        crawl = f"{call.tag}{call.crawl}:"
        keys = (
            *(call.tag + name for name in GROUP_KEYS),
            *(crawl + name for name in CRAWL_KEYS),
            *keys,
        )
    return ["EVALSHA", sha, 1 + len(keys), call.tag, *keys, call.crawl, *call.args]


async def _declare(redis: Redis | RedisCluster, call: Call, answer: Any) -> Any:
    """The answer once the script lacks no key any more."""
    keys: list[str] = []
    for _ in range(MOST_TRIES):
        if not (isinstance(answer, list) and answer[:1] == [b"declare"]):
            return answer
        keys += [name.decode() for name in answer[1:]]
        answer = await redis.execute_command(*_command(call, *keys))
    raise Unavailable(f"{call.script} needs other keys each time: try again")


async def _send(redis: Redis | RedisCluster, commands: Sequence[list[Arg]]) -> list[Any]:
    if len(commands) == 1:
        try:
            return [await redis.execute_command(*commands[0])]
        except NoScriptError as error:
            return [error]
    if isinstance(redis, RedisCluster):
        sending = (redis.execute_command(*command) for command in commands)
        return list(await asyncio.gather(*sending, return_exceptions=True))
    async with redis.pipeline(transaction=False) as pipe:
        for command in commands:
            pipe.execute_command(*command)
        return await pipe.execute(raise_on_error=False)
