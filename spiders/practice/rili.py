"""日历市人民政府 — a practice portal whose listing is a calendar without end."""

from crawler.items import Expect
from spiders.families import StaticPortal


class Rili(StaticPortal):
    name = "practice_rili"
    code = "990501"
    site = "http://www.rili.test"
    pages = "a.more"

    sections = {"annual_report": "/xxgk/rl.jsp"}
    expect = Expect(reports=(6, 6), since=2014)
