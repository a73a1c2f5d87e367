"""淄博市人民政府 — the Shandong platform."""

from crawler.items import Expect
from spiders.families import ShandongPortal


class Zibo(ShandongPortal):
    name = "shandong_zibo"
    code = "370300"
    site = "http://www.zibo.gov.cn"
    rows = "a[href*='doc_']"
    rendered_sections = frozenset({"annual_report"})  # the channels of cities are filled by scripts

    # The 2014 and 2024 reports are doc_ pages of this channel; the guide stands on its page.
    sections = {
        "annual_report": "/gongkai/channel_c_5f3a4f3c43aa933a482b9195_n_1605680361.2793/",
        "guide": "/gongkai/site_srmzfbgs/",
    }
    known = {"annual_report": "seen", "guide": "seen"}
    expect = Expect(since=2014)
