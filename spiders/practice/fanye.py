"""翻页市人民政府 — a practice portal that always has a next page."""

from crawler.items import Expect
from spiders.families import StaticPortal


class Fanye(StaticPortal):
    name = "practice_fanye"
    code = "990503"
    site = "http://www.fanye.test"
    pages = "a.more"

    sections = {"annual_report": "/xxgk/nb/list.jsp"}
    expect = Expect(reports=(6, 6), since=2014)
