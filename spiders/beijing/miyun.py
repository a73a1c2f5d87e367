"""北京市密云区人民政府 — TRS WCM, a column a year."""

from crawler.items import Expect
from spiders.families import TrsPortal


class Miyun(TrsPortal):
    name = "beijing_miyun"
    code = "110118"
    site = "https://www.bjmy.gov.cn"
    columns = "a[href^='./gknb20'], a[href*='/zfxxgknb/gknb20'][href$='/']"

    # A public notebook on the districts' reports names gknb2017/ and gknb2018/ below as answering.
    sections = {"annual_report": "/zwgk/zfxxgk/zfxxgknb/", "guide": ""}
    known = {"annual_report": "seen"}
    expect = Expect(since=2017)
