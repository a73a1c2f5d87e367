"""台州市行政服务中心（今政务服务管理办公室） — Hanweb JCMS."""

from crawler.items import Expect
from spiders.families import HanwebPortal


class Taizhou(HanwebPortal):
    name = "zhejiang_taizhou"
    code = "331000"
    site = "http://www.zjtz.gov.cn"

    # The column is inferred from the address of its 2013 report, art_1229199470_42939.
    sections = {"annual_report": "/col/col1229199470/index.html"}
    expect = Expect(reports=(1, 20), since=2013)
