"""荔浦市人民政府 — TRS WCM."""

from spiders.families import TrsPortal


class Lipu(TrsPortal):
    name = "guangxi_lipu"
    code = "450381"
    site = "http://www.lipu.gov.cn"

    # Its 2022 report is /xxgk/xxgknb/202301/t20230129_2444881.html.
    sections = {"annual_report": "/xxgk/xxgknb/", "guide": ""}
    known = {"annual_report": "seen"}
