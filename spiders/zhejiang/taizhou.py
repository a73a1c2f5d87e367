"""台州市行政服务中心（今政务服务管理办公室） — Hanweb JCMS."""

from crawler.items import Expect
from spiders.families import HanwebPortal


class Taizhou(HanwebPortal):
    name = "zhejiang_taizhou"
    code = "331000"
    site = "http://www.zjtz.gov.cn"

    # Its 2013 report is /art/2013/12/31/art_1229199470_42939.html.
    sections = {"annual_report": "/col/col1229199470/index.html"}
    known = {"annual_report": "seen"}
    expect = Expect(reports=(1, 20), since=2013)
