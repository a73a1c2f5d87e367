"""徽岭市人民政府 — a practice portal, LonSun, a directory an organ."""

from spiders.families import LonsunPortal


class Lonsun(LonsunPortal):
    name = "practice_lonsun"
    code = "991000"
    site = "http://www.huiling.test"
    columns = "ul.organs a"

    sections = {
        "annual_report": "/zwgk/public/column/6616760?type=3&action=list",
        "guide": "/zwgk/public/column/6616760?type=2",
    }
