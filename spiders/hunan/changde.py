"""常德市人民政府 — LonSun (Hanweb until about 2014)."""

from crawler.items import Expect
from spiders.families import LonsunPortal


class Changde(LonsunPortal):
    name = "hunan_changde"
    code = "430700"
    site = "http://www.changde.gov.cn"

    # Inferred from the vendor's type codes and the organ's number in addresses seen: 3 is reports.
    sections = {"annual_report": "/zwgk/public/column/6616760?type=3"}
    known = {"annual_report": "inferred"}
    expect = Expect(reports=(1, 20), since=2012)
