"""路径市人民政府 — a practice portal whose relative links lead ever deeper."""

from crawler.items import Expect
from spiders.families import StaticPortal


class Lujing(StaticPortal):
    name = "practice_lujing"
    code = "990506"
    site = "http://www.lujing.test"
    pages = "a.more"

    sections = {"annual_report": "/xxgk/nb/"}
    expect = Expect(reports=(6, 6), since=2014)
