"""石渡县人民政府 — a practice portal, VSB, departments on sub-domains, a cookie to be kept."""

from spiders.families import VsbPortal


class Vsb(VsbPortal):
    name = "practice_vsb"
    code = "990700"
    site = "http://www.shidu.test"
    hosts = (".shidu.test",)
    columns = "a.bm"
    cookies = True

    sections = {"annual_report": "/zfxxgk/zfxxgknb.htm", "guide": "/zfxxgk/zfxxgkzn.htm"}
