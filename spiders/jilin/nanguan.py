"""长春市南关区人民政府 — TRS WCM, on the city's disclosure host."""

from crawler.items import Expect
from spiders.families import TrsPortal


class Nanguan(TrsPortal):
    name = "jilin_nanguan"
    code = "220102"
    site = "http://zwgk.changchun.gov.cn"

    # Its 2012 report is /ng/ngqrmzfndbg/201706/t20170621_2699082.html.
    sections = {"annual_report": "/ng/ngqrmzfndbg/"}
    known = {"annual_report": "seen"}
    expect = Expect(since=2012)
