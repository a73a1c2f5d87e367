"""北泽市人民政府 — a practice portal, UCAP, a channel a year."""

from spiders.families import UcapPortal


class Ucap(UcapPortal):
    name = "practice_ucap"
    code = "990800"
    site = "http://www.beize.test"
    columns = "li.nd a"

    sections = {
        "annual_report": "/bzsrmzf/c105100/zfxxgknb.shtml",
        "guide": "/bzsrmzf/c105200/zfxxgkzn.shtml",
    }
