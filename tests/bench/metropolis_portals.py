"""The portals of the practice metropolis, one class a district: `GONGKAI_SPIDERS` loads them."""

from __future__ import annotations

from crawler.practice.metropolis import host_name, site
from spiders.families import StaticPortal

MOST_DISTRICTS, MOST_HOSTS = 10, 30

for _number in range(MOST_DISTRICTS):
    globals()[f"District{_number:02}"] = type(
        f"District{_number:02}",
        (StaticPortal,),
        {
            "name": f"practice_qu{_number:02}",
            "code": f"9906{_number:02}",
            "site": f"http://{site(_number)}",
            "hosts": tuple(host_name(_number, n) for n in range(MOST_HOSTS)),
            "sections": {"annual_report": "/nb/"},
            "pages": ".pages a",
        },
    )
