"""参数市人民政府 — a practice portal that shuffles the parameters of its links."""

from crawler.items import Expect
from spiders.families import StaticPortal


class Canshu(StaticPortal):
    name = "practice_canshu"
    code = "990504"
    site = "http://www.canshu.test"
    pages = "a.more"

    sections = {"annual_report": "/xxgk/nb/list.jsp"}
    expect = Expect(reports=(6, 6), since=2014)
