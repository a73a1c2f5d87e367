"""柳埭市人民政府 — a practice portal, Hanweb JCMS, reports in the disclosure tree."""

from spiders.families import HanwebPortal


class HanwebArea(HanwebPortal):
    name = "practice_hanweb_area"
    code = "991600"
    site = "http://www.liudai.test"

    sections = {
        "annual_report": "/module/xxgk/tree.jsp?area=1133",
        "guide": "/col/col1229070002/index.html",
    }
