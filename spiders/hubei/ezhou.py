"""鄂州市人民政府 — TRS WCM, a column a year."""

from crawler.items import Expect
from spiders.families import TrsPortal


class Ezhou(TrsPortal):
    name = "hubei_ezhou"
    code = "420700"
    site = "https://www.ezhou.gov.cn"
    columns = "a[href^='./20'][href$='/'], a[href*='/xxgknb/20'][href$='/']"

    # Its 2018 report is 2018year/2018nb/202102/t20210201_381419.html below.
    sections = {"annual_report": "/gk/xxgknb/", "guide": ""}
    known = {"annual_report": "seen"}
    expect = Expect(since=2018)
