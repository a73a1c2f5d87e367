"""邯郸市人民政府 — TRS WCM, disclosure on a host of its own."""

from spiders.families import TrsPortal


class Handan(TrsPortal):
    name = "hebei_handan"
    code = "130400"
    site = "http://hdzfxxgk.hd.gov.cn"
    hosts = ("www.hd.gov.cn",)

    # Both linked from the disclosure page saved in kevin3691/renmin (affairs/index.jsp, 2020).
    sections = {
        "annual_report": "/zfxxgknb/",
        "guide": "/zfxxgkzn/",
    }
    known = {"annual_report": "seen", "guide": "seen"}
