"""芜湖市人民政府 — LonSun."""

from crawler.items import Expect
from spiders.families import LonsunPortal


class Wuhu(LonsunPortal):
    name = "anhui_wuhu"
    code = "340200"
    site = "http://www.wuhu.gov.cn"

    # The vendor's type codes; the organ's number is that of its 2017 report, 6596211/15194811.html.
    sections = {
        "annual_report": "/openness/public/column/6596211?type=3",
        "guide": "/openness/public/column/6596211?type=2",
    }
    known = {"annual_report": "inferred", "guide": "inferred"}
    expect = Expect(since=2017)
