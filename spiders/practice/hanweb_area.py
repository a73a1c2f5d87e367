"""柳埭市人民政府 — a practice portal, Hanweb JCMS, from the disclosure module alone."""

from spiders.families import HanwebPortal


class HanwebArea(HanwebPortal):
    name = "practice_hanweb_area"
    code = "991600"
    site = "http://www.liudai.test"

    sections = {
        "annual_report": "/module/xxgk/tree.jsp?area=1133",
        "guide": "/module/xxgk/search.jsp?infotypeId=B001&jdid=3&area=1133&divid=div1229070002",
    }
