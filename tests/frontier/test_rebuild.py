"""A frontier whose Redis was lost altogether, filled again from the journal and the archive."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

from crawler.practice.metropolis import Metropolis
from tests.frontier.town import kill_redis, town, until
from tests.zygote import Zygote

CITY = Metropolis(districts=1, hosts=3, documents=34, wait=0)


def test_a_crawl_goes_on_where_it_was_after_its_redis_was_wiped(
    tmp_path: Path, commands: Zygote
) -> None:
    with town(tmp_path, commands, CITY) as here:
        crawl = here.crawl()
        until(lambda: len(here.asked) >= 50, crawl)
        crawl.kill()
        crawl.wait()
        kill_redis(f"unix://{here.store}/redis/redis.sock")
        shutil.rmtree(here.store / "redis")
        settled, asked = here.settled("done"), here.asked

        rebuild = here.gongkai("frontier", "rebuild", "--json")
        assert rebuild.wait() == 0, rebuild.said
        assert here.asked == asked
        found = json.loads(rebuild.out.read_text())
        assert (found["seen"], found["missing"]) == (len(settled), 0)
        again = here.gongkai("frontier", "rebuild", "--json")
        assert again.wait() == 0, again.said
        assert json.loads(again.out.read_text()) == found

        last = here.crawl()
        assert last.wait() == 0, last.said
        assert not set(settled) & set(here.asked[len(asked) :])
        assert Counter(here.settled("done")) == Counter(CITY.urls())
        here.assert_complete()
