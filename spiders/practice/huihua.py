"""会话市人民政府 — a practice portal that gives a new session to every link."""

from crawler.items import Expect
from spiders.families import StaticPortal


class Huihua(StaticPortal):
    name = "practice_huihua"
    code = "990502"
    site = "http://www.huihua.test"
    pages = "a.more"

    sections = {"annual_report": "/xxgk/nb/list.jsp"}
    expect = Expect(reports=(6, 6), since=2014)
