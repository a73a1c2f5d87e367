"""What may fail, and what comes of it: each row of the table in the frontier's README."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from redis import Redis

from crawler.frontier.server import embedded, revive
from crawler.practice.metropolis import Metropolis
from tests.frontier.town import Town, kill_redis, town, until
from tests.zygote import Zygote

CITY = Metropolis(districts=1, hosts=3, documents=16, wait=0.02)
SLOW = Metropolis(districts=1, hosts=4, documents=8, wait=0.4)
STEPS = {  # the order of durability of one URL
    "before its capture is on disk": "crawler.download.vault:StoredReceipt.durable:7",
    "before its links are queued": "crawler.frontier.settle:acknowledge:7",
    "before it is acknowledged": "crawler.frontier.client:Frontier.ack:7",
    "before it is in the index": "crawler.download.vault:StoredReceipt.publish:7",
    "before it is in the journal": "crawler.frontier.settle:Settler._tell:7",
}


@contextmanager
def on_a_redis(tmp_path: Path, commands: Zygote, city: Metropolis) -> Iterator[tuple[Town, str]]:
    """A town, and the URL of a Redis that no crawl starts or brings back by itself."""
    with embedded(tmp_path / "elsewhere") as url, town(tmp_path, commands, city) as here:
        yield here, url


def kept(here: Town) -> list[str]:
    """URLs whose acknowledgements lie on disk."""
    files = [path.read_bytes() for path in here.home.glob("workers/*")]
    found = [msgspec.json.decode(line) for file in files for line in file.split(b"\n")[:-1]]
    return [line["kept"]["visit"]["link"]["url"] for line in found if "kept" in line]


def test_a_worker_may_be_killed_between_any_two_steps(tmp_path: Path, commands: Zygote) -> None:
    with town(tmp_path, commands, CITY) as here:
        for step in STEPS.values():
            assert here.crawl(die_at=step).wait() == -signal.SIGKILL
        last = here.crawl()
        assert last.wait() == 0, last.said
        here.assert_complete()
        again = Counter(here.asked) - Counter(CITY.urls())
        assert again.total() <= 4 * len(STEPS)  # what was in flight: one a server


def test_a_worker_that_slept_is_stale_and_hurries_nobody(tmp_path: Path, commands: Zygote) -> None:
    with town(tmp_path, commands, SLOW) as here:
        sleeper = here.crawl(GONGKAI_SESSION_SECONDS="1")
        until(lambda: len(here.asked) >= 12, sleeper)
        sleeper.kill(signal.SIGSTOP)
        other = here.gongkai("worker", GONGKAI_SESSION_SECONDS="1")
        assert other.wait() == 0, other.said
        sleeper.kill(signal.SIGCONT)
        assert sleeper.wait() == 0, sleeper.said
        here.assert_complete()
        assert here.settled("stale")
        assert Counter(here.settled("done")) == Counter(SLOW.urls())


def test_the_embedded_redis_is_brought_back_by_the_crawl(tmp_path: Path, commands: Zygote) -> None:
    with town(tmp_path, commands, CITY) as here:
        crawl = here.crawl()
        until(lambda: len(here.asked) >= 12, crawl)
        kill_redis(f"unix://{here.store}/redis/redis.sock")
        assert crawl.wait() == 0, crawl.said
        gone, back, *_ = crawl.said.splitlines()
        assert gone.startswith("gongkai: Redis is gone (")
        assert back.startswith("gongkai: Redis is back after ")
        here.assert_complete()


def test_what_was_finished_while_redis_was_gone_outlives_the_worker(
    tmp_path: Path, commands: Zygote
) -> None:
    with on_a_redis(tmp_path, commands, SLOW) as (here, url):
        crawl = here.crawl("--redis", url)
        until(lambda: len(here.asked) >= 12, crawl)
        kill_redis(url)
        until(lambda: kept(here), crawl)
        time.sleep(2 * SLOW.wait)  # what was in flight is finished, and nothing else begun
        finished, asked = kept(here), here.asked
        crawl.kill()
        crawl.wait()
        revive(tmp_path / "elsewhere")
        again = here.crawl("--redis", url)
        assert again.wait() == 0, again.said
        assert not set(finished) & set(here.asked[len(asked) :])
        assert Counter(here.settled("done")) == Counter(SLOW.urls())
        here.assert_complete()


def test_a_redis_that_stays_away_ends_the_crawl_and_so_does_ctrl_c(
    tmp_path: Path, commands: Zygote
) -> None:
    with on_a_redis(tmp_path, commands, CITY) as (here, url):
        patient = here.crawl("--redis", url, GONGKAI_REDIS_SECONDS="1")
        until(lambda: len(here.asked) >= 8, patient)
        kill_redis(url)
        assert patient.wait() == 3
        assert "nothing is lost; see that it runs, then go on with the same" in patient.said
        revive(tmp_path / "elsewhere")
        stopped = here.crawl("--redis", url)
        until(lambda: len(here.asked) >= 20, stopped)
        kill_redis(url)
        until(lambda: "Redis is gone" in stopped.said, stopped)
        stopped.kill(signal.SIGINT)
        assert stopped.wait() == 130
        assert "interrupted, nothing is lost" in stopped.said
        revive(tmp_path / "elsewhere")
        last = here.crawl("--redis", url)
        assert last.wait() == 0, last.said
        here.assert_complete()


def test_what_a_full_redis_has_no_room_for_waits_on_disk(tmp_path: Path, commands: Zygote) -> None:
    with on_a_redis(tmp_path, commands, CITY) as (here, url), Redis.from_url(url) as redis:
        crawl = here.crawl("--redis", url)
        until(lambda: len(here.asked) >= 3, crawl)
        redis.config_set("maxmemory", "1")
        until(lambda: list(here.home.glob("spill/*/*.zst")), crawl)
        crawl.kill()
        crawl.wait()
        again = here.crawl("--redis", url)  # Redis is still full
        until(lambda: len(list(here.home.glob("workers/*"))) == 1, again)
        time.sleep(1)
        assert again.poll() is None, again.said
        redis.config_set("maxmemory", "0")
        assert again.wait() == 0, again.said
        assert not list(here.home.glob("spill/*"))
        here.assert_complete()
