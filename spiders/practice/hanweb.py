"""演示市人民政府 — a practice portal, Hanweb JCMS."""

from spiders.families import HanwebPortal


class Hanweb(HanwebPortal):
    name = "practice_hanweb"
    code = "990100"
    site = "http://www.yanshi.test"

    sections = {
        "annual_report": "/col/col1229100001/index.html",
        "guide": "/col/col1229100002/index.html",
    }
