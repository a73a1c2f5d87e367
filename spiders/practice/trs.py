"""云汀市人民政府 — a practice portal, TRS WCM, former years in a column of their own."""

from spiders.families import TrsPortal


class Trs(TrsPortal):
    name = "practice_trs"
    code = "990600"
    site = "http://www.yunting.test"
    columns = "div.ln a"

    sections = {"annual_report": "/xxgk/zfxxgknb/", "guide": "/xxgk/zfxxgkzn/"}
