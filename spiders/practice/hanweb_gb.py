"""老县人民政府 — a practice portal, Hanweb JCMS, GB18030 under a header that says UTF-8."""

from spiders.families import HanwebPortal


class HanwebGb(HanwebPortal):
    name = "practice_hanweb_gb"
    code = "990200"
    site = "http://www.laoxian.test"

    sections = {
        "annual_report": "/col/col1229100001/index.html",
        "guide": "/col/col1229100002/index.html",
    }
