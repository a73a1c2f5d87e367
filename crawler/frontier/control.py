"""The frontier as people and planners see it: limits, pauses, and what stands where."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from crawler.errors import WrongUse
from crawler.frontier import lua
from crawler.frontier.contents import Contents
from crawler.frontier.shards import tag
from crawler.frontier.state import GroupState, read_states

if TYPE_CHECKING:
    from collections.abc import Sequence

CHUNK = 500  # what reap.lua and close.lua do in one go
WINDOW = re.compile(r"([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)")


class Look(msgspec.Struct, array_like=True):
    """One shard at one instant, as `look.lua` saw it."""

    ready: int
    wait_ms: int
    counts: dict[str, int]

    @property
    def left(self) -> int:
        counts = self.counts
        return counts["queued"] + counts["delayed"] + counts["leased"]


class Control(Contents):
    """What a `Frontier` does for people."""

    async def configure(
        self,
        group: str,
        *,
        delay_ms: int,
        concurrency: int = 1,
        windows: str = "",
        budget: int | None = None,
        replace: bool = False,
    ) -> None:
        """Set a group's politeness for all crawls, and its budget in this one.

        Of what was said within 12 hours the strictest holds, unless `replace`. A longer crawl-delay
        of robots.txt always goes before `delay_ms`. `windows`: "22:00-06:00,12:00-13:00" in
        Asia/Shanghai, when a fetch may start; "" is any time. `budget`: most fetches; None is no
        limit. Raises WrongUse for windows that cannot be read.
        """
        for window in filter(None, windows.split(",")):
            start, _, end = window.partition("-")
            if not WINDOW.fullmatch(window) or start == end:
                raise WrongUse(f"{window!r} is no time window: write 22:00-06:00, Beijing time")
        limits = (delay_ms, concurrency, windows, -1 if budget is None else budget)
        await self._shards.at(group, "configure", group, *limits, lua.flag(replace))

    async def pause(self, group: str | None = None) -> None:
        """After this returns no lease is issued in this crawl, or of this group in it; what is
        leased may finish."""
        await self._tell("pause", group)

    async def resume(self, group: str | None = None) -> None:
        """Undo `pause` and `drain`; for a group, also lift the stop that challenges made."""
        await self._tell("resume", group)

    async def drain(self) -> None:
        """From now on nothing new is queued; what is queued is fetched. `resume` undoes it."""
        await self._tell("drain", None)

    async def left(self) -> int:
        """How many records still wait or are leased. 0 means that the crawl has ended.

        What waits in a blocked group, or one that has spent its budget, counts too: see `groups`.
        """
        return sum(look.left for look in await self._snapshot())

    async def wait_ms(self) -> int | None:
        """Milliseconds until something may be leasable, as far as is known; None: nothing left."""
        looks = await self._snapshot()
        return min((look.wait_ms for look in looks if look.left), default=None)

    async def stats(self) -> dict[str, int]:
        """All counters, summed: states, verdicts, `failed:<reason>`, `rejected:<reason>`, …"""
        total: defaultdict[str, int] = defaultdict(int)
        for look in await self._look():
            for name, value in look.counts.items():
                total[name] += value
        return dict(total)

    async def groups(self) -> list[GroupState]:
        """How every group of this crawl stands."""
        answers = map(msgspec.msgpack.decode, await self._shards.everywhere("explain", ""))
        return [state for answer in answers for state in read_states(answer)]

    async def explain(self, group: str) -> GroupState | None:
        """How one group stands; None when this crawl has none of that name."""
        answer = await self._shards.at(group, "explain", group)
        return next(iter(read_states(msgspec.msgpack.decode(answer))), None)

    async def purge(self, *, drained_only: bool = False) -> int:
        """Forget this crawl, but not politeness; with `drained_only` not where anything waits.

        Says how many records still waited."""
        return sum(await self._shards.everywhere("purge", lua.flag(drained_only)))

    async def reap(self) -> int:
        """Take back what dead workers hold, in every crawl, and wake what was delayed."""
        await self._shards.agree()
        shards = range(self._shards.count)
        live = [await self._redis.smembers(f"{tag(shard)}live") for shard in shards]
        own = self._shards.crawl.encode()
        calls = [(shard, crawl.decode()) for shard in shards for crawl in {own, *live[shard]}]
        taken = 0
        while calls:
            todo = [(shard, crawl, ()) for shard, crawl in calls]
            answers = await self._shards.run_for("reap", todo)
            taken += sum(answers)
            calls = [call for call, n in zip(calls, answers, strict=True) if n == CHUNK]
        return taken

    async def _tell(self, what: str, group: str | None) -> None:
        if group is None:
            await self._shards.everywhere("control", "", what)
        else:
            await self._shards.at(group, "control", group, what)

    async def _look(self) -> list[Look]:
        answers = await self._shards.everywhere("look")
        return [LOOK.decode(answer) for answer in answers]

    async def _snapshot(self) -> Sequence[Look]:
        """All shards as of one instant when nothing is left: looked at until two looks agree.

        One look is not enough where there are several: an item may be acked here after its links
        were queued in a shard looked at just before.
        """
        looks = await self._look()
        while len(looks) > 1 and not any(look.left for look in looks):
            again = await self._look()
            if [look.counts for look in again] == [look.counts for look in looks]:
                break
            looks = again
        return looks


LOOK = msgspec.msgpack.Decoder(Look)
