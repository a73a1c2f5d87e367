"""牡丹江市人民政府 — UCAP, one channel a year."""

from crawler.items import Expect
from spiders.families import UcapPortal


class Mudanjiang(UcapPortal):
    name = "heilongjiang_mudanjiang"
    code = "231000"
    site = "http://www.mdj.gov.cn"

    # Family certain: reports of 2014 are in /mdjsrmzf/c105143/, of 2018 in /mdjsrmzf/c105127/.
    # What holds the years' channels is not known: searched for from the home page.
    sections = {"annual_report": "", "guide": ""}
    expect = Expect(reports=(1, 200), since=2014)
