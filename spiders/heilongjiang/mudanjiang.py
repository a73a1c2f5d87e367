"""牡丹江市人民政府 — UCAP, one channel a year."""

from crawler.items import Expect
from spiders.families import UcapPortal


class Mudanjiang(UcapPortal):
    name = "heilongjiang_mudanjiang"
    code = "231000"
    site = "http://www.mdj.gov.cn"

    # Inferred: 2014 lies under c105143, 2018 under c105127; that of 2015 has not been seen live.
    sections = {"annual_report": "/mdjsrmzf/c105131/zfxxgknb.shtml"}
    expect = Expect(reports=(1, 200), since=2014)
