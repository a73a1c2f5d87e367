"""徐汀市人民政府 — a practice portal, Epoint."""

from spiders.families import EpointPortal


class Epoint(EpointPortal):
    name = "practice_epoint"
    code = "991200"
    site = "http://www.xuting.test"

    sections = {
        "annual_report": "/dynamic/zwgk/govInfoPub.html?deptcode=&categorynum=003005",
        "guide": "/dynamic/zwgk/govInfoPub.html?deptcode=&categorynum=003001",
    }
