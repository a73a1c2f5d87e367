"""What waits on disk beside Redis: records without room, and the files of workers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

from crawler.frontier.client import Ack, Frontier, Lease, Outcome, Record
from crawler.frontier.roster import Kept, Place, vacated
from crawler.frontier.spill import LARGEST, Spill
from crawler.items import Capture, Issue, Link, Visit

GROUP = "127.0.0.1:80:city.gov.cn"


def pages(count: int, group: str = GROUP) -> list[Record]:
    urls = [f"http://www.{group.rpartition(':')[2]}/{n}" for n in range(count)]
    return [Record("p", "document", url, group=group) for url in urls]


def kept() -> Kept:
    lease = Lease("0-7-1700000000000", GROUP, pages(1)[0])
    capture = Capture("u", "2026-11-22T00:00:00.000000Z", "warc/x", 9, "urn:uuid:x", "00")
    visit = Visit(
        "p", Link("http://www.city.gov.cn/0"), "done", 200, 5, capture, (Issue("a", "b"),)
    )
    return Kept("w.1", Ack(lease, "done", 5), pages(3), visit)


def test_a_full_group_is_refilled_from_disk_until_all_is_fetched(
    drive: Callable[..., Any], tmp_path: Path
) -> None:
    async def scenario(frontier: Frontier) -> None:
        spill, records = Spill(tmp_path, "w"), pages(23)
        outcomes = await frontier.enqueue(records)
        spilt = [r for r, said in zip(records, outcomes, strict=True) if said is Outcome.SPILL]
        assert len(spilt) == 13
        spill.keep(spilt)
        spill.keep(spilt)  # the next page links to the same ones
        await frontier.configure(GROUP, delay_ms=0, concurrency=50)
        fetched = []
        while await frontier.left() or spill.waiting():
            leases = await frontier.lease("w", 4)
            await frontier.ack("w", [Ack(lease, "done", 1) for lease in leases])
            fetched += [lease.record for lease in leases]
            await spill.refill(frontier.enqueue)
        assert sorted(r.url for r in fetched) == sorted(r.url for r in records)
        assert list(tmp_path.iterdir()) == []

    drive(scenario, max_queued=10)


def test_records_come_back_as_they_were_from_a_worker_that_died_while_writing(
    drive: Callable[..., Any], tmp_path: Path
) -> None:
    async def scenario(frontier: Frontier) -> None:
        odd = msgspec.structs.replace(
            pages(1)[0], title="年报", attempt=1, body="a=b", method="POST"
        )
        Spill(tmp_path, "dead").keep([odd, *pages(2), *pages(2, "other.cn")])
        (path, other) = sorted((tmp_path / "dead").iterdir())
        with path.open("ab") as file:
            file.write(other.read_bytes()[:20])  # a frame that was never finished
        heir = Spill(tmp_path, "heir")
        heir.keep([])
        heir.adopt("dead")
        assert not (tmp_path / "dead").exists()
        assert heir.waiting() == 2
        taken: list[Record] = []

        async def enqueue(records: Any) -> list[Outcome]:
            taken.extend(records)
            return [Outcome.NEW] * len(records)

        await heir.refill(enqueue)
        assert taken == [odd, *pages(2), *pages(2, "other.cn")]

    drive(scenario)


def test_segments_stay_small_enough_to_be_written_anew(tmp_path: Path) -> None:
    spill = Spill(tmp_path, "w")
    for start in range(0, 24_000, 4_000):
        names = [sha256(b"%d" % n).hexdigest() for n in range(start, start + 4_000)]
        spill.keep([Record("p", "document", f"http://a.cn/{name}") for name in names])
    sizes = [path.stat().st_size for path in (tmp_path / "w").iterdir()]
    assert len(sizes) > 1
    assert max(sizes) < 2 * LARGEST


def test_a_living_workers_place_is_its_own_and_a_dead_ones_is_settled_once(tmp_path: Path) -> None:
    place = Place(tmp_path / "workers", "w")
    place.enter("w.1")
    place.keep(kept())
    place.keep(kept())
    assert list(vacated(place.directory)) == []
    place._file.close()  # as the kernel does for a process that was killed
    with (place.directory / "w.jsonl").open("ab") as file:
        file.write(b'{"kept":{"session":')
    (left,) = vacated(place.directory)
    assert (left.worker, left.sessions, left.kept) == ("w", ("w.1",), (kept(),))
    assert list(vacated(place.directory)) == []


def test_a_place_that_nobody_went_on_from_stays_for_the_next(tmp_path: Path) -> None:
    place = Place(tmp_path / "workers", "w")
    place.enter("w.1")
    place._file.close()
    dead = vacated(place.directory)
    next(dead)
    dead.close()  # Redis went away while this was being settled
    assert [left.worker for left in vacated(place.directory)] == ["w"]


def test_a_worker_that_goes_home_leaves_nothing_unless_something_is_unsaid(tmp_path: Path) -> None:
    folder = tmp_path / "workers"
    place = Place(folder, "w")
    place.keep(kept())
    place.settled(kept())
    place.leave(clean=True)
    assert not folder.exists()
    place = Place(folder, "w")
    place.keep(kept())
    place.leave(clean=True)
    assert [left.kept for left in vacated(folder)] == [(kept(),)]


@pytest.mark.parametrize("ends", ["close", "reap"])
def test_a_server_rests_after_a_lease_that_came_back(drive: Callable[..., Any], ends: str) -> None:
    """Its worker may have sent a request at any time until it died."""

    async def scenario(frontier: Frontier) -> None:
        await frontier.configure(GROUP, delay_ms=400)
        await frontier.enqueue(pages(1))
        assert len(await frontier.lease("dead", 1)) == 1
        await asyncio.sleep(0.5)
        state = await frontier.explain(GROUP)
        assert state is not None
        assert state.next_ms <= state.now_ms
        assert await (frontier.close("dead") if ends == "close" else frontier.reap()) == 1
        state = await frontier.explain(GROUP)
        assert state is not None
        assert state.next_ms > state.now_ms

    drive(scenario, session_ttl=0.3)
