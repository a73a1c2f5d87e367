"""The traps are traps: whoever follows every link that looks new does not get out of them."""

import re
from urllib.parse import urljoin, urlsplit

import pytest

from crawler.practice.traps import TRAPS, Twins

LINK = re.compile(rb"<a (class='more' )?href='([^']+)'")
ENOUGH = 150  # pages; an honest walk needs ten or so
STARTS = {"rili": "/xxgk/rl.jsp", "lujing": "/xxgk/nb/"}


def walk(city, trap):
    """Pages that a crawler meets who knows a page by its address alone: listings, and the rest."""
    start = f"http://{trap.host}{STARTS.get(trap.name, '/xxgk/nb/list.jsp')}"
    seen, waiting, listings, documents = {start}, [start], [], set()
    while waiting and len(listings) < ENOUGH:
        url = waiting.pop(0)
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        answer = city.answer(parts.hostname, "GET", target, {}, b"")
        assert answer.status == 200, url
        if b"<ul class='list'>" not in answer.body:
            documents.add(parts.path.partition(";")[0])
            continue
        listings.append(url)
        for _, href in LINK.findall(answer.body):
            if (found := urljoin(url, href.decode())) not in seen:
                seen.add(found)
                waiting.append(found)
    return listings, documents


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.name)
def test_a_trap_holds_a_naive_crawler(city, trap):
    listings, documents = walk(city, trap)
    paths = {urlsplit(truth.url).path for truth in trap.truth()}
    assert documents <= paths
    assert len(paths) == 6
    if isinstance(trap, Twins):  # ends, after every page was fetched under every name
        assert documents == paths
        assert len(listings) > 3 * 4
    else:
        assert len(listings) == ENOUGH


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.name)
def test_a_trap_answers_the_same_twice_and_knows_what_it_has_not(city, trap):
    listings, _ = walk(city, trap)
    parts = urlsplit(listings[20 % len(listings)])
    asked = (trap.host, "GET", f"{parts.path}?{parts.query}", {}, b"")
    assert city.answer(*asked) == city.answer(*asked)
    assert city.answer(trap.host, "GET", "/nowhere.html", {}, b"").status == 404
    assert city.answer(trap.host, "GET", "/xxgk/rl.jsp?date=soon", {}, b"").status == 404
