"""丽水市人民政府 — Hanweb JCMS, a page a year."""

from spiders.families import HanwebPortal


class Lishui(HanwebPortal):
    name = "zhejiang_lishui"
    code = "331100"
    site = "http://www.lishui.gov.cn"

    # Its 2017 report is this page with &fbtime=2017.
    sections = {
        "annual_report": "/module/xxgk/xxgkAnnualReport.jsp?area=113325000026455663",
        "guide": "",
    }
    known = {"annual_report": "seen"}
