"""The URLs of the frontier's benchmark: the same for both sides, never twice the same.

Standard library only: the scrapy-redis process, which has another environment, imports it too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

COLUMNS = ("zfxxgkml", "xxgknb", "xxgkzn", "tzgg", "zcwj", "bmdt")
MIX = 2654435761  # odd, so numbers stay apart: neighbours in the queue are no neighbours in the URL
LINKS = 64  # on a page
NEW = 2  # of them


def path_url(number: int, groups: int) -> str:
    """As a CMS names its pages. Numbers below 2**28 give different URLs."""
    mixed, host = number * MIX % 2**28, number % groups
    year, month, day = 2008 + mixed % 17, 1 + mixed // 17 % 12, 1 + mixed // 204 % 28
    return (
        f"http://www.city{host:03}.gov.cn/{COLUMNS[mixed % 6]}/{year}{month:02}"
        f"/t{year}{month:02}{day:02}_{mixed}.html"
    )


def query_url(number: int, groups: int) -> str:
    """The same with query strings: one parameter, two in order, two out of order."""
    mixed, host = number * MIX % 2**28, number % groups
    query = (
        f"id={mixed}",
        f"classid=0&filename={mixed}.pdf",
        f"webid={host}&infoid={mixed}",
    )[number % 3]
    return f"http://www.city{host:03}.gov.cn/{COLUMNS[mixed % 6]}/show.jsp?{query}"


MAKERS = {"path": path_url, "query": query_url}


def urls(job: dict[str, Any]) -> list[str]:
    """`count` URLs of one `kind` over `groups` groups in turn; `start` is the first number."""
    make, groups, start = MAKERS[job["kind"]], job["groups"], job["start"]
    return [make(number, groups) for number in range(start, start + job["count"])]


def pages(job: dict[str, Any]) -> Iterator[list[dict[str, str]]]:
    """`pages` listings of one group each: 64 links, two of them new, as a portal prints them.

    The known ones are the newest of their group among `urls(job)`.
    """
    make, groups, count = MAKERS[job["kind"]], job["groups"], job["count"]
    fresh = job["start"] + count
    fresh += -fresh % groups
    for page in range(job["pages"]):
        host = page % groups
        first = fresh + page // groups * groups * NEW + host
        own = range(first + groups, first - groups * (LINKS - 1), -groups)
        made = [make(number, groups) for number in own]
        yield [
            {"url": url, "title": f"{number}号政府信息公开工作年度报告", "date": "2023-01-31"}
            for number, url in zip(own, made, strict=True)
        ]
