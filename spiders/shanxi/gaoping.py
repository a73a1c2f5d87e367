"""高平市人民政府 — TRS WCM, disclosure on a host of its own."""

from spiders.families import TrsPortal


class Gaoping(TrsPortal):
    name = "shanxi_gaoping"
    code = "140581"
    site = "http://xxgk.sxgp.gov.cn"

    # Its 2022 report is /gpsrmzf/zfxxgknb/202302/t20230220_1749583.shtml.
    sections = {"annual_report": "/gpsrmzf/zfxxgknb/", "guide": ""}
    known = {"annual_report": "seen"}
